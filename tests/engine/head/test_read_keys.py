"""Landmarks of key frames, refined."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.engine.head.person_matte import WORKING_EYE_PX
from dubsync.engine.head.read_keys import FARTHEST_REFINED, not_far


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 999), st.floats(0.5, 4.0))
def test_no_landmark_is_refined_onto_another_part_of_the_face(seed, scale):
    rng = np.random.default_rng(seed)
    tracked = rng.uniform(0, 200, (478, 3)).astype(np.float32)
    refined = tracked + rng.normal(0, 4 * scale, tracked.shape).astype(np.float32)
    kept = not_far(tracked, refined, scale)
    moved, wished = (np.linalg.norm((p - tracked)[:, :2], axis=1) for p in (kept, refined))
    most = FARTHEST_REFINED * WORKING_EYE_PX * scale
    assert (moved <= most * 1.001).all()
    assert np.allclose(kept[wished < most], refined[wished < most], atol=1e-4)
