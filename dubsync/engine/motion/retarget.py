"""Retarget the dub's mouth to the original motion; at weight 0 the original is unchanged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import distance_transform_edt

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.face import MotionTrack, Performance
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.motion.by_hand import gaze_by_hand, head_by_hand, stopped
from dubsync.engine.motion.face_shape import face_shape
from dubsync.engine.motion.lids import lids_by_hand
from dubsync.engine.motion.turn import turned


def retarget(original: MotionTrack, wanted: Performance, tweak: Tweak) -> MotionTrack:
    """The original motion with the wanted mouth wherever the weight is above 0.

    With w = `eased(wanted.weight, tweak.ease)`, (T, 1):

        mouth = (1 - w) * original + w * wanted
        upper = original + w * (brows * wanted.brows + blinks * wanted.blinks)
        gaze  = original + w * gaze * wanted.gaze
        head  = original, turned, moved and scaled by w * head times wanted.head
        lids  = w * blinks * wanted.lids

    brows, blinks, gaze and head are the tweak's shares; what `wanted` does not have stays the
    plate's.  A head turns about its neck.  Onto that come, in full, what controls by hand add:
    `wanted.by_hand`, then head and eyes (by_hand.py) and the face's shape.  Frames with w = 0 are
    unchanged bit for bit, so the compositor copies their plate.

    Args:
        original: motion fitted to the plate, (T, M) mouth coefficients.
        wanted: the target performance, same frames, same basis.
        tweak: shares of upper face and head; `ease`, frames.  Its controls of the mouth are in
            `wanted` already.

    Returns:
        A MotionTrack on the frames of `original`.

    Raises:
        ShapeError: the two differ in frames, basis, or number of coefficients.

    Source: ours.  A cross-fade rather than a sum for the mouth: weight 0 is the plate.
    """
    if (original.frames, original.basis) != (wanted.frames, wanted.basis):
        raise ShapeError(
            f"a performance in basis {wanted.basis[:12]} over {wanted.frames} does not fit "
            f"motion in {original.basis[:12]} over {original.frames}"
        )
    if original.mouth.shape != wanted.mouth.shape:
        raise ShapeError(f"mouths {wanted.mouth.shape} do not fit {original.mouth.shape}")
    w = eased(wanted.weight, tweak.ease)[:, None]
    mixed = (1 - w) * original.mouth + w * wanted.mouth
    upper = _added(original.upper, wanted.brows, w * _share("brows", wanted, tweak))
    shut = None
    if wanted.lids is not None:
        shut = np.asarray(w * _share("blinks", wanted, tweak) * wanted.lids, np.float32)
    changed = replace(
        original,
        mouth=np.where(w > 0, mixed, original.mouth),
        upper=_added(upper, wanted.blinks, w * _share("blinks", wanted, tweak)),
        gaze=_added(original.gaze, wanted.gaze, w * _share("gaze", wanted, tweak)),
        head=_moved(original.head, wanted.head, w * _share("head", wanted, tweak), wanted.neck),
    )
    return _by_hand(changed, wanted, tweak, shut)


def _by_hand(
    motion: MotionTrack, wanted: Performance, tweak: Tweak, shut: Array | None
) -> MotionTrack:
    """`motion` with what controls by hand add, in frames of weight above 0.

    Args:
        shut: (T, 2) lids that a take winks with.
    """
    frames, drawn = wanted.frames, (wanted.weight > 0)[:, None]
    head = head_by_hand(motion.head, tweak, frames, wanted.neck)
    head, _ = stopped(head, motion.gaze, tweak, frames, wanted.reach, wanted.neck)
    head = np.where(drawn, head, motion.head)
    gaze = gaze_by_hand(motion.gaze, head, tweak, frames, wanted.ahead)
    _, gaze = stopped(head, gaze, tweak, frames, wanted.reach, wanted.neck)
    upper = motion.upper
    if wanted.by_hand is not None:
        upper = _added(upper, wanted.by_hand, drawn.astype(np.float32))
    return replace(
        motion, upper=upper, head=head, gaze=np.where(drawn, gaze, motion.gaze),
        face_shape=face_shape(tweak, frames, drawn[:, 0]),
        lids=_lids(lids_by_hand(tweak, frames, drawn[:, 0]), shut),
    )  # fmt: skip


def _lids(by_hand: Array | None, shut: Array | None) -> Array | None:
    """(T, 2) the lids by hand, and a take's wink where they are not set; None: neither."""
    if shut is None or not shut.any():
        return by_hand
    return shut if by_hand is None else np.where(by_hand > 0, by_hand, shut)


def _share(name: str, wanted: Performance, tweak: Tweak) -> Array:
    """(T, 1) the tweak's share of one part of the upper face or head."""
    return np.asarray(tweak.at(name, wanted.frames)[:, None], np.float32)


def _added(own: Array, offset: Array | None, share: Array) -> Array:
    """`own` (T, N) with `share` (T, 1) of `offset`; bit for bit where the share is 0."""
    if offset is None:
        return own
    if own.shape != offset.shape:
        raise ShapeError(f"offsets {offset.shape} do not fit {own.shape}")
    return np.asarray(np.where(share > 0, own + share * offset, own), np.float32)


def _moved(head: Array, offset: Array | None, share: Array, neck: Array | None) -> Array:
    """Heads (T, 7) turned about their necks, moved and scaled by `share` of `offset`."""
    if offset is None:
        return head
    result = turned(head, share * offset[:, :3], neck)
    result[:, 3:6] += share * offset[:, 3:6]
    result[:, 6:] *= np.exp(share * offset[:, 6:])
    return np.asarray(np.where(share > 0, result, head), np.float32)


def eased(weight: Array, frames: int) -> Array:
    """`weight` (T,) limited by a ramp of `frames` frames beside each frame of weight 0.

    A weight that is eased already is unchanged.  There is no ramp at the ends of the shot: a face
    that speaks across a cut does so at full weight.
    """
    if frames < 1 or (weight > 0).all():
        return weight
    away = distance_transform_edt(weight > 0)
    ramp = np.minimum(away / (frames + 1), 1)
    return np.asarray(np.minimum(weight, ramp * ramp * (3 - 2 * ramp)), np.float32)
