"""What is never seen carries on what is seen: lines run through it, known pixels stay."""

import numpy as np
import pytest

from dubsync.engine.clean_plate.patch_fill import patch_fill
from dubsync.engine.compositing.push_pull import push_pull


def shelves(height=90, width=120):
    """Two dark shelves and a bright post before a plain wall, and a hole in the middle."""
    picture = np.full((height, width, 3), 0.7, np.float32)
    picture[30:36] = (0.3, 0.2, 0.1)
    picture[60:64] = (0.2, 0.2, 0.3)
    picture[:, 20:26] = (0.9, 0.85, 0.6)
    known = np.ones((height, width), bool)
    known[20:75, 48:72] = False
    return picture, known


def test_a_shelf_runs_on_behind_the_head():
    truth, known = shelves()
    picture = np.where(known[..., None], truth, 0).astype(np.float32)
    filled = patch_fill(picture, known, 40)
    wrong = np.abs(filled - truth)[~known].mean()
    smooth = np.abs(push_pull(picture, known.astype(np.float32)) - truth)[~known].mean()
    assert wrong < 0.35 * smooth
    assert wrong < 0.05


def test_known_pixels_are_not_touched():
    truth, known = shelves()
    assert np.array_equal(patch_fill(truth, known, 40)[known], truth[known])


@pytest.mark.parametrize("known", [np.zeros((40, 50), bool), np.ones((40, 50), bool)])
def test_nothing_or_all_known_gives_a_picture_all_the_same(known):
    picture = np.full((40, 50, 3), 0.5, np.float32)
    filled = patch_fill(picture, known, 20)
    assert filled.shape == picture.shape
    assert np.isfinite(filled).all()
