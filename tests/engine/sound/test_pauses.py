"""In pauses the mouth stands still, as far open as this actor keeps it; in silences it is shut."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import AlignedAudio, Footage
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import channels, fit, mouth_shape
from dubsync.engine.motion.motion_range import OPENING, motion_range_of, with_opening
from dubsync.engine.sound.av_offset import NATURAL_S
from dubsync.engine.sound.drive import drive_audio, learn_sound
from dubsync.engine.sound.pauses import (
    LEAST_SHARE,
    SILENCE_S,
    ShownPause,
    learn_pauses,
    pauses_in,
)
from tests.engine.drive.drive_synthesis import (
    against,
    face_track,
    features_of,
    spoken_between,
    states_between,
    talk,
)

TRACK = face_track(talk(24, seed=5), sway=0.1)
BASIS = learn_basis([TRACK])
MOTION = fit(TRACK, BASIS)
RANGE = motion_range_of(BASIS, [MOTION.mouth])
WIDEST = float(RANGE.high[OPENING])
JAW = talk(26, seed=5)
HEARD = features_of(lambda at: np.interp(at - NATURAL_S, np.arange(len(JAW)) / 25, JAW), 24, 1)
ACTOR = learn_sound(
    [Footage("plate", TRACK, lambda _: iter(()), against(HEARD, TRACK))], BASIS, [MOTION]
)
TIMES = np.arange(0, 6, 0.01)


def said(pause_s, breath=0.8):
    """Words, a pause from 2 s on in whose sound a mouth is open by `breath`, and words."""
    features = spoken_between(6, (0.5, 2.0), (2.0 + pause_s, 5.5))
    at = np.arange(600) / 100
    loud = 0.5 + 0.4 * np.sin(2 * np.pi * 4 * at)
    share = np.where(np.asarray(features.speech) > 0.5, loud, breath)
    return replace(features, states=states_between(np.clip(share, 0, 1)))


def opening(features, **how):
    driven = drive_audio(AlignedAudio(features, TIMES), ACTOR, BASIS, **how)
    shown = channels(BASIS.rest + mouth_shape(driven, BASIS)).opening
    return shown - channels(BASIS.rest[None]).opening[0]


def inside(pause_s):
    """Times from 120 ms after a word to 3 frames (25 a second) before the next."""
    return np.abs(TIMES - 2.0 - pause_s / 2) < pause_s / 2 - 0.12


@settings(max_examples=12, deadline=None)
@given(st.floats(0.4, 1.4), st.floats(0, 1))
def test_in_a_pause_the_mouth_stands_still(pause_s, breath):
    held = opening(said(pause_s, breath))[inside(pause_s)]

    assert np.ptp(held) < 0.02 * WIDEST


def test_lips_are_parted_in_a_pause_as_its_sound_says():
    # From .7 on the head that ships hears this made sound as one mouth.
    wide, narrow, shut = (opening(said(1.0, breath))[250] for breath in (0.9, 0.5, 0.0))

    assert wide > 1.05 * narrow > LEAST_SHARE * WIDEST
    assert abs(shut) < 1e-3


def test_lips_are_never_held_apart_by_a_slit():
    held = np.array([opening(said(1.0, breath))[250] for breath in np.linspace(0, 0.6, 9)])

    assert ((np.abs(held) < 0.01) | (held > 0.95 * LEAST_SHARE * WIDEST)).all()


def test_lips_shut_in_a_silence_and_in_every_pause_where_that_is_asked_for():
    assert np.abs(opening(said(SILENCE_S + 0.2))[inside(SILENCE_S + 0.2)]).max() < 1e-3
    assert opening(said(1.0))[250] > LEAST_SHARE * WIDEST
    assert np.abs(opening(said(1.0), apart=0.0)[inside(1.0)]).max() < 1e-3


def test_lips_that_the_sound_shuts_can_be_parted_by_hand():
    mean = float(RANGE.channels(np.asarray(ACTOR.talking, float)[None])[0, OPENING])

    assert abs(opening(said(1.0, 0.0))[250]) < 1e-3
    assert opening(said(1.0, 0.0), apart=2.0)[250] == pytest.approx(mean, abs=0.02)


def test_pauses_are_asked_for_frame_by_frame():
    asked = np.where(TIMES < 2.4, 1.0, 0.5)
    held = opening(said(0.9), apart=asked)

    assert held[270] == pytest.approx(0.5 * held[225], rel=0.05)


@settings(deadline=None)
@given(st.lists(st.floats(0.05, 3), min_size=1, max_size=8))
def test_every_reading_is_speech_or_in_one_pause(lengths):
    """Pauses are in order, do not overlap, and those of 0.3 s and more are found."""
    ends = np.cumsum([0.4, *lengths])
    spans = [(a, b) for a, b in zip(ends[:-1:2], ends[1::2], strict=False)]
    at = np.arange(int(100 * (ends[-1] + 0.4))) / 100
    speech = sum(((at >= a) & (at < b) for a, b in spans), np.zeros(len(at)))
    pauses = pauses_in(AudioFeatures.of_level(Fraction(0), np.zeros((len(at), 40)),
                                              speech, speech, 0 * at))  # fmt: skip

    bounds = [edge for pause in pauses for edge in (pause.first, pause.stop)]
    assert bounds == sorted(bounds)
    assert all(pause.first <= pause.inner.start < pause.inner.stop <= pause.stop
               for pause in pauses)  # fmt: skip
    for (_, end), (begin, _) in zip(spans, spans[1:], strict=False):
        if begin - end >= 0.3:
            middle = 50 * (begin + end)
            assert any(pause.first <= middle < pause.stop for pause in pauses)


def shown(opening_, predicted, silence=False):
    mouth = with_opening(np.zeros((1, len(RANGE.usual))), opening_, RANGE)[0]
    return ShownPause(silence, mouth, predicted)


def test_an_actor_who_always_shuts_in_pauses_is_shut_in_them():
    way = learn_pauses([shown(0.0, 0.5 * WIDEST)] * 12, RANGE, 1.0)
    mine = replace(ACTOR, parted=np.array([way.parted], np.float32), silent=way.silent)
    features = said(1.0, 1.0)
    driven = drive_audio(AlignedAudio(features, TIMES), mine, BASIS)

    assert opening(features)[250] > LEAST_SHARE * WIDEST
    assert not driven[250].any()


def test_pauses_that_differ_from_each_other_change_little():
    uneven = [shown(a * WIDEST, 0.5 * WIDEST) for a in (0.0, 1.0, 0.0, 0.9)]
    even = [shown(0.8 * WIDEST, 0.5 * WIDEST)] * 12

    assert abs(learn_pauses(uneven, RANGE, 1.0).parted) < 0.03 * WIDEST
    assert learn_pauses(even, RANGE, 1.0).parted > 0.2 * WIDEST
    assert learn_pauses([], RANGE, 1.0).parted == 0


def test_lips_stay_apart_in_silences_only_where_the_actors_own_do():
    parted = learn_pauses([shown(0.6 * WIDEST, 0.0, silence=True)] * 10, RANGE, 1.0)
    once = learn_pauses([shown(0.6 * WIDEST, 0.0, silence=True)], RANGE, 1.0)

    assert RANGE.channels(parted.silent[None].astype(float))[0, OPENING] > 0.2 * WIDEST
    assert not once.silent.any()
    mine = replace(ACTOR, silent=parted.silent)
    still = drive_audio(AlignedAudio(said(2.5), TIMES), mine, BASIS)
    np.testing.assert_allclose(still[300], parted.silent, atol=1e-3)
    late = drive_audio(AlignedAudio(said(2.5), TIMES + 3), mine, BASIS)  # the stem ends at 6 s
    np.testing.assert_allclose(late[301:], np.tile(parted.silent, (299, 1)), atol=1e-3)
    gone = drive_audio(AlignedAudio(said(2.5), TIMES + 60), mine, BASIS, apart=0.5)
    np.testing.assert_allclose(gone, np.tile(parted.silent / 2, (600, 1)), atol=1e-6)


def test_the_pauses_of_a_plate_are_learnt_with_its_actor():
    """A mouth that talks as it sounds, and is held wide open whenever it pauses."""
    jaw = talk(40, seed=8)
    at = np.arange(len(jaw)) / 25
    pausing = (at % 4) > 3
    track = face_track(np.where(pausing, 1.0, jaw), sway=0.1)
    basis = learn_basis([track])
    features = features_of(lambda t: np.interp(t, at, np.where(pausing, 0, jaw)), 40)
    speech = np.asarray(features.speech) * ((np.arange(4000) / 100 % 4) <= 3)
    audio = against(replace(features, speech=speech.astype(np.float32)), track)

    sound = learn_sound([Footage("plate", track, lambda _: iter(()), audio)], basis,
                        [fit(track, basis)])  # fmt: skip

    assert sound.parted[0] > 0.2 * sound.high[OPENING]
