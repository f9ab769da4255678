"""Lips that open further than any exemplar's have a smooth edge and teeth up to the lip."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.engine.exemplars.mouth_interior import mouth_dark, open_mouth
from dubsync.engine.geometry.mesh import INNER_LIPS, LIPS
from tests.engine.exemplars.drawn_footage import HEIGHT, LIP, WIDTH, drawn_track

UNIT = 44.0
TEETH = (0.85, 0.82, 0.78)
FACE = drawn_track([0.35]).landmarks[0][:, :2]


def wider(points, by):
    """The face with its inner lips `by` as far from their middle, up and down."""
    moved = points.copy()
    middle = points[INNER_LIPS, 1].mean()
    moved[INNER_LIPS, 1] = middle + by * (points[INNER_LIPS, 1] - middle)
    return moved


def exemplar():
    """Lips all over, and bright teeth wherever the mouth is open."""
    inside = np.zeros((HEIGHT, WIDTH), np.float32)
    shape = np.rint((FACE[INNER_LIPS] - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(inside, [shape], 1.0, shift=4)
    inside = cv2.GaussianBlur(inside, (0, 0), 0.5)[..., None]
    return (inside * np.array(TEETH) + (1 - inside) * np.array(LIP)).astype(np.float32)


def drawn_open(wanted, background=LIP):
    picture = exemplar()
    flat = np.full((HEIGHT, WIDTH, 3), background, np.float32)
    return open_mouth(flat, picture, mouth_dark(picture, FACE, UNIT), wanted, FACE, UNIT, 1.0)


@settings(max_examples=15)
@given(shift=st.floats(0, 1), along=st.sampled_from([0, 1]))
def test_lips_that_move_by_a_tenth_of_a_pixel_change_no_pixel_by_much(
    shift: float, along: int
) -> None:
    step = np.zeros(2, np.float32)
    step[along] = 1
    one, other = (drawn_open(wider(FACE, 1.5) + step * (shift + by)) for by in (0.0, 0.1))
    assert np.abs(other - one).max() < 0.25 * (max(TEETH) - min(LIP))


def test_teeth_extend_beside_those_that_an_exemplar_shows() -> None:
    wanted = wider(FACE, 1.15)  # a ring a pixel or so wide that no exemplar shows
    made = drawn_open(wanted)
    at = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(at, [np.rint(wanted[INNER_LIPS] - 0.5).astype(np.int32)], 1)
    assert made[at > 0].mean(axis=1).min() > np.mean(LIP) * 0.8


def test_far_from_any_teeth_a_mouth_is_dark() -> None:
    picture = np.full((HEIGHT, WIDTH, 3), LIP, np.float32)
    shut = wider(FACE, 0.0)
    wanted = wider(FACE, 3.0)
    flat = picture.copy()
    made = open_mouth(flat, picture, mouth_dark(picture, shut, UNIT), wanted, shut, UNIT, 1.0)
    x, y = wanted[INNER_LIPS].mean(axis=0).astype(int)
    assert made[y, x].max() < 0.3 * max(LIP)
    far = np.ones((HEIGHT, WIDTH), bool)
    x0, y0 = wanted[LIPS].min(axis=0).astype(int) - 6
    x1, y1 = wanted[LIPS].max(axis=0).astype(int) + 6
    far[y0:y1, x0:x1] = False
    assert (made[far] == flat[far]).all()


def test_a_mouth_seen_from_the_side_changes_nothing_beyond_its_lips() -> None:
    side = FACE.copy()
    side[:, 0] = FACE[:, 0].mean() + 0.03 * (FACE[:, 0] - FACE[:, 0].mean())
    picture = exemplar()
    flat = np.full((HEIGHT, WIDTH, 3), 0.9, np.float32)
    made = open_mouth(flat, picture, mouth_dark(picture, FACE, UNIT), side, FACE, 20 * UNIT, 1.0)
    assert (made[:, :20] == flat[:, :20]).all() and (made[:, -20:] == flat[:, -20:]).all()
