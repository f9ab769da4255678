"""What a wanted head asks beyond the footage is told, and what would be torn is refused."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.face import MotionTrack
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.drive.beyond import turns_beyond
from dubsync.engine.head.far_cheek import SIDE

FRAMES = FrameRange(100, 104, Fraction(25))
CLEAN = 9.0
HEAD_TURN = Tweak().chosen("region", "head").held("yaw", 8.0)


class Head:
    """An actor whose footage shows heads turned by `yaws` degrees alone."""

    def __init__(self, *yaws: float) -> None:
        self.yaws = np.array(yaws)

    def beyond(self, turns: np.ndarray) -> np.ndarray:
        return np.abs(np.degrees(turns[:, 1])[:, None] - self.yaws).min(axis=1)


def facing(yaw: float) -> MotionTrack:
    head = np.zeros((4, 7), np.float32)
    head[:, 1], head[:, 6] = np.radians(yaw), 60
    none = np.zeros((4, 4), np.float32)
    return MotionTrack(FRAMES, "basis", none, none, head, none, np.zeros((4, 52), np.float32))


def told(plate: float, wanted: float, *footage: float):
    was, now = facing(plate), facing(wanted)
    return list(turns_beyond(Head(*footage), was, replace(was, head=now.head), HEAD_TURN))


@given(side=st.floats(SIDE, 70), turn=st.floats(1, 12))
def test_a_head_in_profile_is_not_turned_to_the_camera(side, turn):
    (one,) = told(side, side - turn, side)
    assert one.torn and (one.first, one.last) == (100, 103)
    (mirrored,) = told(-side, turn - side, -side)
    assert mirrored.torn


@given(side=st.floats(SIDE, 60), turn=st.floats(1, 8))
def test_a_head_in_profile_may_turn_away_from_the_camera(side, turn):
    assert not told(side, side + turn, side)


@given(yaw=st.floats(-15, 15), turn=st.floats(-8, 8))
def test_a_frontal_head_turns_freely_within_the_clean_degrees(yaw, turn):
    assert not told(yaw, yaw + turn, yaw)
    (one,) = told(yaw, yaw + np.copysign(CLEAN + 1, turn), yaw)
    assert not one.torn


def test_a_frame_that_shows_the_turn_makes_it_possible():
    assert told(50, 30, 50)[0].torn
    assert not any(one.torn for one in told(50, 30, 50, 30))


@given(side=st.floats(29, 39), turn=st.floats(4, 8))
def test_a_mouth_whose_far_corner_comes_into_view_is_told(side, turn):
    (one,) = told(side, side - turn, side, side - turn)
    assert "corner of the mouth" in one.why and not one.torn
    assert not told(side, side + turn, side, side + turn)
