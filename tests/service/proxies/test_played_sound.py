"""What is heard while a shot plays is what the programme has there."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.shot import Event, Shot, Stem, playing
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.proxies.played_sound import played_sound
from tests.media.written_plates import write_plate

FILM = Fraction(24000, 1001)
HZ = 48000


def ramp(seconds: float) -> np.ndarray:
    """A sound whose value says how far it is: 0 to 20000 over its length."""
    return np.linspace(0, 20000, round(seconds * HZ)).astype(np.int16)


def shot_at(folder, speed=Fraction(1)) -> Shot:
    plate = write_plate(folder / "a.mov", "yuv420p", n_frames=96, codec="mpeg4", rate=FILM,
                        sound=ramp(96 / float(FILM)))  # fmt: skip
    source = FrameRange(24, 72, FILM)
    length = int(48 / abs(speed)) if speed else 48
    record = FrameRange(86400, 86400 + length, FILM)
    event = Event("1", "SH010", "a.mov", "", "", record, source, speed)
    return Shot("SH010", event, plate, source, record, source, playing(record, source, speed))


def place(samples: np.ndarray) -> np.ndarray:
    """Seconds of the plate from the sound's own values."""
    return samples * 32768 / 20000 * (96 / float(FILM))


@pytest.mark.parametrize("speed", [Fraction(1), Fraction(2), Fraction(1, 2), Fraction(-1)])
def test_the_original_follows_the_picture_through_every_retime(tmp_path, speed):
    shot = shot_at(tmp_path, speed)
    sound = played_sound(shot, {}, shot.record)
    at = np.arange(1000, len(sound.original) - 1000, 997)
    records = shot.record.start + at / HZ * float(FILM)
    wanted = [float(shot.time.at(Fraction(r)) / FILM) for r in records]
    assert np.abs(place(sound.original[at]) - wanted).max() < 1 / float(FILM) / 8


def test_a_still_picture_is_silent(tmp_path):
    shot = shot_at(tmp_path, Fraction(0))
    assert not played_sound(shot, {}, shot.record).original.any()


def test_the_dub_stands_where_its_stem_does_and_a_missing_one_is_said(tmp_path):
    shot = shot_at(tmp_path)
    path = tmp_path / "dub.wav"
    write_plate(tmp_path / "b.mov", "yuv420p", n_frames=96, codec="mpeg4", rate=FILM,
                sound=ramp(4.0))  # fmt: skip
    start = Fraction(86400) / FILM - 1
    stem = Stem("A", "it", str(tmp_path / "b.mov"), HZ, 4 * HZ, start)
    gone = Stem("B", "it", str(path), HZ, HZ, start)
    sound = played_sound(shot, {"A": stem, "B": gone}, shot.record)
    assert sound.dub[1000] * 32768 / 20000 * 4 == pytest.approx(1 + 1000 / HZ, abs=1e-3)
    assert "dub.wav" in sound.missing
    assert sound.start == Fraction(86400) / FILM
