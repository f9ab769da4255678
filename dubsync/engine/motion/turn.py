"""A head that turns about its neck: what that does to where its model's origin is seen.

The model's origin lies between the eyes.  A head turns about joints behind and below them, so its
origin moves when it turns; `MotionTrack.head` says where the origin is.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.geometry.pose import to_matrices, to_vectors
from dubsync.engine.motion.basis import neutral_units

Values = NDArray[np.float64]

#: Landmarks at the height of the ears on either side: the axis of a nod lies between them.
EARS = (234, 454)
#: From the middle of those points to the uppermost joint of the neck, eye distances (right, down,
#: back): a head shakes and nods about it.
NECK = (0.0, 0.35, 0.45)
#: From there to the middle of the neck, about which a head leans.
LEAN = (0.0, 0.9, 0.1)


def neck_of(rest: Array) -> Values:
    """(3,) the uppermost joint of the neck of a face at rest (478, 3), model units."""
    return np.asarray(np.asarray(rest, np.float64)[list(EARS)].mean(axis=0) + NECK)


@cache
def usual_neck() -> Values:
    """(3,) the uppermost joint of a general face's neck, model units."""
    return neck_of(neutral_units())


def turned(head: Array | Values, turn: Array | Values, joint: Array | Values | None) -> Values:
    """Heads (T, 7) turned in their own frame by rotation vectors (T, 3) about `joint` (3,).

    Args:
        joint: model units; None: the usual neck's uppermost.
    """
    head = np.asarray(head, np.float64)
    about = usual_neck() if joint is None else np.asarray(joint, np.float64)
    before = to_matrices(head[:, :3])
    after = before @ to_matrices(np.asarray(turn, np.float64))
    result = head.copy()
    result[:, :3] = to_vectors(after)
    moved = head[:, 6:] * ((before - after) @ about)
    result[:, 3:5] += moved[:, :2]
    return result
