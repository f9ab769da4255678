"""A shot plays by its time map, to the frame."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Event, Plate, Shot
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.proxies.play_path import play_path

FILM = Fraction(24000, 1001)
RATIOS = st.fractions(Fraction(-4), Fraction(4), max_denominator=1001)


def shot_of(time: TimeMap, record: FrameRange, plate: FrameRange) -> Shot:
    form = PictureFormat(64, 48, "yuv", 8, chroma=(1, 1))
    event = Event("1", "SH010", "a.mov", "", "", record, plate)
    return Shot(
        "SH010", event, Plate("a.mov", "/a.mov", "", plate, form), plate, record, plate, time
    )


@given(
    st.lists(st.tuples(st.integers(1, 12), RATIOS), min_size=1, max_size=4),
    st.integers(0, 2_000_000),
    st.fractions(0, 1, max_denominator=480),
)
def test_every_record_frame_shows_the_frame_of_the_time_map(pieces, first, offset):
    keys = [(Fraction(first), Fraction(5000) + offset)]
    for length, speed in pieces:
        keys.append((keys[-1][0] + length, keys[-1][1] + length * speed))
    record = FrameRange(first, int(keys[-1][0]), FILM)
    shot = shot_of(TimeMap(tuple(keys)), record, FrameRange(4980, 5060, FILM))
    path = play_path(shot)
    assert path.whole.start <= record.start and path.whole.stop >= record.stop
    assert len(path.whole) < len(record) + 200
    for n in {*record_frames(record), *record_frames(path.whole)[::13]}:
        wanted = min(max(shot.plate_frame(n), 4980), 5059)
        assert path.plate_frame(n) == wanted
    assert path.record_frame(path.plate_frame(record.start)) in path.whole


def record_frames(span: FrameRange) -> range:
    return range(span.start, span.stop)


def test_a_shot_of_20000_frames_is_ready_at_once_and_one_of_one_frame_too():
    for n in (20_000, 1):
        record, plate = FrameRange(86400, 86400 + n, FILM), FrameRange(0, n, FILM)
        path = play_path(
            shot_of(TimeMap.steady_from(86400, 86400 + n, 0, Fraction(1)), record, plate)
        )
        assert (path.shows == np.arange(n)).all() and len(path.whole) == n
