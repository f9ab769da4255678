"""Whom a shot's own frames are parted from."""

import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.engine.head_draw import shelf as shelves
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.track.detector import Box
from tests.engine.exemplars.drawn_footage import HEIGHT, WIDTH, DrawnPlate, drawn_track

SOMEBODY = Box(4.0, 4.0, 40.0, 40.0)


@pytest.fixture
def looks(monkeypatch):
    """(frames that were looked at, what is found in them)."""
    seen, found = [], {}

    class Looking:
        def __call__(self, shown, landmarks):
            seen.append(len(seen))
            return found.get("everywhere", ())

    monkeypatch.setattr(shelves, "OtherFaces", Looking)
    return seen, found


@pytest.fixture(scope="module")
def shot():
    """(track, frames) of twelve painted frames."""
    track = drawn_track(np.full(12, 0.3))
    return track, list(DrawnPlate(track).frames())


def _owns(shot, others=()):
    """A shot's own frames, as a shelf reads them."""
    track, frames = shot
    shelf = shelves.Shelf(
        None, None, Canvas(Region(0, 0, WIDTH, HEIGHT), 2.0), "drawn", None, others=others,
        person=lambda picture, _: np.ones(picture.shape[:2], np.float32),
    )  # fmt: skip
    points = track.landmarks
    return [shelf.own(frame, points[frame.number], points[frame.number]) for frame in frames]


def test_nobody_else_is_looked_for_in_every_eighth_frame_alone(looks, shot):
    _owns(shot)
    assert len(looks[0]) == 2


def test_who_was_found_is_looked_for_in_every_frame_and_parted(looks, shot):
    looks[1]["everywhere"] = (SOMEBODY,)
    owns = _owns(shot)
    assert len(looks[0]) == 12
    assert all(own.matte[10, 10] < 0.1 for own in owns)


def test_while_another_face_is_tracked_every_frame_is_looked_at(looks, shot):
    _owns(shot, others=[drawn_track(np.full(3, 0.3))])
    assert len(looks[0]) == 3 + 1
