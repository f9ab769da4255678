"""Plates with a colour space are read, written and read back with all that they state."""

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import OpenEXR
import pytest

from dubsync.core.colour import working_rgb
from dubsync.core.edit.codec import edit_codec
from dubsync.core.picture import Region
from dubsync.core.settings import DeliverySettings
from dubsync.media.colour.bake import baked, working_in
from dubsync.media.colour.config import open_config
from dubsync.media.edit.write import write_edit_media
from dubsync.media.plate import coloured_like, open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.reused_frames import layer_planes
from dubsync.media.stills.stated_space import stated_space
from dubsync.media.write import ShotWriter
from tests.media.test_reading_sequences import exr_sequence
from tests.media.written_plates import composites, write_plate

AP1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)


@pytest.fixture(scope="module")
def studio():
    return open_config("builtin studio")


@pytest.fixture(scope="module")
def acescg(studio):
    return baked(studio, "ACEScg", working_in(studio))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({"chromaticities": AP1}, "lin_ap1_scene"),
        ({"colorInteropID": "lin_ap0_scene", "chromaticities": AP1}, "lin_ap0_scene"),
        ({"colorInteropID": "unknown"}, ""),
        ({"chromaticities": (0.6, 0.3) * 4}, "chromaticities 0.6 0.3 0.6 0.3 0.6 0.3 0.6 0.3"),
        ({"colorInteropID": 7}, ""),
        ({}, ""),
    ],
)
def test_an_exr_states_its_space_by_name_or_chromaticities(header, said):
    assert stated_space(header) == said


def test_a_render_of_an_acescg_sequence_keeps_what_it_states_and_its_layer_is_acescct(
    acescg, tmp_path
):
    folder = exr_sequence(
        tmp_path / "s", framesPerSecond=Fraction(24), chromaticities=AP1,
        colorInteropID="lin_ap1_scene",
    )  # fmt: skip
    plate = probe_plate(folder)
    assert plate.format.stated_space == "lin_ap1_scene" and plate.format.colour is None
    plate = replace(plate, format=replace(plate.format, colour=acescg))
    with open_plate(plate) as reader:
        assert next(iter(reader.read([1001]))).format.colour is acescg
    out = tmp_path / "out"
    out.mkdir()
    region = Region(8, 8, 24, 20)
    with ShotWriter(out, "sh_v001", plate, plate.frames, DeliverySettings()) as writer:
        for one in composites(plate, plate.frames, region):
            writer.add(one)
    header = OpenEXR.File(str(out / "sh_v001.1002.exr"), header_only=True).header()
    np.testing.assert_allclose(header["chromaticities"], AP1, atol=1e-6)
    assert header["colorInteropID"] == "lin_ap1_scene"
    with av.open(str(writer.layer)) as movie:
        packets = [packet for packet in movie.demux(video=0) if packet.size]
        luma = layer_planes(bytes(packets[1]))[0][12, 16]
    grey = acescg.as_log().code_of(np.full((1, 3), 0.5, np.float32))[0, 0]
    assert abs((float(luma) - 64) / 876 - grey) < 0.01


def test_a_render_read_back_is_in_its_plate_s_colour_and_a_prores_of_it_in_log(acescg, tmp_path):
    plate = probe_plate(exr_sequence(tmp_path / "s", framesPerSecond=Fraction(24)))
    coloured = replace(plate, format=replace(plate.format, colour=acescg))
    assert coloured_like(plate, coloured).format.colour is acescg
    movie = replace(plate, format=replace(plate.format, floating=False, bits=10))
    assert coloured_like(movie, coloured).format.colour.space == "ACEScct"
    assert coloured_like(plate, plate) is plate


def edit_media(source, plate, folder, codec):
    folder.mkdir()
    return write_edit_media(
        source, folder, "e", edit_codec(codec), "", plate=plate, span=plate.frames, digest="d" * 64
    )


def test_edit_media_in_exr_of_a_log_plate_is_its_light_in_ap1(studio, tmp_path):
    path = tmp_path / "a.mkv"
    plate = write_plate(path, "yuv422p10le", n_frames=2, picture=grey)
    working = working_in(studio)
    log = replace(plate, format=replace(plate.format, colour=baked(studio, "ARRI LogC4", working)))
    made = edit_media(coloured_like(probe_plate(path), log), log, tmp_path / "out", "exr")
    (still,) = sorted((tmp_path / "out").glob("*.exr"))[:1]
    file = OpenEXR.File(str(still), separate_channels=True)
    light = np.full((1, 3), (512 - 64) / 876, np.float32)
    studio.config.getProcessor("ARRI LogC4", "ACEScg").getDefaultCPUProcessor().applyRGB(light)
    for name, wanted in zip("RGB", light[0], strict=True):
        assert abs(float(file.channels()[name].pixels[24, 32]) - wanted) < 0.01 * wanted
    assert file.header()["colorInteropID"] == "lin_ap1_scene" and not made.losses


def test_edit_media_in_prores_of_a_linear_plate_is_in_the_log_code_and_says_so(
    studio, acescg, tmp_path
):
    plate = probe_plate(exr_sequence(tmp_path / "s", [1001], framesPerSecond=Fraction(24)))
    linear = replace(plate, format=replace(plate.format, colour=acescg))
    made = edit_media(linear, linear, tmp_path / "out", "prores4444")
    (loss,) = made.losses
    assert "coded in ACEScct" in loss.message and "ACEScct" in loss.hint
    with open_plate(plate) as reader:
        light = np.stack([p[12, 20] for p in next(iter(reader.read([1001]))).planes])[None]
    code = np.array(light, np.float32)
    studio.config.getProcessor("ACEScg", "ACEScct").getDefaultCPUProcessor().applyRGB(code)
    written = probe_plate(tmp_path / "out" / "e.mov")
    with open_plate(written) as reader:
        shown = working_rgb(next(iter(reader.read([written.frames.start]))))[12, 20]
    np.testing.assert_allclose(shown, code[0], atol=0.01)


def grey(pixel, width, height, seed):
    frame = av.VideoFrame(width, height, pixel)
    for plane in frame.planes:
        np.frombuffer(plane, "<u2")[:] = 512
    return frame
