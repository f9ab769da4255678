"""Heads that turn far beyond their key frames."""

import numpy as np
import pytest

from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.head_shell import far_turn
from dubsync.engine.track.landmarker import canonical_face

SIZE = (240, 200)


def face(yaw):
    """The canonical face turned, about 100 pixels wide in a picture of SIZE."""
    turned = np.asarray(canonical_face().points, float) @ turn(yaw).T
    return turned * 7 + (100, 120, 0)


def turn(yaw, pitch=0.0):
    return to_matrices(np.radians([[pitch, yaw, 0.0]]))[0]


@pytest.mark.parametrize("yaw", [-30, 30])
def test_a_face_is_drawn_from_where_its_landmarks_are_in_the_exemplar(yaw):
    wanted, source = face(yaw), face(0)
    made = far_turn.front(wanted, source, SIZE)
    for landmark in (1, 9, 152, 4):
        x, y = np.floor(wanted[landmark, :2]).astype(int)
        if made.cover[y, x] == 1:
            assert np.abs(made.at[y, x] - source[landmark, :2]).max() < 4
    assert made.cover[120, 100] == 1


@pytest.mark.parametrize("yaw", [-30, 30])
def test_beyond_the_cheek_that_turns_away_nothing_of_the_face_is_drawn(yaw):
    wanted = face(yaw)
    made = far_turn.front(wanted, face(0), SIZE)
    covered = np.flatnonzero(made.cover[..., 0].max(axis=0) > 0)
    assert wanted[:, 0].min() - 1 <= covered.min() and covered.max() <= wanted[:, 0].max() + 1
    assert np.allclose(made.cover + made.beyond, 1)


def test_yaw_counts_from_the_nearest_frame_and_a_nod_does_not():
    turns = np.stack([turn(20), turn(0, pitch=25), turn(-12)])
    keys = np.stack([turn(0), turn(5)])
    assert np.allclose(far_turn.yaw_beyond(turns, keys), [15, 0, 12], atol=2.5)


def test_the_side_that_turns_away_is_the_one_that_goes_back():
    far = far_turn.FarTurn(
        np.ones(1, np.float32), np.zeros((1, 2, 2)), turn(25)[None], turn(0)[None],
        turn(0)[None], np.array([-1.0, 1.0], np.float32),
    )  # fmt: skip
    landmarks, outline = far.hides(0, 0)
    gone = face(25)[:, 2] - face(0)[:, 2]
    assert gone[landmarks].mean() > 0 > gone[~landmarks].mean()
    assert outline.sum() == 1 and (far.hides(0, far_turn.OWN)[0] == landmarks).all()
