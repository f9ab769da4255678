"""Windows of 1.5 s separate voices that the segmentation merged."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.sound.voices import Turn
from dubsync.speech.rediarize import rediarize


def listener(truth, *, noise=0.25, seed=0):
    """Voiceprints of spans: a mix of the voices in each span, by their share of it."""
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
    """Share of the true speech that has the right voice, under the best naming."""
    grid = np.arange(0, max(t.stop for t in truth), 0.01)

    def speakers(turns):
        names = np.full(len(grid), "", dtype=object)
        for turn in turns:
            names[(grid >= turn.start) & (grid < turn.stop)] = turn.speaker
        return names

    theirs, mine = speakers(truth), speakers(result)
    total = sum(
        max(np.count_nonzero((theirs == a) & (mine == b)) for b in set(mine))
        for a in set(theirs) - {""}
    )
    return total / np.count_nonzero(theirs != "")


TRUTH = (Turn("A", 0, 6), Turn("B", 6, 9), Turn("A", 10, 14), Turn("B", 14, 20))


def test_two_merged_voices_are_separated():
    lumped = (Turn("x", 0, 9), Turn("x", 10, 20))
    result = rediarize(lumped, listener(TRUTH))
    assert len({turn.speaker for turn in result}) == 2
    assert right(result, TRUTH) > 0.95


def test_a_short_answer_within_anothers_turn_is_separated():
    truth = (Turn("A", 0, 8), Turn("B", 8, 9.8), Turn("A", 9.8, 16), Turn("B", 20, 28))
    first = (Turn("A", 0, 16), Turn("B", 20, 28))
    assert right(first, truth) < 0.95
    assert right(rediarize(first, listener(truth)), truth) > 0.97


def test_correct_turns_stay():
    result = rediarize(TRUTH, listener(TRUTH))
    assert right(result, TRUTH) > 0.99
    assert {turn.speaker for turn in result} == {"A", "B"}


def test_no_voice_is_added_beyond_the_most():
    lumped = (Turn("x", 0, 9), Turn("x", 10, 20))
    assert {t.speaker for t in rediarize(lumped, listener(TRUTH), most=1)} == {"x"}


def test_voices_that_overlap_both_stay():
    truth = (Turn("A", 0, 6), Turn("B", 5, 12))
    result = rediarize(truth, listener(truth))
    both = [(t.start, t.stop) for t in result if t.start <= 5.5 < t.stop]
    assert len(both) == 2


def test_short_speech_is_unchanged():
    short = (Turn("A", 0, 1), Turn("B", 1.5, 2.5))
    assert rediarize(short, listener(short)) == short
    assert rediarize((), listener(short)) == ()


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.floats(0.4, 6)), min_size=1, max_size=8),
    st.integers(0, 5),
)
def test_the_times_of_speech_never_change(parts, seed):
    turns, at = [], 0.0
    for speaker, seconds in parts:
        turns.append(Turn(speaker, at, at + seconds))
        at += seconds + 0.3
    result = rediarize(tuple(turns), listener(turns, seed=seed))
    assert sum(t.seconds for t in result) == pytest.approx(sum(t.seconds for t in turns))
    for turn in result:
        assert any(t.start - 1e-6 <= turn.start and turn.stop <= t.stop + 1e-6 for t in turns)
