"""Frames that are read ahead are the same frames, in order; errors come where their frame would."""

import threading

import numpy as np
import pytest

from dubsync.core.errors import MediaError
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.media.movie.read_ahead import ReadAhead

PICTURE = np.zeros((4, 4, 3), np.uint8)
BYTES = sum(plane.nbytes for plane in rgb_frame(PICTURE).planes)


def frames(count, made=None, error=None):
    for n in range(count):
        if made is not None:
            made.append(n)
        yield rgb_frame(PICTURE + np.uint8(n))
    if error is not None:
        raise error


def values(read):
    return [int(np.asarray(frame.planes[0]).flat[0]) for frame in read]


def test_frames_come_in_order_and_whole():
    with ReadAhead(frames(30), waiting=3) as read:
        assert values(read) == list(range(30))
        assert values(read) == []


def test_an_error_is_raised_after_the_frames_before_it():
    got = []
    with ReadAhead(frames(3, error=MediaError("torn"))) as read, pytest.raises(MediaError):
        for frame in read:
            got.append(frame)
    assert values(got) == [0, 1, 2]


@pytest.mark.parametrize("bound", [{"waiting": 2}, {"most_bytes": 2 * BYTES}])
def test_no_more_is_decoded_than_the_bound_holds(bound):
    made = []
    with ReadAhead(frames(50, made), **bound) as read:
        for n, _ in enumerate(read):
            assert len(made) <= n + 1 + 3  # two that wait, and one that is being made


def test_whoever_leaves_early_stops_the_reading():
    made = []
    with ReadAhead(frames(1000, made), waiting=2) as read:
        next(read)
    assert len(made) <= 4
    assert not [t for t in threading.enumerate() if t.name.startswith("read ahead")]


def test_what_is_raised_by_whoever_draws_comes_through():
    with pytest.raises(KeyboardInterrupt), ReadAhead(frames(100), waiting=2) as read:
        next(read)
        raise KeyboardInterrupt
