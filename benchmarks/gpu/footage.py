"""The sample reel's close-ups, enlarged until the crop of the face is as wide as is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.face import FaceTrack
from dubsync.core.learning.actor import Footage
from dubsync.core.picture import Frame
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.exemplars.bank import face_region
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.pixels.display import display_rgb
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

PLATES = Path(__file__).parents[2] / "sample_projects" / "two_hander" / "plates"
#: Of one performer, longest first.
CLOSE_UPS = ("A001C003_251114_ELISE_CU", "A001C004_251114_ELISE_MCU", "A001C006_251114_ELISE_CU")


@dataclass(frozen=True, slots=True, eq=False)
class CloseUp:
    """One plate with its face, `times` as large as it was filmed."""

    name: str
    track: FaceTrack
    times: float

    def frames(self, numbers: Iterable[int]) -> Iterator[Frame]:
        """8-bit R'G'B' frames, enlarged."""
        for number, picture in _pictures(self.name, list(numbers)):
            size = (round(picture.shape[1] * self.times), round(picture.shape[0] * self.times))
            yield rgb_frame(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), number)

    def part(self, count: int) -> CloseUp:
        """Its first frames."""
        return replace(self, track=self.track.part(0, min(count, len(self.track.frames))))

    def footage(self) -> Footage:
        """For `learn`."""
        return Footage(self.name, self.track, self.frames)


def close_ups(px: int, plates: Sequence[str] = CLOSE_UPS, frames: int = 0) -> list[CloseUp]:
    """The close-ups with faces whose crop is `px` wide; `frames` at most of each; 0: all."""
    result = []
    for name in plates:
        track, width = _tracked(name, frames)
        times = px / width
        large = replace(track, landmarks=np.asarray(track.landmarks * times, np.float32))
        result.append(CloseUp(name, large, times))
    return result


@cache
def _tracked(name: str, frames: int) -> tuple[FaceTrack, float]:
    """The face in a plate, and how many pixels wide its crop is."""
    plate = probe_plate(PLATES / f"{name}.mov")
    first, rate = plate.frames.start, plate.frames.rate
    span = FrameRange(first, first + min(frames or len(plate.frames), len(plate.frames)), rate)
    with open_plate(plate) as reader:
        tracks = FaceTracker()(reader.frames(span), span, shot=name, progress=silent)
    track = max(tracks, key=lambda one: len(one.frames))
    frame = next(_frames(name, [track.frames.start]))
    regions = [face_region(points, frame) for points in track.landmarks[::8]]
    return track, float(np.median([one.width for one in regions if one is not None]))


def _frames(name: str, numbers: Sequence[int]) -> Iterator[Frame]:
    with open_plate(probe_plate(PLATES / f"{name}.mov")) as reader:
        yield from reader.read(numbers)


def _pictures(name: str, numbers: Sequence[int]) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    for frame in _frames(name, numbers):
        yield frame.number, display_rgb(frame)
