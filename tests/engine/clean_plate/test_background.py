"""Every frame says how its background is known, and why a head cannot be drawn over it."""

from dataclasses import replace

import numpy as np
import pytest

from dubsync.core.errors import ShapeError
from dubsync.core.learning.background import FrameBackground
from dubsync.engine.clean_plate.background import (
    AT_EDGE,
    COVERED,
    CROSSES,
    FILLED,
    UNREGISTERED,
    frame_background,
    hindered,
    hindrances,
)  # fmt: skip
from dubsync.engine.geometry.sampling import rgb_frame
from tests.engine.clean_plate.test_clean_plate import plate_of
from tests.engine.clean_plate.walking_person import WHOLE, WalkingPerson
from tests.engine.exemplars.drawn_footage import drawn_track

FORM = rgb_frame(np.zeros((220, 240, 3), np.uint8)).format


@pytest.fixture(scope="module")
def swaying():
    """A person who moves by a few pixels: a rim behind them is seen, the rest never."""
    shot = WalkingPerson(lambda n: (76 + 8 * ((n // 4) % 2), 60))
    return shot, plate_of(shot)


def test_shares_are_of_what_the_new_head_uncovers(swaying):
    shot, plate = swaying
    uncovered = shot.matte(108)
    one = frame_background(plate, 108, WHOLE, uncovered)
    known = plate.known(108)[uncovered]
    assert one.uncovered == uncovered.sum()
    assert one.inpainted == pytest.approx((known == 0).mean())
    assert (one.verdict, one.because) == ("doubtful", (FILLED,))


def test_nothing_uncovered_is_clean(swaying):
    shot, plate = swaying
    one = frame_background(plate, 108, WHOLE, np.zeros((120, 160), bool))
    assert (one.verdict, one.seen, one.because) == ("clean", 1.0, ())


def test_a_frame_that_is_not_registered_is_not_possible(swaying):
    shot, plate = swaying
    lost = tuple(replace(one, because="it is blurred") for one in plate.camera)
    moving = replace(plate, camera=lost, canvas=replace(plate.canvas, still=False))
    one = frame_background(moving, 108, WHOLE, np.zeros((120, 160), bool))
    assert one.verdict == "not possible"
    assert one.because == (UNREGISTERED + "it is blurred",)


def test_further_reasons_make_a_verdict_worse_never_better(swaying):
    shot, plate = swaying
    one = frame_background(plate, 108, WHOLE, shot.matte(108))
    worse = hindered(one, [("not possible", COVERED)])
    assert (worse.verdict, worse.because) == ("not possible", (FILLED, COVERED))
    assert hindered(worse, [("doubtful", AT_EDGE)]).verdict == "not possible"
    assert hindered(one, []) == one


def moved_track(track, by):
    landmarks = track.landmarks.copy()
    landmarks[..., :2] += np.float32(by)
    return replace(track, landmarks=landmarks)


def test_other_people_things_and_the_frame_s_edge_stand_in_the_way():
    track = drawn_track(np.full(4, 0.02))
    assert hindrances(track, [], FORM) == {}
    crossing = hindrances(track, [moved_track(track, (30, 0))], FORM)
    assert crossing[track.frames.start][0] == ("not possible", CROSSES)
    away = hindrances(track, [moved_track(track, (400, 0))], FORM)
    assert away == {}
    high = moved_track(track, (0, -60))
    assert ("doubtful", AT_EDGE) in hindrances(high, [], FORM)[track.frames.start]


def test_a_frame_s_shares_add_up():
    with pytest.raises(ShapeError, match="add up"):
        FrameBackground(1, 10, 0.5, 0.0, 0.0, "clean")
    with pytest.raises(ShapeError, match="because of"):
        FrameBackground(1, 10, 1.0, 0.0, 0.0, "doubtful")
