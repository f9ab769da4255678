"""Put the dub's mouth on the original head: the original is the ground, and wins at weight 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import distance_transform_edt

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.face import MotionTrack, Performance, Tweak


def retarget(original: MotionTrack, wanted: Performance, tweak: Tweak) -> MotionTrack:
    """The original motion with the wanted mouth wherever the dub owns it.

    With w = `eased(wanted.weight, tweak.ease)`, (T, 1):

        mouth = (1 - w) * original + w * mouth_gain * wanted

    Frames with w = 0 come back bit for bit, so the compositor leaves their plate alone.

    Args:
        original: motion fitted to the plate, (T, M) mouth coefficients.
        wanted: the mouth to follow, same frames, same basis.
        tweak: `mouth_gain`, no unit: 1 follows, 0 rests; `ease`, frames.

    Returns:
        A MotionTrack on the frames of `original`; upper face, head and gaze untouched.

    Raises:
        ShapeError: the two differ in frames, basis, or number of coefficients.

    Source: ours.  A cross-fade rather than a sum: weight 0 is the plate, gain 0 a mouth at rest.
    """
    if (original.frames, original.basis) != (wanted.frames, wanted.basis):
        raise ShapeError(
            f"a performance in basis {wanted.basis[:12]} over {wanted.frames} does not fit "
            f"motion in {original.basis[:12]} over {original.frames}"
        )
    if original.mouth.shape != wanted.mouth.shape:
        raise ShapeError(f"mouths {wanted.mouth.shape} meet {original.mouth.shape}")
    w = eased(wanted.weight, tweak.ease)[:, None]
    mixed = (1 - w) * original.mouth + w * np.float32(tweak.mouth_gain) * wanted.mouth
    return replace(original, mouth=np.where(w > 0, mixed, original.mouth))


def eased(weight: Array, frames: int) -> Array:
    """`weight` (T,) kept under a slope that rises from each frame of weight 0 within `frames`.

    A weight that is eased already comes back as it is.  The ends of the shot are no slope: a
    face that speaks across a cut does so at full weight.
    """
    if frames < 1 or (weight > 0).all():
        return weight
    away = distance_transform_edt(weight > 0)
    ramp = np.minimum(away / (frames + 1), 1)
    return np.asarray(np.minimum(weight, ramp * ramp * (3 - 2 * ramp)), np.float32)
