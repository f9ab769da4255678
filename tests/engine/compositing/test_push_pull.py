"""Holes are filled smoothly, and what is known stays."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dubsync.engine.compositing.push_pull import push_pull


@given(st.integers(2, 60), st.integers(2, 60), st.integers(0, 2**32 - 1))
def test_push_pull_keeps_what_is_known_and_stays_within_it(height, width, seed):
    draw = np.random.default_rng(seed)
    picture = draw.random((height, width, 3), np.float32)
    known = draw.random((height, width)) < draw.random()
    filled = push_pull(picture, known.astype(np.float32))
    assert np.allclose(filled[known], picture[known], atol=1e-5)
    if known.any():
        assert filled.min() >= picture[known].min() - 1e-4
        assert filled.max() <= picture[known].max() + 1e-4
    else:
        assert not filled.any()
