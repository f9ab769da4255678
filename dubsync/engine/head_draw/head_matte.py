"""The matte of a warped head over a clean plate: soft where little moves, tight where much does.

A head that hardly moves takes some of its own background along, which is right there anyway: a wide
soft edge then keeps every hair. One that moves far would drag that background about, so there the
matte follows what differs from the plate. All at the working size; mattes are 0..1.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing.smoothstep import smoothstep

Seen = NDArray[np.bool_]

#: The soft matte is whole this far out, then falls off over so much, working pixels.
WHOLE_PX, SOFT_PX = 4.0, 10.0
#: Difference from the plate, working colour, that is background, and that is the person.
BACKGROUND, PERSON = 0.03, 0.10
#: The difference counts within this distance of the person's edge, working pixels.
REACH_PX = 8.0
#: Inside the edge the matte rises to whole over this distance whatever the difference.
RISE_PX = 3.0
#: Movement up to which the soft matte serves, and from which the difference matte does.
STILL_PX, MOVED_PX = 6.0, 16.0
#: Difference of two backgrounds, blurred by so many working pixels, up to which they are alike,
#: and from which they are not.
ALIKE, OTHER, DRAG_PX = 0.015, 0.05, 1.5


def soft(matte: Array, whole: float = WHOLE_PX, feather: float = SOFT_PX) -> Array:
    """A person matte (h, w), 0..1, widened: 1 up to `whole` px outside, 0 from `feather` more."""
    away = _distance(matte < 0.5)
    return np.maximum(np.asarray(matte, np.float32), 1 - smoothstep((away - whole) / feather))


def shaped(share: Array, grow: float, feather: float) -> Array:
    """A matte (h, w) whose edge, where it is a half, lies `grow` px farther out.

    It falls off over `feather` px there; below half a pixel it is a hard edge.
    """
    width = max(feather, 0.5)
    outside = _distance(share < 0.5) - _distance(share >= 0.5)
    return np.asarray(1 - smoothstep((outside - grow) / width + 0.5), np.float32)


def difference(picture: Array, plate: Array, matte: Array, seen: Seen | None = None) -> Array:
    """The matte (h, w) of what differs from the plate near the person's edge.

    Args:
        picture: (h, w, 3) working colour of the frame, as filmed.
        plate: (h, w, 3) the clean plate at the same place.
        matte: (h, w) person matte of the frame, 0..1.
        seen: (h, w) where the plate was seen; where it is a guess, the person matte stays.
    """
    matte = np.asarray(matte, np.float32)
    out, inwards = _distance(matte < 0.5), _distance(matte >= 0.5)
    apart = cv2.absdiff(picture, plate)
    apart = np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2])
    share = smoothstep((apart - BACKGROUND) / (PERSON - BACKGROUND))
    if seen is not None:
        share = np.where(seen, share, matte)
    near = 1 - smoothstep((out - 0.6 * REACH_PX) / (0.4 * REACH_PX))
    inside = np.maximum(share, smoothstep(inwards / RISE_PX))
    return np.asarray(
        cv2.GaussianBlur(np.where(matte >= 0.5, inside, share * near), (0, 0), 0.6), np.float32
    )


def by_movement(wide: Array, tight: Array, at: Array) -> Array:
    """(h, w) `wide` where the field moves little, `tight` where it moves far.

    Args:
        wide, tight: (h, w) both mattes, already where the warp puts them.
        at: (h, w, 2) the field, see `affine_warp.field`.
    """
    return np.asarray(wide + moving_share(at) * (tight - wide), np.float32)


def moving_share(at: Array) -> Array:
    """(h, w) 0 where the field moves less than STILL_PX, 1 where more than MOVED_PX."""
    height, width = at.shape[:2]
    x = np.arange(width, dtype=np.float32) + np.float32(0.5)
    y = np.arange(height, dtype=np.float32)[:, None] + np.float32(0.5)
    moved = cv2.magnitude(at[..., 0] - x, at[..., 1] - y)
    moved = cv2.GaussianBlur(moved, (0, 0), 4)
    return smoothstep((moved - STILL_PX) / (MOVED_PX - STILL_PX))


def dragged(came: Array, here: Array) -> Array:
    """(h, w) 0..1 whether a wide edge would bring along background that is not what lies here.

    Args:
        came: (h, w, 4) the background behind the source, where the warp puts it: colour, and how
            sure it was seen.
        here: (h, w, 4) the background of the picture to be made.
    """
    apart = np.abs(came[..., :3] - here[..., :3]).max(axis=-1)
    apart = apart * np.minimum(came[..., 3], here[..., 3])
    return smoothstep((cv2.GaussianBlur(apart, (0, 0), DRAG_PX) - ALIKE) / (OTHER - ALIKE))


def laid(person: Array, plate: Array, share: Array) -> Array:
    """`person` (h, w, 3) over `plate` (h, w, 3), by a share (h, w); `person` is used up."""
    person -= plate
    person *= cv2.merge([share] * 3)
    person += plate
    return person


def _distance(inside: NDArray[np.bool_]) -> Array:
    """(h, w) pixels from each pixel of `inside` to the nearest outside; the frame is no edge."""
    if inside.all():
        return np.full(inside.shape, max(inside.shape), np.float32)
    away = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(away, np.float32)
