"""What every frame of a shot will be drawn from, known before the first is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.engine.exemplars import selection
from dubsync.engine.render.strength import strength_of

#: Feature distance below which mouths are the same, and above which they differ.
SAME_MOUTH, OTHER_MOUTH = 0.010, 0.022


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What every frame of a shot will be drawn from, T frames.

    shown         (T,)    whether there is anything to draw
    strength      (T,)    0..1 of the matte
    own           (T,)    0..1 how much of the mouth is the plate's own
    wanted        (T, 478, 3)  target landmarks, plate pixels
    wanted_speed  (T, 2)  of their lips, plate pixels a frame
    pose          (T,)    of the target landmarks
    """

    shown: NDArray[np.bool_]
    strength: Array
    own: Array
    wanted: Array
    wanted_speed: Array
    pose: selection.PoseFeatures


def plan_of(
    track: FaceTrack, wanted: Array, shown: NDArray[np.bool_], model: Array, *, owned: bool
) -> Plan:
    """The plan of a track whose mouths become `wanted` (T, 478, 3) where they are `shown` (T,).

    `owned`: a mouth that is nearly the plate's own stays the plate's.
    """
    own, pose = np.zeros(len(shown), np.float32), selection.pose_features(wanted, model)
    if owned:
        seen = selection.pose_features(track.landmarks, model)
        own = _own_share(seen.features, pose.features)
    return Plan(shown, strength_of(shown), own, wanted, selection.lip_speed(wanted), pose)


def _own_share(original: Array, wanted: Array) -> Array:
    """(T,) 1 where both mouths are the same, 0 where they differ, changing over a few frames."""
    apart = np.linalg.norm(wanted - original, axis=1)
    alike = np.clip((OTHER_MOUTH - apart) / (OTHER_MOUTH - SAME_MOUTH), 0, 1)
    if len(alike) < 3:
        return np.asarray(alike, np.float32)
    # A mouth that passes through the plate's own shape for a frame or two keeps its exemplar.
    lasting = minimum_filter1d(alike, 5, mode="nearest")
    soft = gaussian_filter1d(lasting, 1.2, mode="nearest")
    return np.asarray(np.minimum(soft, alike), np.float32)
