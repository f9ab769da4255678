"""How far the actor's footage shows each control go, before anything is asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dubsync.core.face import MotionTrack
from dubsync.core.learning.actor import Actor
from dubsync.core.learning.head import Head
from dubsync.core.learning.reach import Held
from dubsync.core.tweak.choices import Region
from dubsync.core.tweak.controls import CONTROLS
from dubsync.core.tweak.needed_region import SMALL_TURN
from dubsync.engine.actor import ours
from dubsync.engine.drive.beyond import LEAST_GAZE
from dubsync.engine.drive.hand import expression_of
from dubsync.engine.expression.control_scores import CONTROL_SCORES, ROWS
from dubsync.engine.expression.expressed import shown_by_footage
from dubsync.engine.expression.expression_model import ExpressionModel
from dubsync.engine.expression.scores import SCORES
from dubsync.engine.motion.by_hand import CLEAN_TURN, FULL_GAZE, IRIS_X, IRIS_Y

Values = NDArray[np.float64]

#: Control -> the axis of a turn that it adds to, and its sign there.
TURNS = {"yaw": (1, -1.0), "pitch": (0, -1.0), "roll": (2, 1.0), "nod": (0, 1.0)}
#: Control -> the irises' coordinates that it moves, eye widths at 90 degrees, and its sign.
GAZES = {"gaze_x": ([0, 2], IRIS_X, 1.0), "gaze_y": ([1, 3], IRIS_Y, -1.0)}
#: Lids that the footage shows this far shut, as the tracker scores it, shut fully.
SHUT = 0.5


def find_held(
    actor: Actor, head: Head | None, original: MotionTrack | None = None,
    regions: Sequence[Region] = (),
) -> tuple[Held, ...]:  # fmt: skip
    """Implements `core.learning.reach.FindHeld`."""
    model = expression_of(ours(actor))
    known = np.degrees(model.turn) if head is None else np.asarray(head.range.turn, np.float64)
    turn, gaze = np.zeros((1, 3)), np.asarray(model.ahead, np.float64)[None]
    if original is not None:
        turn = np.degrees(np.asarray(original.head[:, :3], np.float64))
        gaze = np.asarray(original.gaze, np.float64)
    whole = np.array([one == "head" for one in regions] or [True] * len(turn), bool)
    found = [*_turns(known, turn, whole, original is not None), *_gazes(model, gaze)]
    found += _expressions(model, len(turn))
    order = list(CONTROLS)
    return tuple(sorted(found, key=lambda one: order.index(one.name)))


def _turns(known: Values, now: Values, whole: NDArray[np.bool_], of_plate: bool) -> Iterator[Held]:
    """Turns left to a head that stands at `now` (T, 3) degrees; a bent plate turns by SMALL_TURN.

    A plate itself is footage: 0 is always among them.
    """
    for name, (axis, sign) in TURNS.items():
        ends = sign * (known[:, axis][:, None] - now[:, axis])
        low, high = ends.min(axis=0), ends.max(axis=0)
        if of_plate:
            low, high = np.minimum(low, 0), np.maximum(high, 0)
        low, high = np.where(whole, low, -SMALL_TURN), np.where(whole, high, SMALL_TURN)
        yield _held(name, low, high, np.where(whole, CLEAN_TURN[axis], 0.0))


def _gazes(model: ExpressionModel, now: Values) -> Iterator[Held]:
    """Gaze left to eyes that look to `now` (T, 4), until one eye leaves what the footage shows."""
    low, high = np.asarray(model.gaze, np.float64)
    for name, (at, most, sign) in GAZES.items():
        ends = sign * np.stack([low[at] - now[:, at], high[at] - now[:, at]])
        ends.sort(axis=0)
        least = np.minimum(_turned(ends[0].max(axis=1), most), 0)
        yield _held(
            name, least, np.maximum(_turned(ends[1].min(axis=1), most), 0),
            np.full(len(now), _turned(np.array([LEAST_GAZE]), most)[0]),
        )  # fmt: skip


def _turned(by: Values, most: float) -> Values:
    """Gaze, in the unit of gaze_x, that moves an iris by so many eye widths."""
    return np.asarray(np.arcsin(np.clip(by / most, -0.5, 0.5)) / FULL_GAZE, np.float64)


def _expressions(model: ExpressionModel, count: int) -> Iterator[Held]:
    peak, full = np.asarray(model.peak, np.float64), np.asarray(model.full, np.float64)

    def share(row: str) -> float:
        if not shown_by_footage(row, model):
            return 0.0
        own = [SCORES.index(name) for name in CONTROL_SCORES[row].scores]
        return min(float(peak[own].mean() / max(full[ROWS.index(row), own].mean(), 1e-6)), 1.0)

    for row in ROWS:
        if not row.endswith("-"):
            low = -share(f"{row}-") if f"{row}-" in ROWS else -1.0
            yield _held(row, np.full(count, low), np.full(count, share(row)))
    for side in ("left", "right"):
        shut = float(peak[SCORES.index(f"eyeBlink{side.title()}")])
        most = 1.0 if shut >= SHUT else shut
        yield _held(f"blink_{side}", np.zeros(count), np.full(count, most))


def _held(name: str, low: Values, high: Values, room: Values | None = None) -> Held:
    """Within the control's own range, to two digits."""
    known = CONTROLS[name]
    ends = [np.round(np.clip(end, known.low, known.high), 2) + 0.0 for end in (low, high)]
    free = np.zeros(len(low)) if room is None else room
    return Held(name, *(np.asarray(one, np.float32) for one in (*ends, free)))
