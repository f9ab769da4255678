"""Few exemplars cover all frames, and one is kept until another is clearly better."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.colour import working_rgb
from dubsync.core.errors import NoFace
from dubsync.core.progress import silent
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.bank import gather
from dubsync.engine.geometry.pose import to_matrices
from tests.engine.exemplars.drawn_footage import HEIGHT, WIDTH, DrawnPlate, drawn_track


def banked(plates, most=20, widest_px=1024):
    footage = [plate.footage(f"plate{n}") for n, plate in enumerate(plates)]
    return gather(footage, most=most, widest_px=widest_px, progress=silent, character="Ada")


@pytest.fixture(scope="module")
def talking():
    return DrawnPlate(drawn_track(np.abs(np.sin(np.arange(60) / 5)), sway=0.05))


def test_only_the_chosen_frames_are_read(talking):
    talking.read_numbers.clear()

    bank = banked([talking], most=12)

    assert len(bank) == 12
    assert talking.read_numbers == sorted(bank.frames.tolist())


def test_the_chosen_frames_leave_no_mouth_far_away(talking):
    bank = banked([talking], most=12)
    every = selection.pose_features(talking.track.landmarks, bank.model).features
    chosen = selection.distances(every, bank.pose.features).min(axis=1).max()
    first = selection.distances(every, every[:12]).min(axis=1).max()

    assert chosen < 0.75 * first


def test_an_exemplar_keeps_the_plates_own_pixels(talking):
    bank = banked([talking], most=3)
    row = int(bank.frames[0])
    offset = talking.track.landmarks[row, 0, :2] - bank.points[0, 0]
    left, top = np.rint(offset).astype(int)
    height, width = bank.pictures[0].shape[:2]
    whole = working_rgb(next(talking.read([row])))

    np.testing.assert_allclose(
        bank.pictures[0], whole[top : top + height, left : left + width], atol=5e-4
    )


def test_every_exemplar_knows_its_time_in_its_own_plate():
    plates = [DrawnPlate(drawn_track([0.1, 0.5, 0.9], start=start)) for start in (0, 86400)]

    bank = banked(plates)

    assert set(bank.plates) == {"plate0", "plate1"}
    np.testing.assert_allclose(bank.seconds, bank.frames / 25)
    assert {0, 86402} <= set(bank.frames.tolist())


def test_a_face_larger_than_the_limit_is_scaled_down(talking):
    full, small = banked([talking], most=2), banked([talking], most=2, widest_px=80)

    assert small.pictures[0].shape[0] < 0.7 * full.pictures[0].shape[0]
    ratio = small.pictures[0].shape[1] / full.pictures[0].shape[1]
    np.testing.assert_allclose(small.points[0], full.points[0] * ratio, atol=1.5)


def test_footage_without_a_face_is_refused(talking):
    track = drawn_track([0.0, 0.1])
    hidden = type(track)(
        1, track.frames, track.landmarks, track.blendshapes, np.zeros(2), track.appearance
    )

    with pytest.raises(NoFace, match="Ada"):
        banked([DrawnPlate(hidden)])


def test_a_face_outside_the_picture_is_refused():
    track = drawn_track([0.0])
    away = type(track)(
        1, track.frames, track.landmarks + 4 * WIDTH, track.blendshapes, np.ones(1),
        track.appearance,
    )  # fmt: skip

    with pytest.raises(NoFace):
        banked([DrawnPlate(away)])


def test_learning_counts_a_frame_whose_face_lies_outside_the_picture():
    track, steps = drawn_track([0.0, 0.5, 0.9]), []
    marks = track.landmarks.copy()
    marks[2] += 4 * WIDTH
    footage = DrawnPlate(replace(track, landmarks=marks)).footage()

    bank = gather([footage], most=3, widest_px=1024, progress=steps.append, character="Ada")

    assert len(bank) == 2
    assert (steps[-1].done, steps[-1].total) == (3, 3)


def test_a_blurred_mouth_has_high_oddness_among_sharp_ones(talking):
    bank = banked([talking], most=20)
    fineness = bank.fineness.copy()
    fineness[4] /= 8
    other = replace(bank, fineness=fineness)

    assert int(other.oddness.argmax()) == 4
    assert other.oddness[4] > bank.oddness[4] + 1.5


@settings(max_examples=20)
@given(
    turn=st.tuples(*[st.floats(-0.3, 0.3)] * 3),
    scale=st.floats(0.3, 4),
    shift=st.tuples(st.floats(-200, 200), st.floats(-200, 200)),
)
def test_pose_features_do_not_depend_on_head_pose_or_framing(turn, scale, shift):
    still = drawn_track(np.linspace(0, 1, 5)).landmarks.astype(np.float64)
    model = selection.head_model(still)
    moved = still @ to_matrices(np.array([turn]))[0].T * scale + (*shift, 0)

    one, other = (
        selection.pose_features(still, model),
        selection.pose_features(moved.astype(np.float32), model),
    )

    np.testing.assert_allclose(one.shape, other.shape, atol=2e-4)
    np.testing.assert_allclose(one.gap, other.gap, atol=2e-4)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_the_selected_path_is_the_cheapest_of_all_paths(seed):
    rng = np.random.default_rng(seed)
    costs, apart = rng.uniform(size=(5, 3)) * 0.02, rng.uniform(size=(3, 3)) * 0.05
    apart = (apart + apart.T) * (1 - np.eye(3))

    def price(path):
        toll = sum(
            (a != b) * selection.SWITCH_COST + selection.SWITCH_SHARE * apart[a, b]
            for a, b in zip(path, path[1:], strict=False)
        )
        return toll + sum(costs[t, n] for t, n in enumerate(path))

    result = selection.cheapest_path(costs, apart)

    assert price(result) == pytest.approx(min(map(price, product(range(3), repeat=5))))


def test_jitter_hardly_ever_changes_the_exemplar():
    rng = np.random.default_rng(3)
    costs = 0.02 + 0.002 * rng.standard_normal((200, 10))

    path = selection.cheapest_path(costs, np.full((10, 10), 0.03) * (1 - np.eye(10)))

    assert (np.diff(costs.argmin(axis=1)) != 0).sum() > 150
    assert (np.diff(path) != 0).sum() < 6


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 6))
def test_neighbour_weights_add_up_to_one_and_start_with_the_paths_exemplar(seed, n, k):
    rng = np.random.default_rng(seed)
    costs, path = rng.uniform(size=(7, n)), rng.integers(0, n, 7)

    nearest, share = selection.neighbours(costs, path, k)

    assert nearest.shape == share.shape == (7, min(k, n))
    np.testing.assert_array_equal(nearest[:, 0], path)
    np.testing.assert_allclose(share.sum(axis=1), 1, rtol=1e-5)
    assert all(len(set(row)) == len(row) for row in nearest.tolist())


@settings(max_examples=25)
@given(st.integers(2, 40), st.integers(1, 45), st.integers(0, 99))
def test_farthest_points_selects_each_row_once(n, most, seed):
    features = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)

    chosen = selection.farthest_points(features, most)

    assert len(chosen) == min(n, most)
    assert (np.diff(chosen) > 0).all()


def test_one_frame_makes_a_bank():
    bank = banked([DrawnPlate(drawn_track([0.2]))])

    assert len(bank) == 1
    assert bank.pictures[0].shape[0] < HEIGHT
    np.testing.assert_array_equal(bank.oddness, [0])
