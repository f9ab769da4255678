"""Where shoulders rest in key frames of a plate whose camera moves.

A head's rest is the median head of its plate.  Under a moving camera that is no place in the frame:
the frames are registered by what stands behind the person, the median is taken in the registered
picture, and each frame gets it back where its own camera shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import Frame, Region
from dubsync.engine.clean_plate.camera_motion import CameraFollower, Matrix, moved
from dubsync.engine.head.head_path import Values
from dubsync.engine.head.read_keys import Look
from dubsync.engine.head.ridge import INPUTS, features_of

#: A camera that shows the head's place shifted by less than this, in eye distances, stands still.
STILL = 0.06
#: Share of the frames that must be registered for the camera's motion to be believed; the others
#: are then left out.
LEAST_REGISTERED = 0.4
#: Room round the person in which no background is looked at, relative to the region's height.
ROOM = 0.03


class CameraRest:
    """Registers the key frames of one plate as they are read."""

    def __init__(self) -> None:
        self._follower = CameraFollower()
        self._places: list[Matrix | None] = []

    def add(self, frame: Frame, region: Region, matte: NDArray[np.uint8]) -> None:
        """The next key frame, with its person's matte over `region` at any size."""
        size = (region.width, region.height)
        room = np.ones((2 * max(1, round(ROOM * region.height)) + 1,) * 2, np.uint8)
        whole = cv2.resize(matte, size, interpolation=cv2.INTER_LINEAR)
        person = np.zeros((frame.format.height, frame.format.width), bool)
        person[region.rows, region.columns] = cv2.dilate((whole > 12).astype(np.uint8), room) > 0
        seen = self._follower.add(frame, person)
        self._places.append(None if seen.because else np.asarray(seen.to_reference, np.float64))

    def rested(
        self, looks: Sequence[Look], scale: float, middle_turn: Values
    ) -> tuple[list[Look], bool]:
        """The frames with the rest that the camera gives them, and whether the camera moves.

        Args:
            looks: as added.
            scale: plate pixels per working pixel.
            middle_turn: (3,) that the features were taken against.
        """
        known = [n for n, place in enumerate(self._places) if place is not None]
        if len(known) < max(2, LEAST_REGISTERED * len(looks)):
            return list(looks), False
        looks_known = [looks[n] for n in known]
        places = [place for place in self._places if place is not None]
        heads = np.stack([look.path.shift[0] * scale + look.origin for look in looks_known])
        there = np.stack([moved(m, p[None])[0] for m, p in zip(places, heads, strict=True)])
        eye = float(np.median([look.path.scale[0] for look in looks_known])) * scale
        if np.abs(there - heads).max() < STILL * eye:
            return list(looks), False
        growth = np.array([_growth(m, p) for m, p in zip(places, heads, strict=True)])
        sizes = np.array([look.path.scale[0] for look in looks_known]) * scale * growth
        rest: Values = np.asarray(np.median(there, axis=0), np.float64)
        size = float(np.median(sizes))
        result = []
        for n, look in enumerate(looks_known):
            inverse = np.asarray(np.linalg.inv(places[n]), np.float64)
            back = moved(inverse, rest[None])[0]
            path = replace(
                look.path,
                rest_shift=((back - look.origin) / scale)[None],
                rest_scale=np.array([size / growth[n] / scale]),
            )
            jaw = look.features[INPUTS - 1 : INPUTS]
            result.append(replace(look, path=path, features=features_of(path, jaw, middle_turn)[0]))
        return result, True


def _growth(matrix: Matrix, point: Values) -> float:
    """How much larger the registered picture is than the frame, about a point."""
    corners = point + np.array([[0, 0], [1, 0], [0, 1]], np.float64)
    origin, across, down = moved(matrix, corners)
    sides = np.stack([across - origin, down - origin])
    return float(np.sqrt(max(abs(np.linalg.det(sides)), 1e-9)))
