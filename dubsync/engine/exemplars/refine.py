"""Refine landmarks to sub-pixels until the flattened face matches this actor's appearance model.

The landmark network is accurate to about a pixel of its own small input and jitters by that much
from frame to frame.  The actor's appearance does not.  The actor's flattened faces are learnt as a
mean and a few modes; each frame's flattened face is compared with its own best reconstruction; the
smoothed optical flow between the two is the landmarks' error.
Source: the fit of Matthews, Baker 2004, "Active Appearance Models Revisited", with Kroeger,
Timofte, Dai, Van Gool 2016, "Fast Optical Flow using Dense Inverse Search" for the flow.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing.colour_match import LUMA, luma_of
from dubsync.engine.compositing.pixel_order import picked
from dubsync.engine.exemplars.flat_face import Plane, sample_bicubic
from dubsync.engine.exemplars.half_floats import to_single

PX = 128
#: Side of the second, closer plane, on which a large face is refined further.
CLOSER_PX = 256
#: Modes of appearance: enough for lips and light, too few to reconstruct a misplaced lip.
MODES = 12
#: With fewer faces than this the appearance is no more reliable than the landmarks.
LEAST_FACES = 6
#: At most one mode per so many faces, against overfitting.
FACES_TO_A_MODE = 6
ROUNDS = 2
#: Of a plane of PX: standard deviation of the Gaussian over the flow, and how far a landmark is
#: moved at most in a round.
SMOOTH_PX, FARTHEST_PX = 2.5, 3.0
BLACK = 1e-3
CLOSER = "closer."  #: begins the names of the closer plane's arrays
#: Least relative drop of the reconstruction error for which an iteration is accepted.
GAINS = 0.01
#: Reconstruction error relative to the training faces: fully trusted below the first, not at all
#: above the second.
UNLIKE = (8.0, 14.0)
#: Lower limit of the usual reconstruction error, variance of skin: grain is always left.
LEAST_USUAL = 0.05
#: Residual of a spot, in standard deviations of skin, at which its weight is one half; and the
#: weight below which nothing is moved.
HALF_TRUSTED, LEAST_RELIABILITY = 0.35, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """Appearance model of an actor's flattened face, on a plane `px` square: PX.

    mean         (px * px,)    luma, its skin normalised to mean 0 and deviation 1
    modes        (k, px * px)  orthonormal
    skin         (px, px)      where `mean` is normalised
    reliability  (px, px)      0..1 how well the modes reconstruct each spot; weights the flow
    usual        mean squared residual of a face it was learnt from
    closer       the same on a plane of CLOSER_PX, for large faces: a pixel of a plane of PX is a
                 dozen of theirs; None: they are small
    """

    plane: Plane
    mean: Array
    modes: Array
    skin: NDArray[np.bool_]
    reliability: Array
    usual: float
    closer: Appearance | None = None

    @property
    def px(self) -> int:
        """Side of the plane."""
        return self.plane.px

    def refined(self, picture: Array, points: Array) -> Array:
        """`points` (478, 2 or 3) of a face in `picture` (H, W, 3), or its luma (H, W), refined.

        Only x and y are.

        Unchanged where refining does not bring the face nearer to the appearance model, and where
        the face is too unlike it: another year, another beard, a hand in front of it.
        """
        picture = luma_of(picture)
        luma, start = self.plane.scaled_to_plane(picture, points)
        best, least = start, np.inf
        moved = start
        for turn in range(ROUNDS + 1):
            at = self.plane.to_picture(moved)
            flat = _normalised(sample_bicubic(luma, at), self.skin)
            rebuilt = self._rebuilt(flat)
            error = float(np.mean((flat - rebuilt) ** 2))
            if error > (1 - GAINS) * least:
                break
            best, least = moved, error
            if turn < ROUNDS:
                moved = self._moved(moved, at, flat, rebuilt)
        unlike = least / self.usual
        trust = float(np.clip((UNLIKE[1] - unlike) / (UNLIKE[1] - UNLIKE[0]), 0, 1))
        shrunk = np.ptp(start[:, 0]) / max(float(np.ptp(points[:, 0])), 1e-6)
        result = np.array(points, np.float32)
        result[:, :2] += (best[:, :2] - start[:, :2]) * np.float32(trust / shrunk)
        return result if self.closer is None else self.closer.refined(picture, result)

    def error_map(self) -> Array:
        """(px, px) usual residual of each spot, deviations of skin; inverts `reliability`."""
        odds = np.maximum(1 / np.maximum(self.reliability, 1e-3) - 1, 1e-6)
        return np.asarray(HALF_TRUSTED * odds**0.25, np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For `from_arrays`."""
        mine: dict[str, NDArray[Any]]
        mine = {"mean": self.mean, "modes": self.modes.astype(np.float16), "sure": self.reliability,
                "usual": np.array([self.usual], np.float64)}  # fmt: skip
        more = {} if self.closer is None else self.closer.arrays()
        return mine | {f"{CLOSER}{name}": array for name, array in more.items()}

    @classmethod
    def from_arrays(cls, model: Array, arrays: Mapping[str, NDArray[Any]]) -> Appearance:
        """From `arrays()`, on the plane of head `model`."""
        more = {name.removeprefix(CLOSER): a for name, a in arrays.items() if CLOSER in name}
        closer = cls.from_arrays(model, more) if more else None
        plane = Plane.of(model, len(arrays["sure"]))
        modes = arrays["modes"].astype(np.float32)
        return cls(plane, arrays["mean"], modes, plane.skin(), arrays["sure"],
                   float(arrays["usual"][0]), closer)  # fmt: skip

    def _rebuilt(self, flat: Array) -> Array:
        away = flat.ravel() - self.mean
        rebuilt = self.mean + (self.modes @ away) @ self.modes
        return np.asarray(rebuilt, np.float32).reshape(self.px, self.px)

    def _moved(self, points: Array, at: Array, flat: Array, rebuilt: Array) -> Array:
        """Landmarks moved by the flow from the reconstructed face to the one seen."""
        flow = _smooth(_flow(rebuilt, flat), self.reliability)
        spots, farthest = self.plane.points, FARTHEST_PX * self.px / PX
        inside = ((spots > 1) & (spots < self.px - 1)).all(axis=1)
        by = np.clip(_read(flow, spots), -farthest, farthest)
        moved = points.copy()
        moved[inside, :2] += (_read(at, spots + by) - _read(at, spots))[inside]
        return moved


def learn(
    pictures: Sequence[NDArray[Any]], points: Array, model: Array, *, large: bool = False
) -> tuple[Appearance, Array] | None:
    """The Appearance of an actor's pictures, and their landmarks (N, 478, 2) refined with it.

    Each round learns the appearance from the current landmarks, then refines them.

    Args:
        large: whether the faces are; they are then refined once more on a closer plane.

    Returns:
        None where there are too few pictures.
    """
    if len(pictures) < LEAST_FACES:
        return None
    result, refined = _learnt(pictures, points, Plane.of(model, PX))
    if not large:
        return result, refined
    closer, refined = _learnt(pictures, refined, Plane.of(model, CLOSER_PX))
    return replace(result, closer=closer), refined


def _learnt(
    pictures: Sequence[NDArray[Any]], points: Array, plane: Plane
) -> tuple[Appearance, Array]:
    ready = [
        plane.scaled_to_plane(to_single(p) @ LUMA, q) for p, q in zip(pictures, points, strict=True)
    ]
    lumas = [luma for luma, _ in ready]
    skin = plane.skin()
    start = np.array([q[:, :2] for _, q in ready], np.float32)
    moved = start.copy()
    for _ in range(ROUNDS):
        ats = [plane.to_picture(p) for p in moved]
        flats = [_normalised(sample_bicubic(y, at), skin) for y, at in zip(lumas, ats, strict=True)]
        appearance = _fit_appearance(plane, flats, skin)
        for n, (flat, at) in enumerate(zip(flats, ats, strict=True)):
            moved[n] = appearance._moved(moved[n], at, flat, appearance._rebuilt(flat))
    flats = [
        _normalised(sample_bicubic(y, plane.to_picture(p)), skin)
        for y, p in zip(lumas, moved, strict=True)
    ]
    shrunk = np.ptp(start[..., 0], axis=1) / np.ptp(points[..., 0], axis=1)
    by = (moved - start) / shrunk[:, None, None]
    return _fit_appearance(plane, flats, skin), np.asarray(points[..., :2] + by, np.float32)


def _fit_appearance(plane: Plane, flats: Sequence[Array], skin: NDArray[np.bool_]) -> Appearance:
    stacked = np.stack([flat.ravel() for flat in flats]).astype(np.float64)
    mean = stacked.mean(axis=0)
    away = stacked - mean
    # The small side's eigenvectors give the large side's: N pictures, PX * PX pixels.
    values, vectors = np.linalg.eigh(away @ away.T)
    most = min(MODES, len(stacked) // FACES_TO_A_MODE)
    kept = [n for n in range(len(values))[::-1][:most] if values[n] > BLACK]
    modes = (vectors[:, kept] / np.sqrt(values[kept])).T @ away
    left = away - (away @ modes.T) @ modes
    error = np.sqrt((left**2).mean(axis=0)).reshape(plane.px, plane.px)
    # Few faces are overfitted by their own modes: their residual underestimates the error.
    error = error * np.sqrt(len(stacked) / max(len(stacked) - len(kept) - 1, 1))
    smooth = SMOOTH_PX * plane.px / PX
    reliability = 1 / (1 + (cv2.GaussianBlur(error, (0, 0), smooth) / HALF_TRUSTED) ** 4)
    return Appearance(
        plane,
        mean.astype(np.float32),
        np.asarray(modes.astype(np.float16), np.float32),  # as they are saved
        skin,
        np.asarray(reliability, np.float32),
        max(float(np.median((left**2).mean(axis=1))), LEAST_USUAL),
    )


def _normalised(flat: Array, skin: NDArray[np.bool_]) -> Array:
    """`flat` with its skin at mean 0, deviation 1, independent of the light."""
    seen = picked(flat, skin)
    return np.asarray((flat - seen.mean()) / max(float(seen.std()), BLACK), np.float32)


def _flow(start: Array, end: Array) -> Array:
    """(h, w, 2) flow: start(x) is end(x + flow(x))."""
    dense = getattr(_own, "dense", None)
    if dense is None:  # kept: allocating its buffers takes a quarter of the time
        dense = _own.dense = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        dense.setFinestScale(0)
    flow = dense.calc(_eight_bit(start), _eight_bit(end), np.empty((0, 0), np.float32))
    return np.asarray(flow, np.float32)


#: Each thread's own optical flow: its buffers serve one picture at a time.
_own = threading.local()


def _smooth(flow: Array, reliability: Array) -> Array:
    """`flow` averaged locally, weighted by reliability; 0 where nothing is reliable."""
    smooth = SMOOTH_PX * len(reliability) / PX
    weighted = cv2.GaussianBlur(flow * reliability[..., None], (0, 0), smooth)
    weight = cv2.GaussianBlur(reliability, (0, 0), smooth)
    return np.asarray(weighted / (weight + LEAST_RELIABILITY)[..., None], np.float32)


def _eight_bit(flat: Array) -> NDArray[np.uint8]:
    """Four standard deviations either side of the skin's mean fill 0..255."""
    return np.asarray(np.clip(flat * 32 + 128, 0, 255), np.uint8)


def _read(field: Array, spots: Array) -> Array:
    """(n, 2) values of a field (h, w, 2) at spots (n, 2)."""
    x, y = (np.ascontiguousarray(spots[None, :, c] - 0.5, np.float32) for c in (0, 1))
    read = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read[0], np.float32)
