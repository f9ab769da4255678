"""A digest of each frame tells a render's frames again in any file that holds them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dubsync.core.picture import Region
from dubsync.media.frame_digests import Digested, digests_of
from tests.media.written_plates import write_plate, write_shot

MOUTH = Region(16, 16, 40, 32)


@pytest.mark.parametrize("pixel", ["yuv420p", "yuv422p10le", "gbrp12le"])
def test_digests_taken_while_writing_are_those_of_the_file(pixel: str, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "p.mkv", pixel, n_frames=4)
    writer, _ = write_shot(tmp_path, plate, None, MOUTH)
    assert len(set(writer.frame_digests)) == 4
    assert tuple(digests_of(writer.picture, "samples")) == writer.frame_digests


@pytest.mark.parametrize(
    ("picture", "codec", "suffix", "over"),
    [("lossless", "utvideo", ".mkv", "samples"), ("prores422hq", "copy", ".nut", "coded")],
)
def test_a_copy_without_loss_in_another_file_has_the_same_digests(
    picture: str, codec: str, suffix: str, over: Digested, tmp_path: Path, ffmpeg: str
) -> None:
    plate = write_plate(tmp_path / "p.mkv", "yuv420p", n_frames=4)
    writer, _ = write_shot(tmp_path, plate, None, MOUTH, picture=picture)
    copy = tmp_path / f"copy{suffix}"
    asked = ("-v", "error", "-i", str(writer.picture), "-map", "0:v", "-c", codec, str(copy))
    subprocess.run([ffmpeg, *asked], check=True)
    assert tuple(digests_of(copy, over)) == writer.frame_digests
