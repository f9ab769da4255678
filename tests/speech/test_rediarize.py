"""Windows of a second and a half mend what ten seconds took for one voice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.sound.voices import Turn
from dubsync.speech.rediarize import looked_again


def listener(truth, *, noise=0.25, seed=0):
    """Prints as a network would take them: the voices heard in a span, by their share of it."""
    dice = np.random.default_rng(seed)
    voices = sorted({turn.speaker for turn in truth})
    directions = dict(zip(voices, np.eye(192)[: len(voices)], strict=True))

    def prints(spans):
        rows = []
        for start, stop in spans:
            row = dice.normal(size=192) * noise / np.sqrt(192)
            for turn in truth:
                row += (
                    max(0, min(stop, turn.stop) - max(start, turn.start)) * directions[turn.speaker]
                )
            rows.append(row / np.linalg.norm(row))
        return np.array(rows)

    return prints


def right(result, truth):
    """Share of the truth's voiced time in which the voice found is the truth's, best naming."""
    grid = np.arange(0, max(t.stop for t in truth), 0.01)

    def who(turns):
        said = np.full(len(grid), "", dtype=object)
        for turn in turns:
            said[(grid >= turn.start) & (grid < turn.stop)] = turn.speaker
        return said

    theirs, mine = who(truth), who(result)
    total = sum(
        max(np.count_nonzero((theirs == a) & (mine == b)) for b in set(mine))
        for a in set(theirs) - {""}
    )
    return total / np.count_nonzero(theirs != "")


TRUTH = (Turn("A", 0, 6), Turn("B", 6, 9), Turn("A", 10, 14), Turn("B", 14, 20))


def test_two_voices_taken_for_one_are_told_apart():
    lumped = (Turn("x", 0, 9), Turn("x", 10, 20))
    result = looked_again(lumped, listener(TRUTH))
    assert len({turn.speaker for turn in result}) == 2
    assert right(result, TRUTH) > 0.95


def test_a_short_answer_within_anothers_turn_is_given_back():
    truth = (Turn("A", 0, 8), Turn("B", 8, 9.8), Turn("A", 9.8, 16), Turn("B", 20, 28))
    first = (Turn("A", 0, 16), Turn("B", 20, 28))
    assert right(first, truth) < 0.95
    assert right(looked_again(first, listener(truth)), truth) > 0.97


def test_what_was_right_stays():
    result = looked_again(TRUTH, listener(TRUTH))
    assert right(result, TRUTH) > 0.99
    assert {turn.speaker for turn in result} == {"A", "B"}


def test_no_voice_is_added_past_the_most():
    lumped = (Turn("x", 0, 9), Turn("x", 10, 20))
    assert {t.speaker for t in looked_again(lumped, listener(TRUTH), most=1)} == {"x"}


def test_voices_at_once_both_stay():
    truth = (Turn("A", 0, 6), Turn("B", 5, 12))
    result = looked_again(truth, listener(truth))
    both = [(t.start, t.stop) for t in result if t.start <= 5.5 < t.stop]
    assert len(both) == 2


def test_little_speech_stays_as_it_is():
    short = (Turn("A", 0, 1), Turn("B", 1.5, 2.5))
    assert looked_again(short, listener(short)) == short
    assert looked_again((), listener(short)) == ()


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.floats(0.4, 6)), min_size=1, max_size=8),
    st.integers(0, 5),
)
def test_when_somebody_speaks_never_changes(parts, seed):
    turns, at = [], 0.0
    for who, seconds in parts:
        turns.append(Turn(who, at, at + seconds))
        at += seconds + 0.3
    result = looked_again(tuple(turns), listener(turns, seed=seed))
    assert sum(t.seconds for t in result) == pytest.approx(sum(t.seconds for t in turns))
    for turn in result:
        assert any(t.start - 1e-6 <= turn.start and turn.stop <= t.stop + 1e-6 for t in turns)
