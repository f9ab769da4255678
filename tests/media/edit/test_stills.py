"""EXR and DPX edit media: numbered by source frame, with timecode, rate and reel in the header."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from dubsync.core.picture import PictureFormat
from dubsync.media.probe import probe_plate
from tests.media.edit.edit_synthesis import N_FRAMES, edited, hdr_plate
from tests.media.written_plates import read_all, same_samples, write_plate

RATE = Fraction(24)


@pytest.fixture(scope="module")
def plate(tmp_path_factory):
    return hdr_plate(tmp_path_factory.mktemp("plate"), (64, 48), rate=RATE, timecode="01:00:00:10")


@pytest.mark.parametrize("codec", ["exr", "dpx"])
def test_files_are_numbered_by_source_frame_and_state_timecode(plate, tmp_path, codec):
    made = edited(plate, tmp_path, codec)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"sh010.{n:07d}.{codec}" for n in range(86410, 86410 + N_FRAMES)]
    found = probe_plate(Path(made.picture))
    assert found.frames == plate.frames and found.has_timecode
    assert found.first_number == 86410


def test_exr_states_reel_and_primaries(plate, tmp_path):
    made = edited(plate, tmp_path, "exr")
    assert probe_plate(Path(made.picture)).reel == "A001R1"
    header = OpenEXR.File(made.picture % 86410, header_only=True).header()
    assert header["chromaticities"][:2] == pytest.approx((0.708, 0.292))


def test_dpx_holds_the_masters_code_values_as_rgb(tmp_path):
    grey = write_plate(tmp_path / "p.mkv", "gbrp10le", size=(64, 48), n_frames=2)
    made = edited(grey, tmp_path / "e", "dpx", sound=None)
    for a, b in zip(read_all(Path(grey.path)), read_all(Path(made.picture), RATE), strict=True):
        assert same_samples(a, b)


def test_a_12_bit_master_is_12_bits_in_dpx(tmp_path):
    deep = write_plate(tmp_path / "p.mkv", "gbrp12le", size=(64, 48), n_frames=1)
    made = edited(deep, tmp_path / "e", "dpx", sound=None)
    (found,) = read_all(Path(made.picture), RATE)
    assert same_samples(found, read_all(Path(deep.path))[0])


def write_exr(folder: Path) -> None:
    folder.mkdir()
    rng = np.random.default_rng(3)
    for n in range(2):
        planes = {name: rng.normal(size=(24, 32)).astype(np.float16) * 8 for name in "RGBZ"}
        header = {"compression": OpenEXR.PIZ_COMPRESSION, "type": OpenEXR.scanlineimage,
                  "framesPerSecond": RATE, "owner": "the plate's"}  # fmt: skip
        OpenEXR.File(header, planes).write(str(folder / f"x.{n + 1:04d}.exr"))


def test_an_exr_master_keeps_every_sample_channel_and_attribute(tmp_path):
    write_exr(tmp_path / "s")
    plate = probe_plate(tmp_path / "s")
    made = edited(plate, tmp_path / "e", "exr", sound=None)
    for a, b in zip(read_all(tmp_path / "s"), read_all(Path(made.picture)), strict=True):
        assert same_samples(a, b) and (a.extra["Z"] == b.extra["Z"]).all()
    header = OpenEXR.File(made.picture % plate.frames.start, header_only=True).header()
    assert header["owner"] == "the plate's"


def test_linear_light_of_an_exr_goes_to_video_by_a_curve_and_the_loss_is_named(tmp_path):
    write_exr(tmp_path / "s")
    made = edited(probe_plate(tmp_path / "s"), tmp_path / "e", "prores422hq", sound=None)
    assert any("brighter than nominal white" in loss.message for loss in made.losses)


def test_video_becomes_linear_light_in_exr(tmp_path):
    form = PictureFormat(64, 48, "yuv", 10, chroma=(1, 0), storage="yuv422p10le")
    plate = write_plate(tmp_path / "p.mkv", "yuv422p10le", size=(64, 48), n_frames=1)
    assert replace(plate.format, chroma=form.chroma) == plate.format
    made = edited(plate, tmp_path / "e", "exr", sound=None)
    (found,) = read_all(Path(made.picture), RATE)
    assert found.format.storage == "exr-half" and found.planes[0].max() > 1
    assert any("sRGB curve" in loss.message for loss in made.losses)
