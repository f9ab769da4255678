"""Plates with a colour space are read, written and read back with all that they state."""

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import OpenEXR
import pytest

from dubsync.core.picture import Region
from dubsync.core.settings import DeliverySettings
from dubsync.media.colour.bake import baked, working_in
from dubsync.media.colour.config import open_config
from dubsync.media.plate import coloured_like, open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.reused_frames import layer_planes
from dubsync.media.stills.stated_space import stated_space
from dubsync.media.write import ShotWriter
from tests.media.test_reading_sequences import exr_sequence
from tests.media.written_plates import composites

AP1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)


@pytest.fixture(scope="module")
def acescg():
    config = open_config("builtin studio")
    return baked(config, "ACEScg", working_in(config))


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
