"""Coverage reports which target poses no frame of the actor comes near, by mouth and by head
turn.
"""

from dataclasses import replace

import numpy as np
import pytest

from dubsync.core.errors import ModelError
from dubsync.core.progress import silent
from dubsync.engine import actor as actors
from dubsync.engine.motion.fit import fit
from dubsync.engine.render.coverage import coverage
from tests.engine.exemplars.drawn_footage import DrawnPlate, drawn_track

TALK = np.abs(np.sin(np.arange(24) / 3))


def learnt(jaw):
    plate = DrawnPlate(drawn_track(jaw))
    return actors.learn("Ada", [plate.footage()], most=24, widest_px=1024, progress=silent)


@pytest.fixture(scope="module")
def talker():
    return learnt(TALK)


@pytest.fixture(scope="module")
def talk(talker):
    return fit(drawn_track(TALK), talker.model)


def turned(motion, degrees):
    head = np.array(motion.head)
    head[:, 1] -= np.radians(degrees)  # about the axis that points down: - is to picture right
    return replace(motion, head=head)


def test_what_the_footage_itself_does_is_not_lacking(talker, talk):
    result = coverage(talker, [talk])
    assert len(result.seen) == len(talker.bank)
    assert not result.lacking.any()


def test_mouths_more_open_than_any_in_the_footage_are_lacking(talk):
    quiet = learnt(0.15 * TALK)
    result = coverage(quiet, [fit(drawn_track(TALK), quiet.model)])
    openings = result.wanted[:, 1]
    assert result.lacking[openings > openings.max() * 0.8].all()
    assert not result.lacking[TALK < 0.15].any()


def test_a_head_turned_further_than_the_footage_is_lacking_and_reported_in_degrees(talker, talk):
    straight = coverage(talker, [talk]).wanted[:, 0]
    result = coverage(talker, [turned(talk, 25)])
    assert result.lacking.all()
    np.testing.assert_allclose(result.wanted[:, 0] - straight, 25, atol=3)
    assert not coverage(talker, [turned(talk, 3)]).lacking.any()


def test_motions_are_reported_one_after_another(talker, talk):
    result = coverage(talker, [talk, turned(talk, 25)])
    assert result.lacking.tolist() == [False] * 24 + [True] * 24
    assert coverage(talker, []).wanted.shape == (0, 2)


def test_motion_of_another_actor_is_refused(talker, talk):
    with pytest.raises(ModelError):
        coverage(talker, [replace(talk, basis="another")])
