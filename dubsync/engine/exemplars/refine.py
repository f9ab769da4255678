"""Landmarks moved by fractions of a pixel until the face laid flat looks as this actor's does.

The landmark model is good to about a pixel of its own small input and wanders by that much from
frame to frame.  What the actor looks like does not wander.  So the actor's flat faces are
learnt as a mean and a few modes; each frame's flat face is compared with its own best
reconstruction; the flow between the two, smoothed, is what its landmarks were off by.
Source: the fit of Matthews, Baker 2004, "Active Appearance Models Revisited", with Kroeger,
Timofte, Dai, Van Gool 2016, "Fast Optical Flow using Dense Inverse Search" for the flow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.exemplars.colour_match import LUMA
from dubsync.engine.exemplars.flat_face import Plane, looked_up

PX = 128
#: Modes of appearance: enough for lips and light, too few to paint a misplaced lip.
MODES = 12
#: Fewer flat faces than this tell a face's look from its noise no better than the landmarks do.
LEAST_FACES = 6
#: At most one mode to so many faces: each mode learnt from few faces paints those faces back.
FACES_TO_A_MODE = 6
ROUNDS = 2
SMOOTH_PX = 2.5  #: deviation of the Gaussian over the flow
FARTHEST_PX = 3.0  #: a landmark is moved by at most this much a round
BLACK = 1e-3
#: Least share of what a face is unlike the actor by that moving its landmarks must take away.
GAINS = 0.01
#: A face so many times less well painted than those learnt from is believed, and not at all.
UNLIKE = (8.0, 14.0)
#: No actor is painted better than this, variance of skin, in a plate with grain.
LEAST_USUAL = 0.05
#: What the modes leave of a spot, in deviations of skin, when it is only half believed; and the
#: belief below which nothing is moved.
DOUBTED, UNSURE = 0.35, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Appearance:
    """What an actor's flat face looks like.

    mean   (PX * PX,)     luma, its skin at mean 0 and deviation 1
    modes  (k, PX * PX)   orthonormal
    skin   (PX, PX)       where `mean` is normal
    sure   (PX, PX)       0..1 how well the modes paint each spot; flow counts by it
    usual  squared error that the modes leave of a face they were learnt from
    """

    plane: Plane
    mean: Array
    modes: Array
    skin: NDArray[np.bool_]
    sure: Array
    usual: float

    def refined(self, picture: Array, points: Array) -> Array:
        """`points` (478, 2 or 3) of a face in `picture` (H, W, 3), moved; x and y only.

        Unchanged where moving them does not bring the face nearer to the actor's look, and where
        the face is nothing like it: another year, another beard, a hand before it.
        """
        luma, start = self.plane.fitting(picture @ LUMA, points)
        best, least = start, np.inf
        moved = start
        for turn in range(ROUNDS + 1):
            at = self.plane.to_picture(moved)
            flat = _normal(looked_up(luma, at), self.skin)
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
        return result

    def usual_error(self) -> Array:
        """(PX, PX) what the modes leave of each spot, deviations of skin: `sure`, undone."""
        warning = np.maximum(1 / np.maximum(self.sure, 1e-3) - 1, 1e-6)
        return np.asarray(DOUBTED * warning**0.25, np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For `from_arrays`."""
        return {"mean": self.mean, "modes": self.modes.astype(np.float16), "sure": self.sure,
                "usual": np.array([self.usual], np.float64)}  # fmt: skip

    @classmethod
    def from_arrays(cls, model: Array, arrays: Mapping[str, NDArray[Any]]) -> Appearance:
        """From `arrays()`, on the plane of head `model`."""
        plane = Plane.of(model, PX)
        modes = arrays["modes"].astype(np.float32)
        return cls(plane, arrays["mean"], modes, plane.skin(), arrays["sure"],
                   float(arrays["usual"][0]))  # fmt: skip

    def _rebuilt(self, flat: Array) -> Array:
        away = flat.ravel() - self.mean
        return np.asarray(self.mean + (self.modes @ away) @ self.modes, np.float32).reshape(PX, PX)

    def _moved(self, points: Array, at: Array, flat: Array, rebuilt: Array) -> Array:
        """Landmarks moved by the flow from the rebuilt face to the one seen."""
        flow = _smooth(_flow(rebuilt, flat), self.sure)
        spots = self.plane.points
        inside = ((spots > 1) & (spots < PX - 1)).all(axis=1)
        by = np.clip(_read(flow, spots), -FARTHEST_PX, FARTHEST_PX)
        moved = points.copy()
        moved[inside, :2] += (_read(at, spots + by) - _read(at, spots))[inside]
        return moved


def learn(
    pictures: Sequence[NDArray[Any]], points: Array, model: Array
) -> tuple[Appearance, Array] | None:
    """The Appearance of an actor's pictures, and their landmarks (N, 478, 2) refined with it.

    Each round learns the look from the landmarks as they are, then moves them towards it.

    Returns:
        None for too few pictures to tell.
    """
    if len(pictures) < LEAST_FACES:
        return None
    plane = Plane.of(model, PX)
    ready = [
        plane.fitting(p.astype(np.float32) @ LUMA, q) for p, q in zip(pictures, points, strict=True)
    ]
    lumas = [luma for luma, _ in ready]
    skin = plane.skin()
    start = np.array([q[:, :2] for _, q in ready], np.float32)
    moved = start.copy()
    for _ in range(ROUNDS):
        ats = [plane.to_picture(p) for p in moved]
        flats = [_normal(looked_up(y, at), skin) for y, at in zip(lumas, ats, strict=True)]
        look = _look(plane, flats, skin)
        for n, (flat, at) in enumerate(zip(flats, ats, strict=True)):
            moved[n] = look._moved(moved[n], at, flat, look._rebuilt(flat))
    flats = [
        _normal(looked_up(y, plane.to_picture(p)), skin) for y, p in zip(lumas, moved, strict=True)
    ]
    shrunk = np.ptp(start[..., 0], axis=1) / np.ptp(points[..., 0], axis=1)
    by = (moved - start) / shrunk[:, None, None]
    return _look(plane, flats, skin), np.asarray(points[..., :2] + by, np.float32)


def _look(plane: Plane, flats: Sequence[Array], skin: NDArray[np.bool_]) -> Appearance:
    stacked = np.stack([flat.ravel() for flat in flats]).astype(np.float64)
    mean = stacked.mean(axis=0)
    away = stacked - mean
    # The small side's eigenvectors give the large side's: N pictures, PX * PX pixels.
    values, vectors = np.linalg.eigh(away @ away.T)
    most = min(MODES, len(stacked) // FACES_TO_A_MODE)
    kept = [n for n in range(len(values))[::-1][:most] if values[n] > BLACK]
    modes = (vectors[:, kept] / np.sqrt(values[kept])).T @ away
    left = away - (away @ modes.T) @ modes
    error = np.sqrt((left**2).mean(axis=0)).reshape(PX, PX)
    # Few faces are painted back by their own modes: what is left of them says too little.
    error = error * np.sqrt(len(stacked) / max(len(stacked) - len(kept) - 1, 1))
    sure = 1 / (1 + (cv2.GaussianBlur(error, (0, 0), SMOOTH_PX) / DOUBTED) ** 4)
    return Appearance(
        plane,
        mean.astype(np.float32),
        np.asarray(modes.astype(np.float16), np.float32),  # as they are saved
        skin,
        np.asarray(sure, np.float32),
        max(float(np.median((left**2).mean(axis=1))), LEAST_USUAL),
    )


def _normal(flat: Array, skin: NDArray[np.bool_]) -> Array:
    """`flat` with its skin at mean 0, deviation 1: whatever the light."""
    seen = flat[skin]
    return np.asarray((flat - seen.mean()) / max(float(seen.std()), BLACK), np.float32)


def _flow(start: Array, end: Array) -> Array:
    """(h, w, 2) flow: start(x) is end(x + flow(x))."""
    dense = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    dense.setFinestScale(0)
    flow = dense.calc(_eight_bit(start), _eight_bit(end), np.empty((0, 0), np.float32))
    return np.asarray(flow, np.float32)


def _smooth(flow: Array, sure: Array) -> Array:
    """`flow` averaged over its neighbourhood by how sure each spot is; to nothing where none is."""
    weighted = cv2.GaussianBlur(flow * sure[..., None], (0, 0), SMOOTH_PX)
    weight = cv2.GaussianBlur(sure, (0, 0), SMOOTH_PX)
    return np.asarray(weighted / (weight + UNSURE)[..., None], np.float32)


def _eight_bit(flat: Array) -> NDArray[np.uint8]:
    """Four deviations to either side of the skin's mean fill 0..255."""
    return np.asarray(np.clip(flat * 32 + 128, 0, 255), np.uint8)


def _read(field: Array, spots: Array) -> Array:
    """(n, 2) values of a field (h, w, 2) at spots (n, 2)."""
    x, y = (np.ascontiguousarray(spots[None, :, c] - 0.5, np.float32) for c in (0, 1))
    read = cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read[0], np.float32)
