"""Dissolves and fades are told from cuts, pans and people who move."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from dubsync.core.picture import Frame, PictureFormat
from dubsync.media.mixed_frames import MixedFrames


def found(pictures: Iterable[np.ndarray]) -> list[int]:
    """Places of mixed frames among gray pictures (H, W) uint8."""
    mixed = MixedFrames()
    for n, picture in enumerate(pictures):
        height, width = picture.shape
        form = PictureFormat(width, height, "gray", 8, full_range=True, matrix="bt709")
        mixed.add(Frame(n, (np.ascontiguousarray(picture),), form))
    return mixed.places().tolist()


def talking(shared: Path, name: str, n_frames: int = 48) -> np.ndarray:
    """(n, 90, 160) frames of a clip."""
    with av.open(str(shared / "footage" / name)) as movie:
        frames = islice(movie.decode(video=0), n_frames)
        return np.stack([frame.reformat(160, 90, "gray").to_ndarray() for frame in frames])


@pytest.mark.parametrize("length", [6, 12, 25])
def test_a_dissolve_between_two_people_is_found_where_it_is(shared: Path, length: int) -> None:
    one, other = (
        talking(shared, n).astype(float) for n in ("grid_ans_youth.mpg", "obama_oval_20s.mov")
    )
    share = np.clip((np.arange(48) - 10) / length, 0, 1)[:, None, None]
    places = found(np.uint8(np.rint(one * (1 - share) + other * share)))
    assert places and 10 <= places[0] <= 14 and 6 + length <= places[-1] <= 10 + length
    assert places == list(range(places[0], places[-1] + 1))


def test_a_fade_from_black_is_found(shared: Path) -> None:
    share = np.clip(np.arange(48) / 16, 0, 1)[:, None, None]
    assert found(np.uint8(talking(shared, "grid_ans_youth.mpg") * share))


def test_a_cut_is_no_dissolve(shared: Path) -> None:
    one, other = (talking(shared, n) for n in ("grid_ans_youth.mpg", "obama_oval_20s.mov"))
    assert found(np.concatenate([one[:20], other[20:]])) == []


@pytest.mark.parametrize(
    "name", ["katiehill_512_8s.mp4", "chaplin_film_cuts_10s.mp4", "whitehouse_stage_cuts_10s.mp4",
             "vox2_p796100172.mp4", "lrs3_woman_profile_5s.mp4"],
)  # fmt: skip
def test_people_cuts_and_cameras_that_move_are_no_dissolve(name: str, shared: Path) -> None:
    assert found(talking(shared, name, 240)) == []


def test_a_pan_is_no_dissolve() -> None:
    wide = cv2.resize(np.random.default_rng(1).random((9, 64)), (1280, 90)) * 255
    for step in (1, 2, 5, 9):
        assert found(np.uint8(wide[:, step * n : step * n + 160]) for n in range(60)) == []
