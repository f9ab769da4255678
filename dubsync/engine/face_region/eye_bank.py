"""The eye bank: the actor's own frames of the face above the mouth, spread over lids, gaze, brows.

Exemplars of the mouth hold no brows and are chosen by mouths; blinks are rare among them.  These
are chosen by eyes, from the same footage and in the same reading of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Frame, Region
from dubsync.core.steps import Footage
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.bank import LEAST_CONFIDENCE, Picture, crop_side, finite_rgb
from dubsync.engine.exemplars.half_floats import to_half
from dubsync.engine.face_region.eye_features import EyeFeatures, eye_features
from dubsync.engine.geometry.mesh import EYE_CORNERS, FACE_OVAL, NOSE_BASE
from dubsync.engine.motion.basis import Basis

#: At most so many exemplars, and so much memory for all their pictures.
MOST, MOST_BYTES = 240, 96 << 20
#: A picture extends this many eye distances past the forehead and the temples, and below the nose.
ABOUT, BELOW = 0.1, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class EyeBank:
    """N exemplars, in the order of their plates and frames.

    pictures  N of (h, w, 3) float16 working colour: forehead to nose, each its own size
    points    (N, 478, 3)  landmarks in their picture, pixel centres at .5
    features  of the N faces
    plates    (N,)         name of the plate each came from
    frames    (N,)         its frame number there
    """

    pictures: tuple[Picture, ...]
    points: Array
    features: EyeFeatures
    plates: tuple[str, ...]
    frames: NDArray[np.int64]

    def __post_init__(self) -> None:
        n = len(self.pictures)
        sizes = {len(self.points), len(self.features), len(self.plates), len(self.frames)}
        if n == 0 or sizes != {n}:
            raise ShapeError(f"an eye bank of {n} pictures with {len(self.points)} landmark sets")

    def __len__(self) -> int:
        return len(self.pictures)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For `from_arrays`; plates are kept beside them."""
        arrays: dict[str, NDArray[Any]] = {
            "points": self.points,
            "eyes": self.features.eyes,
            "brows": self.features.brows,
            "frames": self.frames,
        }
        return arrays | {f"picture.{n:05d}": picture for n, picture in enumerate(self.pictures)}

    @classmethod
    def from_arrays(cls, plates: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> EyeBank:
        """The bank that `arrays` came from.  Raises KeyError or ShapeError for others."""
        pictures = tuple(arrays[f"picture.{n:05d}"] for n in range(len(plates)))
        if any(p.ndim != 3 or p.shape[2] != 3 or p.dtype != np.float16 for p in pictures):
            raise ShapeError("an exemplar of the eyes is no picture")
        features = EyeFeatures(arrays["eyes"], arrays["brows"])
        return cls(pictures, arrays["points"], features, tuple(plates), arrays["frames"])


class EyeGatherer:
    """Cuts eyes out of footage while others read it."""

    def __init__(self, footage: Sequence[Footage], basis: Basis, widest_px: int) -> None:
        """Chooses the frames, from the tracks alone; pictures wider are scaled down."""
        self._footage = list(footage)
        self._widest = widest_px
        self._cut: dict[tuple[int, int], tuple[Picture, Array]] = {}
        self._features = [eye_features(part.track.landmarks, basis) for part in footage]
        self._rows = self._chosen()

    def footage(self) -> list[Footage]:
        """The footage; eyes of frames that are read along with it are kept."""
        return [replace(part, read=self._reading(n)) for n, part in enumerate(self._footage)]

    def bank(self) -> EyeBank | None:
        """The bank, after the rest was read; None where no frame shows the eyes."""
        for n, rows in enumerate(self._rows):
            start = self._footage[n].track.frames.start
            missing = [int(r) + start for r in rows if (n, int(r)) not in self._cut]
            for frame in self._footage[n].read(missing) if missing else ():
                self._keep(n, frame)
        kept = [key for key in sorted(self._cut) if self._cut[key][0].size]
        if not kept:
            return None
        eyes = np.stack([self._features[n].eyes[:, row] for n, row in kept], axis=1)
        brows = np.stack([self._features[n].brows[row] for n, row in kept])
        starts = [part.track.frames.start for part in self._footage]
        return EyeBank(
            tuple(self._cut[key][0] for key in kept),
            np.array([self._cut[key][1] for key in kept], np.float32),
            EyeFeatures(eyes, brows),
            tuple(self._footage[n].plate for n, _ in kept),
            np.array([row + starts[n] for n, row in kept], np.int64),
        )

    def _chosen(self) -> list[NDArray[np.intp]]:
        """Rows of each track, such that no eye of the footage is far from all of them."""
        seen = [_free(part) for part in self._footage]
        if not any(map(len, seen)):
            return [np.zeros(0, np.intp) for _ in seen]
        owner = np.concatenate([np.full(len(rows), n) for n, rows in enumerate(seen)])
        row = np.concatenate(seen)
        both = np.concatenate([f.both[rows] for f, rows in zip(self._features, seen, strict=True)])
        side = max(
            min(crop_side(part.track.landmarks[rows]), self._widest)
            for part, rows in zip(self._footage, seen, strict=True)
            if len(rows)
        )
        # Of a face's square, what is kept is about 0.65 of the width and 0.45 of the height.
        most = max(1, min(MOST, int(MOST_BYTES / (6 * 0.3 * side**2))))
        chosen = selection.farthest_points(both, most)
        return [np.sort(row[chosen][owner[chosen] == n]) for n in range(len(seen))]

    def _reading(self, n: int) -> Callable[[Sequence[int]], Iterator[Frame]]:
        part = self._footage[n]

        def read(numbers: Sequence[int]) -> Iterator[Frame]:
            asked = set(numbers)
            ours = {int(row) + part.track.frames.start for row in self._rows[n]}
            for frame in part.read(sorted(asked | ours)):
                if frame.number in ours:
                    self._keep(n, frame)
                if frame.number in asked:
                    yield frame

        return read

    def _keep(self, n: int, frame: Frame) -> None:
        row = frame.number - self._footage[n].track.frames.start
        landmarks = self._footage[n].track.landmarks[row]
        self._cut[n, row] = _cut(frame, landmarks, self._widest)


def eye_region(points: Array) -> Region:
    """What an exemplar of the eyes keeps: forehead to nose, temple to temple."""
    middle = [points[list(pair), :2].mean(axis=0) for pair in EYE_CORNERS]
    unit = float(np.linalg.norm(middle[0] - middle[1]))
    oval = points[FACE_OVAL, :2]
    low, high = oval.min(axis=0) - ABOUT * unit, oval.max(axis=0) + ABOUT * unit
    bottom = max(float(points[NOSE_BASE, 1]), middle[0][1], middle[1][1]) + BELOW * unit
    return Region(
        int(np.floor(low[0])), int(np.floor(low[1])), int(np.ceil(high[0])), int(np.ceil(bottom))
    )


def _free(part: Footage) -> NDArray[np.intp]:
    """Rows in which the face is seen and nothing stands in front of it."""
    seen = part.track.confidence >= LEAST_CONFIDENCE
    if part.track.holdout is not None:
        seen = seen & ~part.track.holdout.covered
    return np.flatnonzero(seen)


def _cut(frame: Frame, landmarks: Array, widest_px: int) -> tuple[Picture, Array]:
    """The picture that `eye_region` keeps, empty where outside the frame, and its landmarks."""
    region = eye_region(landmarks).aligned(frame.format)
    if region.width < 16 or region.height < 16:
        return np.zeros((0, 0, 3), np.float16), landmarks
    picture = finite_rgb(frame, region)
    points = landmarks - np.array([region.left, region.top, 0], np.float32)
    scale = widest_px / crop_side(landmarks[None])
    if scale < 1:
        size = (max(8, round(region.width * scale)), max(8, round(region.height * scale)))
        stretch = np.array([size[0] / region.width, size[1] / region.height, scale], np.float32)
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        points = points * stretch
    return to_half(picture), np.asarray(points, np.float32)
