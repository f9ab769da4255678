"""The dub under a shot with words by hand: what is heard as a track, and what is held of it."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import SettingsError
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Event, Plate, Shot, playing
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.phones import PHONES
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak import spoken_edits as edits
from dubsync.service.stems.shot_clock import ShotClock
from dubsync.service.stems.spoken_dub import DubSound, heard_track, placed_words, track_words
from dubsync.speech.forced_alignment import AlignedWord

SOURCE = FrameRange(1008, 1104, Fraction(24))
RECORD = FrameRange(86400, 86496, Fraction(24))
RENDER = SOURCE.with_handles(8)
PLATE = Plate("a.mov", "/nowhere/a.mov", "", RENDER, PictureFormat(64, 64, "yuv", 8))
EVENT = Event("1", "SH010", "SH010", "", "", RECORD, SOURCE)
SHOT = Shot("SH010", EVENT, PLATE, SOURCE, RECORD, RENDER)  # 3600 s to 3604 s, and handles
M, A = PHONES.index("m"), PHONES.index("a")


def said(text, begin, confidence=0.9):
    return AlignedWord(text, ((M, begin, begin + 0.125), (A, begin + 0.125, begin + 0.5)),
                       confidence)  # fmt: skip


BEFORE, FIRST, SECOND = said("no", 3590.0), said("ma", 3601.0), said("ma", 3601.5)
HEARD = {"L1": (BEFORE, FIRST, said("eh", 3602.2, 0.2)), "L2": (SECOND,)}


def features(seconds=20):
    level = np.ones(100 * seconds, np.float32)
    return AudioFeatures.of_level(
        Fraction(3590), np.zeros((len(level), 40), np.float32), level, level, 0 * level
    )


def test_the_track_as_heard_has_the_sure_words_of_the_shot_on_its_frames():
    track = heard_track(SHOT, HEARD)
    frame = SHOT.source.start + 24
    assert [(w.text, w.first, w.last, w.line) for w in track.words] == [
        ("ma", frame, frame + 12, "L1"), ("ma", frame + 12, frame + 24, "L2"),
    ]  # fmt: skip
    assert not any(w.by_hand for w in track.words)
    assert [(w.number, w.first, w.last) for w in track_words(track)] == [
        (1, frame, frame + 11), (2, frame + 12, frame + 23),
    ]  # fmt: skip


def test_words_beside_the_shot_stay_as_they_are_heard():
    moved = edits.moved_word(heard_track(SHOT, HEARD), 2, 4.8)
    placed = placed_words(moved, ShotClock(SHOT), (BEFORE, FIRST, SECOND))
    assert [(w.written, round(w.begin, 3), w.by_hand) for w in placed] == [
        ("no", 3590.0, False), ("ma", 3601.0, False), ("ma", 3601.7, True),
    ]  # fmt: skip
    assert placed[2].phones[0].heard == pytest.approx((3601.5, 3601.625))


def test_a_tweak_of_something_else_finds_the_very_same_features():
    dub = DubSound(SHOT, features(), (BEFORE, FIRST, SECOND), ())
    track = heard_track(SHOT, HEARD)
    made = dub.features(track)
    assert dub.features(edits.moved_word(track, 1, 1)) is not made
    assert dub.features(heard_track(SHOT, HEARD)) is made
    assert np.allclose(made.closure, dub.features().closure)


def test_of_a_long_stem_only_the_part_around_the_shot_is_held():
    dub = DubSound(SHOT, features(400), (FIRST,), ())
    made = dub.features(heard_track(SHOT, HEARD))
    assert len(made.loudness) < 6500
    at = 3601.05
    rows = [round((at - float(one.start)) * 100) for one in (made, dub.features())]
    assert made.closure[rows[0]] == dub.features().closure[rows[1]] > 0.5


def test_a_freeze_has_no_words_to_set():
    still = replace(
        SHOT, source=FrameRange(1008, 1009, SHOT.source.rate),
        time=playing(SHOT.record, FrameRange(1008, 1009, SHOT.source.rate), Fraction(0)),
    )  # fmt: skip
    assert heard_track(still, HEARD).words == ()
    with pytest.raises(SettingsError, match="stands still"):
        ShotClock(still).require_forwards()
