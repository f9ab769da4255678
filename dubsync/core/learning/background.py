"""What stands behind a head that is drawn anew, and how it is known: for the record and reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dubsync.core.errors import ShapeError

Verdict = Literal["clean", "doubtful", "not possible"]


@dataclass(frozen=True, slots=True)
class FrameBackground:
    """The background that the new head uncovers in one frame.

    frame      plate frame number
    uncovered  samples of the plate that the old head hid and the new one does not
    seen       share of them, 0..1, that this shot shows in other frames; 1 where none are uncovered
    elsewhere  share seen with doubt: in one or two frames, moving, or badly registered
    inpainted  share that no frame shows
    verdict    "clean", "doubtful" or "not possible"
    because    reasons, each a clause; empty where clean
    """

    frame: int
    uncovered: int
    seen: float
    elsewhere: float
    inpainted: float
    verdict: Verdict
    because: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if abs(self.seen + self.elsewhere + self.inpainted - 1) > 1e-3:
            raise ShapeError(f"shares of the background of frame {self.frame} do not add up to 1")
        if (self.verdict == "clean") == bool(self.because):
            raise ShapeError(f"frame {self.frame} is {self.verdict}, because of {self.because}")
