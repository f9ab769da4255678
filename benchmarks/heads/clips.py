"""Clips as the heads' benchmark reads them: cropped round the person, scaled, tracked, and kept.

A head is judged at one size, whatever the camera was: the forehead is FACE_PX above the chin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.progress import silent
from dubsync.core.steps import Footage
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.device import one_thread
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

SHARED = Path(__file__).parents[2].parent / "shared"
#: Height from chin to forehead of the faces that are judged, pixels.
FACE_PX = 155.0
#: The crop reaches this many of those heights from the face's middle: sideways, up, down.
BESIDE, ABOVE, BELOW = 1.6, 1.5, 1.75
FOREHEAD, CHIN, NOSE = 10, 152, 1


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One face of one clip.

    frames       (T, h, w, 3) uint8 R'G'B'
    landmarks    (T, 478, 3) pixels of it
    blendshapes  (T, 52)
    confidence   (T,)
    """

    name: str
    frames: NDArray[np.uint8]
    landmarks: Array
    blendshapes: Array
    confidence: Array

    def __len__(self) -> int:
        return len(self.frames)

    def track(self, start: int = 0, stop: int | None = None) -> FaceTrack:
        """The track of frames `start` up to `stop`, under their own numbers."""
        rows = slice(start, stop if stop is not None else len(self))
        span = FrameRange(rows.start, rows.stop, Fraction(25))
        nobody = np.zeros(128, np.float32)
        return FaceTrack(
            1, span, self.landmarks[rows], self.blendshapes[rows], self.confidence[rows], nobody
        )

    def frame(self, n: int) -> Frame:
        """Frame `n`."""
        return rgb_frame(np.ascontiguousarray(self.frames[n]), n)

    def read(self, numbers: Sequence[int]) -> Iterator[Frame]:
        """The frames of these numbers."""
        for n in numbers:
            yield self.frame(n)

    def footage(self, start: int = 0, stop: int | None = None) -> Footage:
        """What an actor is learnt from."""
        return Footage(self.name, self.track(start, stop), self.read)


def prepared(path: Path, kept: Path, most: int = 0, face_px: float = FACE_PX) -> Clip:
    """The clip of a file, tracked once and kept as `kept`/NAME.npz.

    Args:
        most: frames read at most; 0: all.
        face_px: height from chin to forehead, pixels; 0: as filmed, and the frame is not cropped.
    """
    size = "" if face_px == FACE_PX else f"_{face_px:.0f}px"
    at = kept / f"{path.stem}_{most}{size}.npz"
    if not at.exists():
        kept.mkdir(parents=True, exist_ok=True)
        clip = _tracked(path, most, face_px)
        np.savez(at, allow_pickle=False, **_arrays(clip))
    with np.load(at) as found:
        return Clip(path.stem, **{name: found[name] for name in _arrays_of()})


def _arrays_of() -> tuple[str, ...]:
    return ("frames", "landmarks", "blendshapes", "confidence")


def _arrays(clip: Clip) -> dict[str, NDArray[Any]]:
    return {name: getattr(clip, name) for name in _arrays_of()}


def _tracked(path: Path, most: int, face_px: float) -> Clip:
    one_thread()
    plate = probe_plate(path)
    count = min(len(plate.frames), most or len(plate.frames))
    span = FrameRange(plate.frames.start, plate.frames.start + count, plate.frames.rate)
    with open_plate(plate) as reader:
        tracks = FaceTracker()(reader.frames(span), span, shot=path.stem, progress=silent)
    track = max(tracks, key=lambda t: len(t.frames) * float(np.ptp(t.landmarks[0, :, 1])))
    height, width = _size(plate)
    box, scale = (0, 0, width, height), 1.0
    if face_px:
        box, scale = _crop(track, (height, width), face_px)
    left, top, right, bottom = box
    size = (round((right - left) * scale), round((bottom - top) * scale))
    pictures = []
    with open_plate(plate) as reader:
        for frame in reader.frames(track.frames):
            rgb = working_rgb(frame)[top:bottom, left:right]
            small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA) if scale < 1 else rgb
            pictures.append(np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8))
    grow = np.array([size[0] / (right - left), size[1] / (bottom - top), 0.0])
    grow[2] = grow[:2].mean()
    moved = (np.asarray(track.landmarks) - (left, top, 0)) * grow
    return Clip(
        path.stem, np.stack(pictures), np.asarray(moved, np.float32),
        np.array(track.blendshapes), np.array(track.confidence),
    )  # fmt: skip


def _size(plate: Any) -> tuple[int, int]:
    with open_plate(plate) as reader:
        first = next(iter(reader.frames(FrameRange(
            plate.frames.start, plate.frames.start + 1, plate.frames.rate))))  # fmt: skip
    return first.format.height, first.format.width


def _crop(
    track: FaceTrack, size: tuple[int, int], face_px: float
) -> tuple[tuple[int, int, int, int], float]:
    points = np.asarray(track.landmarks)
    face = float(np.median(np.linalg.norm(points[:, FOREHEAD, :2] - points[:, CHIN, :2], axis=1)))
    middle = np.median(points[:, [FOREHEAD, CHIN], :2].mean(axis=1), axis=0)
    room = np.ptp(points[:, NOSE, :2], axis=0) / 2
    left = int(max(0, middle[0] - BESIDE * face - room[0]))
    right = int(min(size[1], middle[0] + BESIDE * face + room[0]))
    top = int(max(0, middle[1] - ABOVE * face - room[1]))
    bottom = int(min(size[0], middle[1] + BELOW * face + room[1]))
    return (left, top, right, bottom), min(1.0, face_px / face)
