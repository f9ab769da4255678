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
from dubsync.engine.head_draw.choose.head_choice import OWN, Path

Values = NDArray[Any]

#: Standard deviation of the average over the outline, working pixels: half an eye distance.
EVEN_PX = 25.0
#: It comes and goes over so many frames round those of the shot's own; a standard deviation.
EVEN_FRAMES = 5.0
#: Keeps a plane through one point or a row of points from tilting.
LEAST_PLANE = 1e-3
#: Points of the shot's own frame move as their neighbours do within this distance, working pixels:
#: a standard deviation.
SMOOTH_PX = 10.0


def smoothed(points: Values, sources: Values, beside: tuple[Values, Values]) -> Values:
    """(n, 2) `sources`, each moved as the plane through its neighbours' moves has it.

    Every point's depth is fitted for itself.  Where hair lies close beside the face, what is missed
    there would bend its strands in steps.

    Args:
        points, sources: (n, 2) the outline in the picture to be made and in the shot's own frame.
        beside: (m, 2) twice, other points of both that count as neighbours and are not moved.
    """
    at = np.concatenate([points, beside[0]])
    moves = np.concatenate([sources, beside[1]]) - at
    away = at[None] - points[:, None]
    weight = np.exp(-0.5 * (away**2).sum(axis=-1) / SMOOTH_PX**2)
    plane = np.concatenate([np.ones((*away.shape[:2], 1)), away / SMOOTH_PX], axis=-1)
    left = np.einsum("nm,nmi,nmj->nij", weight, plane, plane) + LEAST_PLANE * np.eye(3)
    right = np.einsum("nm,nmi,mc->nic", weight, plane, moves)
    return np.asarray(points + np.linalg.solve(left, right)[:, 0])


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
