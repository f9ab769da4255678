"""Data types check their values at creation and are immutable."""

from dataclasses import asdict
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.digest import digest
from dubsync.core.errors import SettingsError, ShapeError, TimecodeError
from dubsync.core.face import FaceTrack, Performance
from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.settings import RANGES, Settings, settings_from
from dubsync.core.shot import Event, Plate, Shot, playing
from dubsync.core.sound.audio import AudioFeatures, Sound
from dubsync.core.steps import frame_seconds
from dubsync.core.timeline.timecode import FrameRange

RATE = Fraction(24000, 1001)


def shot(speed=Fraction(1), source=(1010, 1030), record=(86400, 86420)):
    frames = FrameRange(1000, 1100, RATE)
    plate = Plate("p.mov", "/p.mov", "A001", frames, PictureFormat(4, 4, "yuv", 8))
    rec, src = FrameRange(*record, RATE), FrameRange(*source, RATE)
    event = Event("1", "S1", "p", "A001", "", rec, src, speed)
    return Shot("S1", event, plate, src, rec, src.with_handles(4), playing(rec, src, speed))


def test_arrays_of_a_value_cannot_be_written():
    sound = Sound(np.zeros(4), 16000)
    with pytest.raises(ValueError, match="read-only"):
        sound.samples[0] = 1


def test_nan_and_wrong_shape_are_refused_at_creation():
    frames = FrameRange(0, 3, RATE)
    with pytest.raises(ShapeError, match="NaN"):
        Performance("audio", "b", frames, np.full((3, 2), np.nan), np.zeros(3))
    with pytest.raises(ShapeError, match="weight"):
        Performance("audio", "b", frames, np.zeros((3, 2)), np.zeros(4))


def test_a_frame_whose_planes_do_not_fit_its_format_is_refused():
    with pytest.raises(ShapeError):
        Frame(0, (np.zeros((4, 4), np.uint8),) * 3, PictureFormat(4, 4, "yuv", 8, chroma=(1, 1)))


@pytest.mark.parametrize("width", [1, 2, 853, 854])
def test_chroma_of_odd_sizes_rounds_up(width):
    form = PictureFormat(width, 479, "yuv", 8, chroma=(1, 1))
    assert form.plane_shape(1) == (240, (width + 1) // 2)
    region = Region(width - 1, 477, width, 479).aligned(form)
    assert region.in_plane(form, 1).bottom == 240


def test_a_shot_whose_handles_leave_the_plate_is_refused():
    with pytest.raises(TimecodeError):
        shot(source=(1098, 1110))


def test_record_time_follows_a_retime():
    normal, fast = shot(), shot(speed=Fraction(5, 4), source=(1010, 1035))
    start = Fraction(86400) / RATE
    assert normal.record_seconds(1010) == fast.record_seconds(1010) == start
    assert normal.record_seconds(1030) - start == 20 / RATE
    assert fast.record_seconds(1035) - start == 20 / RATE
    assert normal.record_seconds(1006) == start - 4 / RATE  # handles run on before the cut


def test_frame_duration_is_the_median_in_either_direction():
    at = np.arange(9) / 25
    for times in (at, at[::-1], np.concatenate([at, [9.0]]), np.repeat(at, 3)):
        assert frame_seconds(times) == pytest.approx(1 / 25)
    assert frame_seconds(np.full(9, 2.0)) == frame_seconds(at[:1]) == 1 / 24


def test_the_place_of_a_time_among_the_readings_uses_their_clock():
    heard = AudioFeatures.of_level(Fraction(7, 2), np.zeros((50, 40)), *np.zeros((3, 50)))

    np.testing.assert_allclose(heard.places(np.array([3.5, 3.51, 4.0, 3.0])), [0, 1, 50, -50])


def test_a_part_of_a_face_track_keeps_its_frames():
    marks = np.arange(6, dtype=np.float32)[:, None, None] * np.ones((478, 3))
    track = FaceTrack(2, FrameRange(100, 106, RATE), marks, np.zeros((6, 52)), np.ones(6),
                      np.ones(1))  # fmt: skip

    part = track.part(2, 5)

    assert part.frames == FrameRange(102, 105, RATE) and part.face == 2
    np.testing.assert_array_equal(part.landmarks[:, 0, 0], [2, 3, 4])


def test_a_digest_depends_on_every_sample_and_not_on_key_order():
    a = np.arange(4, dtype=np.float32)
    b = a.copy()
    b[3] += 1
    assert digest(a) == digest(a.copy()) != digest(b)
    assert digest({"x": 1, "y": [2]}) == digest({"y": [2], "x": 1}) != digest({"x": 1, "y": [3]})
    assert digest([[1], []]) != digest([[], [1]])


def out_of_range():
    """(setting, value) that must be refused; TOML has no whole number that is infinite or nan."""
    for name in RANGES:
        section, _, key = name.rpartition(".")
        usual = getattr(getattr(Settings(), section) if section else Settings(), key)
        yield from ((name, value) for value in (-1, 10**9))
        if isinstance(usual, float):
            yield from ((name, float(value)) for value in ("nan", "inf", "-inf"))


@pytest.mark.parametrize(("name", "value"), list(out_of_range()))
def test_a_setting_out_of_its_range_is_refused_with_the_range(name, value):
    section, _, key = name.rpartition(".")
    with pytest.raises(SettingsError) as caught:
        settings_from({section: {key: value}} if section else {key: value})
    assert name in str(caught.value) and " to " in caught.value.hint


def test_every_number_among_the_settings_has_a_range():
    numbers = {
        f"{section}.{leaf}"
        for section in ("engine", "delivery", "qc", "speech")
        for leaf, value in asdict(getattr(Settings(), section)).items()
        if isinstance(value, int | float)
    }
    assert numbers | {"handles"} == set(RANGES)


def test_settings_suggest_the_nearest_key_and_refuse_wrong_types():
    with pytest.raises(SettingsError) as caught:
        settings_from({"engine": {"crop": 3}})
    assert "crop_px" in caught.value.hint
    with pytest.raises(SettingsError):
        settings_from({"engine": {"batch": "8"}})
    with pytest.raises(SettingsError):
        settings_from({"engine": 3})
    with pytest.raises(SettingsError):
        settings_from({"delivery": {"picture": "jpeg"}})
    assert settings_from({"handles": 12}) == Settings(handles=12)
    assert settings_from({"qc": {"offset_ms": 40}}).qc.offset_ms == 40.0


def test_the_mark_is_turned_off_only_with_a_reason():
    with pytest.raises(SettingsError) as caught:
        settings_from({"proof": {"mark": False, "mark_off_reason": " "}})
    assert "reason" in str(caught.value) and "mark_off_reason" in caught.value.hint
    off = settings_from({"proof": {"mark": False, "mark_off_reason": "the client forbids it"}})
    assert not off.proof.mark
    assert digest(off) == digest(Settings())  # no render depends on these settings by themselves
