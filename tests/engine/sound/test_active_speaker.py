"""The active speaker is the face whose mouth matches the sound; no mouth matches a narrator's."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import ShapeError
from dubsync.core.sound.av_sync import Speaking
from dubsync.core.steps import AlignedAudio, cannot_tell
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.sound.active_speaker import speaking
from tests.engine.drive.drive_synthesis import face_track, features_of, quiet, talk

SECONDS, RATE = 8, Fraction(25)
FRAMES = FrameRange(100, 100 + SECONDS * 25, RATE)
TIMES = np.arange(len(FRAMES)) / 25
JAWS = {seed: talk(SECONDS + 2, rate=Fraction(100), seed=seed) for seed in (5, 11, 42)}


def jaw(seed, at):
    """From its second second on: a talker begins with shut lips."""
    return np.interp(at + 1, np.arange(len(JAWS[seed])) / 100, JAWS[seed])


def face(seed, number=1, frames=FRAMES):
    at = TIMES[frames.start - FRAMES.start :][: len(frames)]
    return replace(face_track(jaw(seed, at), seed=seed, start=frames.start), face=number)


def sound(seed, late=0.0):
    return AlignedAudio(features_of(lambda at: jaw(seed, at - late), SECONDS, seed=1), TIMES)


@pytest.mark.parametrize(("audio", "speaker"), [(5, 0), (11, 1)])
def test_of_two_who_move_their_mouths_the_one_that_fits_the_sound_speaks(audio, speaker):
    result = speaking([face(5), face(11, 2)], FRAMES, sound(audio))

    assert (result.faces[speaker] > 0.9).mean() > 0.95
    assert result.faces[1 - speaker].max() < 0.5
    assert result.offset.sure


def test_a_late_plate_is_brought_into_sync_first():
    result = speaking([face(5), face(11, 2)], FRAMES, sound(11, late=0.3))

    assert result.offset.seconds == pytest.approx(0.3, abs=0.05)
    assert (result.faces[1] > 0.9)[10:-10].mean() > 0.95


def test_a_narrator_is_off_screen():
    result = speaking([face(5), face(11, 2)], FRAMES, sound(42))

    assert (result.off_screen > 0.5).mean() > 0.9
    assert not result.offset.sure


def test_a_face_at_rest_does_not_speak():
    listener = replace(face_track(np.zeros(len(FRAMES)), start=FRAMES.start), face=2)
    result = speaking([listener, face(5)], FRAMES, sound(5))

    assert result.faces[0].max() < 0.3
    assert result.faces[1].mean() > 0.9


def test_people_take_turns():
    half = SECONDS / 2

    def both(at):
        return np.where(at < half, jaw(5, at), jaw(11, at))

    audio = AlignedAudio(features_of(both, SECONDS, seed=1), TIMES)
    result = speaking([face(5), face(11, 2)], FRAMES, audio)

    speaker = result.faces.argmax(axis=0)
    assert (speaker == (half <= TIMES)).mean() > 0.9


@pytest.mark.parametrize("behind", [2, 3])
def test_faces_of_two_feeds_take_turns_each_at_a_lag_of_its_own(behind):
    half = SECONDS / 2

    def both(at):
        return np.where(at < half, jaw(5, at), jaw(11, at))

    second = replace(face_track(jaw(11, TIMES - behind / 25), seed=11, start=FRAMES.start), face=2)
    audio = AlignedAudio(features_of(both, SECONDS, seed=1), TIMES)
    result = speaking([face(5), second], FRAMES, audio)

    assert (result.faces.argmax(axis=0) == (half <= TIMES)).mean() > 0.9
    assert result.faces[1][half + 0.5 <= TIMES].mean() > 0.8


def test_in_silence_nobody_speaks_and_nobody_is_off_screen():
    result = speaking([face(5)], FRAMES, AlignedAudio(quiet(SECONDS), TIMES))

    np.testing.assert_array_equal(result.faces, 0)
    np.testing.assert_array_equal(result.off_screen, 0)


def test_a_face_speaks_only_while_it_is_in_picture():
    part = FrameRange(FRAMES.start, FRAMES.start + 120, RATE)
    result = speaking([face(5, frames=part)], FRAMES, sound(5))

    assert result.faces[0, :115].mean() > 0.9
    assert result.faces[0, 120:].max() == 0
    assert result.off_screen[140:].mean() > 0.9


def test_with_no_face_every_word_is_off_screen():
    result = speaking([], FRAMES, sound(5))

    assert result.faces.shape == (0, len(FRAMES))
    assert result.off_screen.mean() > 0.9


def test_chances_never_add_up_past_certainty_of_a_voice():
    result = speaking([face(5), face(11, 2)], FRAMES, sound(5))

    for values in (result.faces, result.off_screen):
        assert values.min() >= 0 and values.max() <= 1
    assert (result.off_screen + result.faces.max(axis=0) <= 1 + 1e-5).all()


def test_sound_and_tracks_must_lie_over_the_frames():
    with pytest.raises(ShapeError):
        speaking([face(5)], FRAMES, AlignedAudio(quiet(2), TIMES[:40]))
    outside = FrameRange(0, len(FRAMES), RATE)
    with pytest.raises(ShapeError):
        speaking([face(5)], outside, AlignedAudio(quiet(2), TIMES))


def test_an_engine_without_speaker_detection_reports_nobody():
    result = cannot_tell([face(5)], FRAMES, sound(5))

    assert isinstance(result, Speaking)
    assert not result.offset.sure and result.faces.max() == 0 and result.off_screen.max() == 0
