"""Marks of a rythmo band correct the evidence of closed lips, except against a clear vowel."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.script import LIPS, LipMark, Lips
from dubsync.core.sound.audio import STATES, AudioFeatures
from dubsync.core.sound.phones import PHONES, VOWELS
from dubsync.speech.lip_marks import HALF, NEAR_S, apply_marks

N, START = 200, Fraction(3600)


def features(closure: float = 0.3, vowels: slice | None = None) -> AudioFeatures:
    """Two seconds from 01:00:00:00; a clear vowel in the readings `vowels`."""
    phones = np.full((N, len(PHONES)), 1 / len(PHONES), np.float32)
    if vowels is not None:
        phones[vowels] = 0
        phones[vowels, min(VOWELS)] = 1
    flat = np.full(N, closure, np.float32)
    return AudioFeatures(
        START, np.zeros((N, 40), np.float32), flat, flat, flat, phones,
        np.zeros((N, STATES), np.float32),
    )  # fmt: skip


def marked(ms: int, lips: Lips, **more: object) -> np.ndarray:
    """The closure after one mark `ms` milliseconds after the start."""
    made = features(**more)  # type: ignore[arg-type]
    return np.asarray(apply_marks(made, [LipMark(START + Fraction(ms, 1000), lips)]).closure)


def test_each_kind_of_mark_at_its_time() -> None:
    assert list(marked(1000, "closed")[98:103]) == [np.float32(0.3), 1, 1, 1, np.float32(0.3)]
    assert list(marked(1000, "semi")[97:104]) == [np.float32(0.3), *[HALF] * 5, np.float32(0.3)]
    assert list(marked(1000, "open")[96:105]) == [np.float32(0.3), *[0] * 7, np.float32(0.3)]


def test_a_closed_mark_in_a_clear_vowel_moves_beside_it_or_does_not_count() -> None:
    moved = marked(1000, "closed", vowels=slice(96, 103))
    assert moved[102] == 1 and moved[103] == 1 and moved[100] < 0.5
    np.testing.assert_array_equal(marked(1000, "closed", vowels=slice(80, 120)), features().closure)


@given(st.integers(-500, 2500), st.sampled_from(LIPS), st.floats(0, 1, width=32))
def test_a_mark_changes_only_its_neighbourhood_and_keeps_evidence_in_range(
    ms: int, lips: Lips, closure: float
) -> None:
    result = marked(ms, lips, closure=closure)
    changed = np.flatnonzero(result != np.float32(closure))
    assert ((result >= 0) & (result <= 1)).all()
    assert all(abs(n * 10 - ms) <= NEAR_S * 1000 + 40 for n in changed)
    if lips == "closed" and 0 <= ms < N * 10 - 5:
        assert result[min(round(ms / 10), N - 1)] == 1


def test_without_marks_the_features_are_the_same_object() -> None:
    made = features()
    assert apply_marks(made, ()) is made
