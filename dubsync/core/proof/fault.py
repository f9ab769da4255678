"""What is wrong with a record, a ledger or a delivery, told so that a user can act on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Kinds of faults.
#:   edited        the text is not the one that was written
#:   forged        the signature does not fit the text
#:   missing       what a ledger or a record names is not there
#:   extra         what is there, no ledger or record names
#:   truncated     the end is gone
#:   empty         nothing is in the file
#:   newer         a later version wrote it, and this one cannot read it
#:   gap           entries within are gone
#:   reordered     entries stand in another order than they were written
#:   other house   another house signed it, and nothing says why
#:   clock         the clock ran backwards between two entries
#:   unsigned      it has no signature
#:   unknown key   a key signed it that is not trusted here, so it cannot be checked
#:   leaked key    its house reported the key as leaked, so anybody may have made it
FaultKind = Literal[
    "edited", "forged", "missing", "extra", "truncated", "empty", "newer", "gap", "reordered",
    "other house", "clock", "unsigned", "unknown key", "leaked key",
]  # fmt: skip
#: What shows no tampering: it says what is not known.
NOT_KNOWN: frozenset[FaultKind] = frozenset({"clock", "unsigned", "unknown key", "newer"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    about  the file, and the line or value in it
    why    what is wrong, as printed
    hint   what to do
    """

    kind: FaultKind
    about: str
    why: str
    hint: str = ""

    @property
    def shows_tampering(self) -> bool:
        """False where something only cannot be known or read."""
        return self.kind not in NOT_KNOWN

    def __str__(self) -> str:
        return f"{self.about}: {self.why}"
