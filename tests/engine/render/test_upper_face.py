"""Brows, lids and eyes follow a take when the tweak says so; the rest of the plate stays."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.steps import Patch, TakeCue
from dubsync.engine.compositing.composite import composite
from dubsync.engine.face_region.skin_warp import SHUT
from dubsync.engine.geometry.mesh import LEFT_IRIS, LIPS, RIGHT_IRIS
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import fit, frontal, head_pose, moved_landmarks
from dubsync.engine.render.upper_face import BORDER, UpperFace, merge_patches, upper_face
from dubsync.engine.take.upper_face import LIDS, take_upper_face
from tests.engine.drive.drive_synthesis import face_track, talk

TRACK = face_track(talk(1, Fraction(25), seed=4), size=120)
BASIS = learn_basis([TRACK])
MOTION = fit(TRACK, BASIS)
CPU = torch.device("cpu")
SHAPE = (560, 600)


def picture(seed=0):
    """A plate of smooth noise, RGB of 8 bits."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (SHAPE[0] // 8, SHAPE[1] // 8, 3))
    return np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8)


def blinking(amount=1.0):
    """The motion with its lids drawn together."""
    points = np.array(TRACK.landmarks)
    for up, low in ((159, 145), (386, 374), (158, 153), (385, 380), (160, 144), (387, 373)):
        points[:, up] += amount * (points[:, low] - points[:, up])
    at = np.arange(len(points)) / 25
    track = replace(TRACK, landmarks=points.astype(np.float32))
    faces, pose = frontal(track, BASIS), head_pose(track, BASIS)
    seen = take_upper_face(TakeCue(track, at, (0, 1)), faces, pose, BASIS, BASIS)
    return replace(MOTION, upper=MOTION.upper + np.float32(seen.blinks))


def looking(right=0.1):
    return replace(MOTION, gaze=MOTION.gaze + np.float32([right, 0, right, 0]))


def test_gaze_moves_the_irises_and_nothing_else():
    wanted = moved_landmarks(TRACK, MOTION, looking(), BASIS)

    moved = np.linalg.norm(wanted - TRACK.landmarks, axis=2)
    irises = [*RIGHT_IRIS, *LEFT_IRIS]
    assert (moved[:, irises] > 0.02 * 120).all()
    assert np.delete(moved, irises, axis=1).max() < 0.01 * 120


def test_a_head_turn_does_not_move_landmarks():
    nodding = replace(MOTION, head=MOTION.head + np.float32([0.05, 0, 0, 0, 0, 0, 0]))
    assert np.array_equal(moved_landmarks(TRACK, MOTION, nodding, BASIS), TRACK.landmarks)


def test_without_a_change_there_is_no_upper_face_warp():
    assert upper_face(TRACK, MOTION, MOTION, TRACK.landmarks, CPU) is None


def test_only_frames_that_change_are_drawn():
    some = np.arange(len(TRACK.frames)) < 5
    corrected = replace(MOTION, gaze=np.where(some[:, None], looking().gaze, MOTION.gaze))
    bend = upper_face(TRACK, MOTION, corrected, TRACK.landmarks, CPU)

    assert bend is not None
    assert bend._active.tolist() == some.tolist()


def plate_frame(form):
    return Frame(0, tuple(np.ascontiguousarray(picture()[..., n]) for n in range(3)), form)


def test_lids_drawn_down_bring_the_skin_above_over_the_eye(rgb_format):
    wanted = moved_landmarks(TRACK, MOTION, blinking(), BASIS)
    frame = plate_frame(rgb_format)

    patch = UpperFace(TRACK, wanted, np.ones(len(wanted), bool), CPU)(frame)

    assert patch is not None
    unit, region = 120, patch.region
    for up, low in LIDS:
        upper = wanted[0, up, 1] - region.top
        assert wanted[0, low, 1] - wanted[0, up, 1] < 0.5 * (
            TRACK.landmarks[0, low, 1] - TRACK.landmarks[0, up, 1]
        )
        x = int(TRACK.landmarks[0, up, 0] - region.left)
        source = frame_rgb(frame, region)[int(TRACK.landmarks[0, up, 1] - region.top) - 3, x]
        drawn = patch.rgb[int(min(upper, wanted[0, low, 1] - region.top - SHUT * unit)) - 4, x]
        assert np.abs(drawn - source).max() < 0.35


def frame_rgb(frame, region):
    return np.stack([p[region.rows, region.columns] for p in frame.planes], axis=-1) / 255.0


def test_the_matte_stays_above_the_mouth_and_its_edge_is_the_plate(rgb_format):
    frame = plate_frame(rgb_format)
    patch = UpperFace(
        TRACK, moved_landmarks(TRACK, MOTION, looking(), BASIS), np.ones(25, bool), CPU
    )(frame)

    assert patch is not None
    assert patch.region.bottom < TRACK.landmarks[0, LIPS, 1].min()
    edge = (patch.matte > 0) & (patch.matte < 40)
    apart = np.abs(patch.rgb - frame_rgb(frame, patch.region)).max(axis=2)
    assert apart[edge].max() < 0.02
    whole = composite(frame, [patch])
    outside = whole.matte == 0
    for before, after in zip(frame.planes, whole.frame.planes, strict=True):
        np.testing.assert_array_equal(before[outside], after[outside])
    assert len(BORDER) == len(set(BORDER.tolist()))


def test_a_merged_patch_equals_two_composited_patches(rgb_format):
    rng = np.random.default_rng(1)
    frame = plate_frame(rgb_format)
    one = Patch(Region(40, 200, 240, 400), rng.random((200, 200, 3), np.float32),
                rng.integers(0, 256, (200, 200), np.uint8))  # fmt: skip
    two = Patch(Region(100, 100, 300, 260), rng.random((160, 200, 3), np.float32),
                rng.integers(0, 256, (160, 200), np.uint8))  # fmt: skip

    apart, together = composite(frame, [one, two]), composite(frame, [merge_patches(one, two)])

    for a, b in zip(apart.frame.planes, together.frame.planes, strict=True):
        assert np.abs(a.astype(int) - b).max() <= 2
    assert ((together.matte > 0) == (apart.matte > 0)).all()
    assert merge_patches(one, None) is one and merge_patches(None, two) is two


@pytest.fixture
def rgb_format():
    return PictureFormat(SHAPE[1], SHAPE[0], "rgb", 8, matrix="rgb", full_range=True)
