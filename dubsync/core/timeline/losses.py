"""What a reader or a writer of cuts could not carry, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: What may become of something in a file; each Loss is one of these.
LOST = "lost"  # it is in the file and not in what is listed
APPROXIMATE = "approximate"  # it is listed, and not to the frame
ASSUMED = "assumed"  # the file does not say; this was taken
ODD = "odd"  # listed as it stands, though the file contradicts itself or custom
KINDS = (LOST, APPROXIMATE, ASSUMED, ODD)

#: What a Loss means for a turnover of the cut, where its kind and place alone do not say.
QUIET = "quiet"  # nothing: it does not bear on the picture's time
WARNS = "warns"  # a person should look at it
BLOCKS = "blocks"  # its event cannot be trusted until a person answers
REFUSES = "refuses"  # no turnover can be made of the timeline
TURNOVERS = ("", QUIET, WARNS, BLOCKS, REFUSES)


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing lost, bent, assumed or odd.

    where  the place in the file, for a person ("line 12", "sequence R1, V2")
    what   what it is, and what became of it
    kind   one of KINDS
    hint   the one next thing to try, "" where there is none
    turnover   one of TURNOVERS; "": as its kind and place suggest
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
            raise ValueError(f"a loss of kind {self.kind!r}: known are {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class LossReport:
    """Every Loss of one reading or writing, in the order of the file, each once.

    >>> report = LossReport.of([Loss("line 1", "a remark"), Loss("line 1", "a remark")])
    >>> len(report), report.of_kind(APPROXIMATE)
    (1, ())
    """

    losses: tuple[Loss, ...] = ()

    @classmethod
    def of(cls, losses: Iterable[Loss]) -> LossReport:
        """The report of `losses`, repetitions left out."""
        return cls(tuple(dict.fromkeys(losses)))

    def __len__(self) -> int:
        return len(self.losses)

    def __iter__(self) -> Iterator[Loss]:
        return iter(self.losses)

    def of_kind(self, kind: str) -> tuple[Loss, ...]:
        """The losses of one of KINDS."""
        return tuple(loss for loss in self.losses if loss.kind == kind)
