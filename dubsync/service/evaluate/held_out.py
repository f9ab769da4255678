"""A clip as square pictures of its face, in one size: what renderers are evaluated on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.errors import NoFace, ShapeError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame, PictureFormat, Region, frozen
from dubsync.core.progress import Progress
from dubsync.core.shot import Plate
from dubsync.core.steps import Engine
from dubsync.media.plate import open_square

#: Side of the square, in heights of the landmarks' own box.
ROOM = 1.45
#: Standard deviation of the Gaussian that smooths the square's path over time, seconds.
STEADY_S = 0.5
#: Landmarks that the jaw does not move: pictures are aligned by them.
STILL = [33, 133, 362, 263, 168, 6, 197, 195, 5, 127, 356, 234, 454]

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Square:
    """A square round a clip's face, `size` pixels wide, in each frame.

    track    the face, in the square's pixels
    corners  (T, 2) top left of the square in each frame, plate pixels
    step     plate pixels for each pixel of the square
    """

    plate: Plate
    track: FaceTrack
    corners: Matrix
    step: float
    size: int

    def read(self, numbers: Sequence[int]) -> Iterator[Frame]:
        """Frames of the given rising numbers, as 8-bit RGB squares."""
        with open_square(self.plate) as reader:
            yield from self.cut(reader.read(numbers))

    def cut(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The square of each of the plate's `frames`."""
        for frame in frames:
            corner = self.corners[frame.number - self.track.frames.start]
            rgb = _sampled(frame, corner, self.step, self.size)
            yield rgb_frame(rgb, frame.number)


def square_of(plate: Plate, engine: Engine, size: int, progress: Progress) -> Square:
    """The square of the face that is seen longest and largest in `plate`.

    Raises:
        NoFace: no face is seen in two frames.
    """
    name = Path(plate.path).name
    with open_square(plate) as reader:
        result = engine.track(
            reader.frames(plate.frames), plate.frames, shot=name, progress=progress
        )
    if not result or max(map(_presence, result)) <= 0:
        raise NoFace(f"no face is seen in {name}", hint="evaluate needs a clip of one face")
    track = max(result, key=_presence)
    points = track.landmarks[..., :2].astype(np.float64)
    low, high = points.min(axis=1), points.max(axis=1)
    side = float(np.median((high - low).max(axis=1))) * ROOM
    middle = (low + high) / 2
    if len(middle) > 2:
        deviation = STEADY_S * float(track.frames.rate)
        middle = scipy.ndimage.gaussian_filter1d(middle, deviation, axis=0, mode="nearest")
    corners = middle - side / 2
    step = side / size
    moved = track.landmarks.astype(np.float64)
    moved[..., :2] -= corners[:, None]
    return Square(
        plate,
        replace(track, landmarks=np.asarray(moved / step, np.float32)),
        corners,
        step,
        size,
    )


def rgb_frame(rgb: NDArray[np.uint8], number: int) -> Frame:
    """An 8-bit RGB picture (H, W, 3) as a Frame."""
    height, width = rgb.shape[:2]
    form = PictureFormat(width, height, "rgb", 8, matrix="rgb", full_range=True)
    return Frame(number, tuple(frozen(rgb[..., c]) for c in range(3)), form)


def picture_of(frame: Frame) -> Array:
    """A Frame of `rgb_frame` in working colour, (H, W, 3)."""
    return working_rgb(frame)


def few(track: FaceTrack, most: int) -> FaceTrack:
    """`track` with only `most` of its seen frames, spread evenly; the others count as unseen.

    Landmarks between them are interpolated linearly, so that nothing of the others is left.
    """
    seen = np.flatnonzero(track.confidence > 0)
    if len(seen) <= most:
        return track
    # The middles of equal parts: one frame alone is the middle one, not the first.
    kept = seen[((np.arange(most) + 0.5) * len(seen) / most).astype(np.intp)]
    confidence = np.zeros_like(track.confidence)
    confidence[kept] = track.confidence[kept]
    return replace(
        track,
        landmarks=_bridged(track.landmarks, kept),
        blendshapes=_bridged(track.blendshapes, kept),
        confidence=confidence,
    )


def nearest(
    source: Square, train_track: FaceTrack, test_track: FaceTrack, numbers: Sequence[int]
) -> Iterator[tuple[int, Array]]:
    """The baseline for renderers: the nearest training frame, turned and scaled but not bent.

    Args:
        train_track, test_track: the track to train on, of `source`, and the track to test on.
        numbers: frames of `test_track`.

    Yields:
        Each number and its picture, (H, W, 3) working colour; in the order of the frames they
        are taken from, so that one picture is held at a time.
    """
    seen = np.flatnonzero(train_track.confidence > 0)
    offered = _lower(train_track.landmarks[seen])
    chosen: dict[int, list[int]] = {}
    for number in numbers:
        wanted = _lower(test_track.landmarks[[number - test_track.frames.start]])
        result = seen[int(((offered - wanted) ** 2).sum(axis=(1, 2)).argmin())]
        chosen.setdefault(int(result) + train_track.frames.start, []).append(number)
    for frame in source.read(sorted(chosen)):
        there = train_track.landmarks[frame.number - train_track.frames.start]
        for number in chosen[frame.number]:
            yield (
                number,
                _aligned(frame, there, test_track.landmarks[number - test_track.frames.start]),
            )


def previous_second(square: Square, numbers: Sequence[int]) -> Iterator[tuple[int, Array]]:
    """The plate of one second before, aligned by STILL: the lowest baseline.

    Args:
        numbers: rising frame numbers of `square`'s track; those in its first second are left out.

    Yields:
        Each number and its picture, (H, W, 3) working colour.
    """
    frames = square.track.frames
    back = max(1, round(float(frames.rate)))
    late = [number for number in numbers if number - back >= frames.start]
    points = square.track.landmarks
    for frame, number in zip(square.read([n - back for n in late]), late, strict=True):
        there = points[frame.number - frames.start]
        yield number, _aligned(frame, there, points[number - frames.start])


def _bridged(values: Array, kept: NDArray[np.intp]) -> Array:
    """`values` (T, ...) at rows `kept`, and on straight lines between them."""
    at = np.arange(len(values))
    after = np.clip(np.searchsorted(kept, at), 0, len(kept) - 1)
    before = np.maximum(after - (kept[after] > at), 0)
    gap = np.maximum(kept[after] - kept[before], 1)
    share = np.clip((at - kept[before]) / gap, 0, 1).reshape(-1, *(1,) * (values.ndim - 1))
    return np.asarray(values[kept[before]] * (1 - share) + values[kept[after]] * share, np.float32)


def _aligned(frame: Frame, there: Array, here: Array) -> Array:
    """The frame's picture turned, scaled and shifted from landmarks `there` to `here`."""
    matrix = _similarity(here[STILL, :2], there[STILL, :2])
    matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5) - 0.5
    moved = cv2.warpAffine(
        picture_of(frame),
        matrix,
        (frame.format.width, frame.format.height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(np.clip(moved, 0, 1), np.float32)


def _presence(track: FaceTrack) -> float:
    """Area in pixels, summed over the frames that show the face."""
    if int((track.confidence > 0).sum()) < 2:
        return 0.0
    spread = track.landmarks[..., :2].max(axis=1) - track.landmarks[..., :2].min(axis=1)
    return float((spread.prod(axis=1) * (track.confidence > 0)).sum())


def _lower(landmarks: Array) -> Matrix:
    """Landmarks of mouth and jaw, (T, n, 2), every frame aligned to _CANONICAL_STILL."""
    kept = sorted({*STILL, *_MOUTH})
    points = landmarks[..., :2].astype(np.float64)
    aligned = np.empty((len(points), len(kept), 2))
    model = _CANONICAL_STILL
    for t, frame in enumerate(points):
        matrix = _similarity(frame[STILL], model)
        aligned[t] = frame[kept] @ matrix[:, :2].T + matrix[:, 2]
    return aligned


def _similarity(source: Array, target: Array) -> Matrix:
    """(2, 3) least-squares turn, scale and shift that takes `source` (n, 2) to `target`.

    Source: Umeyama 1991, in the plane.
    """
    from_middle, to_middle = source.mean(axis=0), target.mean(axis=0)
    a = (source - from_middle).astype(np.float64)
    b = (target - to_middle).astype(np.float64)
    square = float((a**2).sum())
    if square <= 0:
        raise ShapeError("landmarks that coincide cannot align a picture")
    cos = float((a * b).sum()) / square
    sin = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / square
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.hstack([turn, (to_middle - turn @ from_middle)[:, None]])


def _sampled(frame: Frame, corner: Matrix, step: float, size: int) -> NDArray[np.uint8]:
    """(size, size, 3) 8-bit R'G'B' of the square at `corner`; the plate's edge is repeated."""
    room = 4 + int(np.ceil(step))
    region = Region(
        int(np.floor(corner[0])) - room,
        int(np.floor(corner[1])) - room,
        int(np.ceil(corner[0] + step * size)) + room,
        int(np.ceil(corner[1] + step * size)) + room,
    ).aligned(frame.format)
    rgb = working_rgb(frame, region)
    if step > 1.05:
        rgb = cv2.GaussianBlur(rgb, (0, 0), 0.5 * float(np.sqrt(step * step - 1)))
    matrix = np.array([[step, 0, corner[0] - region.left], [0, step, corner[1] - region.top]])
    matrix[:, 2] += step * 0.5 - 0.5
    square = cv2.warpAffine(
        rgb,
        matrix,
        (size, size),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(np.rint(np.clip(square, 0, 1) * 255), np.uint8)


#: Lips' outer and inner rings, and the jaw.
_MOUTH = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
    132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361,
)  # fmt: skip
#: STILL in an upright face, eye distances; faces are aligned to it.
_CANONICAL_STILL = np.array(
    [(-0.70, 0.0), (-0.30, 0.0), (0.30, 0.0), (0.70, 0.0), (0, -0.08), (0, 0.06), (0, 0.2),
     (0, 0.33), (0, 0.47), (-0.98, -0.06), (0.98, -0.06), (-1.02, 0.25), (1.02, 0.25)]
)  # fmt: skip
