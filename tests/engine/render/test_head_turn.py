"""A head follows the take's when the tweak says so, and takes the finished face with it."""

from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.steps import Patch
from dubsync.engine.compositing.composite import composite
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import fit
from dubsync.engine.motion.turn import neck_of
from dubsync.engine.motion.turn import turned as about_neck
from dubsync.engine.render.head_turn import head_turn
from tests.engine.drive.drive_synthesis import face_track, talk

TRACK = face_track(talk(1, Fraction(25), seed=4), size=70)
BASIS = learn_basis([TRACK])
MOTION = fit(TRACK, BASIS)
FORMAT = PictureFormat(600, 560, "rgb", 8, full_range=True)
YAW, NOD = (0.0, 0.05, 0.0), (0.05, 0.0, 0.0)


def turned(by, frames=slice(None)):
    head = np.array(MOTION.head)
    whole = about_neck(head, np.tile(by, (len(head), 1)), neck_of(BASIS.rest))
    head[frames] = np.float32(whole)[frames]
    return replace(MOTION, head=head)


def plate(seed=0):
    """A frame of soft noise, so that a place is known again by its colour."""
    rng = np.random.default_rng(seed)
    noise = rng.uniform(0, 255, (FORMAT.height, FORMAT.width, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 6)
    soft = (soft - soft.min()) / np.ptp(soft) * 255
    return Frame(0, tuple(np.uint8(np.rint(soft[..., n])) for n in range(3)), FORMAT)


def rgb(frame):
    return np.stack([np.float32(p) for p in frame.planes], axis=-1) / 255


@pytest.mark.parametrize("by", [YAW, NOD])
def test_every_point_of_the_face_goes_where_the_turn_takes_it(by):
    turn, frame = head_turn(TRACK, MOTION, turned(by)), plate()
    assert turn is not None
    patch = turn(frame, None)
    assert patch is not None

    new, old = rgb(composite(frame, [patch]).frame), rgb(frame)
    points = TRACK.landmarks[0, :, :2]
    goes = points + turn._moved[0]
    assert np.hypot(*(turn._moved[0].T)).max() > 3

    def at(picture, where):
        x, y = (np.float32(where[:, None, n] - 0.5) for n in (0, 1))
        return cv2.remap(picture, x, y, cv2.INTER_LINEAR)[:, 0]

    apart = np.abs(at(new, goes) - at(old, points)).max(axis=1)
    still = np.abs(at(new, points) - at(old, points)).max(axis=1)
    assert np.median(apart) < 0.02 < np.median(still)
    assert np.percentile(apart, 95) < 0.5 * np.percentile(still, 95)


def test_the_movement_fades_out_before_the_edge_of_its_region():
    turn = head_turn(TRACK, MOTION, turned(YAW))
    patch = turn(plate(), None)

    edges = [patch.matte[0], patch.matte[-1], patch.matte[:, 0], patch.matte[:, -1]]
    assert max(int(edge.max()) for edge in edges) == 0
    inside = TRACK.landmarks[0, FACE_OVAL, :2] - (patch.region.left, patch.region.top)
    assert (patch.matte[tuple(np.int32(inside[:, ::-1]).T)] == 255).all()


def test_a_head_that_is_not_turned_leaves_the_face_as_it_was_drawn():
    assert head_turn(TRACK, MOTION, MOTION) is None
    some = turned(YAW, slice(10, 20))
    drawn = Patch(Region(10, 10, 14, 14), np.zeros((4, 4, 3)), np.full((4, 4), 255, np.uint8))

    turn = head_turn(TRACK, MOTION, some)

    assert turn(plate(), drawn) is drawn
    assert turn(replace(plate(), number=15), drawn) is not drawn


def test_a_drawn_mouth_turns_with_the_head():
    mouth = TRACK.landmarks[0, [13, 14], :2].mean(axis=0)
    x, y = (int(v) for v in mouth)
    red = np.zeros((24, 24, 3), np.float32)
    red[..., 0] = 1
    drawn = Patch(Region(x - 12, y - 12, x + 12, y + 12), red, np.full((24, 24), 255, np.uint8))
    turn, frame = head_turn(TRACK, MOTION, turned(YAW)), plate()

    new = rgb(composite(frame, [turn(frame, drawn)]).frame)

    goes = mouth + turn._moved[0][[13, 14]].mean(axis=0)
    is_red = (new[..., 0] > 0.95) & (new[..., 1:].max(axis=2) < 0.05)
    rows, columns = np.nonzero(is_red)
    assert abs(columns.mean() + 0.5 - goes[0]) < 1
    assert abs(rows.mean() + 0.5 - goes[1]) < 1
