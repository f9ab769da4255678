"""Written image sequences keep every sample, extra channel and header."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import OpenEXR
import pytest

from dubsync.core.errors import DeliveryError, MediaError
from dubsync.core.picture import Region
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.stills.sequence import missing, sequences_in
from dubsync.media.verify import count_changed_outside_matte
from tests.media.written_plates import noise, read_all, same_samples, write_shot

RATE = Fraction(24)
SIZE = (53, 31)
MOUTH = Region(10, 8, 30, 20)


def _exr(path: Path, number: int, **header: object) -> None:
    rng = np.random.default_rng(number)
    shape = (SIZE[1], SIZE[0])
    half = {c: rng.random(shape).astype(np.float16) * 4 - 1 for c in ("R", "G", "B", "A")}
    further = {"Z": rng.random(shape).astype(np.float32), "mask.N": half["R"] * 2,
               "id": rng.integers(0, 2**32, shape, dtype=np.uint32)}  # fmt: skip
    facts = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage,
             "owner": "the studio", "frameName": f"frame {number}"}  # fmt: skip
    OpenEXR.File(facts | header, half | further).write(str(path))


def _stills(folder: Path, suffix: str, pixel: str, codec: str) -> None:
    for number in range(86400, 86406):
        frame = noise(pixel, *SIZE, number)
        context = av.CodecContext.create(codec, "w")
        context.width, context.height, context.pix_fmt = *SIZE, pixel
        context.time_base = frame.time_base = Fraction(1, 24)
        frame.pts = 0
        data = b"".join(bytes(p) for p in (*context.encode(frame), *context.encode(None)))
        (folder / f"sh010.{number:07d}{suffix}").write_bytes(data)


def _exrs(folder: Path, **header: object) -> None:
    for number in range(86400, 86406):
        _exr(folder / f"sh010.{number:07d}.exr", number, **header)


KINDS: dict[str, Callable[[Path], None]] = {
    "exr": _exrs,
    "exr piz": lambda folder: _exrs(folder, compression=OpenEXR.PIZ_COMPRESSION),
    "png 8": lambda folder: _stills(folder, ".png", "rgb24", "png"),
    "png 8 alpha": lambda folder: _stills(folder, ".png", "rgba", "png"),
    "png 16 gray": lambda folder: _stills(folder, ".png", "gray16be", "png"),
    "dpx 12": lambda folder: _stills(folder, ".dpx", "gbrp12le", "dpx"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_sequences_keep_every_sample(kind: str, tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out 100%d"
    source.mkdir(), out.mkdir()
    KINDS[kind](source)
    plate = probe_plate(source, rate=RATE)
    span = FrameRange(86401, 86405, RATE)
    writer, given = write_shot(out, plate, span, MOUTH)
    made = read_all(writer.picture, RATE)
    assert [frame.number for frame in made] == list(range(86401, 86405))
    for composite, frame in zip(given, made, strict=True):
        assert same_samples(composite.frame, frame)
        assert frame.extra.keys() == composite.frame.extra.keys()
        for name, samples in composite.frame.extra.items():
            assert samples.tobytes() == frame.extra[name].tobytes()
    for composite, frame in zip(given, read_all(writer.matte, RATE), strict=True):
        assert np.array_equal(frame.planes[0], composite.matte)
    result = count_changed_outside_matte(plate, str(writer.picture), str(writer.matte), span)
    assert (result.changed_outside, result.frames_changed) == (0, 3)
    assert len(probe_plate(writer.layer).frames) == 4


@pytest.mark.parametrize("suffix", [".png", ".dpx"])
@pytest.mark.parametrize("big", [True, False])
def test_sixteen_and_ten_bits_survive(suffix: str, big: bool, tmp_path: Path) -> None:
    pixel = "rgb48be" if suffix == ".png" else f"gbrp10{'be' if big else 'le'}"
    for number in range(1, 4):
        frame = noise("gbrp16le" if suffix == ".png" else "gbrp10le", *SIZE, number)
        frame = frame.reformat(format=pixel)
        context = av.CodecContext.create(suffix[1:], "w")
        context.width, context.height, context.pix_fmt = *SIZE, pixel
        context.time_base = frame.time_base = Fraction(1, 24)
        frame.pts = 0
        data = b"".join(bytes(p) for p in (*context.encode(frame), *context.encode(None)))
        (tmp_path / f"p{number:04d}{suffix}").write_bytes(data)
    plate = probe_plate(tmp_path, rate=RATE)
    out = tmp_path / "out"
    out.mkdir()
    writer, given = write_shot(out, plate, None, MOUTH)
    for composite, frame in zip(given, read_all(writer.picture, RATE), strict=True):
        assert same_samples(composite.frame, frame)


def test_each_exr_keeps_its_own_header(tmp_path: Path) -> None:
    _exrs(tmp_path)
    plate = probe_plate(tmp_path, rate=RATE)
    out = tmp_path / "out"
    out.mkdir()
    writer, _ = write_shot(out, plate, None, MOUTH)
    for number in range(86400, 86406):
        path = out / (writer.picture.name % number)
        before = OpenEXR.File(str(tmp_path / f"sh010.{number:07d}.exr")).header()
        after = OpenEXR.File(str(path)).header()
        assert after["owner"] == "the studio" and after["frameName"] == f"frame {number}"
        assert after["compression"] == before["compression"]


@pytest.mark.parametrize("lossy", ["DWAA_COMPRESSION", "B44_COMPRESSION", "PXR24_COMPRESSION"])
def test_lossy_exr_is_written_without_further_loss(lossy: str, tmp_path: Path) -> None:
    _exrs(tmp_path, compression=getattr(OpenEXR, lossy))
    plate = probe_plate(tmp_path, rate=RATE)
    out = tmp_path / "out"
    out.mkdir()
    writer, given = write_shot(out, plate, None, MOUTH)
    result = count_changed_outside_matte(
        plate, str(writer.picture), str(writer.matte), plate.frames
    )
    assert result.changed_outside == 0
    for composite, frame in zip(given, read_all(writer.picture, RATE), strict=True):
        assert same_samples(composite.frame, frame)


def test_dpx_keeps_its_timecode_and_film_header(tmp_path: Path) -> None:
    _stills(tmp_path, ".dpx", "gbrp10be", "dpx")
    for path in sorted(tmp_path.glob("*.dpx")):  # a camera's header: television part and all
        data = bytearray(path.read_bytes())
        begin = int.from_bytes(data[4:8], "big")
        head = data[:begin] + bytes(2048 - begin)
        head[4:8] = head[808:812] = (2048).to_bytes(4, "big")
        head[160:170] = b"our camera"
        head[801:803] = bytes([6, 6])  # transfer and colorimetric: BT.709
        head[1920:1924] = bytes.fromhex("01020304")
        path.write_bytes(head + data[begin:])
    plate = probe_plate(tmp_path, rate=RATE)
    out = tmp_path / "out"
    out.mkdir()
    writer, given = write_shot(out, plate, None, MOUTH)
    for composite, frame in zip(given, read_all(writer.picture, RATE), strict=True):
        assert same_samples(composite.frame, frame)
    made = (out / (writer.picture.name % 86402)).read_bytes()
    assert made[1920:1924] == bytes.fromhex("01020304")
    assert made[160:170] == b"our camera" and made[801:803] == bytes([6, 6])
    assert int.from_bytes(made[16:20], "big") == len(made)


def test_stills_are_numbered_as_the_plates_files_whatever_the_timecode(tmp_path: Path) -> None:
    for number in (11, 12, 13):
        samples = np.full((16, 16), number, np.float16)
        timecode = OpenEXR.TimeCode(1, 0, 0, number, *[0] * 14)
        OpenEXR.File({"timeCode": timecode}, dict.fromkeys("RGB", samples)).write(
            str(tmp_path / f"a.{number:04d}.exr")
        )
    plate = probe_plate(tmp_path, rate=RATE)
    out = tmp_path / "out"
    out.mkdir()
    span = FrameRange(plate.frames.start + 1, plate.frames.stop, RATE)
    writer, _ = write_shot(out, plate, span)
    names = sorted(path.name for path in out.glob("*.exr"))
    assert names == [writer.picture.name % n for n in (12, 13)]
    assert probe_plate(writer.picture, rate=RATE).frames == span


def test_a_sequence_delivered_as_prores(tmp_path: Path) -> None:
    _exrs(tmp_path)
    plate = probe_plate(tmp_path, rate=RATE)
    out = tmp_path / "out"
    out.mkdir()
    writer, _ = write_shot(out, plate, None, MOUTH, picture="prores422hq")
    assert len(probe_plate(writer.picture).frames) == len(probe_plate(writer.matte).frames) == 6


@pytest.mark.parametrize("what", ["missing", "odd size", "garbage", "nan"])
def test_a_wrong_still_is_named(what: str, tmp_path: Path) -> None:
    _exrs(tmp_path)
    plate = probe_plate(tmp_path, rate=RATE)
    wrong = tmp_path / "sh010.0086403.exr"
    if what == "missing":
        wrong.unlink()
        with pytest.raises(MediaError, match="frame 86403 is missing"):
            probe_plate(tmp_path, rate=RATE)
    elif what == "garbage":
        wrong.write_bytes(b"\x76\x2f\x31\x01" + bytes(300))
    elif what == "nan":
        plane = np.full((SIZE[1], SIZE[0]), np.nan, np.float16)
        OpenEXR.File({}, dict.fromkeys("RGBA", plane)).write(str(wrong))
    else:
        OpenEXR.File({}, dict.fromkeys("RGBA", np.zeros((4, 4), np.float16))).write(str(wrong))
    with open_plate(plate) as reader, pytest.raises(MediaError, match="86403"):
        list(reader.frames(plate.frames))


def test_a_still_that_cannot_be_written_leaves_no_file(tmp_path: Path) -> None:
    _exrs(tmp_path)
    plate = probe_plate(tmp_path, rate=RATE)
    out = tmp_path / "out"
    out.mkdir()
    (out / "sh010_v001.86404.exr").write_text("mine")
    with pytest.raises(DeliveryError, match="exists"):
        write_shot(out, plate, None, MOUTH)
    assert [p.name for p in out.iterdir()] == ["sh010_v001.86404.exr"]


def test_numbers_may_outgrow_their_padding(tmp_path: Path) -> None:
    for name in ("a.0998.png", "a.0999.png", "a.1000.png", "b.998.png", "b.999.png", "b.1000.png",
                 "c.01.png", "c.001.png"):  # fmt: skip
        (tmp_path / name).touch()
    result = {s.pattern: s.numbers for s in sequences_in(tmp_path)}
    assert result == {
        "a.%04d.png": (998, 999, 1000), "b.%03d.png": (998, 999, 1000), "c.%02d.png": (1,),
        "c.%03d.png": (1,),
    }  # fmt: skip
    assert all(s.file(n).is_file() for s in sequences_in(tmp_path) for n in s.numbers)


def test_missing_numbers_are_limited() -> None:
    assert missing((1, 2, 5)) == (3, 4)
    assert len(missing((1, 10**15))) == 1000
