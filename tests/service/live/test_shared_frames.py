"""The ring of frames between two processes: here both ends are in one."""

from contextlib import contextmanager
from multiprocessing import Pipe

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.driven.live import LIVE_HEIGHT, DriverSeen, Hold
from dubsync.core.errors import ShapeError
from dubsync.core.face import BLENDSHAPES, LANDMARKS
from dubsync.service.live.shared_frames import (
    WIDEST,
    FrameReader,
    FrameWriter,
    LiveFrame,
    SharedFrames,
)


@contextmanager
def ring():
    with SharedFrames() as frames:
        heard, sent = Pipe(duplex=False)
        writer, reader = FrameWriter(frames.name, sent), FrameReader(frames.name, heard)
        try:
            yield writer, reader
        finally:
            reader.close()
            if not sent.closed:
                writer.close()


def frame(number, size=(4, 6)):
    return LiveFrame(number, np.full((*size, 3), number % 256, np.uint8), captured_ns=number * 7)


@given(st.lists(st.booleans(), max_size=40))
def test_the_newest_frame_wins_and_none_comes_twice(order):
    with ring() as (writer, reader):
        put, read = 0, []
        for write in [*order, False]:
            if write:
                put += 1
                writer.put(frame(put))
            elif (got := reader.newest()) is not None:
                assert got.number == put  # nothing older than the newest is ever read
                assert (got.rgb == put % 256).all()
                read.append(got.number)
        assert read == sorted(set(read))
        if put:
            assert read[-1] == put


def test_a_frame_comes_through_with_everything_that_is_known_of_it():
    rng = np.random.default_rng(1)
    seen = DriverSeen(
        rng.normal(size=(LANDMARKS, 3)).astype(np.float32),
        rng.random(BLENDSHAPES).astype(np.float32), 0.75, others=2, same=False,
    )  # fmt: skip
    rgb = rng.integers(0, 256, (LIVE_HEIGHT, WIDEST, 3), np.uint8)
    sent = LiveFrame(9, rgb, 1, 2, 3, 4, 5, Hold.AWAY, seen)
    with ring() as (writer, reader):
        writer.put(sent)
        got = reader.newest()
    for name in ("number", "captured_ns", "followed_ns", "drawn_ns", "follow_ns", "draw_ns"):
        assert getattr(got, name) == getattr(sent, name)
    assert got.hold == Hold.AWAY
    assert (got.rgb == rgb).all()
    assert (got.seen.landmarks == seen.landmarks).all()
    assert (got.seen.blendshapes == seen.blendshapes).all()
    assert (got.seen.presence, got.seen.others, got.seen.same) == (0.75, 2, False)


def test_a_writer_that_nobody_reads_is_never_held_up():
    with ring() as (writer, reader):
        for number in range(1, 2000):  # far more wakings than a pipe holds
            writer.put(frame(number))
        assert reader.newest().number == 1999
        writer.put(frame(2000))
        assert reader.newest(1.0).number == 2000


def test_the_last_frame_is_read_before_the_end_is_told():
    with ring() as (writer, reader):
        writer.put(frame(1))
        writer.close()
        assert reader.newest().number == 1
        with pytest.raises(EOFError):
            reader.newest()


def test_a_picture_larger_than_a_slot_is_refused():
    with ring() as (writer, _), pytest.raises(ShapeError, match="larger than a slot"):
        writer.put(frame(1, (LIVE_HEIGHT + 1, WIDEST)))
