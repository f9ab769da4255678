"""The conversion report: what a reader or writer of cuts could not carry over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: The kinds of Loss.
LOST = "lost"  # in the input, and not in the output
APPROXIMATE = "approximate"  # carried over, but not exactly
ASSUMED = "assumed"  # not stated by the file; a default was used
ODD = "odd"  # carried over unchanged, although the file is inconsistent or unusual
KINDS = (LOST, APPROXIMATE, ASSUMED, ODD)

#: The effect of a Loss on a turnover of the cut, if its kind and place do not define it.
QUIET = "quiet"  # none: it does not affect the picture's time
WARNS = "warns"  # a person should look at it
BLOCKS = "blocks"  # its event cannot be trusted until a person answers
REFUSES = "refuses"  # no turnover can be made of the timeline
TURNOVERS = ("", QUIET, WARNS, BLOCKS, REFUSES)


@dataclass(frozen=True, slots=True)
class Loss:
    """One entry of a conversion report.

    where  the place in the file, for a person ("line 12", "sequence R1, V2")
    what   the item, and what happened to it
    kind   one of KINDS
    hint   what to try next; "" where there is nothing to do
    turnover   one of TURNOVERS; "": follows from kind and place
    """

    where: str
    what: str
    kind: str = LOST
    hint: str = ""
    turnover: str = ""

    def __post_init__(self) -> None:
        if self.turnover not in TURNOVERS:
            raise ValueError(f"a loss that {self.turnover!r}: known are {', '.join(TURNOVERS)}")
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of loss {self.kind!r}; use one of {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class LossReport:
    """Every Loss of one read or write, in file order, without repetitions.

    >>> report = LossReport.of([Loss("line 1", "a remark"), Loss("line 1", "a remark")])
    >>> len(report), report.of_kind(APPROXIMATE)
    (1, ())
    """

    losses: tuple[Loss, ...] = ()

    @classmethod
    def of(cls, losses: Iterable[Loss]) -> LossReport:
        """A report of `losses`, with repetitions removed."""
        return cls(tuple(dict.fromkeys(losses)))

    def __len__(self) -> int:
        return len(self.losses)

    def __iter__(self) -> Iterator[Loss]:
        return iter(self.losses)

    def of_kind(self, kind: str) -> tuple[Loss, ...]:
        """The losses of one of KINDS."""
        return tuple(loss for loss in self.losses if loss.kind == kind)
