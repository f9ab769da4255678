"""A head's pose and a few landmarks as .chan, which Nuke's Axis imports.

A line a frame: frame, tx ty tz, rx ry rz.  Angles in degrees, turned about z first, then x, then y:
the order ZXY that an Axis starts with.  Positions in square plate pixels from the lower left
corner, y up, z towards the viewer.  Frames without the face have no line.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from dubsync.core.face import MotionTrack
from dubsync.media.pixels.square import square_format
from dubsync.service.reel.pipeline import Part
from dubsync.service.vfx_turnover.parameters import upright
from dubsync.service.vfx_turnover.shot_folder import ShotFolder

#: Landmarks that compositors pin things to: name -> its index in the face mesh.
PINS = {
    "mouth_right": 61, "mouth_left": 291, "lip_upper": 13, "lip_lower": 14, "chin": 152,
    "nose_tip": 1, "eye_right_outer": 33, "eye_left_outer": 263,
}  # fmt: skip


def head_chan(folder: ShotFolder, part: Part, motion: MotionTrack) -> str:
    """The head of `part` in `motion`, which is its original or its corrected one."""
    head = upright(motion.head, square_format(folder.plate.format).height)
    turns = Rotation.from_rotvec(head[:, :3]).as_euler("zxy", degrees=True)
    return _lines(folder, part, head[:, 3:6], turns[:, [1, 2, 0]])


def pin_chans(folder: ShotFolder, part: Part, landmarks: np.ndarray[Any, Any]) -> dict[str, str]:
    """Name -> the path of each of PINS, of `landmarks` (T, 478, 3) of the part's track."""
    up = y_up(landmarks, square_format(folder.plate.format).height)
    still = np.zeros((len(up), 3))
    return {name: _lines(folder, part, up[:, index], still) for name, index in PINS.items()}


def y_up(points: np.ndarray[Any, Any], height: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Points (..., 3) in plate pixels, y down and z away, with y up and z towards the viewer."""
    turned = np.array(points, np.float64)
    turned[..., 1] = height - turned[..., 1]
    turned[..., 2] *= -1
    return turned


def _lines(folder: ShotFolder, part: Part, at: Any, turns: Any) -> str:
    lines = []
    for t, frame in enumerate(range(part.track.frames.start, part.track.frames.stop)):
        if frame in folder.span and part.track.confidence[t] > 0:
            values = "\t".join(
                f"{round(float(value), 6) + 0.0:.6f}" for value in (*at[t], *turns[t])
            )
            lines.append(f"{folder.number(frame)}\t{values}\n")
    return "".join(lines)
