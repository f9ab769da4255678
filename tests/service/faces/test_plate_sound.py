"""A plate's sound is analysed once; a line spoken off screen does not move the mouth."""

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from dubsync.core.face import FaceTrack, Performance, Stretch
from dubsync.core.sound.av_sync import Offset, Speaking
from dubsync.core.steps import AlignedAudio
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.faces.plate_sound import (
    PlateSound,
    heard_in,
    kept_off_screen,
    lines_off_screen,
    off_screen_warning,
    offset_row,
    surest,
)
from dubsync.service.store.folder import Store
from tests.engine.drive.drive_synthesis import quiet
from tests.service.faces.test_cast import SPAN, face, shot

CURVE = np.linspace(-1, 1, 5).astype(np.float32)


def offset(ms=80, sure=True, confidence=0.97):
    return Offset(ms / 1000, confidence, sure, CURVE, CURVE, "" if sure else "unclear")


def result(off_screen=0.0, at=None, *, count=1):
    at = at or offset()
    t = len(SPAN)
    faces = np.full((count, t), (1 - off_screen) * 0.9, np.float32)
    return Speaking(SPAN, faces, np.full(t, off_screen, np.float32), at)


def listener(folder, answer):
    """A PlateSound over a plate that answers, and the list of what it asked."""
    asked = []

    def speaking(tracks, frames, heard):
        asked.append((len(tracks), frames))
        return answer

    engine = SimpleNamespace(version="1", speaking=speaking)
    heard = AlignedAudio(quiet(2), np.arange(len(SPAN)) / 24)
    audio_analysis = SimpleNamespace(
        plate_audio=lambda plate, span: heard if plate.has_sound else None
    )
    face_tracks = SimpleNamespace(key=lambda plate, span: plate.path)
    return PlateSound(Store(folder), engine, audio_analysis, face_tracks), asked


def with_sound(name):
    silent = shot(name, "ELISE")
    return replace(silent, plate=replace(silent.plate, has_sound=True))


def test_a_plate_is_listened_to_once_and_kept(tmp_path):
    answer = result(0.25, offset(-42, sure=False))
    first, asked = listener(tmp_path, answer)
    again, asked_again = listener(tmp_path, None)
    tracks = [face(1, "ELISE")]

    first.speaking(with_sound("A"), tracks)
    kept = again.speaking(with_sound("A"), tracks)

    assert (asked, asked_again) == ([(1, SPAN)], [])
    np.testing.assert_array_equal(kept.faces, answer.faces)
    np.testing.assert_array_equal(kept.offset.scores, CURVE)
    assert kept.offset.milliseconds == -42
    assert (kept.offset.sure, kept.offset.note) == (False, "unclear")


def test_a_silent_plate_is_not_listened_to(tmp_path):
    plate, asked = listener(tmp_path, result())
    assert plate.speaking(shot("A", "ELISE"), []) is None
    assert asked == [] and offset_row(None)["sound_offset_ms"] is None


def test_shots_of_one_plate_share_the_surest_offset():
    one, other = with_sound("A"), with_sound("B")
    same = replace(other, plate=one.plate)
    speaking = {"A": result(at=offset(10, sure=False, confidence=0.2)), "B": result(at=offset(80))}

    shared = surest([one, same], speaking)

    assert [shared[name].milliseconds for name in "AB"] == [80, 80]
    row = offset_row(shared["A"])
    assert (row["sound_offset_ms"], row["sure"]) == (80, True)


def talking(moves):
    """A face whose lips part and meet, or rest."""
    at = np.arange(len(SPAN))
    marks = np.empty((len(SPAN), 478, 3))
    marks[:] = np.random.default_rng(2).uniform(-30, 30, (478, 3))
    marks[:, [14, 87, 317], 1] += (10 * moves * np.sin(at))[:, None]
    still = face(1, "ELISE")
    return FaceTrack(1, SPAN, marks, still.blendshapes, still.confidence, still.appearance)


@pytest.mark.parametrize(
    ("nobody", "sure", "moves", "away"),
    [(0.97, True, 1, 1), (0.97, False, 0, 1), (0.97, False, 1, 0), (0.3, True, 0, 0)],
)
def test_a_line_is_off_screen_only_if_that_is_certain(nobody, sure, moves, away):
    at = offset(sure=sure)
    lines = lines_off_screen(shot("A", "ELISE"), "ELISE", [talking(moves)], result(nobody, at), at)
    assert len(lines) == away
    if lines:
        assert "stays as filmed" in off_screen_warning(shot("A", "ELISE"), "ELISE", lines).message


def test_an_off_screen_line_is_called_as_the_script_numbers_it():
    (line,) = shot("A", "ELISE").lines
    cued = replace(line, on_screen="off", cue="L002")

    assert off_screen_warning(shot("A", "ELISE"), "ELISE", [line]).message.startswith(
        f"{line.name}:"
    )
    assert off_screen_warning(shot("A", "ELISE"), "ELISE", [cued]).message.startswith(
        f"L002 ({line.name}): spoken off screen as the script says"
    )


def test_a_line_is_located_where_it_sounds_alone():
    two = shot("A", "ELISE", "MARC")
    part = replace(two.lines[1], record=FrameRange(30, 40, Fraction(24)))
    ((_, over),) = heard_in(replace(two, lines=(two.lines[0], part)), "ELISE")
    assert over[:30].all() and not over[30:].any()


def test_the_weight_is_zero_under_an_off_screen_line_and_untouched_elsewhere():
    one = shot("A", "ELISE")
    away = replace(one.lines[0], record=FrameRange(20, 40, Fraction(24)))
    stays = replace(one.lines[0], name="ELISE_L2", record=FrameRange(0, 20, Fraction(24)))
    spoken = replace(one, lines=(stays, away))
    said = (Stretch(0, 39, "sound"),)
    performance = Performance("audio", "b", SPAN, np.ones((40, 2)), np.ones(40), stretches=said)

    quieter = kept_off_screen(performance, spoken, [away])

    np.testing.assert_array_equal(quieter.weight[:20], 1)
    np.testing.assert_array_equal(quieter.weight[23:], 0)
    assert (np.diff(quieter.weight) <= 0).all()
    (stretch,) = quieter.stretches
    assert (stretch.first, stretch.last) == (0, int(np.flatnonzero(quieter.weight)[-1]))
    assert kept_off_screen(performance, spoken, []) is performance
