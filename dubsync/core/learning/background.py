"""What stands behind a head that is drawn anew, and how it is known: for the record and reports."""

from __future__ import annotations

from collections import Counter
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


@dataclass(frozen=True, slots=True)
class BackgroundReport:
    """The background of one shot's frames whose head is drawn anew.

    camera       "still", "moving", or "unknown": most frames cannot be registered
    travel_px    how far the camera takes a corner of the region from where it was, at most
    error_px     typical error of the registration, plate pixels
    parallax_px  how far parts of the background move apart, typically, plate pixels
    frames       each frame, in order
    """

    camera: Literal["still", "moving", "unknown"]
    travel_px: float
    error_px: float
    parallax_px: float
    frames: tuple[FrameBackground, ...]

    def count(self, verdict: Verdict) -> int:
        """Frames of that verdict."""
        return sum(one.verdict == verdict for one in self.frames)

    def share_inpainted(self) -> float:
        """Share of all uncovered samples that no frame of the shot shows; 0 if none are."""
        total = sum(one.uncovered for one in self.frames)
        return sum(one.uncovered * one.inpainted for one in self.frames) / max(total, 1)

    def reasons(self) -> tuple[tuple[str, int], ...]:
        """Each reason for doubt and in how many frames it holds, the most frequent first."""
        counted = Counter(clause for one in self.frames for clause in one.because)
        return tuple(counted.most_common())
