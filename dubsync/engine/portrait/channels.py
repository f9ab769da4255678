"""The channels of a reaction, as movements of one face.

No recordings: the mouth's are the synthetic movements of `motion.prior`, the rest is drawn here,
in model units (1 = distance between the eyes; x right in the picture, y down, z away).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.learning.moving_still import Reaction
from dubsync.core.steps import Seconds
from dubsync.engine.geometry.mesh import (
    LEFT_BROW,
    LEFT_CORNER,
    LEFT_EYE,
    LEFT_IRIS,
    LIPS,
    RIGHT_BROW,
    RIGHT_CORNER,
    RIGHT_EYE,
    RIGHT_IRIS,
    indices,
    lower_face,
)
from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.prior import mouth_moves
from dubsync.engine.still.driver_motion import DriverMove
from dubsync.engine.track.landmarker import canonical_face

Values = NDArray[np.float64]

#: Movements of the head, not of the skin.
_POSE = ("yaw", "pitch", "roll", "shift_x", "shift_y", "size")
#: Of a full look aside or up, eye widths: the iris at 30 degrees.
_LOOK = 0.2
#: Share of the opening of an eye that full lids take from above and from below.
_FROM_ABOVE, _FROM_BELOW = 0.85, 0.15
_CHEEKS = (205, 425)
_INNER_BROWS = (indices("55 107"), indices("285 336"))
_EYES = np.concatenate([RIGHT_EYE, LEFT_EYE, RIGHT_IRIS, LEFT_IRIS])
_NOSE_WINGS = indices("98 327 64 294 48 278 49 279 131 360")
_NOSE_SIDES = indices("193 417 122 351 188 412")


def sampled(reaction: Reaction, times: Seconds) -> dict[str, Values]:
    """Each channel of a reaction at `times` (T,), seconds; eased through its keys, and never
    beyond them."""
    result = {}
    for channel, keys in reaction.curves.items():
        at, value = (np.array(part, np.float64) for part in zip(*keys, strict=True))
        # Rest before and after makes a movement begin and end without a jerk.
        at = np.concatenate([[at[0] - 1], at, [at[-1] + 1]])
        value = np.round(np.concatenate([[0], value, [0]]), 6)  # the spline divides by steps
        curve = PchipInterpolator(at, value, extrapolate=False)
        result[channel] = np.nan_to_num(curve(np.asarray(times, np.float64)))
    return result


def rest_of(face: FaceTrack) -> Values:
    """(478, 3) the face of a still at rest, model units."""
    return np.asarray(learn_basis([face]).rest, np.float64)


def moves_of(
    face: FaceTrack,
    values: Mapping[str, Values],
    more: Values | None = None,
    *,
    neutral: Values | None = None,
) -> list[DriverMove]:
    """The channels `values`, (T,) each, as moves of the face in `face`, a track of one frame.

    Args:
        more: (T, 478, 3) further offsets from `neutral`, model units.
        neutral: (478, 3) the face that all offsets are from; None: the face at rest.
    """
    rest = rest_of(face)
    count = len(next(iter(values.values()))) if more is None else len(more)
    offsets = np.zeros((count, *rest.shape)) if more is None else np.array(more, np.float64)
    skin = {**_mouth(rest), **_brows(rest), **_nose(rest)}
    for field in skin.values():
        field[_EYES] = 0  # lids and eyeballs have channels of their own
    for channel, field in {**skin, **_gaze(rest)}.items():
        if channel in values:
            offsets += values[channel][:, None, None] * field
    _lids(offsets, rest, values)
    none = np.zeros(count)
    yaw, pitch, roll, right, up, nearer = (values.get(name, none) for name in _POSE)
    turns = to_matrices(np.radians(np.stack([-pitch, -yaw, roll], axis=1)))
    scores, points = np.zeros(face.blendshapes.shape[1], np.float32), face.landmarks[0]
    return [
        DriverMove(
            np.asarray(rest if neutral is None else neutral, np.float32),
            np.asarray(offsets[t], np.float32),
            np.asarray(turns[t], np.float32),
            np.array([right[t], -up[t]], np.float32),
            float(np.log1p(nearer[t])),
            scores,
            points,
        )
        for t in range(count)
    ]


def _mouth(rest: Values) -> dict[str, Values]:
    share: Array = lower_face(canonical_face())
    moves = mouth_moves(np.asarray(rest, np.float32), share).astype(np.float64)
    return {
        "jaw": moves[0],
        "part": moves[1] + moves[2],
        "wide": moves[3],
        "round": moves[4],
        "smile": _smile(rest),
        "frown": moves[10] * 1.5,
        "press": moves[9] * 1.5 + moves[8],
    }


def _smile(rest: Values) -> Values:
    """Corners out, up and back; cheeks up; the red of the lips thinner and drawn to the teeth."""
    result = np.zeros_like(rest)
    for corner, cheek, side in zip((RIGHT_CORNER, LEFT_CORNER), _CHEEKS, (-1, 1), strict=True):
        result += _near(rest, corner, 0.3) * (0.07 * side, -0.06, 0.04)
        result += _near(rest, cheek, 0.35) * (0.01 * side, -0.045, -0.015)
    middle = rest[LIPS].mean(axis=0)
    away = np.linalg.norm(rest[:, :2] - middle[:2], axis=1)
    return np.asarray(result + np.exp(-((away / 0.25) ** 2) * 2)[:, None] * (0.0, -0.005, 0.02))


def _brows(rest: Values) -> dict[str, Values]:
    up, inner, down = (np.zeros_like(rest) for _ in range(3))
    sides = zip((RIGHT_BROW, LEFT_BROW), _INNER_BROWS, (1, -1), strict=True)
    for brow, ends, inwards in sides:
        near = np.max([_near(rest, int(n), 0.2) for n in brow], axis=0)
        at_end = np.max([_near(rest, int(n), 0.2) for n in ends], axis=0)
        up += near * (0, -0.075, 0)
        inner += at_end * (0.01 * inwards, -0.075, 0)
        down += near * (0.015 * inwards, 0.03, 0) + at_end * (0.02 * inwards, 0.05, 0)
    above = (1 - lower_face(canonical_face()))[:, None]
    return {"brow_up": up * above, "brow_inner": inner * above, "brow_down": down * above}


def _nose(rest: Values) -> dict[str, Values]:
    wings = np.max([_near(rest, int(n), 0.1) for n in _NOSE_WINGS], axis=0)
    sides = np.max([_near(rest, int(n), 0.12) for n in _NOSE_SIDES], axis=0)
    return {"nose": wings * (0, -0.03, 0) + sides * (0, -0.02, 0)}


def _gaze(rest: Values) -> dict[str, Values]:
    across, up = np.zeros_like(rest), np.zeros_like(rest)
    for eye, iris in ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS)):
        width = float(np.linalg.norm(rest[eye[0], :2] - rest[eye[8], :2]))
        across[iris, 0] = _LOOK * width
        up[iris, 1] = -_LOOK * width
    return {"gaze_x": across, "gaze_y": up}


def _lids(offsets: Values, rest: Values, values: Mapping[str, Values]) -> None:
    """Lids that shut, narrow or rise; upper lids go along with a look up or down."""
    none = np.zeros(len(offsets))
    shut, squint, wide, up = (
        values.get(name, none) for name in ("shut", "squint", "wide_eyes", "gaze_y")
    )
    squint = np.maximum(squint, 0.15 * np.clip(values.get("smile", none), 0, 1))
    for eye in (RIGHT_EYE, LEFT_EYE):
        lower, upper = eye[1:8], eye[9:]
        for n in upper:
            below = lower[int(np.argmin(np.abs(rest[lower, 0] - rest[n, 0])))]
            gap = float(rest[below, 1] - rest[n, 1])
            fall = _FROM_ABOVE * shut + 0.2 * squint - 0.35 * wide - 0.25 * up
            offsets[:, n, 1] += np.clip(fall, -0.4, _FROM_ABOVE) * gap
        for n in lower:
            above = upper[int(np.argmin(np.abs(rest[upper, 0] - rest[n, 0])))]
            gap = float(rest[n, 1] - rest[above, 1])
            rise = np.maximum(_FROM_BELOW * shut, 0.22 * squint * (1 - shut))
            offsets[:, n, 1] -= rise * gap


def _near(rest: Values, landmark: int, radius: float) -> Values:
    away = np.linalg.norm(rest[:, :2] - rest[landmark, :2], axis=1)
    return np.asarray(np.exp(-((away / radius) ** 2) * 2)[:, None], np.float64)
