"""Medians and quantiles of a few values."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dubsync.engine.face_region.order_statistics import medians, quantiles

VALUES = arrays(np.float32, st.integers(1, 30), elements=st.floats(0, 4, width=32))


@given(VALUES)
def test_they_are_numpys(values):
    pairs = np.stack([values, values[::-1] * 2], axis=1)
    assert np.allclose(medians(pairs), np.median(pairs, axis=0), atol=1e-6)
    assert np.allclose(quantiles(values, (0.35, 0.9)), np.quantile(values, (0.35, 0.9)), atol=1e-6)
