"""A head's path without the tracker's noise, for exemplars that are not the frame itself.

What the tracker misses from frame to frame moves a key frame's hair, edge and skin; they swim while
a pose is held.  A low pass would take a real head's own jerks away too and moves hair less truly
(docs/benchmarks.md, "Whole heads"), so a frame is brought towards the smooth path only as far as
its departure is no more than the noise.
Source: Lee 1980, "Digital Image Enhancement and Noise Filtering by Use of Local Statistics".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.engine.geometry.pose import Pose, to_matrices
from dubsync.engine.head.head_path import HeadPath

Values = NDArray[Any]

#: Noise of a tracked head: about x, y, z, radians; of its place, eye distances; of its size, a
#: share.
TURN, SHIFT, SIZE = (0.0045, 0.00225, 0.0015), 0.003, 0.00075
#: Standard deviations of the smooth path, and of what departures are averaged over, frames.
SMOOTH_FRAMES, SEEN_FRAMES = 2.0, 4.0


def steadied(path: HeadPath, where: NDArray[np.bool_] | None = None) -> HeadPath:
    """The path without noise, in the frames (T,) `where` that is wanted; its rest stays."""
    if len(path) < 3:
        return path
    size = float(np.median(path.scale))
    wanted = np.ones(len(path), bool) if where is None else where
    turn = _steadied(path.turn, np.array(TURN))
    shift = _steadied(path.shift, np.full(2, SHIFT * size))
    scale = _steadied(path.scale[:, None], np.array([SIZE * size]))[:, 0]
    return replace(
        path,
        rotation=np.where(wanted[:, None, None], to_matrices(turn), path.rotation),
        shift=np.where(wanted[:, None], shift, path.shift),
        scale=np.where(wanted, scale, path.scale),
    )


def moved_with(points: Values, pose: Pose, before: HeadPath, after: HeadPath) -> Values:
    """Landmarks (T, N, 3) moved as a head is that was on one path and is on another.

    Args:
        pose: (T) of the landmarks.
        before, after: in the pixels of the landmarks.
    """
    turned = after.rotation @ before.rotation.transpose(0, 2, 1)
    shift = np.array(pose.shift)
    shift[:, :2] += after.shift - before.shift
    grown = after.scale / before.scale
    return Pose(pose.scale * grown, turned @ pose.rotation, shift).place(pose.remove(points))


def _steadied(values: Values, noise: Values) -> Values:
    """(T, C) values brought to their smooth course as far as they leave it by noise (C,) alone."""
    smooth = gaussian_filter1d(values, SMOOTH_FRAMES, axis=0, mode="nearest")
    away = values - smooth
    power = gaussian_filter1d(away**2, SEEN_FRAMES, axis=0, mode="nearest")
    kept = np.maximum(0, 1 - noise**2 / np.maximum(power, 1e-12))
    return np.asarray(smooth + kept * away)
