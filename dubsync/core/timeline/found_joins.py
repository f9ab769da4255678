"""Where a flat reel goes from one shot to the next, as far as its pictures tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

JoinKind = Literal["cut", "dissolve", "fade in", "fade out"]


@dataclass(frozen=True, slots=True)
class FoundJoin:
    """A place where one shot gives way to another.

    kind    of the join; a fade goes to or from a flat field, mostly black
    start   the first frame of the later shot; of all but a cut, the first mixed frame
    stop    the first frame that the later shot has to itself; `start` for a cut
    sure    whether it can be nothing else
    listed  whether the list divides the reel here; a doubtful join that is not listed is named
    why     what speaks against it, in words; "" where it is sure
    """

    kind: JoinKind
    start: int
    stop: int
    sure: bool = True
    listed: bool = True
    why: str = ""

    def __post_init__(self) -> None:
        if self.stop < self.start or (self.stop == self.start) != (self.kind == "cut"):
            raise ValueError(f"a {self.kind} over frames {self.start}..{self.stop}")

    @property
    def frames(self) -> int:
        """Number of mixed frames; 0 for a cut."""
        return self.stop - self.start

    @property
    def division(self) -> int:
        """The frame at which the list's next event begins: in the middle of mixed frames."""
        return self.start + self.frames // 2
