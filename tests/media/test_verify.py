"""Verification counts every sample that changed outside the matte in the written files."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, Region
from dubsync.core.settings import DeliverySettings
from dubsync.core.steps import Composite
from dubsync.media.plate import open_plate
from dubsync.media.verify import count_changed_outside_matte
from dubsync.media.write import ShotWriter
from tests.media.written_plates import untouched, write_plate, write_shot

SIZE = (37, 23)  # odd, so that chroma reaches past the edges
PIXELS = ("yuv420p", "yuv422p10le", "yuv411p", "yuva444p10le", "gbrp10le", "gray16le")


def _covers(form, plane: int, row: int, column: int) -> tuple[slice, slice]:
    """The luma samples that one sample of a plane covers."""
    across, down = form.chroma if form.model == "yuv" and plane in (1, 2) else (0, 0)
    return (
        slice(row << down, (row + 1) << down),
        slice(column << across, (column + 1) << across),
    )


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(pixel=st.sampled_from(PIXELS), seed=st.integers(0, 10**6), n=st.integers(0, 60))
def test_changed_samples_are_counted_one_by_one(pixel: str, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plate = write_plate(folder / "p.mkv", pixel, n_frames=3, size=SIZE, rate=Fraction(25))
        expected = touched = 0
        delivery = DeliverySettings()
        with (
            ShotWriter(folder, "s", plate, plate.frames, delivery) as writer,
            open_plate(plate) as reader,
        ):
            for frame in reader.frames(plate.frames):
                form = frame.format
                matte = np.zeros((form.height, form.width), np.uint8)
                for _ in range(int(rng.integers(0, 3))):
                    top, left = rng.integers(0, form.height), rng.integers(0, form.width)
                    matte[top : top + 9, left : left + 11] = rng.integers(1, 256)
                planes = [plane.copy() for plane in frame.planes]
                picked = {
                    (p, *(int(rng.integers(size)) for size in planes[p].shape))
                    for p in rng.integers(0, len(planes), n)
                }
                for p, row, column in picked:
                    planes[p][row, column] ^= 1
                    rows, columns = _covers(form, p, row, column)
                    expected += not matte[rows, columns].any()
                touched += bool(picked)
                writer.add(Composite(Frame(frame.number, tuple(planes), form), matte, ()))
        result = count_changed_outside_matte(
            plate, str(writer.picture), str(writer.matte), plate.frames
        )
    assert (result.changed_outside, result.frames_changed, result.frames) == (expected, touched, 3)
    assert (result.plate_digest == result.picture_digest) == (expected == 0)


def test_digests_do_not_depend_on_samples_under_the_matte(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=3)
    digests = set()
    for n, region in enumerate((Region(8, 8, 32, 24), Region(8, 8, 32, 24))):
        folder = tmp_path / str(n)
        folder.mkdir()
        writer, _ = write_shot(folder, plate, None, region)
        result = count_changed_outside_matte(
            plate, str(writer.picture), str(writer.matte), plate.frames
        )
        assert result.changed_outside == 0 and result.frames_changed == 2
        digests |= {result.plate_digest, result.picture_digest}
    assert len(digests) == 1


def test_a_picture_of_another_format_or_length_cannot_be_verified(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=3)
    writer, _ = write_shot(tmp_path, plate, picture="prores422hq")
    with pytest.raises(MediaError, match="cannot be compared"):
        count_changed_outside_matte(plate, str(writer.picture), str(writer.matte), plate.frames)
    short = write_plate(tmp_path / "short.mkv", "yuv420p", n_frames=2)
    with pytest.raises(MediaError, match="holds 2 frames"):
        count_changed_outside_matte(plate, short.path, str(writer.matte), plate.frames)
    small = write_plate(tmp_path / "small.mkv", "gray", n_frames=3, size=(32, 48))
    with pytest.raises(MediaError, match="matte"):
        count_changed_outside_matte(plate, plate.path, small.path, plate.frames)


def test_one_changed_sample_of_one_frame_is_found(tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv422p10le", n_frames=4)
    with (
        ShotWriter(tmp_path, "s", plate, plate.frames, DeliverySettings()) as writer,
        open_plate(plate) as reader,
    ):
        for frame in reader.frames(plate.frames):
            composite = untouched(frame)
            if frame.number == 2:
                planes = [p.copy() for p in frame.planes]
                planes[2][-1, -1] ^= 1
                composite = Composite(Frame(2, tuple(planes), frame.format), composite.matte, ())
            writer.add(composite)
    result = count_changed_outside_matte(
        plate, str(writer.picture), str(writer.matte), plate.frames
    )
    assert (result.changed_outside, result.frames_changed) == (1, 1)
    assert result.plate_digest != result.picture_digest
