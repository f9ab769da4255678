"""The predicted picture is used where it was accurate in training, and nowhere else."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.engine.network import fusion
from dubsync.engine.network.fusion import FEW, MOST_GAIN, Example, Fusion, bands

PX, COUNT = 32, 60


def grid(px=PX):
    """(px, px, 2) a plane that lies on a picture of its own size, pixel for pixel."""
    y, x = np.mgrid[:px, :px].astype(np.float32) + 0.5
    return np.stack([x, y], axis=-1)


def noise(seed, px=PX, height=0.1):
    made = np.random.default_rng(seed).normal(size=(px, px, 3)).astype(np.float32)
    return made * np.float32(height)


def soft(seed, height=0.1):
    made = cv2.GaussianBlur(noise(seed), (0, 0), 2.0)
    return made * np.float32(height / made.std()) + np.float32(0.5)


def errors_of(truth, exemplar, predicted):
    return fusion.errors(truth, exemplar, predicted, np.ones((PX, PX), bool))


def fusing(shares, gain=1.0, usual=None):
    """Shares and gain the same everywhere."""
    maps = np.full((2, PX, PX), shares, np.float32)
    usual = np.full((2, 2), 1e-3, np.float32) if usual is None else usual
    return Fusion(maps, np.full((PX, PX), gain, np.float32), usual)


def learnt(frames, seen=None):
    seen = np.ones((PX, PX), bool) if seen is None else seen
    frames = (Example(*pictures, errors_of(*pictures), grid(), seen) for pictures in frames)
    return fusion.learn(PX, np.ones((PX, PX), np.float32), frames)


def test_an_exact_prediction_is_used_up_to_the_shrinkage_for_few_frames():
    result = learnt((soft(n), soft(n + 1000), soft(n)) for n in range(COUNT))

    np.testing.assert_allclose(result.shares, COUNT / (COUNT + FEW), rtol=0.01)


def test_an_unrelated_prediction_is_hardly_used():
    result = learnt((soft(n), soft(n), soft(n) + soft(n + 1000) - 0.5) for n in range(COUNT))

    assert result.shares.max() < 0.01


def test_two_equally_wrong_pictures_are_mixed_half_and_half():
    result = learnt(
        (soft(n), soft(n) + noise(n + 1000), soft(n) + noise(n + 2000)) for n in range(COUNT)
    )

    np.testing.assert_allclose(np.median(result.shares), 0.5 * COUNT / (COUNT + FEW), rtol=0.1)


def test_spots_never_seen_keep_the_exemplar():
    seen = np.ones((PX, PX), bool)
    seen[:, 16:] = False
    result = learnt(((soft(n), soft(n + 1000), soft(n)) for n in range(COUNT)), seen)

    assert result.shares[:, :, :6].min() > 0.9 * COUNT / (COUNT + FEW)
    assert result.shares[:, :, 30:].max() < 0.05


def test_trust_ends_softly_where_too_few_frames_show_a_spot():
    seen = np.zeros((10, PX, PX), bool)
    seen[:, :, :16] = True
    seen[:2, :, 16:] = True

    trust = fusion.trusted(seen, 4.0)

    assert trust[:, :10].min() == 1
    assert trust[:, 16:].max() == 0
    assert (np.diff(trust[16, 10:17]) <= 0).all() and 0 < trust[16, 14] < 1


@settings(max_examples=25)
@given(st.integers(0, 999), st.integers(5, 40), st.integers(5, 40))
def test_bands_add_up_to_the_picture(seed, height, width):
    picture = np.random.default_rng(seed).uniform(size=(height, width, 3)).astype(np.float32)

    np.testing.assert_allclose(sum(bands(picture)), picture, atol=1e-5)


def test_the_finest_band_is_the_exemplars_alone():
    sure = fusing(1.0)
    exemplar, predicted = soft(1), soft(2)
    checks = noise(3) - cv2.GaussianBlur(noise(3), (0, 0), 1.0)
    shown = np.ones((PX, PX), np.float32)

    plain = sure.fuse(exemplar, predicted, grid(), shown)
    with_grain = sure.fuse(exemplar + checks, predicted, grid(), shown)

    wanted = exemplar + sum(bands(predicted - exemplar)[1:])
    np.testing.assert_allclose(plain, wanted, atol=1e-5)
    fine = bands(checks)[0]
    assert np.abs(bands(with_grain - plain)[0] - fine).mean() < 0.1 * fine.std()


@settings(max_examples=25)
@given(st.integers(0, 999), st.floats(0, 1))
def test_the_fused_picture_moves_from_the_one_to_the_other_by_the_share(seed, share):
    exemplar, predicted = soft(seed), soft(seed + 5000)

    made = fusing(share).fuse(exemplar, predicted, grid(), np.ones((PX, PX), np.float32))

    low = cv2.GaussianBlur(predicted - exemplar, (0, 0), fusion.BANDS[0])
    np.testing.assert_allclose(made, exemplar + np.float32(share) * low, atol=1e-4)


def test_a_spot_outside_the_plane_or_turned_away_keeps_the_exemplar():
    exemplar, predicted = soft(1), soft(2)
    shown = np.ones((PX, PX), np.float32)
    shown[:, :8] = 0
    at = grid() + np.array([0, 12], np.float32)  # the last rows lie below the plane

    made = fusing(1.0, MOST_GAIN).fuse(exemplar, predicted, at, shown)

    np.testing.assert_allclose(made[:, :8], exemplar[:, :8], atol=1e-6)
    np.testing.assert_allclose(made[22:], exemplar[22:], atol=1e-6)
    assert np.abs(made - exemplar)[:18, 10:].mean() > 0.02


def test_a_plate_on_which_both_err_as_usual_is_fused_as_usual():
    usual = np.array([[3e-3, 1e-2], [2e-3, 4e-3]], np.float32)

    result = fusing(0.4, usual=usual).on_plate(usual)

    np.testing.assert_allclose(result.shares, 0.4, atol=1e-6)


@settings(max_examples=25)
@given(st.floats(1.5, 50), st.floats(0.05, 0.95))
def test_a_plate_that_the_exemplars_match_badly_uses_the_prediction_more(times, share):
    usual = np.full((2, 2), 1e-2, np.float32)
    worse = usual * np.array([[times], [1]], np.float32)

    result = fusing(share, usual=usual).on_plate(worse).shares
    back = fusing(share, usual=usual).on_plate(worse[::-1]).shares

    assert share < result.min() and result.max() <= 1
    assert back.max() < share and back.min() >= 0


def test_errors_measure_the_better_picture_band_by_band():
    result = errors_of(soft(1), soft(1) + noise(2), soft(1) + soft(3, 0.02) - 0.5)

    assert result[0, 0] > 10 * result[1, 0] > 0
    assert errors_of(soft(1), soft(1), soft(1)).max() < 1e-9


def test_too_little_bare_skin_gives_no_errors():
    bare = np.zeros((PX, PX), bool)
    bare[:5, :5] = True

    assert fusion.errors(soft(1), soft(2), soft(3), bare) is None
    assert fusion.update_errors(None, None) is None
    np.testing.assert_array_equal(fusion.update_errors(np.ones((2, 2)), None), np.ones((2, 2)))


def test_exemplar_only_keeps_the_exemplar_bit_for_bit():
    exemplar = soft(1)

    made = fusion.exemplar_only(PX).fuse(exemplar, soft(2), grid(), np.ones((PX, PX), np.float32))

    np.testing.assert_array_equal(made, exemplar)


@pytest.mark.parametrize(("blur", "least", "most"), [(0.0, 1.0, 1.01), (0.9, 1.08, MOST_GAIN)])
def test_an_exemplar_softer_than_the_truth_gains_detail_and_another_none(blur, least, most):
    def frame(n):
        truth = noise(n) + 0.5
        exemplar = cv2.GaussianBlur(truth, (0, 0), blur) if blur else truth
        return truth, exemplar, exemplar

    result = learnt(frame(n) for n in range(COUNT))

    assert least <= np.median(result.gain) <= most


def test_no_frames_at_all_keep_the_exemplar():
    result = learnt([])

    assert result.shares.max() == 0
    np.testing.assert_array_equal(result.gain, 1)


def test_a_fusion_reads_back_as_it_was_saved():
    result = learnt((soft(n), soft(n + 1000), soft(n)) for n in range(5))

    again = Fusion.from_arrays(result.arrays())

    np.testing.assert_array_equal(again.shares, result.shares)
    np.testing.assert_array_equal(again.gain, result.gain)
