"""Plates whose pixels are not square: drawn in square ones, given back with their own."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.core.reading.said import how_read
from dubsync.core.settings import DeliverySettings
from dubsync.core.shot import Plate
from dubsync.core.steps import Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.compositing.composite import composite
from dubsync.media.pixels.square import patch_on_plate
from dubsync.media.plate import open_plate, open_square
from dubsync.media.probe import probe_plate
from dubsync.media.verify import count_changed_outside_matte
from dubsync.media.write import ShotWriter
from tests.media.fields.test_turned_plates import numbered
from tests.media.written_plates import write_plate


def rendered(folder: Path, plate: Plate, span: FrameRange, container: str) -> ShotWriter:
    """A render of `span` with a grey square, square as shown, in the middle."""
    delivery = DeliverySettings(container=container)  # type: ignore[arg-type]
    with (
        open_plate(plate) as reader,
        ShotWriter(folder, "v", plate, span, delivery) as writer,
    ):
        for frame in reader.frames(span):
            width, height = frame.format.square_size
            left, top = width // 2 - 16, height // 2 - 16
            matte = np.full((32, 32), 255, np.uint8)
            rgb = np.full((32, 32, 3), 0.5, np.float32)
            patch = Patch(Region(left, top, left + 32, top + 32), rgb, matte)
            writer.add(composite(frame, [patch_on_plate(patch, frame.format)]))
    return writer


def check(plate: Plate, writer: ShotWriter, span: FrameRange) -> None:
    for path in (writer.picture, writer.matte, writer.layer):
        assert probe_plate(path).format.pixel_aspect == plate.format.pixel_aspect
    proof = count_changed_outside_matte(plate, str(writer.picture), str(writer.matte), span)
    assert (proof.changed_outside, proof.frames_changed) == (0, len(span))
    with open_square(probe_plate(writer.picture)) as reader:
        seen = next(iter(reader.frames(reader.plate.frames)))
    width, height = plate.format.square_size
    assert seen.planes[0].shape == (height, width)
    inside = seen.planes[0][height // 2 - 10 : height // 2 + 10, width // 2 - 10 : width // 2 + 10]
    assert np.abs(inside.astype(int) - 126).max() <= 2  # half way from black to white


@pytest.mark.parametrize(
    "aspect", [Fraction(4, 3), Fraction(64, 45), Fraction(128, 117), Fraction(2), Fraction(10, 11)]
)
@pytest.mark.parametrize("container", ["mkv", "mov"])
def test_a_render_keeps_the_pixels_of_its_plate(
    container: str, aspect: Fraction, tmp_path: Path
) -> None:
    plate = write_plate(tmp_path / "p.mp4", "yuv420p", n_frames=3, size=(96, 64), codec="libx264",
                        picture=numbered, aspect=aspect)  # fmt: skip
    assert plate.format.pixel_aspect == aspect
    assert f"pixels {aspect.numerator}:{aspect.denominator}" in how_read(plate)[0]
    with open_square(plate) as reader:
        numbers = [
            round(float(f.planes[0][2:5, 2:5].mean()) / 16) for f in reader.frames(plate.frames)
        ]
    assert numbers == [0, 1, 2]
    check(plate, rendered(tmp_path, plate, plate.frames, container), plate.frames)


def test_real_footage_of_such_pixels_keeps_them(shared: Path, tmp_path: Path) -> None:
    plate = probe_plate(shared / "footage" / "carphone_176_silent.mp4")
    assert plate.format.pixel_aspect == Fraction(128, 117)
    assert plate.format.square_size == (193, 144)
    span = FrameRange(plate.frames.start, plate.frames.start + 3, plate.frames.rate)
    check(plate, rendered(tmp_path, plate, span, "mkv"), span)
