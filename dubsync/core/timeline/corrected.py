"""What a delivery lays into a cut: corrected pictures, each over the event it was made for."""

from __future__ import annotations

from dataclasses import dataclass, field

from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.timecode import FrameRange


@dataclass(frozen=True, slots=True)
class Corrected:
    """One event whose picture was made anew.

    event     its place in ProbedCut.events
    shot      the shot's name
    name      what to call the clip: shot, language and version
    path      the file, absolute or counted from where the cut will lie; a sequence as "x.%04d.exr"
    frames    every frame the file holds, as the plate's timecode counts
    source    those of them that the cut shows, from lowest to highest
    reel      the plate's
    drop      whether the plate's timecode drops
    """

    event: int
    shot: str
    name: str
    path: str
    frames: FrameRange
    source: FrameRange
    format: PictureFormat
    language: str
    reel: str = ""
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A file of editorial as it is to lie on disk, and what it cannot carry."""

    data: bytes
    losses: LossReport = field(default_factory=LossReport)
