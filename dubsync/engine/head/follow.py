"""Follow the outline from the reference frame into another frame of the same person.

The other frame is laid on the reference by a thin-plate spline through landmarks and guessed
outline; what is left is dense flow between the two, person over grey, so that the background does
not pull. Flow counts where both pictures then agree.
Source: Kroeger, Timofte, Dai, Van Gool 2016, "Fast Optical Flow using Dense Inverse Search".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.compositing.colour_match import LUMA
from dubsync.engine.geometry.mesh import (
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE,
    LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
)
from dubsync.engine.geometry.thin_plate import CONTROLS, fit_spline, to_pixels
from dubsync.engine.head.head_path import Values
from dubsync.engine.head.person_matte import WORKING_EYE_PX

#: Landmarks that lay one face on another.
FACE = np.unique(
    np.concatenate([FACE_OVAL, LIPS, RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW, CONTROLS])
)
#: What stands for the background, and the matte's share in the picture that is followed: it gives
#: the edge against the background a gradient even where hair and wall are equally dark.
GREY, MATTE_SHARE = 0.5, 0.25
#: Nodes of the spline, working pixels, and its smoothing, eye distances squared.
NODE_PX, SMOOTHING = 10.0, 1e-3
#: Difference of the two pictures, in 255ths, at which flow counts half; side of the square that it
#: is averaged over, and standard deviation of the Gaussian over the flow, working pixels.
HALF_BELIEVED, BELIEF_PX, SMOOTH_PX = 10.0, 9, 5.0
#: Belief below which nothing is moved.
LEAST_BELIEF = 0.08
#: A point is moved by at most this many working pixels: further off, the guess was right or lost.
FARTHEST_PX = 12.0
_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True, eq=False)
class Keyed:
    """One frame, ready to be followed.

    picture    (h, w) uint8 luma of the person over grey, with some of the matte in it
    landmarks  (478, 2 or 3) working pixels
    """

    picture: NDArray[np.uint8]
    landmarks: Array


def keyed(picture: Array, matte: Array | NDArray[np.uint8], landmarks: Array) -> Keyed:
    """A frame at the working size: display R'G'B' (h, w, 3), the person's matte (h, w)."""
    inside = matte / np.float32(255) if matte.dtype == np.uint8 else matte
    luma = np.clip(np.asarray(picture, np.float32), 0, 1) @ LUMA
    person = luma * inside + GREY * (1 - inside)
    mixed = person * (1 - MATTE_SHARE) + inside * MATTE_SHARE
    return Keyed(np.asarray(np.clip(mixed * 255, 0, 255), np.uint8), landmarks)


def follow(reference: Keyed, points: Array, other: Keyed, guess: Values) -> Array:
    """(n, 2) where points of the reference (n, 2) are in `other`, working pixels.

    Args:
        guess: (n, 2) about where they are.
    """
    height, width = reference.picture.shape
    wanted = np.concatenate([reference.landmarks[FACE, :2], points]).astype(np.float64)
    source = np.concatenate([other.landmarks[FACE, :2], guess]).astype(np.float64)
    spline = fit_spline(wanted, source, WORKING_EYE_PX, SMOOTHING)
    nodes = spline.at_nodes(Region(0, 0, width, height), NODE_PX)
    at = np.asarray(to_pixels(nodes, (height, width), _CPU).numpy(), np.float32)
    laid = _remapped(other.picture, at)
    flow = _believed(reference.picture, np.asarray(laid, np.uint8))
    by = np.clip(_read(flow, points), -FARTHEST_PX, FARTHEST_PX)
    return _read(at, points + by)


def _believed(reference: NDArray[np.uint8], laid: NDArray[np.uint8]) -> Array:
    """(h, w, 2) smoothed flow from the reference to a frame laid on it."""
    dense = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    dense.setFinestScale(0)
    flow = np.asarray(dense.calc(reference, laid, np.empty((0, 0), np.float32)), np.float32)
    height, width = reference.shape
    x, y = np.meshgrid(
        np.arange(width, dtype=np.float32) + 0.5, np.arange(height, dtype=np.float32) + 0.5
    )
    moved = _remapped(laid, np.stack([x, y], axis=-1) + flow)
    apart = cv2.blur(np.abs(reference.astype(np.float32) - moved), (BELIEF_PX, BELIEF_PX))
    belief = np.asarray(1 / (1 + (apart / HALF_BELIEVED) ** 2), np.float32)
    weighted = cv2.GaussianBlur(flow * belief[..., None], (0, 0), SMOOTH_PX)
    weight = cv2.GaussianBlur(belief, (0, 0), SMOOTH_PX)
    return np.asarray(weighted / (weight + LEAST_BELIEF)[..., None], np.float32)


def _remapped(picture: NDArray[Any], at: Array) -> Array:
    x, y = (np.ascontiguousarray(at[..., c] - 0.5, np.float32) for c in (0, 1))
    read = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read, np.float32)


def _read(field: Array, spots: Array) -> Array:
    """(n, 2) values of a field (h, w, 2) at spots (n, 2)."""
    read: Array = _remapped(field, np.asarray(spots, np.float32)[None])[0]
    return read
