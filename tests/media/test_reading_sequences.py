"""Image sequences are read as plates: numbered, complete and uniform."""

import shutil
import struct
from fractions import Fraction

import numpy as np
import OpenEXR
import pytest

from dubsync.core.errors import MediaError
from dubsync.media.find_plates import find_plates
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.stills import encode as still
from dubsync.media.stills.slate import slate_of

RATE = Fraction(24)
SHAPE = (27, 48)


def timecode(frame, drop=0):
    return OpenEXR.TimeCode(1, 0, frame // 24, frame % 24, drop, *([0] * 13))


def write_exr(path, value, *, kind=np.float16, channels="RGB", **header):
    planes = {c: np.full(SHAPE, value + n / 8, kind) for n, c in enumerate(channels)}
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage} | header
    OpenEXR.File(header, planes).write(str(path))


def exr_sequence(folder, numbers=range(1001, 1006), *, name="shot", **header):
    folder.mkdir(exist_ok=True)
    for number in numbers:
        write_exr(folder / f"{name}.{number:04d}.exr", number % 1000, **header)
    return folder


@pytest.mark.parametrize("named_by", ["%04d", "####", "first", "folder"])
def test_a_sequence_is_named_by_pattern_first_file_or_folder(named_by, tmp_path):
    folder = exr_sequence(tmp_path / "s", framesPerSecond=Fraction(24000, 1001))
    path = {
        "%04d": folder / "shot.%04d.exr",
        "####": folder / "shot.####.exr",
        "first": folder / "shot.1001.exr",
        "folder": folder,
    }[named_by]
    plate = probe_plate(path)
    assert (plate.frames.start, len(plate.frames)) == (1001, 5)
    assert plate.frames.rate == Fraction(24000, 1001)
    assert (plate.first_number, plate.has_timecode) == (1001, False)


def test_samples_channels_and_numbers_are_read(tmp_path):
    folder = exr_sequence(tmp_path / "s", channels="RGBAZ", framesPerSecond=RATE)
    plate = probe_plate(folder)
    with open_plate(plate) as reader:
        frames = list(reader.read([1004, 1002]))
    assert [f.number for f in frames] == [1004, 1002]
    assert [float(p[0, 0]) for p in frames[0].planes] == [4, 4.125, 4.25, 4.375]
    assert set(frames[0].extra) == {"Z"}
    assert plate.format.storage == "exr-half"


def test_a_timecode_in_every_header_counts_the_frames(tmp_path):
    (tmp_path / "s").mkdir()
    for n in range(4):
        write_exr(tmp_path / "s" / f"x.{n + 1:04d}.exr", n, timeCode=timecode(10 + n),
                  framesPerSecond=RATE, reelName="A007")  # fmt: skip
    plate = probe_plate(tmp_path / "s")
    assert plate.frames.start == 86400 + 10
    assert (plate.first_number, plate.has_timecode, plate.reel) == (1, True, "A007")
    with open_plate(plate) as reader:
        (frame,) = reader.read([86400 + 12])
    assert (frame.number, float(frame.planes[0][0, 0])) == (86412, 2)


def test_a_timecode_that_does_not_continue_is_a_warning(tmp_path):
    exr_sequence(tmp_path / "s", timeCode=timecode(10), framesPerSecond=RATE)
    (plate,), (warning,) = find_plates([tmp_path])
    assert (plate.frames.start, plate.has_timecode) == (1001, False)
    assert "do not agree" in warning.message


def test_a_missing_frame_is_named(tmp_path):
    folder = exr_sequence(tmp_path / "s", [1001, 1002, 1004, 1005], framesPerSecond=RATE)
    with pytest.raises(MediaError, match="frame 1003 is missing"):
        probe_plate(folder)
    plates, (warning,) = find_plates([tmp_path])
    assert plates == ()
    assert "1003" in warning.message


def test_huge_gaps_in_numbers_are_handled_quickly(tmp_path):
    exr_sequence(tmp_path / "s", [1, 9_999_999_999], framesPerSecond=RATE)
    _, warnings = find_plates([tmp_path])
    assert all("missing" in d.message or "rate" in d.message for d in warnings)


def test_a_frame_lost_after_probing_is_named(tmp_path):
    folder = exr_sequence(tmp_path / "s", framesPerSecond=RATE)
    plate = probe_plate(folder)
    (folder / "shot.1003.exr").unlink()
    with open_plate(plate) as reader, pytest.raises(MediaError, match="1003"):
        list(reader.frames(plate.frames))


def test_a_truncated_frame_is_named(tmp_path):
    folder = exr_sequence(tmp_path / "s", framesPerSecond=RATE)
    plate = probe_plate(folder)
    bad = folder / "shot.1003.exr"
    bad.write_bytes(bad.read_bytes()[:300])
    with open_plate(plate) as reader, pytest.raises(MediaError, match="1003"):
        list(reader.frames(plate.frames))


def test_a_missing_rate_is_an_error_and_never_guessed(tmp_path):
    folder = exr_sequence(tmp_path / "s")
    with pytest.raises(MediaError, match="frame rate") as refused:
        probe_plate(folder)
    assert "24000/1001" in refused.value.hint
    assert probe_plate(folder, rate=Fraction(25)).frames.rate == 25
    (plate,), warnings = find_plates([tmp_path], rate=Fraction(25))
    assert plate.frames.rate == 25
    assert not warnings


def test_a_frame_of_another_size_is_named(tmp_path):
    folder = exr_sequence(tmp_path / "s", framesPerSecond=RATE)
    plate = probe_plate(folder)
    planes = {c: np.zeros((20, 20), np.float16) for c in "RGB"}
    OpenEXR.File({}, planes).write(str(folder / "shot.1002.exr"))
    with open_plate(plate) as reader, pytest.raises(MediaError, match=r"1002.* 20x20"):
        list(reader.frames(plate.frames))


def test_numbers_may_outgrow_their_padding(tmp_path):
    folder = exr_sequence(tmp_path / "s", range(9998, 10003), framesPerSecond=RATE)
    plate = probe_plate(folder)
    assert (plate.frames.start, len(plate.frames)) == (9998, 5)
    with open_plate(plate) as reader:
        (frame,) = reader.read([10001])
    assert frame.number == 10001


def write_png(path, value, depth=8):
    import cv2

    top = (1 << depth) - 1
    samples = np.full((*SHAPE, 3), value, np.uint8 if depth == 8 else np.uint16)
    samples[0, 0] = (top, value, 3)  # cv2 says blue first
    path.parent.mkdir(exist_ok=True)
    assert cv2.imwrite(str(path), samples)


@pytest.mark.parametrize("depth", [8, 16])
def test_png_planes_are_red_green_blue_at_full_depth(depth, tmp_path):
    value = 40 if depth == 8 else 40_001
    for number in range(3):
        write_png(tmp_path / "s" / f"p_{number:03d}.png", value + number, depth)
    plate = probe_plate(tmp_path / "s", rate=RATE)
    assert (plate.format.model, plate.format.bits) == ("rgb", depth)
    with open_plate(plate) as reader:
        (frame,) = reader.read([2])
    assert [int(p[0, 0]) for p in frame.planes] == [3, value + 2, (1 << depth) - 1]


def test_a_name_with_a_percent_sign_is_no_pattern(tmp_path):
    for number in range(2):
        write_png(tmp_path / "s" / f"100%d_{number:03d}.png", 50 + number)
    plate = probe_plate(tmp_path / "s", rate=RATE)
    with open_plate(plate) as reader:
        assert [int(f.planes[1][0, 0]) for f in reader.frames(plate.frames)] == [50, 51]


def test_a_single_numbered_picture_is_no_plate(tmp_path):
    write_png(tmp_path / "logo2.png", 9)
    assert find_plates([tmp_path], rate=RATE) == ((), ())


def dpx_header(order, rate, digits):
    head = bytearray(2048)
    head[:4] = b"SDPX" if order == ">" else b"XPDS"
    struct.pack_into(f"{order}I", head, 4, 2048)
    struct.pack_into(f"{order}f", head, 1724, rate)
    struct.pack_into(f"{order}I", head, 1920, digits)
    return bytes(head)


@pytest.mark.parametrize("order", "<>")
def test_rate_and_timecode_of_a_dpx_header_are_read(order, tmp_path):
    path = tmp_path / "a.0001.dpx"
    path.write_bytes(dpx_header(order, 23.976, 0x10203012))
    slate = slate_of(path)
    assert (slate.rate, slate.timecode) == (Fraction(24000, 1001), "10:20:30:12")


@pytest.mark.parametrize("digits", [0, 0xFFFFFFFF, 0x1020FF00])
def test_a_blank_dpx_header_gives_no_slate(digits, tmp_path):
    path = tmp_path / "a.0001.dpx"
    path.write_bytes(dpx_header(">", float("nan"), digits))
    slate = slate_of(path)
    assert (slate.rate, slate.timecode) == (None, "")


def test_a_broken_header_gives_no_slate(tmp_path):
    for name in ("a.exr", "a.dpx", "a.png", "gone.exr"):
        if name != "gone.exr":
            (tmp_path / name).write_bytes(b"SDPX" + bytes(50))
        assert slate_of(tmp_path / name).timecode == ""


def test_two_sequences_in_one_folder_need_a_name(tmp_path):
    folder = exr_sequence(tmp_path / "s", framesPerSecond=RATE)
    for number in (1001, 1002):
        shutil.copy(folder / f"shot.{number}.exr", folder / f"other.{number}.exr")
    with pytest.raises(MediaError, match="2 image sequences"):
        probe_plate(folder)
    assert len(find_plates([tmp_path])[0]) == 2


def test_a_crop_becomes_8_bit_rgb(tmp_path):
    plate = probe_plate(exr_sequence(tmp_path / "s", framesPerSecond=RATE))
    with open_plate(plate) as reader:
        (frame,) = reader.read([1001])
    rgb = still.rgb8(frame)
    assert (rgb.shape, rgb.dtype) == ((*SHAPE, 3), np.uint8)
    assert still.jpeg(rgb)[:2] == b"\xff\xd8"
    assert still.png(rgb)[:4] == b"\x89PNG"
