"""How far a take can be trusted, frame by frame, and its faults."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from dubsync.core.arrays import Array
from dubsync.core.steps import TakeCue
from dubsync.engine.geometry.mesh import LIPS
from dubsync.engine.geometry.pose import Pose

Values = NDArray[np.float64]

#: From fully trusted to not at all: head turn, degrees; pixels between the eyes; median change of
#: a lip's speed from frame to frame, eye distances; similarity of the sounds.  Eight takes of real
#: people are within the first of each; a face at 60 degrees shows one corner of its mouth.
TURNED, SMALL, UNSTEADY, UNLIKE = (35.0, 65.0), (30.0, 12.0), (0.07, 0.14), (0.5, 0.1)
STEADY_FRAMES = 11


def trust(cue: TakeCue, faces: Array, pose: Pose) -> Values:
    """(T, 5) trust in each frame of the take with respect to each of `take_lane.FAULTS`, 0..1.

    Args:
        cue: the take, T frames.
        faces: (T, 478, 3) its faces without head movement, units of the take's own linear model.
        pose: the head movement itself.
    """
    track = cue.track
    turn = np.degrees(np.arccos(np.clip(pose.rotation[:, 2, 2], -1, 1)))
    alike = np.ones(len(turn)) if cue.alike is None else np.asarray(cue.alike, np.float64)
    return np.stack(
        [
            (np.asarray(track.confidence) > 0).astype(np.float64),
            _falling(turn, TURNED),
            _falling(np.asarray(pose.scale, np.float64), SMALL),
            _falling(_roughness(faces), UNSTEADY),
            _falling(alike, UNLIKE),
        ],
        axis=1,
    )


def _falling(values: Values, ends: tuple[float, float]) -> Values:
    """1 at the first of `ends` and beyond, 0 at the second, linear between."""
    whole, none = ends
    return np.clip((values - none) / (whole - none), 0, 1)


def _roughness(faces: Array) -> Values:
    """(T,) second difference of the lips' movement about each frame, model units."""
    if len(faces) < 3:
        return np.zeros(len(faces))
    change = np.abs(np.diff(faces[:, LIPS], 2, axis=0)).mean(axis=(1, 2))
    around = median_filter(np.pad(change, 1, mode="edge"), STEADY_FRAMES, mode="nearest")
    return np.asarray(around, np.float64)
