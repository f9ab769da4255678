"""Whose signatures count in one verification, and what a signature is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dubsync.core.errors import HouseKeyError
from dubsync.core.proof.fault import Fault
from dubsync.core.proof.verification import Claim, failed, not_checked, verified
from dubsync.service.keys.houses import House, read_house, trusted_houses
from dubsync.service.keys.signing import SignatureFault, SignedBy, signature_fault


@dataclass(frozen=True, slots=True)
class Trust:
    """Houses in one verification.

    houses    trusted on this machine, or named by the user for this call
    enclosed  those whose certificates came with what is verified: they say who claims to have
              signed, and prove nothing by themselves
    today     the time of the check
    """

    houses: tuple[House, ...]
    enclosed: tuple[House, ...] = ()
    today: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def with_enclosed(self, files: Sequence[Path]) -> Trust:
        """The same with the certificates in these files, as far as they can be read."""
        found = []
        for path in files:
            try:
                found.append(read_house(path))
            except HouseKeyError:
                continue  # its bytes are compared with the manifest's, which names it
        return replace(self, enclosed=tuple(found))

    def signature(
        self, value: Mapping[str, Any], about: str, made: str
    ) -> tuple[SignedBy | None, tuple[Claim, ...]]:
        """Who signed a value, as far as that is known, and the claims about it.

        Args:
            made: when it was made, as it says: ISO 8601.

        Returns:
            Who signed; also a house that is not trusted here, if it enclosed its certificate.
        """
        found = signature_fault(value, self.houses)
        if isinstance(found, SignedBy):
            return found, (
                verified("signature", about, f"signed by {found.house}"),
                *self._time(found, about, made),
            )
        if found.kind != "unknown":
            return None, (_fault(found, about),)
        told = signature_fault(value, self.enclosed)
        if isinstance(told, SignedBy):
            why = (
                f"signed by the key {told.fingerprint[:16]} that calls itself {told.house}, "
                "and nobody here trusts that key"
            )
            return told, (not_checked("signature", about, why, found.hint),)
        return None, (_fault(found if told.kind == "unknown" else told, about),)

    def _time(self, by: SignedBy, about: str, made: str) -> tuple[Claim, ...]:
        """A claim about the certificate's validity, where there is something to say."""
        try:
            signed_at = datetime.fromisoformat(made)
        except ValueError:
            return ()
        why = by.about_time(signed_at, self.today)
        if not why:
            return ()
        if by.held(signed_at):
            hint = (
                "nobody but the house says when it signed: compare the time with what you "
                "received and when"
            )
            return (not_checked("certificate", about, why, hint),)
        hint = f"ask {by.house} why; a clock that was wrong is one reason, a forgery another"
        return (failed("certificate", about, why, hint),)


def trust_here(extra: Sequence[Path] = ()) -> Trust:
    """The houses trusted on this machine, and those of the public files `extra`, today.

    Raises:
        HouseKeyError: a file of a house is damaged.
    """
    return Trust(trusted_houses(extra), today=datetime.now(UTC))


def fault_claim(claim: str, fault: Fault) -> Claim:
    """A claim that a fault refutes, or keeps from being checked."""
    state = failed if fault.shows_tampering else not_checked
    return state(claim, fault.about, fault.why, fault.hint)


def _fault(found: SignatureFault, about: str) -> Claim:
    if found.kind in ("unsigned", "unknown"):
        return not_checked("signature", about, str(found), found.hint)
    return failed("signature", about, str(found), found.hint)
