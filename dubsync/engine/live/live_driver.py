"""The driver's movement as it may be drawn now: followed, held, or led back to rest.

A face that is lost, turned away, or another person's must not drive.  The picture then rests: the
last movement is led back to none in a moment, and comes back as smoothly.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dubsync.core.driven.live import DriverSeen, Hold
from dubsync.engine.geometry.pose import to_matrices, to_vectors
from dubsync.engine.still.driver_motion import DriverMove
from dubsync.engine.still.driver_stream import DriverStream
from dubsync.engine.still.own_expression import Scores

#: Seconds in which the neutral face is taken, and after which it is taken without a calm face.
NEUTRAL_S, NEVER_CALM_S = 1.0, 2.5
#: Seconds in which a picture is led to rest or back.
EASE_S = 0.35
#: Seconds for which the last movement is kept when the driver turns away.
KEPT_S = 1.5
#: Turn from the neutral pose, degrees, from which the landmarks of the far side are a guess.
MOST_TURN = 42.0


class LiveDriver:
    """Makes moves of what is seen of the driver; keeps state."""

    def __init__(self, scores: Scores) -> None:
        """A driver who is not known yet.  `scores` is `Landmarker.expression`."""
        self._scores = scores
        self._share = 0.0
        self._move: DriverMove | None = None
        self._at: float | None = None
        self.take_neutral()

    def take_neutral(self) -> None:
        """Take the neutral face anew, from the next frames."""
        self._stream = DriverStream(self._scores)
        self._began: float | None = None
        self._taken = False
        self._away: float | None = None

    def step(self, seen: DriverSeen, at: float) -> tuple[DriverMove | None, float, Hold]:
        """What to draw at `at` seconds.

        Returns:
            The move, None for rest; its share of the driver's own, 0..1; why it is not all of it.
        """
        hold = self._hold(seen, at)
        follows = hold == Hold.FOLLOWS
        keeps = hold == Hold.AWAY and self._away is not None and at - self._away < KEPT_S
        passed = 0.0 if self._at is None else max(at - self._at, 0.0)
        self._at = at
        towards = 1.0 if follows or keeps else 0.0
        step = min(passed / EASE_S, 1.0)
        self._share += float(np.clip(towards - self._share, -step, step))
        if self._move is None or self._share <= 0:
            return None, 0.0, hold
        share = self._share**2 * (3 - 2 * self._share)
        return eased(self._move, share), share, hold

    def _hold(self, seen: DriverSeen, at: float) -> Hold:
        if seen.presence <= 0:
            return Hold.NOBODY
        if seen.same is False:
            return Hold.ANOTHER
        if not self._taken and (hold := self._starting(seen, at)) is not None:
            return hold
        move = self._stream.push(seen.landmarks, seen.blendshapes)
        if turned(move) > MOST_TURN:
            self._away = at if self._away is None else self._away
            return Hold.AWAY
        self._away = None
        self._move = move
        return Hold.FOLLOWS

    def _starting(self, seen: DriverSeen, at: float) -> Hold | None:
        """Why the neutral face is not taken yet; None: it is, from the calmest parts so far.

        Nothing is drawn meanwhile, so what expression the least bad face wears is worked out once,
        when this is over: it takes hundreds of milliseconds.
        """
        self._began = at if self._began is None else self._began
        self._stream.consider(seen.landmarks, seen.blendshapes)
        waited = at - self._began
        if waited < NEUTRAL_S:
            return Hold.STARTING
        if not self._stream.calm and waited < NEVER_CALM_S:
            return Hold.GRIMACE
        self._taken = True
        return None


def turned(move: DriverMove) -> float:
    """Degrees between the driver's head and its neutral pose."""
    return float(np.degrees(np.linalg.norm(to_vectors(np.asarray(move.turn, np.float64)[None])[0])))


def eased(move: DriverMove, share: float) -> DriverMove:
    """`share` (0..1) of a move; the driver's landmarks stay those of the frame."""
    if share >= 1:
        return move
    vector = to_vectors(np.asarray(move.turn, np.float64)[None]) * share
    return replace(
        move,
        offsets=move.offsets * np.float32(share),
        turn=np.asarray(to_matrices(vector)[0], np.float32),
        shift=move.shift * np.float32(share),
        size=move.size * share,
    )
