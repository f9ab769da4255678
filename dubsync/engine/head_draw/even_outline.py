"""The outline of a shot's own frame, moved evenly.

The ridge foretells each point of hair and shoulders for itself.  Its errors between two poses lie
side by side in the shot's own frame, whose hair is whole: strands would bend in waves.  So what the
ridge moves there is averaged over neighbours.  Where a key frame is drawn the ridge stays as it is:
averaged, whole heads come out .0003 to .002 worse in LPIPS (docs/benchmarks.md, "Whole heads").
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.arrays import Array
from dubsync.engine.head_draw.head_choice import OWN, Path

Values = NDArray[Any]

#: Standard deviation of the average over the outline, working pixels: half an eye distance.
EVEN_PX = 25.0
#: It comes and goes over so many frames round those of the shot's own; a standard deviation.
EVEN_FRAMES = 5.0


def evened(
    wanted: Values, original: Values, rigid: tuple[Values, Values], points: Array, path: Path
) -> Values:
    """(T, n, 2) the wanted outline, evenly moved where the shot's own frames are drawn.

    Args:
        wanted, original: (T, n, 2) outlines of the wanted frames and of the shot's own.
        rigid: the same two, as the rigid proxy alone has them.
        points: (n, 2) the outline on its reference frame, working pixels.
        path: (T,) exemplars of the head.
    """
    own = np.asarray(path == OWN, np.float64)
    if not own.any():
        return wanted
    share = gaussian_filter1d(own, EVEN_FRAMES, mode="nearest")[:, None, None]
    moved = (wanted - rigid[0]) - (original - rigid[1])
    away = np.asarray(points, np.float64)[:, None] - np.asarray(points, np.float64)[None]
    near = np.exp(-0.5 * (away**2).sum(axis=-1) / EVEN_PX**2)
    near /= near.sum(axis=1, keepdims=True)
    return np.asarray(wanted + share * (np.einsum("nm,tmc->tnc", near, moved) - moved))
