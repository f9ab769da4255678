"""Curves by their samples, and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dubsync.core.colours.curve import Curve
from dubsync.core.errors import ShapeError


def log_curve(n=4097):
    """A camera's log curve, code -> light: straight in its toe, exponential above."""
    code = np.linspace(-0.5, 1.5, n)
    return Curve(-0.5, 1.5, np.where(code < 0.15, (code - 0.095) / 10, 2 ** (code * 17 - 9.97)))


CURVE = log_curve()


@settings(max_examples=40)
@given(arrays(np.float32, (3, 5), elements=st.floats(-3, 3, width=32)))
def test_a_curve_and_its_inverse_undo_each_other_also_beyond_its_samples(places):
    assert np.abs(CURVE.back(CURVE.at(places)) - places).max() < 1e-4


def test_a_curve_passes_through_its_samples():
    places = np.linspace(-0.5, 1.5, 4097)
    np.testing.assert_allclose(CURVE.at(places), CURVE.values, rtol=2e-4, atol=1e-6)
    np.testing.assert_allclose(CURVE.places_of(CURVE.values), places, atol=1e-12)


def test_the_table_of_the_inverse_is_the_very_inverse_to_a_tenth_of_a_code_of_16_bits():
    light = np.float32(2.0) ** np.linspace(-14, 15, 5000, dtype=np.float32)
    fine = log_curve(32769)
    assert np.abs(fine.back(light) - fine.places_of(light.astype(np.float64))).max() < 3e-6


def test_infinite_light_has_a_finite_code():
    assert np.isfinite(CURVE.back(np.array([np.inf, -np.inf, 65504], np.float32))).all()


@pytest.mark.parametrize("values", [[0, 1, 1], [0, 2, 1], [0, np.nan, 1], [0]])
def test_a_curve_that_does_not_rise_is_refused(values):
    with pytest.raises(ShapeError):
        Curve(0, 1, np.array(values, np.float64))
