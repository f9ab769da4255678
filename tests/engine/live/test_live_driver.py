"""What a driver may drive: at rest, lost, turned away, or another person."""

import numpy as np
import pytest

from dubsync.core.driven.live import DriverSeen, Hold
from dubsync.core.face import BLENDSHAPES, LANDMARKS
from dubsync.engine.geometry.mesh import CHIN
from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.live.live_driver import (
    EASE_S,
    KEPT_S,
    MOST_TURN,
    NEUTRAL_S,
    NEVER_CALM_S,
    LiveDriver,
    turned,
)
from dubsync.engine.motion.basis import neutral_units

STEP = 0.04


def seen(yaw=0.0, jaw=0.0, scores=0.0, presence=1.0, same=None):
    """A face of 60 pixels between the eyes, turned by `yaw` degrees, its chin down by `jaw`."""
    face = np.array(neutral_units(), np.float64)
    face[CHIN, 1] += jaw
    turn = to_matrices(np.radians([[0.0, yaw, 0.0]]))[0]
    points = face @ turn.T * 60 + (320, 240, 0)
    shown = np.full(BLENDSHAPES, scores, np.float32)
    return DriverSeen(points.astype(np.float32), shown, presence, same=same)


def nobody():
    return DriverSeen(
        np.zeros((LANDMARKS, 3), np.float32), np.zeros(BLENDSHAPES, np.float32), 0.0
    )  # fmt: skip


class Clock:
    def __init__(self):
        self.driver, self.at = LiveDriver(lambda points: np.zeros(BLENDSHAPES, np.float32)), 0.0

    def go(self, face, seconds):
        """The last answer after `face` was seen for so long."""
        result = None
        for _ in range(max(1, round(seconds / STEP))):
            result = self.driver.step(face, self.at)
            self.at += STEP
        return result


@pytest.fixture
def driven():
    clock = Clock()
    clock.go(seen(), NEUTRAL_S + EASE_S + 0.2)
    return clock


def test_the_picture_rests_until_the_neutral_face_is_taken_and_then_follows():
    clock = Clock()
    move, share, hold = clock.go(seen(), NEUTRAL_S)
    assert (move, share, hold) == (None, 0.0, Hold.STARTING)
    move, share, hold = clock.go(seen(jaw=0.2), EASE_S + 0.5)
    assert (share, hold) == (1.0, Hold.FOLLOWS)
    assert move.offsets[CHIN, 1] == pytest.approx(0.2, abs=0.02)


def test_a_driver_who_starts_in_mid_grimace_is_told_so_and_let_in_after_a_while():
    clock = Clock()
    assert clock.go(seen(scores=0.9), NEUTRAL_S)[2] == Hold.STARTING
    assert clock.go(seen(scores=0.9), 0.3)[2] == Hold.GRIMACE
    assert clock.go(seen(scores=0.9), NEVER_CALM_S)[2] == Hold.FOLLOWS


def test_a_grimace_that_ends_is_no_neutral_face():
    clock = Clock()
    clock.go(seen(jaw=0.3, scores=0.9), NEUTRAL_S + 0.2)
    move, share, _ = clock.go(seen(), EASE_S + 0.4)
    assert share == 1.0
    assert abs(move.offsets[CHIN, 1]) < 0.02


def test_a_driver_who_leaves_lets_the_picture_come_to_rest_smoothly(driven):
    driven.go(seen(jaw=0.2), 0.5)
    shares = []
    for _ in range(round(EASE_S / STEP) + 2):
        move, share, hold = driven.go(nobody(), STEP)
        shares.append(share)
        assert hold == Hold.NOBODY
    assert move is None and shares[-1] == 0
    assert max(-np.diff([1.0, *shares])) < 0.25
    assert driven.go(seen(), EASE_S + 0.2)[1:] == (1.0, Hold.FOLLOWS)


def test_a_head_turned_away_holds_the_picture_a_while_and_then_it_rests(driven):
    driven.go(seen(yaw=20), 0.6)
    move, share, hold = driven.go(seen(yaw=MOST_TURN + 25), 0.6)
    assert hold == Hold.AWAY and share == 1.0
    assert turned(move) <= MOST_TURN
    assert driven.go(seen(yaw=MOST_TURN + 25), KEPT_S + EASE_S)[:2] == (None, 0.0)


def test_somebody_else_does_not_drive_until_they_are_let_in(driven):
    move, _, hold = driven.go(seen(same=False), 1.0)
    assert move is None and hold == Hold.ANOTHER
    driven.driver.take_neutral()  # with the follower told to forget, the face is nobody else's
    assert driven.go(seen(), NEUTRAL_S + EASE_S + 0.2)[2] == Hold.FOLLOWS
