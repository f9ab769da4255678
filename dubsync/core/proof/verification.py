"""What `verify` found: claims, each verified, failed or not checked, and the verdict over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

#: "not checked": what the check needs is not at hand, so nothing may be said of the claim.
State = Literal["verified", "failed", "not checked"]
#: What was asked to be verified.
Target = Literal["delivery", "reel", "render", "file"]

#: Exit codes of `dubsync verify`.
VERIFIED, FAILED, NOT_CHECKED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim, and what was found.

    claim  what is claimed: "signature", "record", "picture", "outside the matte", "consent", ...
    about  the file, shot or consent id that it is about
    why    what was found, as a sentence without a full stop
    hint   what to do; "" if nothing needs to be done
    """

    claim: str
    state: State
    about: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class DrawnShot:
    """Who made which frames of a shot from what, as its record says.

    first, last  numbers of the plate's frames that the render holds, both included
    timecode     of `first`; "" if it has none
    changed      frames that differ from the plate
    made         when it was rendered, by the clock of the machine: ISO 8601
    sources      (role, file name) of every plate, dub and take
    drawn_by     character -> the renderer that drew them, and the digest of their model
    consents     ids of the consents that allowed it
    house        name of the house that signed the record; "" if nobody did
    fingerprint  of its key; "" if nobody signed
    approved     who approved it and when, as the ledger says; "" if nobody did
    software     name and version of what drew it
    """

    shot: str
    version: str
    language: str
    first: int
    last: int
    timecode: str
    changed: int
    made: str
    sources: Sequence[tuple[str, str]]
    drawn_by: Mapping[str, tuple[str, str]]
    consents: Sequence[str]
    house: str = ""
    fingerprint: str = ""
    approved: str = ""
    software: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of one `verify`.

    target  the path that was asked about, as the user wrote it
    kind    what it was found to be
    """

    target: str
    kind: Target
    claims: tuple[Claim, ...]
    shots: tuple[DrawnShot, ...] = ()

    @property
    def state(self) -> State:
        """The verdict over all claims: verified only if there are some, and each is."""
        return verdict(self.claims)

    @property
    def exit_code(self) -> int:
        """0 verified, 1 failed, 2 could not be checked."""
        return {"verified": VERIFIED, "failed": FAILED, "not checked": NOT_CHECKED}[self.state]

    def of(self, state: State) -> tuple[Claim, ...]:
        """The claims in that state, in their order."""
        return tuple(claim for claim in self.claims if claim.state == state)


def verdict(claims: Iterable[Claim]) -> State:
    """Failed if any claim is; verified only if there are claims and every one is.

    >>> verdict(())
    'not checked'
    """
    states = {claim.state for claim in claims}
    if "failed" in states:
        return "failed"
    return "verified" if states == {"verified"} else "not checked"


def verified(claim: str, about: str, why: str) -> Claim:
    """A claim that was checked and is true."""
    return Claim(claim, "verified", about, why)


def failed(claim: str, about: str, why: str, hint: str) -> Claim:
    """A claim that was checked and is not true; `hint` says what to do."""
    return Claim(claim, "failed", about, why, hint)


def not_checked(claim: str, about: str, why: str, hint: str) -> Claim:
    """A claim that could not be checked; `hint` says what is needed."""
    return Claim(claim, "not checked", about, why, hint)
