"""Changes between two turnover cuts, and where the dub of each event lies."""

from fractions import Fraction

from dubsync.core.shot import Cut, Event
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.changes.events import dub_shifts, origins

RATE = Fraction(24)


def frames(start, length):
    return FrameRange(start, start + length, RATE)


def cut_of(name, first, counts_from, *, available=True):
    """Two uses of one plate of 200 frames; the second is at 4/5 of its speed."""
    has = frames(counts_from, 200) if available else None
    return Cut(
        name, "", RATE, False,
        tuple(
            Event(str(n), f"{name}{n}", "P", "", "P.mov", frames(at, 40), source, speed,
                  available=has)
            for n, at, source, speed in (
                (1, first, frames(counts_from + 12, 40), Fraction(1)),
                (2, first + 40, frames(counts_from + 100, 32), Fraction(4, 5)),
            )
        ),
    )  # fmt: skip


def test_the_dub_is_found_in_a_cut_that_counts_its_media_from_0():
    old, new = cut_of("old", 86400, 884693), cut_of("new", 1, 0)
    assert dub_shifts(old, new) == {"new1": 86399, "new2": 86399}
    assert origins(old, new) == {"new1": "old1", "new2": "old2"}


def test_frame_numbers_are_compared_as_they_are_where_the_extent_is_not_stated():
    old, new = cut_of("old", 86400, 884693, available=False), cut_of("new", 1, 0)
    assert set(dub_shifts(old, new).values()) == {None}
