"""The mark's code gives 32 bits back from any four of its six symbols."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.engine.mark.code import best_codeword, payload_of, symbols


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.permutations(range(6)), st.integers(0, 2**16))
def test_any_two_symbols_may_be_lost(payload, places, noise):
    scores = np.random.default_rng(noise).normal(0, 1, (6, 256))
    for place in places[:4]:
        scores[place, symbols(payload)[place]] = 12
    _, word = best_codeword(scores)
    assert payload_of(word) == payload


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_two_payloads_differ_in_three_symbols_or_more(one, other):
    apart = sum(a != b for a, b in zip(symbols(one), symbols(other), strict=True))
    assert one == other or apart >= 3
