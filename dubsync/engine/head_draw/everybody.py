"""The matte of everybody in a frame: what a clean plate must leave out.

The region of the head is looked at closely; the rest of the frame coarsely, as only the camera's
motion is read from it.
"""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.picture import Frame, Region
from dubsync.engine.exemplars.bank import finite_rgb
from dubsync.engine.geometry.sampling import Square, sample
from dubsync.engine.head.person_matte import INPUT_PX, PersonMatte


class Everybody:
    """Called with a frame; (H, W) float32 in 0..1.  Not to be shared between threads.

    Args:
        region: what the head may reach, square pixels of the plate.
        eye_px: an eye distance, pixels of the plate.
    """

    def __init__(self, region: Region, eye_px: float) -> None:
        self._person, self._region, self._eye_px = PersonMatte(), region, eye_px

    def __call__(self, frame: Frame) -> Array:
        """The matte of all people in a frame in square pixels."""
        form, region = frame.format, self._region
        side = max(form.width, form.height)
        square = Square(form.width / 2, form.height / 2, side)
        scale = INPUT_PX / side
        seen = self._person.everybody(sample(frame, square, INPUT_PX), self._eye_px * scale)
        back = np.array(
            [
                [scale, 0, (side - form.width) / 2 * scale],
                [0, scale, (side - form.height) / 2 * scale],
            ]
        )
        back[:, 2] += 0.5 * scale - 0.5
        full = cv2.warpAffine(
            seen, back, (form.width, form.height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        near = self._person.everybody(finite_rgb(frame, region), self._eye_px)
        full[region.rows, region.columns] = near
        return np.asarray(full, np.float32)
