"""A learnt head driven live: a drawn one, of three key frames."""

import numpy as np
import pytest

from dubsync.core.driven.live import DriverSeen, Hold
from dubsync.core.face import BLENDSHAPES, LANDMARKS
from dubsync.core.learning.head import HeadRange
from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.head.head_files import save_head
from dubsync.engine.head.head_key import HeadKey
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.outline import base, outline_on
from dubsync.engine.head.ridge import features_of
from dubsync.engine.live.live_driver import EASE_S, NEUTRAL_S
from dubsync.engine.live.live_head import LiveHead
from dubsync.engine.motion.basis import neutral_units
from tests.engine.head.drawn_head import REST, SIZE, drawn_matte, landmarks_on, path_of_turns

STEP = 0.12
#: Degrees of each key's turn to the side, and the colour of its person; all before a green wall.
TURNS, COLOURS = (0.0, -14.0, 14.0), ((0.5, 0.5, 0.5), (0.8, 0.3, 0.3), (0.3, 0.3, 0.8))
WALL = (0.1, 0.6, 0.1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    turns = np.radians([[0.0, yaw, 0.0] for yaw in TURNS])
    path = path_of_turns(turns)
    matte = drawn_matte()
    outline = outline_on(matte, landmarks_on(path), path[0], REST)
    keys = []
    for n, colour in enumerate(COLOURS):
        share = (matte[..., None] > 127).astype(np.float32)
        picture = share * np.float32(colour) + (1 - share) * np.float32(WALL)
        keys.append(HeadKey(
            "plate", 50 * n, picture.astype(np.float16), (0, 0), 1.0, landmarks_on(path, n), matte,
            np.asarray(base(outline, path[n])[0], np.float32), path[n],
            features_of(path[n], np.zeros(1), np.zeros(3))[0],
        ))  # fmt: skip
    ends = np.zeros(2)
    ranges = HeadRange(np.zeros((2, 3)), np.zeros((2, 2)), ends, ends, ends, 28.0)
    head = HeadModel("DRAWN", outline, tuple(keys), 0, REST, np.zeros(3, np.float32), ranges)
    place = tmp_path_factory.mktemp("head") / "head"
    save_head(head, place)
    return place


def seen(yaw=0.0, presence=1.0):
    turn = to_matrices(np.radians([[0.0, yaw, 0.0]]))[0]
    points = np.asarray(neutral_units() @ turn.T * 60 + (320, 240, 0), np.float32)
    assert points.shape == (LANDMARKS, 3)
    return DriverSeen(points, np.zeros(BLENDSHAPES, np.float32), presence)


def shown_after(live, face, seconds, at):
    frame = np.full((480, 640, 3), 90, np.uint8)
    for n in range(max(1, round(seconds / STEP))):
        picture = live(face, frame, at + n * STEP)
    return picture, at + seconds


def test_the_head_rests_as_filmed_and_then_turns_with_the_driver(folder):
    live = LiveHead(folder, 480)
    rest, at = shown_after(live, seen(), STEP, 0.0)
    assert rest.hold == Hold.STARTING
    assert rest.rgb.shape == (*SIZE, 3)  # never enlarged
    middle = rest.rgb[100, 120] / 255
    assert np.allclose(middle, COLOURS[0], atol=0.06)
    assert np.allclose(rest.rgb[10, 5] / 255, WALL, atol=0.03)
    _, at = shown_after(live, seen(), NEUTRAL_S + EASE_S, at)
    turned, at = shown_after(live, seen(14.0), 1.0, at)
    assert turned.hold == Hold.FOLLOWS
    assert np.allclose(turned.rgb[100, 120] / 255, COLOURS[2], atol=0.1)  # that key serves now
    assert np.allclose(turned.rgb[10, 5] / 255, WALL, atol=0.03)  # the wall stays
    back, _ = shown_after(live, seen(14.0, presence=0.0), EASE_S + 1.0, at)
    assert back.hold == Hold.NOBODY
    assert np.allclose(back.rgb[100, 120] / 255, COLOURS[0], atol=0.1)


def test_a_taller_head_is_made_as_low_as_was_asked_for(folder):
    picture, _ = shown_after(LiveHead(folder, 130), seen(), STEP, 0.0)
    assert picture.rgb.shape[:2] == (130, 120)
    assert np.allclose(picture.rgb[50, 60] / 255, COLOURS[0], atol=0.06)
