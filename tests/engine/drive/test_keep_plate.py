"""Words that the plate's mouth already matches keep the plate; others do not."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.ndimage import minimum_filter1d

from dubsync.core.steps import AlignedAudio, TakeCue
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.drive import performance as driving
from dubsync.engine.drive.keep_plate import frames_to_keep
from dubsync.engine.drive.performance import drive
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import channels, fit, mouth_shape
from dubsync.engine.motion.motion_range import OPENING, motion_range_of, mouth_for_channels
from dubsync.engine.motion.retarget import retarget
from tests.engine.drive.drive_synthesis import against, face_track, quiet, spoken_between, talk

SECONDS = 8
PLATE = face_track(talk(SECONDS, seed=1), sway=0.1)
BASIS = learn_basis([PLATE])
MOTION = fit(PLATE, BASIS)
RANGE = motion_range_of(BASIS, [MOTION.mouth])
AT = np.arange(SECONDS * 25) / 25
DUB = spoken_between(SECONDS, (0.5, 2.5), (2.9, 5.0), (5.4, 7.5))
OTHER = fit(face_track(talk(SECONDS, seed=9), sway=0.1), BASIS).mouth
OURS = np.ones(len(AT))


def kept(wanted, ease=3):
    return frames_to_keep(MOTION, np.asarray(wanted, float), against(DUB, PLATE), BASIS, OURS, ease)


def test_a_matching_mouth_is_skipped():
    assert kept(MOTION.mouth).all()


def test_a_different_mouth_is_not_skipped():
    assert not kept(OTHER).any()


def test_only_matching_words_are_skipped_and_their_neighbours_keep_full_weight():
    word = (AT > 2.6) & (AT < 5.3)
    same = kept(np.where(word[:, None], MOTION.mouth, OTHER))

    assert same[(AT > 3.2) & (AT < 4.6)].all()
    assert not same[~word].any()
    assert not same[np.flatnonzero(word)[0]]


def test_an_open_mouth_where_the_dub_closes_is_never_skipped():
    slack = np.full(7, np.inf)
    slack[OPENING] = 1e-4
    wanted = np.array(MOTION.mouth, float)
    openings = channels(BASIS.rest + mouth_shape(MOTION.mouth, BASIS)).opening
    slightly = (minimum_filter1d(openings, 3) > 0.015) & (openings < 0.04)
    shut = mouth_for_channels(np.zeros((len(AT), 7)), wanted, RANGE, slack)

    same = kept(np.where(slightly[:, None], shut, wanted), ease=0)

    assert slightly.any() and not same[slightly].any()


def test_nothing_is_skipped_at_weight_zero():
    unowned = frames_to_keep(
        MOTION, np.array(MOTION.mouth, float), against(DUB, PLATE), BASIS, np.zeros(len(AT)), 3
    )
    assert not unowned.any()


@pytest.fixture
def accept_any_actor(monkeypatch):
    monkeypatch.setattr(driving, "ours", lambda actor: actor)


def test_a_take_that_is_the_plate_itself_leaves_the_plate_bit_for_bit(accept_any_actor):
    actor = SimpleNamespace(
        character="EVE", model=BASIS, sound={}, basis=BASIS.digest, digest="d", expression=None
    )
    calm = face_track(0.25 * talk(SECONDS, seed=1), sway=0.1)
    motion = fit(calm, BASIS)
    take = TakeCue(calm, AT, (0.0, float(AT[-1])), "T1")

    result = drive(
        motion, actor, against(DUB, calm), plate_audio=against(quiet(SECONDS), calm), takes=[take],
        tweak=Tweak(),
    )  # fmt: skip

    alone = [s for s in result.stretches if s.source == "plate"]
    assert sum(s.last - s.first + 1 for s in alone) > 25
    corrected = retarget(motion, result, Tweak())
    for stretch in alone:
        here = slice(stretch.first, stretch.last + 1)
        assert (result.weight[here] == 0).all()
        np.testing.assert_array_equal(corrected.mouth[here], motion.mouth[here])
    assert np.abs(np.diff(result.weight)).max() < 0.5


def test_stretches_say_where_the_mouth_comes_from(accept_any_actor):
    actor = SimpleNamespace(
        character="EVE", model=BASIS, sound={}, basis=BASIS.digest, digest="d", expression=None
    )
    track = face_track(talk(SECONDS, seed=31), size=260, seed=6)
    take = TakeCue(track, AT, (2.7, 5.2), "EVE_L001_T2")

    result = drive(
        MOTION, actor, AlignedAudio(DUB, AT), plate_audio=None, takes=[take], tweak=Tweak()
    )  # fmt: skip

    sources = [s.source for s in result.stretches]
    assert sources.count("EVE_L001_T2") == 1 and "sound" in sources
    (mine,) = [s for s in result.stretches if s.source == "EVE_L001_T2"]
    assert 66 <= mine.first <= 70 and 128 <= mine.last <= 132
    ends = [(s.first, s.last) for s in result.stretches]
    assert all(a[1] < b[0] for a, b in zip(ends, ends[1:], strict=False))
