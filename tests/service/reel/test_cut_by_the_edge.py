"""A head is not moved without a word where the picture's edge cuts its face."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np

from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.reel.heads.reach_warnings import cut_by_the_edge

FRAMES = FrameRange(1000, 1010, Fraction(25))


def told(left, region="head", turned=slice(4, 8)):
    """What is said of a face 100 pixels wide from `left` on, turned in four frames."""
    points = np.zeros((10, 478, 3))
    points[..., 0] = left + np.linspace(0, 100, 478)
    points[..., 1] = 150
    head = np.zeros((10, 7))
    head[turned, 1] = 0.1
    track = SimpleNamespace(frames=FRAMES, landmarks=points, confidence=np.ones(10))
    still, moved = (SimpleNamespace(head=one) for one in (np.zeros((10, 7)), head))
    part = SimpleNamespace(
        character="EVE", track=track, original=still, corrected=moved,
        tweak=Tweak().chosen("region", region),
    )  # fmt: skip
    plate = SimpleNamespace(format=PictureFormat(640, 360, "yuv", 8))
    return list(cut_by_the_edge(SimpleNamespace(name="SH", plate=plate), part))


def test_a_face_that_the_pictures_edge_cuts_is_told_with_its_first_moved_frame():
    for left in (-20.0, 560.0):
        [one] = told(left)
        assert one.about == "SH EVE" and "in 4 frames" in one.message
        assert "1004 the first" in one.message and "edge" in one.hint


def test_nothing_is_told_of_a_whole_face_of_a_still_head_or_of_a_mouth_alone():
    assert not told(200.0) and not told(0.0)
    assert not told(-20.0, turned=slice(0, 0))
    assert not told(-20.0, region="face")
