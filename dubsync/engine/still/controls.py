"""Landmarks that move fast, and the rings of skin round the eyes."""

from __future__ import annotations

import numpy as np

from dubsync.engine.geometry.mesh import (
    LEFT_BROW,
    LEFT_EYE,
    LEFT_IRIS,
    LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    RIGHT_IRIS,
    Indices,
    indices,
)

#: Upper lid's edge, the ring of lid skin above it, the ring under the brow, outer to inner; the
#: subject's right eye, then the left.
UPPER_LID = (indices("161 160 159 158 157"), indices("388 387 386 385 384"))
LID_RING = (indices("247 30 29 27 28 56 190"), indices("467 260 259 257 258 286 414"))
BROW_RING = (indices("225 224 223 222 221"), indices("445 444 443 442 441"))
#: Lower lid's ring of skin.
LOWER_RING = (indices("110 24 23 22 26"), indices("339 254 253 252 256"))
EYES = (RIGHT_EYE, LEFT_EYE)
BROWS = (RIGHT_BROW, LEFT_BROW)
IRISES = (RIGHT_IRIS, LEFT_IRIS)
#: Of each eye: the corners, in the order of EYE_CORNERS.
CORNERS = ((33, 133), (362, 263))

#: Landmarks that move fast: lips, lids and irises.
QUICK: Indices = np.unique(np.concatenate([LIPS, *EYES, *IRISES]))
