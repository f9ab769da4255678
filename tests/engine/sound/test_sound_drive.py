"""Sound moves the mouth as the actor's own speech did; silence rests it, m, b and p close it."""

from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load, save

from dubsync.core.errors import ModelError
from dubsync.core.steps import AlignedAudio, FilmedTake, Footage
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import channels, fit, mouth_shape
from dubsync.engine.sound.av_offset import NATURAL_S
from dubsync.engine.sound.contacts import APART_SHARE
from dubsync.engine.sound.drive import SoundMouth, drive_audio, learn_sound
from tests.engine.drive.drive_synthesis import (
    RATE,
    against,
    face_track,
    features_of,
    quiet,
    spoken_between,
    talk,
)

SECONDS = 24
JAW = talk(SECONDS + 2, seed=5)


def jaw_at(at):
    return np.interp(at, np.arange(len(JAW)) / float(RATE), JAW)


TRACK = face_track(talk(SECONDS, seed=5), sway=0.1)
BASIS = learn_basis([TRACK])
MOTION = fit(TRACK, BASIS)


def footage(audio):
    return Footage("plate", TRACK, lambda numbers: iter(()), audio)


def learnt(late=NATURAL_S, seed=1):
    features = features_of(lambda at: jaw_at(at - late), SECONDS, seed)
    sound = learn_sound([footage(against(features, TRACK))], BASIS, [MOTION])
    assert sound is not None
    return sound


def opening(mouth):
    return channels(BASIS.rest + mouth_shape(np.asarray(mouth, np.float32), BASIS)).opening


@pytest.mark.parametrize("late", [-0.1, 0.02, 0.16])
def test_a_late_plate_does_not_make_the_dub_late(late):
    """Whatever the footage's own sync, the driven mouth leads its sound by the natural lead."""
    sound = learnt(late)
    features = features_of(lambda at: jaw_at(at - NATURAL_S), SECONDS, seed=9)

    driven = opening(drive_audio(against(features, TRACK), sound, BASIS))
    wanted = opening(MOTION.mouth)

    likeness = [np.corrcoef(np.roll(driven, lag)[5:-5], wanted[5:-5])[0, 1] for lag in range(-4, 5)]
    assert likeness[4] > 0.85  # with no lag at all; drawn lips, which do not lead, are half a
    assert max(likeness) < likeness[4] + 0.03  # frame off in the offset that is found for them


def test_motion_is_not_shrunk_by_the_regression():
    features = features_of(lambda at: jaw_at(at - NATURAL_S), SECONDS, seed=9)

    driven = opening(drive_audio(against(features, TRACK), learnt(), BASIS))

    assert driven.std() == pytest.approx(opening(MOTION.mouth).std(), rel=0.3)


def test_a_mouth_shut_in_pauses_rests_within_120_ms_and_foresees_no_word_by_more_than_3_frames():
    features = spoken_between(6, (1.0, 2.5), (4.0, 5.0))
    times = np.arange(0, 6, 0.01)

    driven = drive_audio(AlignedAudio(features, times), learnt(), BASIS, apart=0.0)

    moved = np.abs(channels(BASIS.rest + mouth_shape(driven, BASIS)).lower_lip
                   - channels(BASIS.rest[None]).lower_lip)  # fmt: skip
    talking = moved[(times > 1.2) & (times < 2.3)].mean()
    rest = (times < 0.875) | ((times > 2.62) & (times < 3.875)) | (times > 5.12)
    assert talking > 0.02
    assert moved[rest].max() < 0.1 * talking


def test_weak_evidence_closes_only_lips_predicted_nearly_closed():
    low, high = 2.5, 4.0  # so has the jaw its ups and downs, one a second
    features = features_of(
        lambda at: 0.55 + 0.45 * np.cos(2 * np.pi * at),
        6,
        closure=lambda at: 0.5 * ((np.abs(at - low) < 0.05) | (np.abs(at - high) < 0.05)),
    )
    times = np.arange(1.0, 5.0, 0.01)

    driven = opening(drive_audio(AlignedAudio(features, times), learnt(), BASIS))

    closed, open_ = (driven[np.abs(times - at) < 0.1].min() for at in (low, high))
    assert closed < 0.01
    assert open_ > 0.7 * driven[np.abs(times - 3.0) < 0.1].min()


@pytest.mark.parametrize("sound", ["own", "anybody's"])
def test_lips_meet_where_the_sound_closes_them(sound):
    shut = (1.3, 1.8, 2.2)
    features = spoken_between(4, (0.5, 3.5), closures=shut)
    times = np.arange(0, 4, 1001 / 24000)

    driven = opening(
        drive_audio(AlignedAudio(features, times), learnt() if sound == "own" else None, BASIS)
    )

    for at in shut:
        assert driven[np.argmin(np.abs(times - at))] < 0.01
    assert np.percentile(driven[(times > 0.7) & (times < 3.3)], 80) > 0.03
    assert driven.min() > -0.005


def test_lips_stay_apart_between_closures_and_meet_where_the_sound_surely_closes_them():
    features = features_of(  # the features alone predict a closed mouth
        lambda at: 0 * at, 4, closure=lambda at: np.exp(-(((at - 2.0) / 0.025) ** 2))
    )
    times = np.arange(0, 4, 0.01)
    sound = learnt()

    driven = opening(drive_audio(AlignedAudio(features, times), sound, BASIS))

    between = (times > 1.1) & (times < 2.9) & (np.abs(times - 2.0) > 0.15)
    rest = channels(BASIS.rest[None]).opening[0]
    assert driven[between].min() - rest > 0.9 * APART_SHARE * sound.high[0]
    assert driven[np.argmin(np.abs(times - 2.0))] < 0.01


def test_silence_gives_a_mouth_at_rest():
    np.testing.assert_array_equal(drive_audio(against(quiet(SECONDS), TRACK), learnt(), BASIS), 0)
    far = AlignedAudio(spoken_between(2, (0, 2)), np.arange(40) / 25 + 100)
    np.testing.assert_array_equal(drive_audio(far, learnt(), BASIS), 0)


def test_sound_that_has_nothing_to_do_with_the_picture_is_not_trusted():
    other = talk(SECONDS + 2, seed=77)
    features = features_of(lambda at: np.interp(at, np.arange(len(other)) / 25, other), SECONDS, 4)

    sound = learn_sound([footage(against(features, TRACK))], BASIS, [MOTION])

    assert sound is not None and sound.trust[0] < 0.3


def test_silent_footage_still_gives_the_motion_range():
    sound = learn_sound([footage(None)], BASIS, [MOTION])

    assert sound is not None and sound.trust[0] == 0
    assert sound.high[0] == pytest.approx(np.quantile(opening(MOTION.mouth), 0.98), abs=0.02)
    driven = opening(
        drive_audio(AlignedAudio(spoken_between(4, (0, 4)), np.arange(100) / 25), sound, BASIS)
    )
    assert driven.std() > 0.01


def filmed(track, late=NATURAL_S, seed=6):
    """A take of another person whose sound matches their jaw."""
    features = features_of(lambda at: jaw_at(at - late), SECONDS, seed)
    return FilmedTake("t1", track, against(features, track))


def test_a_take_trains_an_actor_whose_footage_is_silent():
    take = filmed(face_track(talk(SECONDS, seed=5), wide=1.3, sway=0.1, rate=RATE, seed=2))
    sound = learn_sound([footage(None)], BASIS, [MOTION], takes=[take])
    features = features_of(lambda at: jaw_at(at - NATURAL_S), SECONDS, seed=9)

    driven = opening(drive_audio(against(features, TRACK), sound, BASIS))
    wanted = opening(MOTION.mouth)

    assert np.corrcoef(driven[5:-5], wanted[5:-5])[0, 1] > 0.85
    alone = learn_sound([footage(None)], BASIS, [MOTION])
    for name in ("usual", "covariance", "low", "high"):  # the motion range is the actor's own
        np.testing.assert_array_equal(getattr(sound, name), getattr(alone, name))


def test_a_take_without_a_face_is_not_trained_on():
    lost = replace(TRACK, confidence=np.zeros(len(TRACK.frames), np.float32))
    away = face_track(talk(SECONDS, seed=5), size=20.0)  # ten pixels between the eyes
    alone = learn_sound([footage(None)], BASIS, [MOTION])
    for track in (lost, away):
        sound = learn_sound([footage(None)], BASIS, [MOTION], takes=[filmed(track)])
        for name, array in alone.arrays().items():
            np.testing.assert_array_equal(sound.arrays()[name], array)


def test_model_survives_being_saved_and_half_a_model_is_refused():
    sound = learnt()
    again = SoundMouth.from_arrays(load(save(dict(sound.arrays()))))

    features = spoken_between(2, (0.2, 1.8))
    aligned = AlignedAudio(features, np.arange(50) / 25)
    np.testing.assert_array_equal(
        drive_audio(aligned, again, BASIS), drive_audio(aligned, sound, BASIS)
    )
    with pytest.raises(ModelError):
        SoundMouth.from_arrays({k: v for k, v in sound.arrays().items() if k != "sound.weights"})
    with pytest.raises(ModelError):
        SoundMouth.from_arrays({**sound.arrays(), "talking": np.zeros(3, np.float32)})
