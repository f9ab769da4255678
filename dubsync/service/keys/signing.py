"""Signs values, and says who signed them or what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dubsync.core.proof.canonical import NotCanonical, canonical
from dubsync.core.proof.signature import NAME, Signature, signature_in, unsigned
from dubsync.service.keys.house_key import HouseKey
from dubsync.service.keys.houses import House

FaultKind = Literal["unsigned", "malformed", "unknown", "leaked", "forged"]


@dataclass(frozen=True, slots=True)
class SignedBy:
    """A signature that is good.

    house        name of the house
    fingerprint  of its key, 64 hex digits
    since        from when its certificate holds
    until        to when it holds
    own          whether it is a key of this machine
    """

    house: str
    fingerprint: str
    since: datetime
    until: datetime
    own: bool = False

    def held(self, at: datetime) -> bool:
        """Whether the certificate held at a time, which has a time zone."""
        return self.since <= at <= self.until

    def about_time(self, signed: datetime, today: datetime) -> str:
        """What the certificate's validity means for something signed at a time; "" if nothing.

        Args:
            signed: when it was signed, by the signing machine's own clock.
            today: now.
        """
        if not self.held(signed):
            return (
                f"signed on {signed:%Y-%m-%d}, when the certificate of {self.house} did not hold "
                f"({self.since:%Y-%m-%d} to {self.until:%Y-%m-%d})"
            )
        if today > self.until:
            return (
                f"the certificate of {self.house} expired on {self.until:%Y-%m-%d}; it held on "
                f"{signed:%Y-%m-%d}, when this was signed by the clock of the machine that signed"
            )
        return ""


class SignatureFault(str):
    """What is wrong with a signature, in words.

    kind  "unsigned": there is none; "malformed": it is none; "unknown": nobody here trusts the
          key, so nothing is known; "leaked": the key is no proof any more; "forged": the value is
          not what was signed
    hint  what to do
    """

    kind: FaultKind
    hint: str

    def __new__(cls, text: str, kind: FaultKind, hint: str) -> SignatureFault:
        fault = super().__new__(cls, text)
        fault.kind, fault.hint = kind, hint
        return fault


def signed(value: Mapping[str, Any], key: HouseKey) -> dict[str, Any]:
    """`value` with a signature over the canonical JSON of all the rest.

    Raises:
        HouseKeyError: the key cannot sign.
        NotCanonical: `value` has no canonical JSON.
    """
    rest = unsigned(value)
    signature = Signature.of(key.algorithm, key.fingerprint, key.sign(canonical(rest)))
    return {**rest, NAME: signature.json()}


def signature_fault(
    value: Mapping[str, Any], trusted: Iterable[House]
) -> SignatureFault | SignedBy:
    """Who signed `value`, or what is wrong with its signature.

    Args:
        trusted: see `trusted_houses`.
    """
    try:
        signature = signature_in(value)
    except ValueError as error:
        return SignatureFault(str(error), "malformed", "get the file again from whoever made it")
    if signature is None:
        return SignatureFault(
            "it is not signed", "unsigned",
            "make a key before rendering: dubsync keys new --house NAME",
        )  # fmt: skip
    house = next((one for one in trusted if one.fingerprint == signature.key), None)
    if house is None:
        return SignatureFault(
            f"it is signed by a key that is not trusted here ({signature.key[:16]}...)", "unknown",
            "get NAME.house.pem from the house that made it, then: dubsync keys trust FILE, or "
            "--house FILE",
        )  # fmt: skip
    try:
        data = canonical(unsigned(value))
    except NotCanonical as error:
        return SignatureFault(str(error), "malformed", "get the file again from whoever made it")
    if signature.algorithm != house.algorithm or not house.made(signature.raw, data):
        return SignatureFault(
            f"it is not what {house.name} signed: it was changed after it was signed, or forged",
            "forged", f"get it again from {house.name}; do not rely on this copy",
        )  # fmt: skip
    if house.leaked:
        return SignatureFault(
            f"it is signed with a key that {house.name} reported as leaked on {house.leaked}: "
            "anybody who has that key may have made it", "leaked",
            "compare it with a copy that was handed on before that day",
        )  # fmt: skip
    return SignedBy(house.name, house.fingerprint, house.since, house.until, house.own)
