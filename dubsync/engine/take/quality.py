"""How far a take can be trusted, frame by frame, and what is wrong where it cannot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from dubsync.core.arrays import Array
from dubsync.core.steps import TakeCue
from dubsync.engine.geometry.mesh import LIPS
from dubsync.engine.geometry.pose import Pose

Values = NDArray[np.float64]

#: What may be wrong with a take, in the order of `trust`'s columns.
WRONG = (
    "its face is lost",
    "its face is turned away",
    "its face is too small",
    "its lips cannot be followed",
    "its words are not the dub's",
)
#: From wholly trusted to not at all: turn from the front, degrees; pixels between the eyes; usual
#: change of a lip's speed from frame to frame, eye distances; likeness of the sounds.  Eight takes
#: of real people are within the first of each, a face at 60 degrees shows one corner of its mouth.
TURNED, SMALL, UNSTEADY, UNLIKE = (35.0, 65.0), (30.0, 12.0), (0.07, 0.14), (0.5, 0.1)
STEADY_FRAMES = 11


def trust(cue: TakeCue, faces: Array, pose: Pose) -> Values:
    """(T, 5) how far each frame of the take may be trusted in each of WRONG's ways, 0..1.

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
    """1 at the first of `ends` and beyond, 0 at the second, straight between."""
    whole, none = ends
    return np.clip((values - none) / (whole - none), 0, 1)


def _roughness(faces: Array) -> Values:
    """(T,) how unsteadily the lips move about each frame, model units a frame squared."""
    if len(faces) < 3:
        return np.zeros(len(faces))
    change = np.abs(np.diff(faces[:, LIPS], 2, axis=0)).mean(axis=(1, 2))
    around = median_filter(np.pad(change, 1, mode="edge"), STEADY_FRAMES, mode="nearest")
    return np.asarray(around, np.float64)
