"""A photograph given as a movie: the sentence helps (case 12, part 2)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from dubsync.core.errors import MediaError
from dubsync.media.probe import probe_plate

PICTURE = np.full((48, 64, 3), 90, np.uint8)


@pytest.mark.parametrize(
    "suffix", [".jpg", ".JPG", ".jpeg", ".png", ".tif", ".bmp", ".webp", ".gif"]
)
@pytest.mark.parametrize("called", ["portrait", "portrait_disguised.mp4"])
def test_a_still_is_named_as_a_still(suffix: str, called: str, tmp_path: Path) -> None:
    kind = ".png" if suffix == ".gif" else suffix.lower()
    data = cv2.imencode(kind, PICTURE)[1].tobytes()
    if suffix == ".gif":
        data = b"GIF89a" + data
    path = tmp_path / (called if "." in called else called + suffix)
    path.write_bytes(data)
    with pytest.raises(MediaError, match="is one still picture") as refused:
        probe_plate(path)
    assert str(path) in str(refused.value) and "a movie of the person" in refused.value.hint
    assert "dubsync portrait" in refused.value.hint


def test_the_portrait_of_the_case_is_named_as_a_still(shared: Path) -> None:
    with pytest.raises(MediaError, match="obama_official.jpg is one still picture"):
        probe_plate(shared / "portraits" / "obama_official.jpg")


def test_heic_is_known_by_its_first_bytes_and_a_movie_is_not_taken_for_it(tmp_path: Path) -> None:
    (tmp_path / "IMG_0001").write_bytes(b"\0\0\0\x18ftypheic" + bytes(64))
    with pytest.raises(MediaError, match="still picture"):
        probe_plate(tmp_path / "IMG_0001")
    (tmp_path / "empty.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(64))
    with pytest.raises(MediaError) as refused:
        probe_plate(tmp_path / "empty.mp4")
    assert "still" not in str(refused.value)


def test_a_missing_picture_is_missing(tmp_path: Path) -> None:
    for name in ("gone.png", "gone.jpg"):
        with pytest.raises(MediaError) as refused:
            probe_plate(tmp_path / name)
        assert "still" not in str(refused.value)
