"""The regression predicts what many frames agree on, and never a frame from itself."""

import cv2
import numpy as np
import pytest

from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.flat_face import Plane
from dubsync.engine.network import appearance_regression
from dubsync.engine.network.appearance_regression import (
    FOLDS,
    Kernel,
    Regression,
    ring_cells,
    solve,
)
from tests.engine.exemplars.drawn_footage import drawn_track

MODEL = selection.head_model(drawn_track(np.linspace(0, 1, 8)).landmarks)
PLANE = Plane.of(MODEL, 64)
SEEN = np.ones((64, 64), bool)
N = 90


def smooth_maps(count, seed):
    rng = np.random.default_rng(seed)
    maps = rng.normal(size=(count, PLANE.px, PLANE.px, 3)).astype(np.float32)
    maps = np.stack([cv2.GaussianBlur(m, (0, 0), 2.5) for m in maps])
    return maps / maps.std(axis=(1, 2, 3), keepdims=True)


BASE = np.clip(0.5 + 0.09 * smooth_maps(1, 0)[0], 0.1, 0.9)
PARTS = smooth_maps(3, 1) * 0.04 * ~PLANE.ring()[None, ..., None]


def face(pose, kind):
    """A flat face that depends on its pose (3,) inside the ring; the ring stays as it is."""
    amount = pose if kind == "straight" else np.sin(1.6 * pose)
    return (BASE + np.einsum("k,kyxc->yxc", amount, PARTS)).astype(np.float32)


def poses_and_faces(kind, seed=3, count=N):
    poses = np.random.default_rng(seed).uniform(-1, 1, (count, 3)).astype(np.float32) * 0.1
    return poses, np.stack([face(p * 10, kind) for p in poses])


@pytest.fixture(scope="module", params=["straight", "curved"])
def learnt(request):
    poses, flats = poses_and_faces(request.param)
    result, apart = solve(PLANE, flats.copy(), poses, np.arange(N) * FOLDS // N)
    return request.param, result, apart


def test_poses_that_were_never_shown_are_predicted_far_better_than_by_the_mean(learnt):
    kind, result, _ = learnt
    poses, truths = poses_and_faces(kind, seed=8, count=25)

    error = [
        np.square(result.predict(p, t, SEEN) - t).mean() for p, t in zip(poses, truths, strict=True)
    ]
    usual = [np.square(result.mean - t).mean() for t in truths]

    assert np.mean(error) < 0.05 * np.mean(usual)


def test_frames_predicted_from_other_blocks_come_near_the_truth_too(learnt):
    kind, result, apart = learnt
    _, truths = poses_and_faces(kind)
    plain = np.square(truths - truths.mean(axis=0)).mean()

    made = result.mean + (apart @ result.modes).reshape(truths.shape)

    assert np.square(made - truths).mean() < 0.05 * plain


def test_a_held_out_prediction_does_not_depend_on_its_own_truth():
    rng = np.random.default_rng(0)
    poses = rng.normal(size=(30, 4))
    known = poses, rng.normal(size=(30, 2))
    alike = Kernel(2.0, 3.0, 0.1, 0.05).between(known, known)
    blocks = np.arange(30) * FOLDS // 30
    wanted = rng.normal(size=(30, 5))
    poisoned = wanted.copy()
    poisoned[blocks == 2] += 100

    plain, other = (
        appearance_regression._predicted_held_out(alike, 0.05, w, blocks)
        for w in (wanted, poisoned)
    )

    np.testing.assert_array_equal(other[blocks == 2], plain[blocks == 2])
    assert (np.abs(other - plain)[blocks != 2].max(axis=1) > 0.1).all()


@pytest.mark.parametrize(("gain", "offset"), [(0.8, 0.05), (1.2, -0.05), (1.0, 0.1)])
def test_the_light_of_the_plate_comes_through(learnt, gain, offset):
    kind, result, _ = learnt
    poses, truths = poses_and_faces(kind, seed=9, count=3)
    for pose, truth in zip(poses, truths, strict=True):
        plain = result.predict(pose, truth, SEEN)
        lit = result.predict(pose, truth * np.float32(gain) + np.float32(offset), SEEN)

        changed = plain * gain + offset
        # The ring is too even to tell a gain from an offset: their sum over the face counts.
        assert np.abs((lit - changed).mean(axis=(0, 1))).mean() < 0.015
        assert np.abs(lit - plain).mean() > 0.03


def test_only_the_ring_of_the_plate_is_read(learnt):
    kind, result, _ = learnt
    poses, truths = poses_and_faces(kind, seed=9, count=1)
    hidden = truths[0].copy()
    hidden[~PLANE.ring()] = 5.0

    np.testing.assert_array_equal(
        result.predict(poses[0], hidden, SEEN), result.predict(poses[0], truths[0], SEEN)
    )


def test_frames_in_other_light_give_the_same_face():
    poses, flats = poses_and_faces("straight")
    gains = np.random.default_rng(4).uniform(0.85, 1.15, (N, 1, 1, 1)).astype(np.float32)
    result, _ = solve(PLANE, flats * gains, poses, np.arange(N) * FOLDS // N)
    queries, truths = poses_and_faces("straight", seed=8, count=10)

    error = [
        np.square(result.predict(p, t, SEEN) - t).mean()
        for p, t in zip(queries, truths, strict=True)
    ]

    assert np.mean(error) < 0.2 * np.mean([np.square(result.mean - t).mean() for t in truths])


def test_a_plate_unlike_all_that_was_learnt_from_is_predicted_within_bounds(learnt):
    _, result, _ = learnt
    poses, _ = poses_and_faces("straight", seed=9, count=1)
    strange = np.random.default_rng(1).uniform(size=result.mean.shape).astype(np.float32)

    made = result.predict(poses[0] * 50, strange, SEEN)

    assert np.isfinite(made).all()
    assert np.abs(made).max() < 5


def test_a_regression_reads_back_as_it_was_saved(learnt):
    kind, result, _ = learnt
    poses, truths = poses_and_faces(kind, seed=9, count=1)
    arrays = result.arrays()

    again = Regression.from_arrays(MODEL, {name: a.copy() for name, a in arrays.items()})

    assert arrays["modes"].dtype == np.float16
    np.testing.assert_array_equal(
        again.predict(poses[0], truths[0], SEEN), result.predict(poses[0], truths[0], SEEN)
    )


def test_the_rings_cells_are_its_mean_colours():
    ring = PLANE.ring()
    flat = np.where(ring[..., None], np.float32([0.2, 0.5, 0.7]), np.float32(9))

    cells = ring_cells(flat, ring).reshape(-1, 3)

    assert len(cells) > 12
    np.testing.assert_allclose(cells, np.tile([[0.2, 0.5, 0.7]], (len(cells), 1)), atol=1e-5)


@pytest.mark.parametrize("count", [2, 5, 13])
def test_few_frames_are_enough_to_answer(count):
    poses, flats = poses_and_faces("straight", count=count)

    result, apart = solve(PLANE, flats.copy(), poses, np.arange(count) * FOLDS // count)

    assert len(apart) == count
    assert np.isfinite(result.predict(poses[0], flats[0], SEEN)).all()


def test_the_same_frames_give_the_same_regression():
    poses, flats = poses_and_faces("curved", count=30)
    blocks = np.arange(30) * FOLDS // 30
    one, other = (solve(PLANE, flats.copy(), poses, blocks)[0].arrays() for _ in range(2))

    for name in one:
        np.testing.assert_array_equal(one[name], other[name])
