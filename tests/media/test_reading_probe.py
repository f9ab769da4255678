"""Probing reads a plate's properties exactly and reports its problems."""

import os
from fractions import Fraction

import av
import numpy as np
import pytest

from dubsync.core.errors import MediaError, VariableRate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.find_plates import find_plates
from dubsync.media.movie import frame_index
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from tests.media.reading_synthesis import RATE, number_of, write_numbered

SMALL = (64, 48)


@pytest.fixture
def plate_file(tmp_path):
    return write_numbered(tmp_path / "A001C003_0412.mov", "libx264", n=24, size=SMALL, sound=True,
                          metadata={"timecode": "10:00:00:00"})  # fmt: skip


def test_rate_timecode_reel_and_sound_are_read(plate_file):
    plate = probe_plate(plate_file)
    assert plate.frames.rate == RATE
    assert (plate.frames.start, len(plate.frames)) == (864000, 24)
    assert (plate.reel, plate.has_sound, plate.has_timecode) == ("A001C003", True, True)
    assert plate.name == plate_file.name


def test_a_reel_in_the_file_overrides_the_name(tmp_path):
    path = write_numbered(tmp_path / "B001C003_x.mov", "libx264", n=2, size=SMALL,
                          metadata={"timecode": "01:00:00:00", "reel_name": "ROLL7"})  # fmt: skip
    assert probe_plate(path).reel == "ROLL7"


def test_without_timecode_frames_count_from_0(tmp_path):
    plate = probe_plate(write_numbered(tmp_path / "café.mp4", "libx264", n=3, size=SMALL))
    assert (plate.frames.start, plate.has_timecode, plate.reel) == (0, False, "")


@pytest.mark.parametrize(
    "rate",
    [Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(30000, 1001),
     Fraction(60000, 1001), Fraction(120), Fraction(25, 2)],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.mov", "a.mkv"])
def test_rates_are_exact_in_every_container(name, rate, tmp_path):
    path = write_numbered(tmp_path / name, "libx264", n=50, rate=rate, size=SMALL)
    assert probe_plate(path).frames.rate == rate


def test_a_movs_sample_table_and_its_packets_agree(tmp_path, monkeypatch):
    path = write_numbered(tmp_path / "a.mov", "prores_ks", "yuv422p10le", n=9, size=SMALL)
    quick = frame_index.index_movie(path)
    frame_index._indexed.cache_clear()
    monkeypatch.setattr(frame_index, "_table", lambda stream, size: None)
    assert frame_index.index_movie(path) == quick


def vary(tmp_path, times, name="phone.mp4"):
    return write_numbered(tmp_path / name, "libx264", n=len(times), rate=Fraction(30), pts=times,
                          size=SMALL, options={"bf": "0"})  # fmt: skip


@pytest.mark.parametrize("name", ["phone.mp4", "phone.mkv"])
def test_frames_of_a_variable_rate_stand_at_their_true_times(name, tmp_path):
    times = [0, 1, 2, 4, 5, 7, 8, 9, 11, 12]
    plate = probe_plate(vary(tmp_path, times, name))
    assert plate.frames == FrameRange(0, 13, Fraction(30))
    assert "not evenly spaced" in plate.reading.told[0]
    tick = Fraction(1, 1000)
    assert all(abs(at - Fraction(n, 30)) <= tick for at, n in zip(plate.reading.times, times,
                                                                  strict=True))  # fmt: skip
    with open_plate(plate) as reader:
        seen = [number_of(frame) for frame in reader.frames(plate.frames)]
        numbers = [frame.number for frame in reader.read([12, 3, 3, 0])]
    assert seen == [0, 1, 2, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9]
    assert numbers == [12, 3, 3, 0]


def test_one_dropped_frame_is_a_variable_rate(tmp_path):
    for name in ("phone.mp4", "screen.avi"):
        plate = probe_plate(vary(tmp_path, [*range(40), *range(41, 60)], name))
        assert (len(plate.frames), len(plate.reading.times)) == (60, 59)


def test_a_gap_of_a_minute_is_refused_with_a_command_to_convert_it(tmp_path):
    path = vary(tmp_path, [0, 1, 2, 3, 2000])
    with pytest.raises(VariableRate, match="gaps of more than a minute") as refused:
        probe_plate(path)
    assert "ffmpeg -i phone.mp4 -vf fps=" in refused.value.hint


def test_rounding_to_a_containers_ticks_is_no_variable_rate(tmp_path):
    path = write_numbered(tmp_path / "a.mkv", "libx264", n=200, size=SMALL)  # whole milliseconds
    assert probe_plate(path).frames.rate == RATE


@pytest.mark.parametrize("content", [b"", b"RIFF", os.urandom(4096), b"\0" * 9999])
@pytest.mark.parametrize("name", ["a.mov", "a.mkv", "a.avi", "a.mxf", "a.mpg"])
def test_invalid_files_are_refused_by_name(content, name, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MediaError, match=name) as refused:
        probe_plate(path)
    assert refused.value.hint


def test_a_playlist_named_as_a_movie_opens_no_other_file(tmp_path, plate_file):
    write_numbered(tmp_path / "secret.ts", "libx264", n=24, size=SMALL)
    lists = {
        "hls.mov": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n",
        "concat.mov": f"ffconcat version 1.0\nfile {plate_file.name}\n",
        "dash.mov": '<?xml version="1.0"?><MPD><BaseURL>secret.ts</BaseURL></MPD>',
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(MediaError, match=name):
            probe_plate(tmp_path / name)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize(
    ("name", "codec", "pixel", "muxing"),
    [("a.mov", "libx264", "yuv420p", {}),
     ("a.mp4", "libx264", "yuv420p", {"movflags": "faststart"}),
     ("b.mov", "prores_ks", "yuv422p10le", {"movflags": "faststart"}),
     ("a.mkv", "ffv1", "yuv420p", {}), ("a.avi", "mpeg4", "yuv420p", {}),
     ("a.mxf", "mpeg2video", "yuv420p", {})],
)  # fmt: skip
def test_a_truncated_file_is_refused(name, codec, pixel, muxing, kept, tmp_path):
    path = write_numbered(tmp_path / name, codec, pixel, n=60, muxing=muxing)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    try:
        plate = probe_plate(path)
        with open_plate(plate) as reader:
            result = [number_of(frame) for frame in reader.frames(plate.frames)]
    except MediaError as error:
        assert name in str(error)
        assert error.hint
    else:
        assert result == list(range(60))  # only what stands after the frames was lost


def test_sound_alone_is_no_plate(tmp_path):
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as out:
        voice = out.add_stream("pcm_s16le", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.int16), "s16", "stereo")
        frame.sample_rate = 48000
        out.mux(voice.encode(frame))
        out.mux(voice.encode(None))
    with pytest.raises(MediaError, match="no picture"):
        probe_plate(path)


def test_find_plates_reports_every_problem_and_continues(tmp_path, plate_file):
    (tmp_path / "empty.mov").touch()
    (tmp_path / "noise.mxf").write_bytes(os.urandom(999))
    (tmp_path / "notes.txt").write_text("not a plate")
    (tmp_path / ".hidden.mov").touch()
    below = tmp_path / "day 2"
    below.mkdir()
    vary(below, [0, 1, 3, 4, 2000])
    write_numbered(below / ("n" * 190 + "é.mov"), "libx264", n=2, size=SMALL)
    write_numbered(below / "odd.mov", "libx264", n=2, rate=Fraction(24), size=SMALL,
                   metadata={"timecode": "01:00:00:24"})  # fmt: skip

    plates, warnings = find_plates([tmp_path, below])

    assert [p.name for p in plates][0] == plate_file.name
    assert len(plates) == 3
    assert [d.about for d in warnings] == ["empty.mov", "noise.mxf", "phone.mp4"]
    assert all(d.hint for d in warnings)


def test_an_impossible_timecode_is_a_warning_and_frames_count_from_0(tmp_path, monkeypatch):
    path = write_numbered(tmp_path / "odd.mov", "libx264", n=2, size=SMALL)
    monkeypatch.setattr(frame_index, "_slate", lambda container: ("01:00:00:77", ""))
    frame_index._indexed.cache_clear()
    (plate,), (warning,) = find_plates([tmp_path])
    assert (plate.frames.start, plate.has_timecode) == (0, False)
    assert "01:00:00:77" in warning.message
    assert warning.about == path.name
    frame_index._indexed.cache_clear()


def test_a_link_out_of_the_roots_is_not_followed(tmp_path, plate_file):
    root = tmp_path / "root"
    root.mkdir()
    (root / "inside.mov").symlink_to(plate_file)
    for number in (1, 2):
        (root / f"s.{number:04d}.png").symlink_to(plate_file)
    plates, warnings = find_plates([root])
    assert plates == ()
    assert {d.about for d in warnings} == {"inside.mov", "s.%04d.png"}
    assert all("leads out of the media folders" in d.message for d in warnings)


def test_a_link_to_itself_is_named_and_the_other_plates_are_found(tmp_path, plate_file):
    root = tmp_path / "media"
    root.mkdir()
    (root / "good.mov").write_bytes(plate_file.read_bytes())
    (root / "loop.mov").symlink_to("loop.mov")
    (root / "loop").symlink_to("loop")
    plates, warnings = find_plates([root])
    assert [plate.name for plate in plates] == ["good.mov"]
    assert [d.about for d in warnings] == ["loop.mov"] and warnings[0].hint


def test_a_folder_given_twice_is_searched_once(tmp_path, plate_file):
    plates, _ = find_plates([tmp_path, tmp_path])
    assert [p.name for p in plates] == [plate_file.name]
