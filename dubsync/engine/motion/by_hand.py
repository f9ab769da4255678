"""Head and eyes as an artist's controls have them, without a take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import CAMERA, NOWHERE, Choice, looked_at
from dubsync.core.tweak.curve import slope
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.motion.turn import LEAN, turned, usual_neck

Values = NDArray[np.float64]

#: An eye turned by 90 degrees moves its iris by so many eye widths, across and down: 12 mm of
#: radius in an eye of 30 mm, less what the tracker makes of irises under lids.  Measured on actors
#: who look into the lens while their heads turn: .24 to .43 across, .12 to .19 down.
IRIS_X, IRIS_Y = 0.38, 0.24
#: What gaze_x and gaze_y at 1 turn the eyes by, radians.
FULL_GAZE = np.radians(30)
#: How far before the face a point that is looked at lies, eye distances (half a metre).
POINT_AWAY = 8.0
#: A head looks clean up to so many degrees beyond a frame of the footage, and stops softly there:
#: about x (nods), y (turns) and z (tilts).  Measured by eye on real actors: docs/benchmarks.md.
CLEAN_TURN = (12.0, 9.0, 12.0)
#: Eyes stop softly so far beyond the footage, eye widths.
SOFT_GAZE = 0.04
#: Gaze of a general face's eyes that look straight ahead: irises a little outwards and up.
AHEAD = (0.045, -0.09, -0.045, -0.09)


def head_by_hand(head: Array, tweak: Tweak, frames: FrameRange, neck: Array | None) -> Array:
    """Heads (T, 7) turned and moved by the controls; unchanged where they are at 0.

    A nod turns the head about the uppermost joint of its neck, and so does yaw; pitch and roll
    lean it from the middle of the neck.

    Args:
        neck: (3,) that joint, model units; None: a general face's.
    """
    names = ("yaw", "pitch", "roll", "nod", "shift_x", "shift_y")
    if not any(tweak.overrides(name, frames) for name in names):
        return head
    yaw, pitch, roll, nod, across, up = (tweak.at(name, frames) for name in names)
    joint = usual_neck() if neck is None else np.asarray(neck, np.float64)
    none = np.zeros(len(frames))
    shaken = turned(head, np.radians(np.stack([nod, -yaw, none], axis=1)), joint)
    leant = turned(shaken, np.radians(np.stack([-pitch, none, roll], axis=1)), joint + LEAN)
    leant[:, 3] += across * head[:, 6]
    leant[:, 4] -= up * head[:, 6]
    moved = np.any([value != 0 for value in (yaw, pitch, roll, nod, across, up)], axis=0)
    return np.asarray(np.where(moved[:, None], leant, head), np.float32)


def gaze_by_hand(
    gaze: Array, head: Array, tweak: Tweak, frames: FrameRange, ahead: Array | None
) -> Array:
    """Gaze (T, 4) as look_at has it, then moved by gaze_x and gaze_y.

    Args:
        head: (T, 7) where the head is, as it will be seen.
        ahead: (4,) gaze of eyes that look straight ahead of the face; None: a general face's.
    """
    straight = np.asarray(AHEAD if ahead is None else ahead, np.float64)
    result = np.asarray(gaze, np.float64)
    result = _looking(result, np.asarray(head, np.float64), tweak.look_at, frames, tweak.ease,
                      straight)  # fmt: skip
    for n, (name, sign, most) in enumerate((("gaze_x", 1, IRIS_X), ("gaze_y", -1, IRIS_Y))):
        if tweak.overrides(name, frames):
            by = sign * most * np.sin(FULL_GAZE * tweak.at(name, frames))
            moved = result.copy()
            moved[:, [n, n + 2]] += by[:, None]
            result = np.where((by != 0)[:, None], moved, result)
    return np.asarray(np.where(result != gaze, result, gaze), np.float32)


def stopped(
    head: Array,
    gaze: Array,
    tweak: Tweak,
    frames: FrameRange,
    reach: Array | None,
    neck: Array | None,
) -> tuple[Array, Array]:
    """Heads (T, 7) and gaze (T, 4) stopped softly at what the footage shows, where asked for.

    Within `reach` nothing changes.  Beyond it a turn comes up to CLEAN_TURN farther, a gaze up to
    SOFT_GAZE, however far it is wanted.

    Args:
        reach: (2, 7) as `Performance.reach`; None: nothing is known, nothing is stopped.
    """
    if reach is None or not tweak.overrides("soft_stop", frames):
        return head, gaze
    share = tweak.at("soft_stop", frames)[:, None]
    low, high = np.asarray(reach, np.float64)
    turns = _soft(np.asarray(head[:, :3], np.float64), low[:3], high[:3], np.radians(CLEAN_TURN))
    eyes = _soft(np.asarray(gaze, np.float64), low[3:], high[3:], np.full(4, SOFT_GAZE))
    new_head = np.array(head, np.float64)
    new_head[:, :3] += share * (turns - head[:, :3])
    joint = usual_neck() if neck is None else np.asarray(neck, np.float64)
    was, now = to_matrices(head[:, :3]), to_matrices(new_head[:, :3])
    new_head[:, 3:5] += (head[:, 6:] * ((was - now) @ joint))[:, :2]  # its neck stays
    new_gaze = gaze + share * (eyes - gaze)
    return np.asarray(new_head, np.float32), np.asarray(new_gaze, np.float32)


def _soft(values: Values, low: Values, high: Values, room: Values) -> Values:
    """Values (T, N) that beyond `low` and `high` (N,) come closer and closer to `room` farther."""
    above, below = np.maximum(values - high, 0), np.maximum(low - values, 0)
    kept = np.clip(values, low, high)
    return np.asarray(kept + room * np.tanh(above / room) - room * np.tanh(below / room))


def _looking(
    gaze: Values, head: Values, look_at: Choice, frames: FrameRange, ease: int, straight: Values
) -> Values:
    """Gaze turned to what is looked at; a later span overrides an earlier one, eased."""
    if look_at.value != NOWHERE:
        gaze = _gaze_at(look_at.value, head, straight)
    for span in look_at.spans:
        share = slope(span.first, span.last, frames, ease)[:, None]
        to = gaze if span.value == NOWHERE else _gaze_at(span.value, head, straight)
        gaze = np.where(share > 0, gaze + share * (to - gaze), gaze)
    return gaze


def _gaze_at(target: str, head: Values, straight: Values) -> Values:
    """(T, 4) gaze of eyes that look at the camera or at a point of the plate.

    A weak-perspective head is measured against the ray that it is seen along, so the camera lies
    straight before it wherever the head is in the frame.
    """
    way = np.zeros((len(head), 3))
    way[:, 2] = -1.0
    if target != CAMERA:
        point = looked_at(target) or (0.0, 0.0)
        way[:, :2] = (np.array(point) - head[:, 3:5]) / head[:, 6:]
        way[:, 2] = -POINT_AWAY
        way /= np.linalg.norm(way, axis=1, keepdims=True)
    own = np.einsum("tij,ti->tj", to_matrices(head[:, :3]), way)  # in the head's frame
    return np.asarray(straight + np.tile(own[:, :2] * (IRIS_X, IRIS_Y), 2), np.float64)
