"""Draw a still as it is driven: one warp of its own picture, and what it lacks from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.head_draw.affine_warp import enlarged, field, pins, sample
from dubsync.engine.head_draw.visible_points import visible_controls
from dubsync.engine.still.driver_motion import DriverMove
from dubsync.engine.still.still_model import StillKey, StillModel
from dubsync.engine.still.transfer import DrivenFace

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DriverFrame:
    """The driver as filmed in one frame, for what a still lacks: the mouth's inside, wrinkles.

    picture  (h, w, 3) working colour
    move     its `landmarks` are in pixels of `picture`
    """

    picture: Array
    move: DriverMove

    def __post_init__(self) -> None:
        if self.picture.ndim != 3 or self.picture.shape[2] != 3:
            raise ShapeError(f"a driver's picture is (h, w, 3), not {self.picture.shape}")


class StillRenderer:
    """Draws one still, frame by frame; frames may come in any order.

        still = learn_still([photo], landmarker)
        draw = StillRenderer(still).draw
        for move in DriverMotion.of(track).moves:
            picture = draw(driven_face(still.key.face, move))

    Outside `still.key.region` the picture is the still's own, bit for bit.
    """

    def __init__(self, still: StillModel) -> None:
        self.still = still

    def draw(self, target: DrivenFace, driver: DriverFrame | None = None) -> Array:
        """(H, W, 3) working colour, the first still's size, with its face as `target` wants it.

        Args:
            target: from `driven_face`, of `still.key.face`.
            driver: the driver as filmed; without it the mouth's inside is the still's own, or a
                dark one where it has none.
        """
        key = self.still.key
        at = _field(key, target)
        region = key.region
        moved = sample(
            np.ascontiguousarray(key.picture[region.rows, region.columns]),
            enlarged(at, (region.height, region.width), key.scale),
        )
        result = key.picture.copy()
        result[region.rows, region.columns] = np.clip(moved, 0, None)
        return result


def _field(key: StillKey, target: DrivenFace) -> Array:
    """(h, w, 2) working pixels of the still for each working pixel of what is drawn."""
    wanted, source = np.asarray(target.landmarks, np.float64), np.asarray(key.tracked, np.float64)
    # What the model of the face does not explain of the still's own landmarks stays.
    wanted = wanted + source - key.face.pose.place(key.face.front[None])[0]
    used = visible_controls(wanted, source)
    rings = [_ring(key, target, grown) for grown in (1.2, 1.45)]
    size = key.size
    fixed = pins(size)
    to = np.concatenate([wanted[used, :2], *(r[0] for r in rings), fixed])
    come_from = np.concatenate([source[used, :2], *(r[1] for r in rings), fixed])
    inside = (to >= 0).all(axis=1) & (to[:, 0] <= size[1]) & (to[:, 1] <= size[0])
    return field(to[inside], come_from[inside], size)


def _ring(key: StillKey, target: DrivenFace, grown: float) -> tuple[Values, Values]:
    """Points round the face that turn with the skull."""
    front = np.asarray(key.face.front, np.float64)
    upper = FACE_OVAL[np.r_[0:8, 28:36]]
    middle = front[FACE_OVAL].mean(axis=0)
    ring = middle + (front[upper] - middle) * np.array([grown, grown, 1.0])
    to = target.pose.place(ring[None])[0, :, :2]
    return np.asarray(to), np.asarray(key.face.pose.place(ring[None])[0, :, :2])
