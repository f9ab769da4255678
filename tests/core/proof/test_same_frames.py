"""A file is told from its frames' digests: the same, trimmed, with frames dropped, altered."""

from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.proof.same_frames import same_frames

FRAMES = [f"frame {n}" for n in range(40)]


@given(st.integers(0, 38), st.integers(1, 39))
def test_a_run_of_the_frames_is_trimmed_and_the_lost_ones_are_named(start, length):
    run = FRAMES[start : start + length]
    found = same_frames(run, FRAMES, 100)

    assert found.likeness == ("same" if len(run) == len(FRAMES) else "trimmed")
    assert {100 + n for n, one in enumerate(FRAMES) if one not in run} == set(found.missing)


@given(st.sets(st.integers(1, 38), min_size=1, max_size=20))
def test_dropped_frames_are_named(lost):
    kept = [one for n, one in enumerate(FRAMES) if n not in lost]
    found = same_frames(kept, FRAMES, 0)

    assert found.likeness in ("dropped", "trimmed")
    assert set(found.missing) == lost


@given(st.sets(st.integers(0, 39), min_size=1, max_size=19))
def test_altered_frames_are_named(places):
    changed = [f"other {n}" if n in places else one for n, one in enumerate(FRAMES)]
    found = same_frames(changed, FRAMES, 10)

    assert found.likeness == "altered"
    assert set(found.foreign) == places and set(found.missing) == {10 + n for n in places}


def test_frames_of_another_film_are_no_copy():
    assert same_frames(["x", "y"], FRAMES, 0).likeness == "other"
    assert same_frames([], FRAMES, 0).share == 0


def test_a_freeze_that_lost_a_frame_is_still_told():
    frozen = ["a", "b", "b", "b", "c"]
    assert same_frames(["a", "b", "b", "c"], frozen, 0).likeness in ("trimmed", "dropped")
    assert same_frames(["a", "c", "b", "b", "b"], frozen, 0).likeness == "reordered"
