"""Drawn pictures are written whole or not at all, with their sound, their marks, their matte."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import OpenEXR
import pytest

from dubsync.core.colour import working_rgb
from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.drawn_movie import Drawn, drawing
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

MADE = "synthetic: a test"
FRAMES = FrameRange(0, 3, Fraction(25))


def ramp(width: int, height: int) -> np.ndarray:
    across = np.linspace(0.1, 0.9, width, dtype=np.float32)
    return np.repeat(np.repeat(across[None, :, None], height, 0), 3, 2) * np.float32([1, 0.8, 0.6])


def write(out: Path, *, alpha: bool = False, size: tuple[int, int] = (65, 47)) -> np.ndarray:
    picture = ramp(*size)
    matte = np.full(picture.shape[:2], 0.5, np.float32) if alpha else None
    with drawing(out, Drawn(*size, FRAMES, MADE, alpha)) as add:
        for _ in range(len(FRAMES)):
            add(picture, matte)
    return picture


@pytest.mark.parametrize(("suffix", "apart"), [(".mov", 0.01), (".mkv", 0.001), (".mp4", 0.03)])
def test_a_movie_shows_what_was_drawn_and_says_how_it_was_made(
    tmp_path: Path, suffix: str, apart: float
) -> None:
    picture = write(tmp_path / f"a{suffix}")
    plate = probe_plate(tmp_path / f"a{suffix}")
    assert len(plate.frames) == 3 and plate.frames.rate == 25
    with open_plate(plate) as reader:
        shown = working_rgb(next(reader.frames(plate.frames)))
    inner = picture[: shown.shape[0], : shown.shape[1]]  # an .mp4 has even sizes
    assert np.abs(shown - inner).mean() < apart
    with av.open(str(tmp_path / f"a{suffix}")) as movie:
        assert {k.lower(): v for k, v in movie.metadata.items()}["comment"] == MADE
    assert [path.name for path in tmp_path.iterdir()] == [f"a{suffix}"]


def test_transparency_is_kept_where_a_file_can_hold_it(tmp_path: Path) -> None:
    write(tmp_path / "a.mov", alpha=True)
    with av.open(str(tmp_path / "a.mov")) as movie:
        frame = next(movie.decode(video=0))
    assert frame.format.name.startswith("yuva444")
    write(tmp_path / "b.png", alpha=True)
    assert cv2.imread(str(tmp_path / "b.1001.png"), cv2.IMREAD_UNCHANGED)[0, 0, 3] == 128
    write(tmp_path / "c.exr", alpha=True)
    channels = OpenEXR.File(str(tmp_path / "c.1003.exr"), separate_channels=True).channels()
    assert channels["A"].pixels[0, 0] == 0.5
    assert channels["R"].pixels[0, -1] == pytest.approx(0.5 * ((0.9 + 0.055) / 1.055) ** 2.4, 0.01)


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".png"])
def test_nothing_is_left_of_a_movie_that_fails(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"a{suffix}"
    with pytest.raises(KeyboardInterrupt), drawing(out, Drawn(64, 48, FRAMES, MADE)) as add:
        add(ramp(64, 48))
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_a_picture_beside_a_sequence_is_none_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.sheet.png").write_bytes(b"mine")
    write(tmp_path / "a.png")
    assert (tmp_path / "a.1001.png").is_file()


@pytest.mark.parametrize("suffix", [".mov", ".png"])
def test_no_file_is_written_over(tmp_path: Path, suffix: str) -> None:
    write(tmp_path / f"a{suffix}")
    (tmp_path / "a.sheet.png").write_bytes(b"of another movie")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    with pytest.raises(DeliveryError, match="exists"):
        write(tmp_path / f"a{suffix}")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
