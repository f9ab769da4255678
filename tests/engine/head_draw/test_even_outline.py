"""Hair of the shot's own frame moves without waves."""

import numpy as np
import pytest

from dubsync.engine.head_draw.choose.head_choice import OWN
from dubsync.engine.head_draw.even_outline import evened, smoothed

FRAMES = 12
POINTS = np.stack(np.meshgrid(np.arange(0, 90, 14.0), np.arange(0, 90, 14.0)), axis=-1)
GRID = POINTS.reshape(-1, 2).astype(np.float32)


@pytest.fixture(name="outlines")
def two_outlines() -> tuple[np.ndarray, np.ndarray]:
    """A wanted outline whose points err each for itself, and the shot's own."""
    original = np.broadcast_to(GRID.astype(np.float64), (FRAMES, *GRID.shape))
    return original + np.random.default_rng(3).normal(0, 4, original.shape), original


def rough(moved: np.ndarray) -> float:
    """How far points next to one another move apart."""
    rows = moved.reshape(FRAMES, *POINTS.shape[:2], 2)
    return float(np.abs(np.diff(rows, axis=1)).mean())


def test_strands_of_the_own_frame_are_not_bent_in_waves(outlines) -> None:
    wanted, original = outlines
    path = np.full(FRAMES, OWN)
    found = evened(wanted, original, (original, original), GRID, path)
    assert rough(found - original) < 0.2 * rough(wanted - original)


def test_an_own_frame_that_moves_as_one_moves_as_it_did(outlines) -> None:
    _, original = outlines
    path, turned = np.full(FRAMES, OWN), original + [6.0, -2.0]
    found = evened(turned, original, (original, original), GRID, path)
    np.testing.assert_allclose(found, turned)


def test_what_the_rigid_head_does_is_not_averaged(outlines) -> None:
    wanted, original = outlines
    found = evened(wanted, original, (wanted, original), GRID, np.full(FRAMES, OWN))
    np.testing.assert_allclose(found, wanted)


def test_a_key_frame_keeps_the_outline_that_the_ridge_foretells(outlines) -> None:
    wanted, original = outlines
    found = evened(wanted, original, (original, original), GRID, np.zeros(FRAMES, int))
    assert found is wanted


def test_one_point_that_moves_unlike_its_neighbours_moves_as_they_do():
    spots = np.stack(np.meshgrid(np.arange(0.0, 60, 6), np.arange(0.0, 60, 6)), -1).reshape(-1, 2)
    turned = spots @ np.array([[1.1, 0.05], [-0.04, 0.9]]) + (3, -2)
    nobody = np.zeros((0, 2)), np.zeros((0, 2))
    assert np.abs(smoothed(spots, turned, nobody) - turned).max() < 0.05
    torn = turned.copy()
    torn[44] += (4, 0)
    found = smoothed(spots, torn, nobody)
    assert np.abs(found - turned).max() < 1
    face = spots + (0, 3), turned + (5, 0)
    assert (smoothed(spots, turned, face) - turned)[44, 0] > 1
