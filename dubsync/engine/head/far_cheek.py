"""How much of a turn to the camera a picture of a head serves: less where its far cheek is hidden.

From the side, the far cheek, and then half of the mouth, are hidden: no warp brings them into view.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]

#: A head turned from the camera by less than FRONTAL degrees shows both cheeks; from SIDE on the
#: far one is hidden.  By eye, on three people seen from the side.
FRONTAL, SIDE = 20.0, 40.0


def seen_share(source: Values, wanted: Values) -> Values:
    """(T,) 1 where a turn hides nothing that is wanted, falling to 0 where the far cheek is hidden.

    Args:
        source, wanted: (T,) yaw of the head that is drawn from and of the wanted one, degrees.
    """
    side, now = np.abs(np.asarray(source, np.float64)), np.abs(np.asarray(wanted, np.float64))
    share = np.clip((SIDE - side) / (SIDE - FRONTAL), 0, 1)
    return np.asarray(np.where(side > now, share, 1.0), np.float64)
