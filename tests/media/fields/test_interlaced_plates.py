"""Interlaced plates: read by the field, composited in each field, given back interlaced."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dubsync.core.colour import working_rgb
from dubsync.core.errors import MediaError
from dubsync.core.picture import FieldName, Frame, PictureFormat, Region
from dubsync.core.reading.moments import Moments, by_moment, moments_of
from dubsync.core.shot import Plate
from dubsync.core.steps import Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.compositing.composite import composite
from dubsync.media.movie.field_flags import flags_of
from dubsync.media.pixels.fields import fields_of, in_order, woven
from dubsync.media.pixels.square import patch_on_plate, squared
from dubsync.media.plate import open_plate, open_square
from dubsync.media.probe import probe_plate
from dubsync.media.verify import count_changed_outside_matte
from dubsync.media.write import ShotWriter
from tests.media.written_plates import DeliverySettings, same_samples, write_plate

WIDE, HIGH, BLOCK = 96, 96, 24
PAL, NTSC = Fraction(25), Fraction(30000, 1001)


def at_moment(moment: int, width: int, height: int, wide: int) -> np.ndarray:
    """A picture (height, width): a bright edge that moves, the moment's number in a corner."""
    rows, columns = np.mgrid[0:height, 0:width]
    edge = 140 * (((columns + 3 * moment) // 16 + rows // 16) % 2)
    picture = (40 + edge).astype(np.uint8)
    picture[:BLOCK, :BLOCK] = 20 + 7 * moment
    return picture


def numbered(order: FieldName, *, still: bool = False, whole: bool = False):
    """Makes frames of two moments, whose later field shows the next."""

    def picture(pixel: str, width: int, height: int, n: int) -> av.VideoFrame:
        frame = av.VideoFrame(width, height, pixel)
        first = 0 if order == "top" else 1
        for place, plane in enumerate(frame.planes):
            samples = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
            for late in (0, 1):
                moment = 0 if still else 2 * n + (0 if whole else late)
                lines = slice((first + late) % 2, None, 2)
                shape = at_moment(moment, plane.line_size, plane.height, plane.width)
                samples[lines] = shape[lines] if not place else 100 + 3 * moment + late
        return frame

    return picture


@pytest.fixture(params=["top", "bottom"])
def order(request: pytest.FixtureRequest) -> FieldName:
    return request.param


def interlaced(path: Path, order: FieldName, pixel: str = "yuv420p", **more: object) -> Plate:
    return write_plate(path, pixel, n_frames=8, size=(WIDE, HIGH), rate=PAL, flagged=order,
                       picture=numbered(order), **more)  # type: ignore[arg-type]  # fmt: skip


def number_in(frame: Frame) -> int:
    """The moment that a picture's corner states."""
    return round((float(np.median(frame.planes[0][4 : BLOCK - 6, 4 : BLOCK - 6])) - 20) / 7)


def test_each_field_is_a_moment_in_order(order: FieldName, tmp_path: Path) -> None:
    plate = interlaced(tmp_path / "p.mkv", order)
    assert plate.format.fields == plate.reading.flagged == order
    assert plate.frames.rate == 25 and len(plate.frames) == 8  # users count the file's frames
    moments = by_moment(plate)
    assert (len(moments.frames), moments.frames.rate) == (16, 50)
    with open_square(moments) as reader:
        seen = list(reader.frames(moments.frames))
    assert [number_in(frame) for frame in seen] == list(range(16))
    assert all(frame.planes[0].shape == (HIGH, WIDE) for frame in seen)
    with open_square(plate) as reader:  # at frames: the earlier field
        assert [number_in(frame) for frame in reader.frames(plate.frames)] == list(range(0, 16, 2))


def test_a_field_stands_where_its_lines_are(order: FieldName) -> None:
    rows = np.broadcast_to(np.linspace(20, 220, HIGH)[:, None], (HIGH, WIDE))
    chroma = np.broadcast_to(np.linspace(60, 200, HIGH // 2)[:, None], (HIGH // 2, WIDE // 2))
    form = PictureFormat(WIDE, HIGH, "yuv", 8, chroma=(1, 1), fields=order)
    planes = tuple(np.rint(p).astype(np.uint8) for p in (rows, chroma, chroma))
    frame = Frame(0, planes, form)
    both = [squared(field) for field in fields_of(frame)]
    whole = squared(Frame(0, planes, replace(form, fields="")))
    for field in both:  # a slope from top to bottom is where it was, not a line higher or lower
        apart = field.planes[0][4:-4].astype(float) - whole.planes[0][4:-4]
        assert np.abs(apart).max() <= 1 and abs(apart.mean()) < 0.2
    # Chroma of 4:2:0: each field has its own, and both are seen at the same place.
    assert np.abs(both[0].planes[1][8:-8].astype(float) - both[1].planes[1][8:-8]).max() <= 4


@pytest.mark.parametrize("pixel", ["yuv420p", "yuv422p", "yuv411p"])
def test_what_is_drawn_in_one_field_changes_no_sample_of_the_other(
    pixel: str, order: FieldName, tmp_path: Path
) -> None:
    plate = interlaced(tmp_path / "p.mkv", order, pixel)
    with open_plate(plate) as reader:
        frame = next(iter(reader.frames(plate.frames)))
    where = Region(10, 7, 87, 94)  # on no chroma site, and on an odd line
    matte = np.full((where.height, where.width), 255, np.uint8)
    rgb = np.full((where.height, where.width, 3), (0.1, 0.6, 0.3), np.float32)
    early, late = fields_of(frame)
    drawn = composite(early, [patch_on_plate(Patch(where, rgb, matte), early.format)])
    made = woven((drawn, composite(late, [])), frame)
    assert same_samples(fields_of(made.frame)[1], late)
    assert not made.matte[1 - (order == "bottom") :: 2].any()
    shown = working_rgb(squared(fields_of(made.frame)[0]))
    inside = shown[where.top + 16 : where.bottom - 16, where.left + 16 : where.right - 16]
    assert np.abs(inside - (0.1, 0.6, 0.3)).max() < 0.02


@pytest.mark.parametrize(
    ("container", "picture"), [("mkv", "lossless"), ("mov", "lossless"), ("mkv", "prores422hq")]
)
def test_a_render_is_interlaced_as_its_plate_and_changed_in_its_matte_alone(
    container: str, picture: str, order: FieldName, tmp_path: Path
) -> None:
    plate = interlaced(tmp_path / "p.mkv", order)
    where = Region(30, 28, 66, 70)
    matte = np.full((where.height, where.width), 255, np.uint8)
    delivery = DeliverySettings(container=container, picture=picture)  # type: ignore[arg-type]
    with (
        open_plate(plate) as reader,
        ShotWriter(tmp_path, "v", plate, plate.frames, delivery) as writer,
    ):
        for frame in reader.frames(plate.frames):
            both = []
            for late, field in enumerate(fields_of(frame)):
                level = 0.2 + 0.04 * (2 * frame.number + late)
                rgb = np.full((where.height, where.width, 3), level, np.float32)
                both.append(
                    composite(field, [patch_on_plate(Patch(where, rgb, matte), field.format)])
                )
            writer.add(woven((both[0], both[1]), frame))
    for path in (writer.picture, writer.matte, writer.layer):
        with av.open(str(path)) as movie:
            stream = movie.streams.video[0]
            known = {"top": (2, 4), "bottom": (3, 5)}[order]
            assert stream.codec_context.field_order in known, path
            assert next(movie.decode(stream)).interlaced_frame or path.suffix == ".mov"
    if picture != "lossless":
        return
    made = probe_plate(writer.picture)
    assert (made.format.fields, flags_of(made)) == (order, order)
    proof = count_changed_outside_matte(plate, str(writer.picture), str(writer.matte), plate.frames)
    assert (proof.changed_outside, proof.frames_changed) == (0, 8)
    with open_square(by_moment(made)) as reader:
        levels = [
            float(working_rgb(one)[48, 48].mean()) for one in reader.frames(reader.plate.frames)
        ]
    assert np.allclose(levels, 0.2 + 0.04 * np.arange(16), atol=0.01)


def test_a_wrong_order_is_seen_and_told(order: FieldName, tmp_path: Path) -> None:
    other: FieldName = "bottom" if order == "top" else "top"
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=8, size=(WIDE, HIGH), rate=PAL,
                        flagged=other, picture=numbered(order))  # fmt: skip
    assert plate.format.fields == order and flags_of(plate) == other
    assert f"flagged {other} field first" in plate.reading.told[0]


def test_progressive_segmented_frames_are_drawn_whole_and_flagged_again(
    order: FieldName, tmp_path: Path
) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=8, size=(WIDE, HIGH), rate=PAL,
                        flagged=order, picture=numbered(order, whole=True))  # fmt: skip
    assert plate.format.fields == "" and flags_of(plate) == order
    assert moments_of(plate) is None and "segmented" in plate.reading.told[0]


def test_flags_are_believed_where_nothing_moves(order: FieldName, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=4, size=(WIDE, HIGH), rate=PAL,
                        flagged=order, picture=numbered(order, still=True))  # fmt: skip
    assert plate.format.fields == order and "believed" in plate.reading.told[0]


def test_flags_are_believed_where_pictures_do_not_show_the_order(
    order: FieldName, tmp_path: Path
) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=4, size=(WIDE, HIGH), rate=PAL,
                        flagged=order)  # fmt: skip
    assert plate.format.fields == order and "do not show which" in plate.reading.told[0]


def test_fields_of_unequal_lines_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="do not make two equal fields"):
        write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=2, size=(WIDE, 46), flagged="top")


def test_times_of_moments_are_exact() -> None:
    moments = Moments(FrameRange(100, 200, NTSC))
    assert moments.of(FrameRange(110, 120, NTSC)) == FrameRange(220, 240, 2 * NTSC)
    assert moments.edge(Fraction(221, 2)) == 221
    assert moments.frames_with(FrameRange(221, 240, 2 * NTSC)) == FrameRange(111, 120, NTSC)
    assert in_order(PictureFormat(2, 2, "gray", 8, fields="bottom")) == ("bottom", "top")


@pytest.mark.parametrize(
    ("name", "order", "size"),
    [
        ("fc_xdcam-hd-1080i50.mov", "top", (1440, 1080)),
        ("fc_xdcam-hd-1080i60.mov", "top", (1440, 1080)),
        ("fc_dv-dvchd-ntsc-interlaced.mov", "bottom", (720, 480)),
    ],
)
def test_cameras_files_are_read_in_fields(
    name: str, order: FieldName, size: tuple[int, int], shared: Path
) -> None:
    plate = probe_plate(shared / "footage" / name)
    assert (plate.format.fields, (plate.format.width, plate.format.height)) == (order, size)
    with open_square(by_moment(plate)) as reader:
        first, second = reader.read([0, 1])
    assert first.planes[0].shape == second.planes[0].shape == (
        size[1] if size[1] == 1080 else round(480 * 1.1), 1920 if size[1] == 1080 else 720
    )  # fmt: skip
