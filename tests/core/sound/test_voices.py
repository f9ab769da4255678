"""Turns, voices, and where one voice is alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import MediaError
from dubsync.core.sound.voices import Turn, Voice, alone

TURNS = st.lists(
    st.builds(
        lambda who, start, length: Turn(who, start, start + length),
        st.sampled_from("ABC"),
        st.integers(0, 30),
        st.integers(1, 6),
    ),
    max_size=8,
).map(tuple)


def test_an_empty_turn_is_refused():
    with pytest.raises(MediaError, match="empty"):
        Turn("A", 2.0, 2.0)


def test_a_voice_counts_its_seconds():
    voice = Voice("A", (Turn("A", 0, 1.5), Turn("A", 2, 3)), np.zeros(192))
    assert voice.seconds == 2.5


@given(TURNS)
def test_alone_is_where_one_voice_and_no_other_is_heard(turns):
    for who in "ABC":
        spans = alone(turns, who)
        for half in range(80):
            at = half / 2 + 0.25
            heard = {t.speaker for t in turns if t.start <= at < t.stop}
            assert (heard == {who}) == any(start <= at < stop for start, stop in spans)


@given(TURNS)
def test_stretches_alone_do_not_touch(turns):
    spans = alone(turns, "A")
    assert all(a[1] < b[0] for a, b in zip(spans, spans[1:], strict=False))
