"""Plates that are stored turned or mirrored: seen upright, given back as the file was."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.colour import working_rgb
from dubsync.core.picture import FieldName, Frame, PictureFormat, Region
from dubsync.core.reading.turned import Turned, turned_by
from dubsync.core.steps import ELSEWHERE, Patch
from dubsync.core.tweak.matte_edit import CutOut
from dubsync.engine.compositing.composite import composite
from dubsync.media.pixels.cut_out import cut, cuts_on_plate
from dubsync.media.pixels.scale import scaled
from dubsync.media.pixels.square import patch_on_plate, square_format, squared, squared_matte
from dubsync.media.plate import open_plate, open_square
from dubsync.media.probe import probe_plate
from dubsync.media.verify import count_changed_outside_matte
from tests.media.written_plates import read_all, same_samples, write_plate, write_shot

WAYS = [Turned(quarters, mirrored) for mirrored in (False, True) for quarters in range(4)]
WIDE, HIGH = 64, 48
NUMBERED = 8  #: side of a block of one sample value


def numbered(pixel: str, width: int, height: int, n: int) -> av.VideoFrame:
    """Luma that rises from left to right and downwards, with the number `n` in a corner."""
    frame = av.VideoFrame(width, height, pixel)
    for place, plane in enumerate(frame.planes):
        samples = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        rows, columns = np.mgrid[0 : plane.height, 0 : plane.line_size]
        samples[:] = np.minimum(40 + columns * 2 + rows, 220) if not place else 128 + rows // 4
        if not place:
            samples[:NUMBERED, :NUMBERED] = 16 * n
    return frame


@given(st.sampled_from(WAYS), st.integers(1, 40), st.integers(1, 40))
def test_what_is_turned_comes_back_and_so_does_its_matrix(
    way: Turned, width: int, height: int
) -> None:
    picture = np.arange(width * height).reshape(height, width)
    shown = way.shown(picture)
    assert shown.shape[::-1] == way.size(width, height)
    assert np.array_equal(way.stored(shown), picture)
    matrix = way.matrix(width, height)
    assert turned_by(matrix) == way
    a, b, _, c, d, _, across, down, _ = (value / 65536 for value in matrix)
    for x, y in ((0, 0), (width - 1, 0), (width - 1, height - 1)):
        at = np.array(
            [a * (x + 0.5) + c * (y + 0.5) + across, b * (x + 0.5) + d * (y + 0.5) + down]
        )
        column, row = (int(one) for one in at)  # where ISO/IEC 14496-12 shows that pixel
        assert shown[row, column] == picture[y, x]
        assert way.places_stored(at, width, height).tolist() == [x + 0.5, y + 0.5]


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("container", ["mkv", "mov"])
def test_a_render_is_stored_and_shown_as_its_plate(
    way: Turned, container: str, tmp_path: Path
) -> None:
    pixel = "yuv420p" if container == "mkv" else "yuv422p"
    plate = write_plate(tmp_path / f"p.{container}", pixel, n_frames=3, size=(WIDE, HIGH),
                        codec="ffv1" if container == "mkv" else "libx264", turned=way,
                        picture=numbered)  # fmt: skip
    assert plate.format.turned == way
    writer, made = write_shot(tmp_path, plate, None, Region(16, 16, 40, 32), container=container)
    for path in (writer.picture, writer.matte, writer.layer):
        assert probe_plate(path).format.turned == way
    for composite_, frame in zip(made, read_all(writer.picture), strict=True):
        assert same_samples(composite_.frame, frame)
    proof = count_changed_outside_matte(plate, str(writer.picture), str(writer.matte), plate.frames)
    assert (proof.changed_outside, proof.frames_changed) == (0, 2)


@pytest.mark.parametrize("way", WAYS[1:], ids=str)
@pytest.mark.parametrize("pixel", ["yuv420p", "yuv422p", "yuv444p"])
def test_what_is_drawn_upright_lands_there_and_nothing_else_changes(
    pixel: str, way: Turned, tmp_path: Path
) -> None:
    plate = write_plate(tmp_path / "p.mkv", pixel, n_frames=2, size=(WIDE + 1, HIGH), turned=way,
                        picture=numbered)  # fmt: skip
    with open_square(plate) as reader:
        seen = list(reader.frames(plate.frames))
    assert (seen[0].format.width, seen[0].format.height) == way.size(WIDE + 1, HIGH)
    block = way.shown(np.pad(np.ones((4, 4)), ((0, HIGH - 4), (0, WIDE - 3)))) > 0
    assert [round(float(frame.planes[0][block].mean())) for frame in seen] == [0, 16]
    where = Region(11, 9, 43, 38)  # on no chroma site
    matte = np.full((where.height, where.width), 255, np.uint8)
    rgb = np.full((where.height, where.width, 3), (0.1, 0.7, 0.2), np.float32)
    with open_plate(plate) as reader:
        stored = next(iter(reader.frames(plate.frames)))
    made = composite(stored, [patch_on_plate(Patch(where, rgb, matte), stored.format)])
    shown = working_rgb(squared(made.frame))
    inside = shown[where.top + 9 : where.bottom - 9, where.left + 9 : where.right - 9]
    assert np.abs(inside - (0.1, 0.7, 0.2)).max() < 0.02
    cover = squared_matte(made.matte, stored.format)
    assert (cover[where.rows, where.columns] == 255).all()
    assert cover.astype(bool).sum() <= (where.width + 4) * (where.height + 4)
    away = made.matte == 0
    assert np.array_equal(made.frame.planes[0][away], stored.planes[0][away])


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_cut_outs_and_origins_follow_the_picture(way: Turned) -> None:
    form = PictureFormat(WIDE, HIGH, "yuv", 8, chroma=(1, 1), turned=way)
    target = square_format(form)
    where = Region(10, 12, 38, 40)
    rows, columns = np.mgrid[where.top : where.bottom, where.left : where.right] + 0.5
    origin = np.stack([columns, rows], axis=-1).astype(np.float32)
    origin[0, 0] = ELSEWHERE
    patch = Patch(where, np.zeros((28, 28, 3), np.float32), np.full((28, 28), 255, np.uint8),
                  origin=origin)  # fmt: skip
    made = patch_on_plate(patch, form)
    known = made.origin[..., 0] != ELSEWHERE  # type: ignore[index]
    assert np.count_nonzero(~known & (made.matte > 0)) == 1
    rows, columns = np.mgrid[made.region.top : made.region.bottom,
                             made.region.left : made.region.right] + 0.5  # fmt: skip
    itself = np.stack([columns, rows], axis=-1)
    assert np.abs(made.origin - itself)[known & (made.matte > 0)].max() == 0
    square = CutOut("hand", (((0, ((14.0, 14.0), (24.0, 14.0), (24.0, 30.0), (14.0, 30.0)))),))
    cut_there = cut(made, cuts_on_plate((square,), 0, form))
    assert cut_there is not None
    whole = np.zeros((HIGH, WIDE), np.uint8)
    whole[made.region.rows, made.region.columns] = cut_there.matte
    shown = squared_matte(whole, form)
    assert shown.shape == (target.height, target.width)
    assert not shown[14:30, 14:24].any() and shown[16:26, 30:36].all()


def test_a_viewers_picture_is_upright(tmp_path: Path) -> None:
    way = Turned(1)
    form = PictureFormat(120, 80, "yuv", 8, chroma=(1, 1), turned=way)
    ramp = np.broadcast_to(np.arange(120, dtype=np.uint8), (80, 120)).copy()
    chroma = np.full((40, 60), 128, np.uint8)
    small = scaled(Frame(0, (ramp, chroma, chroma), form), 40)
    assert (small.format.width, small.format.height) == (40, 60)
    assert np.diff(small.planes[0][:, 20].astype(int)).min() > 0  # left was up


def test_a_phones_note_of_real_footage_is_read(shared: Path) -> None:
    plate = probe_plate(shared / "footage" / "rotation90_1frame.mp4")
    assert str(plate.format.turned) == "turned by 90 degrees clockwise"
    assert plate.format.shown_size == (60, 100)
    with open_square(plate) as reader:
        (seen,) = reader.frames(plate.frames)
    assert seen.planes[0].shape == (100, 60)


@pytest.mark.parametrize(
    "aspect", [Fraction(8, 9), Fraction(10, 11), Fraction(64, 45), Fraction(2)]
)
@pytest.mark.parametrize("way", [Turned(), Turned(3)], ids=str)
@pytest.mark.parametrize("field", ["", "top", "bottom"])
def test_places_of_the_seen_picture_are_those_of_its_samples(
    field: FieldName, way: Turned, aspect: Fraction
) -> None:
    """As the mark needs them: a spot drawn in the stored samples is seen where that says."""
    form = PictureFormat(80, 60, "gray", 8, full_range=True, pixel_aspect=aspect, turned=way,
                         field=field)  # fmt: skip
    plane = np.zeros((60, 80), np.uint8)
    plane[20:24, 50:54] = 200
    seen = squared(Frame(0, (plane,), form)).planes[0].astype(float)
    rows, columns = np.mgrid[0 : seen.shape[0], 0 : seen.shape[1]] + 0.5
    middle = np.array([(seen * columns).sum(), (seen * rows).sum()]) / seen.sum()
    assert form.stored_places(middle) == pytest.approx([52, 22], abs=0.2)
