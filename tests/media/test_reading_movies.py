"""Frames of a plate are read by number, exactly, in all common codecs."""

from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import MediaError
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from tests.media.reading_synthesis import RATE, number_of, write_numbered

LONG_GOP = {"g": "48", "bf": "3"}
OPEN_GOP = {"g": "12", "bf": "3", "x264-params": "open-gop=1"}
REFRESH = {"g": "24", "bf": "0", "x264-params": "intra-refresh=1"}
CASES = {
    "h264 long gop in mp4": ("a.mp4", "libx264", "yuv420p", LONG_GOP),
    "h264 open gop in mov": ("a.mov", "libx264", "yuv420p", OPEN_GOP),
    "h264 without key frames": ("a.mkv", "libx264", "yuv420p", REFRESH),
    "h264 10 bit 4:2:2": ("a.mov", "libx264", "yuv422p10le", LONG_GOP),
    "h264 in avi, which has no times": ("a.avi", "libx264", "yuv420p", LONG_GOP),
    "h264 in a transport stream": ("a.ts", "libx264", "yuv420p", LONG_GOP),
    "hevc": ("a.mp4", "libx265", "yuv420p", {"x265-params": "keyint=24:bframes=3:log-level=none"}),
    "prores 422 hq": ("a.mov", "prores_ks", "yuv422p10le", {"profile": "3"}),
    "prores 4444": ("a.mov", "prores_ks", "yuv444p10le", {"profile": "4"}),
    "dnxhr hq": ("a.mov", "dnxhd", "yuv422p", {"profile": "dnxhr_hq"}),
    "dnxhr hqx in mxf": ("a.mxf", "dnxhd", "yuv422p10le", {"profile": "dnxhr_hqx"}),
    "ffv1": ("a.mkv", "ffv1", "yuv422p10le", {"level": "3", "slicecrc": "1"}),
    "mpeg-2 in a program stream": ("a.mpg", "mpeg2video", "yuv420p", {"g": "15", "bf": "2"}),
    "mpeg-2 in mxf": ("a.mxf", "mpeg2video", "yuv420p", {"g": "15", "bf": "2"}),
    "mpeg-1": ("a.mpg", "mpeg1video", "yuv420p", {"g": "12", "bf": "2"}),
    "mpeg-4 in avi": ("a.avi", "mpeg4", "yuv420p", {"g": "12", "bf": "2"}),
    "uncompressed": ("a.avi", "rawvideo", "yuv420p", {}),
    "uncompressed 10 bit": ("a.mov", "v210", "yuv422p10le", {}),
}


def assert_same(frame, other):
    assert frame.number == other.number
    for plane, wanted in zip(frame.planes, other.planes, strict=True):
        np.testing.assert_array_equal(plane, wanted)


@pytest.mark.parametrize("case", CASES)
def test_every_frame_is_found_by_its_number_in_any_order(case, tmp_path):
    name, codec, pixel, options = CASES[case]
    path = write_numbered(tmp_path / name, codec, pixel, options=options)
    plate = probe_plate(path)

    assert plate.frames.rate == RATE
    assert len(plate.frames) == 60
    # FFmpeg decodes 4444 to 12 bits, whatever it was coded from
    assert plate.format.storage == ("yuv444p12le" if "4444" in case else pixel)
    order = np.random.default_rng(1).permutation(60).tolist()[:20] + [59, 0, 58, 1, 1]
    with open_plate(plate) as reader:
        whole = list(reader.frames(plate.frames))
        picked = list(reader.read(order))
    assert [number_of(f) for f in whole] == list(range(60))
    for number, frame in zip(order, picked, strict=True):
        assert_same(frame, whole[number])


def test_rising_picks_that_skip_frames_are_exact(tmp_path):
    path = write_numbered(tmp_path / "a.mp4", "libx264", n=150, options=LONG_GOP)
    plate = probe_plate(path)
    wanted = [0, 7, 30, 31, 60, 99, 100, 149]
    with open_plate(plate) as reader:
        assert [number_of(f) for f in reader.read(wanted)] == wanted


def test_frames_that_an_edit_list_hides_are_not_counted(tmp_path):
    path = write_numbered(
        tmp_path / "a.mp4", "libx264", options={"g": "48", "bf": "2"},
        pts=list(range(-10, 50)), muxing={"avoid_negative_ts": "disabled"},
    )  # fmt: skip
    plate = probe_plate(path)
    assert len(plate.frames) == 50
    with open_plate(plate) as reader:
        assert [number_of(f) for f in reader.frames(plate.frames)] == list(range(10, 60))
        assert [number_of(f) for f in reader.read([30, 3])] == [40, 13]


def test_a_movie_that_begins_late_begins_with_its_first_frame(tmp_path):
    path = write_numbered(tmp_path / "a.mkv", "libx264", n=30, pts=list(range(40, 70)))
    plate = probe_plate(path)
    with open_plate(plate) as reader:
        assert [number_of(f) for f in reader.read([0, 20])] == [0, 20]


def test_numbers_count_from_the_source_timecode(tmp_path):
    path = write_numbered(
        tmp_path / "a.mov", "libx264", n=12, rate=Fraction(30000, 1001), size=(128, 96),
        metadata={"timecode": "01:00:00;02"},
    )  # fmt: skip
    plate = probe_plate(path)
    assert (plate.frames.start, plate.drop, plate.has_timecode) == (107894, True, True)
    with open_plate(plate) as reader:
        (frame,) = reader.read([107894 + 5])
    assert (frame.number, number_of(frame)) == (107899, 5)


def test_a_frame_outside_the_plate_is_named(tmp_path):
    plate = probe_plate(write_numbered(tmp_path / "a.mov", "libx264", n=5))
    with open_plate(plate) as reader, pytest.raises(MediaError, match="not 5"):
        list(reader.read([3, 5]))


@pytest.mark.parametrize("pixel", ["yuv420p", "yuv422p", "yuv444p", "gbrp", "gray"])
def test_odd_sizes_are_read_without_padding(pixel, tmp_path):
    path = write_numbered(tmp_path / "a.mkv", "ffv1", "bgr0" if pixel == "gbrp" else pixel,
                          n=3, size=(853, 481))  # fmt: skip
    plate = probe_plate(path)
    assert plate.format.storage == pixel
    with open_plate(plate) as reader:
        for frame in reader.frames(plate.frames):
            assert [p.shape for p in frame.planes] == [
                plate.format.plane_shape(n) for n in range(len(frame.planes))
            ]
            assert number_of(frame) == frame.number


def test_a_file_replaced_since_it_was_probed_is_refused(tmp_path):
    path = write_numbered(tmp_path / "a.mov", "libx264", n=5)
    plate = probe_plate(path)
    write_numbered(path, "libx264", n=6)
    with pytest.raises(MediaError, match="changed"):
        open_plate(plate)
