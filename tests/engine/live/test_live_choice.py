"""Exemplars chosen as frames come."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dubsync.engine.head_draw.choose.head_choice import Offered
from dubsync.engine.live.live_choice import LiveChoice


def choice(*places):
    features = np.asarray(places, np.float32)[:, None]
    frames = np.arange(len(places)) * 100  # none follows another
    return LiveChoice(Offered(features, ("plate",) * len(places), frames))


@given(st.floats(-0.01, 0.01), st.floats(0.02, 0.2))
def test_noise_about_the_middle_of_two_exemplars_never_flickers(noise, apart):
    live = choice(0.0, apart)
    shown = [
        live.next(np.array([apart / 2 + noise * (-1) ** n], np.float32)) for n in range(30)
    ]  # fmt: skip
    assert len(set(shown[5:])) == 1


def test_a_lasting_change_is_followed_within_a_few_frames():
    live = choice(0.0, 0.5, 1.0)
    assert [live.next(np.array([0.0], np.float32)) for _ in range(10)][-1] == 0
    shown = [live.next(np.array([1.0], np.float32)) for _ in range(4)]
    assert shown[-1] == 2
