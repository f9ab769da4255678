"""What a delivery adds to a cut: corrected clips, each above the event it replaces."""

from __future__ import annotations

from dataclasses import dataclass, field

from dubsync.core.edit.media import EditMedia
from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange


@dataclass(frozen=True, slots=True)
class Corrected:
    """One event whose picture was rendered anew.

    event     index in ProbedCut.events
    shot      the shot's name
    name      the clip's name: shot, language and version
    path      the file, absolute or relative to the cut's folder; a sequence as "x.%04d.exr"
    frames    every frame in the file, in the plate's timecode
    source    the frames that the cut shows, from lowest to highest
    format    of the file's pictures
    first_number  number in the name of the first file of a sequence; None: that of its first frame
    time      record frames to its frames; None: as the cut maps the event to the plate's
    edit      the edit media that `path` belongs to, with its identities; None: `path` is the master
    master    the lossless file beside the edit media; "" without edit media
    master_number  `first_number` of `master`
    reel      the plate's reel
    drop      whether the plate has drop-frame timecode
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
    first_number: int | None = None
    edit: EditMedia | None = None
    master: str = ""
    master_number: int | None = None
    time: TimeMap | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The contents of an editorial file, and what its format could not hold."""

    data: bytes
    losses: LossReport = field(default_factory=LossReport)
