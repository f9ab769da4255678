"""Which frame each wanted frame of a head is drawn from."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ShapeError
from dubsync.engine.exemplars.selection import cheapest_path, distances
from dubsync.engine.head_draw.choose import head_choice
from dubsync.engine.head_draw.choose.head_choice import OWN, Offered


def offered(features, plates=None, frames=None):
    features = np.asarray(features, np.float32)
    n = len(features)
    return Offered(
        features, plates or ("A",) * n, np.asarray(range(n) if frames is None else frames)
    )


def test_footage_that_moves_as_wanted_is_played_frame_by_frame():
    rng = np.random.default_rng(0)
    bank = np.cumsum(rng.normal(0, 0.1, (60, 4)), axis=0)
    wanted = bank[20:35] + rng.normal(0, 0.01, (15, 4))
    path = head_choice.choose(wanted.astype(np.float32), offered(bank))
    assert path.tolist() == list(range(20, 35))
    assert not head_choice.cuts(path, offered(bank)).any()


def test_a_frame_of_another_plate_does_not_go_on_from_this_one():
    bank = offered(np.zeros((2, 3)), plates=("A", "B"), frames=[1, 2])
    assert head_choice.cuts(np.array([0, 1]), bank).tolist() == [False, True]
    assert bank.tolls()[0, 1] == pytest.approx(head_choice.SWITCH_COST)


def test_a_small_turn_is_made_from_the_shots_own_frames():
    rng = np.random.default_rng(1)
    own = np.cumsum(rng.normal(0, 0.05, (20, 4)), axis=0).astype(np.float32)
    path = head_choice.choose(own + np.float32(0.02), offered(rng.normal(0, 1, (30, 4))), own)
    assert (path == OWN).all()


def test_a_pose_that_the_shot_never_has_is_made_from_the_bank():
    own = np.zeros((12, 4), np.float32)
    wanted = np.zeros((12, 4), np.float32)
    wanted[4:9] = 1
    path = head_choice.choose(wanted, offered(np.ones((1, 4))), own)
    assert path.tolist() == [OWN] * 4 + [0] * 5 + [OWN] * 3
    cuts = head_choice.cuts(path, offered(np.ones((1, 4))))
    assert np.flatnonzero(cuts).tolist() == [4, 9]


def test_a_turn_held_by_hand_stays_with_the_shots_own_frames():
    own = np.zeros((12, 4), np.float32)
    wanted = np.full((12, 4), 0.042, np.float32)  # 8 degrees, in the head's features
    bank = offered(wanted[:1] + np.float32(0.025))
    assert (head_choice.choose(wanted, bank, own) == 0).all()
    kept = head_choice.choose(wanted, bank, own, other_frame=head_choice.OTHER_FRAME)
    assert (kept == OWN).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999))
def test_no_other_path_is_cheaper(seed):
    rng = np.random.default_rng(seed)
    bank, wanted = offered(rng.random((3, 2))), rng.random((4, 2)).astype(np.float32)
    costs, tolls = distances(wanted, bank.features), bank.tolls()

    def price(path):
        return costs[range(4), path].sum() + sum(tolls[a, b] for a, b in pairwise(path))

    best = min(price(list(p)) for p in np.ndindex(3, 3, 3, 3))
    assert price(list(head_choice.choose(wanted, bank))) == pytest.approx(best)


def test_beside_a_cut_the_exemplar_beyond_it_is_mixed_in_and_far_from_it_is_not():
    path = np.array([3] * 6 + [8] * 6)
    cut = np.arange(12) == 6
    near = head_choice.neighbours_at_cuts(path, cut, 4, 3)
    assert [sorted(n) for n in near] == [[]] * 2 + [[8]] * 4 + [[3]] * 4 + [[]] * 2
    assert near[5][8] == pytest.approx(near[6][3]) == pytest.approx(0.8)
    assert near[2][8] < near[4][8]


def test_every_exemplar_has_a_plate_and_a_frame():
    with pytest.raises(ShapeError):
        Offered(np.zeros((2, 3), np.float32), ("A",), np.array([1, 2]))


def test_the_faces_own_choice_is_as_it_was():
    rng = np.random.default_rng(4)
    costs, apart = rng.random((9, 5)), distances(*(rng.random((5, 3)),) * 2)
    path = cheapest_path(costs, apart)
    assert len(path) == 9
    assert path.min() >= 0


def test_of_two_frames_alike_the_shots_own_plate_is_taken():
    """Light and background of another plate are others."""
    wanted = np.zeros((6, 2))
    bank = Offered(np.array([[0.0, 0.0], [0.03, 0.0]]), ("other", "own"), np.array([4, 4]))
    assert set(head_choice.choose(wanted, bank)) == {0}
    assert set(head_choice.choose(wanted, bank, plate="own")) == {1}


def test_a_long_shot_is_chosen_for_in_little_memory():
    rng = np.random.default_rng(5)
    bank, wanted = (rng.normal(0, 1, (n, 6)).astype(np.float32) for n in (200, 300))
    tracemalloc.start()
    head_choice.choose(wanted, offered(bank), wanted + np.float32(0.5))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6, "not a table of every switch for every frame"


def test_a_frame_may_cost_more_than_the_own_one_in_some_frames_alone():
    offered = head_choice.Offered(
        np.array([[0.0], [1.0]], np.float32), ("a", "a"), np.array([0, 9])
    )
    wanted, own = np.zeros((8, 1), np.float32), np.full((8, 1), 0.02, np.float32)
    dear = np.where(np.arange(8) < 4, 0.2, -0.2)
    path = head_choice.choose(wanted, offered, own, other_frame=dear)
    assert path.tolist() == [head_choice.OWN] * 4 + [0] * 4
