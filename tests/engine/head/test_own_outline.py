"""The outline followed in the shot's own frames, and what of it a turned head keeps."""

from fractions import Fraction
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.head import own_outline
from dubsync.engine.head.follow import keyed
from dubsync.engine.head.own_outline import OwnFrames, _rows, _steadied, carried, departures

SIZE, SWAY = 160, 4.0


def body(aside):
    """A patterned body of 100 px, `aside` px off; the face's landmarks stay."""
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    x = x - np.float32(aside)
    pattern = 0.5 + 0.2 * np.sin(x / 4) + 0.2 * np.cos(y / 5 + x / 9)
    matte = (np.hypot(x - 80, y - 80) < 50).astype(np.float32)
    face = np.random.default_rng(0).uniform(70, 90, (478, 3)).astype(np.float32)
    picture = cv2.GaussianBlur(cv2.merge([pattern * matte + 0.4 * (1 - matte)] * 3), (0, 0), 0.8)
    return keyed(picture, matte, face), np.asarray(matte * 255, np.uint8)


def test_a_body_that_sways_while_its_head_stays_is_followed(monkeypatch):
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    edge = 80 + 50 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    inner = 80 + 38 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = np.concatenate([edge, inner]).astype(np.float32)
    sway = SWAY * np.sin(np.arange(13) / 4)
    monkeypatch.setattr(own_outline, "reference_of", lambda head: body(0.0)[0])
    head = SimpleNamespace(digest="d", outline=SimpleNamespace(points=points, contour=24))
    span = FrameRange(0, 13, Fraction(25))
    track = SimpleNamespace(frames=span, landmarks=np.zeros((13, 478, 3)))
    read = OwnFrames(lambda numbers: (SimpleNamespace(number=n) for n in numbers))
    foretold = np.broadcast_to(points, (13, *points.shape)).astype(float)
    own = departures(
        head, lambda frame, landmarks: body(sway[frame.number]), Region(0, 0, SIZE, SIZE), track,
        foretold, np.ones(13, bool), read,
    )  # fmt: skip
    assert np.abs(own.mean(axis=1)[:, 0] - sway).max() < 0.3 * SWAY
    assert np.abs(own.mean(axis=1)[:, 1]).max() < 1.0


def test_shoulders_stay_where_the_plate_has_them_however_far_the_head_turns():
    own = np.random.default_rng(1).normal(0, 3, (4, 5, 2))
    kept = carried(own, np.zeros(5), np.array([0.0, 5.0, 20.0, 60.0]))
    assert np.allclose(kept, own)


def test_hair_keeps_less_of_its_own_way_the_farther_the_head_turns():
    own = np.ones((4, 1, 2))
    kept = carried(own, np.ones(1), np.array([0.0, 5.0, 10.0, 60.0]))[:, 0, 0]
    assert kept[0] == 1
    assert (np.diff(kept) < 0).all()
    assert kept[-1] < 0.01


def test_frames_that_are_not_drawn_are_not_read():
    shown = np.zeros(30, bool)
    shown[7:15] = True
    assert _rows(shown).tolist() == [7, 9, 11, 13, 14]


@pytest.mark.parametrize("rows", [[0, 3, 6, 9], [3, 6], [5]])
def test_between_followed_frames_the_outline_goes_on_evenly(rows):
    rows = np.array(rows)
    found = np.broadcast_to(rows[:, None, None], (len(rows), 2, 2)).astype(float)
    every = _steadied(rows, found, 12)[:, 0, 0]
    assert (np.diff(every) >= -1e-9).all()
    assert every[0] == pytest.approx(rows[0], abs=0.5)
    assert every[-1] == pytest.approx(rows[-1], abs=0.5)
