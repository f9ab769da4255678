"""Utterances are found as a person would mark them."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.sound.audio import AudioFeatures
from dubsync.speech.lines import JOINED_S, SHORTEST_S, spoken_runs


def features_of(speech, start=Fraction(0)):
    n = len(speech)
    return AudioFeatures.of_level(
        start, np.zeros((n, 40)), np.zeros(n), np.asarray(speech), np.zeros(n)
    )


def test_short_gaps_are_joined_and_blips_dropped():
    speech = np.zeros(400)
    speech[50:100] = speech[120:160] = 1  # 0.2 s apart: one utterance
    speech[250:255] = 1  # a blip
    speech[300:] = 0.9  # runs to the end

    assert spoken_runs(features_of(speech, Fraction(10))) == ((10.5, 11.6), (13.0, 14.0))


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_utterances_are_in_order_separate_and_long_enough(tenths):
    runs = spoken_runs(features_of(np.repeat(np.array(tenths, float), 10)))

    assert all(stop - start >= SHORTEST_S - 1e-9 for start, stop in runs)
    assert all(b[0] - a[1] >= JOINED_S - 1e-9 for a, b in zip(runs, runs[1:], strict=False))
