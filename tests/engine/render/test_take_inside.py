"""Lips that open beyond what the actor ever showed are filled from the take that drives them."""

from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.face import BLENDSHAPES, LANDMARKS, FaceTrack
from dubsync.core.learning.take_mouth import FilmedMouth, TakeMouths
from dubsync.core.picture import Region
from dubsync.core.steps import Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.compositing.mouth_inside import opening
from dubsync.engine.geometry.mesh import FACE_OVAL, INNER_LIPS, LIP_BODY, OUTER_LIPS
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.render.take_inside import TakeInside

SIDE, FRAMES = 160, 6
SKIN, INSIDE = (150, 110, 90), (20, 160, 20)


def face(open_by):
    """(478, 3) a plain face: eyes, an oval, and lips open by so many pixels."""
    points = np.full((LANDMARKS, 3), 80.0, np.float32)
    for ring, (x, y), wide, high in (
        (FACE_OVAL, (80, 80), 55, 70), (OUTER_LIPS, (80, 115), 22, 8 + open_by / 2),
        (INNER_LIPS, (80, 115), 18, open_by / 2), (LIP_BODY, (80, 115), 20, 4 + open_by / 2),
    ):  # fmt: skip
        turn = np.linspace(0, 2 * np.pi, len(ring), endpoint=False)
        points[ring, :2] = np.stack([x + wide * np.cos(turn), y + high * np.sin(turn)], axis=1)
    points[[33, 133, 362, 263], 0], points[[33, 133, 362, 263], 1] = (45, 65, 95, 115), 60
    points[[13, 14], 0], points[[13, 14], 1] = 80, (115 - open_by / 2, 115 + open_by / 2)
    return points


def painted(inside):
    picture = np.empty((SIDE, SIDE, 3), np.uint8)
    picture[:] = SKIN
    picture[100:130, 55:105] = inside
    return picture


@pytest.fixture(scope="module")
def read():
    return []


@pytest.fixture(scope="module")
def inside(read):
    span = FrameRange(0, FRAMES, Fraction(25))
    points = np.repeat(face(24)[None], FRAMES, axis=0)
    track = FaceTrack(
        1, span, points, np.zeros((FRAMES, BLENDSHAPES), np.float32),
        np.ones(FRAMES, np.float32), np.zeros(128, np.float32),
    )  # fmt: skip

    def frames(numbers):
        read.extend(numbers)
        return (rgb_frame(painted(INSIDE), n) for n in numbers)

    take = np.array([0, 0, 0, 0, 0, -1])
    mouths = TakeMouths(
        (FilmedMouth("t01", track, frames),), take, np.arange(FRAMES), np.ones(FRAMES, np.float32)
    )
    return TakeInside(mouths)


def drawn(inside, shares, t):
    plate = painted(SKIN)
    patch = Patch(
        Region(0, 0, SIDE, SIDE), np.asarray(plate, np.float32) / 255,
        np.full((SIDE, SIDE), 255, np.uint8),
    )  # fmt: skip
    return patch, inside.laid(patch, t, face(24), face(4), rgb_frame(plate), shares)


def wanted():
    return np.repeat(face(24)[None], FRAMES, axis=0)


def test_a_mouth_within_what_the_actor_showed_keeps_its_own_inside(inside):
    own = np.full(FRAMES, opening(face(24)), np.float32)
    shares = inside.shares(wanted(), own)
    assert not shares.any()
    patch, same = drawn(inside, shares, 1)
    assert same is patch and same.inside == ""


def test_a_mouth_far_beyond_it_shows_the_take_and_says_so(inside, read):
    shares = inside.shares(wanted(), np.full(FRAMES, opening(face(4)), np.float32))
    patch, new = drawn(inside, shares, 1)
    assert new.inside == "t01"
    changed = np.abs(new.rgb - patch.rgb).max(axis=-1)
    assert changed[115, 80] > 0.1
    assert changed[:90].max() == 0 and changed[:, :50].max() == 0
    assert np.array_equal(new.matte, patch.matte)
    drawn(inside, shares, 2)
    assert read == [1, 2, 3, 4], "each frame of the take is read once"


def test_frames_that_no_take_drives_borrow_nothing(inside):
    shares = inside.shares(wanted(), np.full(FRAMES, opening(face(4)), np.float32))
    assert shares[5] == 0 and shares[1] > 0.9


def test_a_take_that_is_hardly_open_itself_lends_nothing(inside):
    wide = np.repeat(face(60)[None], FRAMES, axis=0)
    assert not inside.shares(wide, np.full(FRAMES, opening(face(4)), np.float32)).any()


def test_an_opening_that_other_footage_shows_is_left_to_the_actor(inside):
    drawn_from = np.full(FRAMES, opening(face(4)), np.float32)
    assert not inside.shares(wanted(), drawn_from, [opening(face(22))] * 3).any()
    assert inside.shares(wanted(), drawn_from, [opening(face(4))] * 3)[1] > 0.9
