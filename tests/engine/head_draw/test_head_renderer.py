"""A whole head drawn through a shot: a painted actor before a painted wall."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.learning.head import HeadRange
from dubsync.core.picture import Region
from dubsync.core.progress import silent
from dubsync.core.steps import Patch
from dubsync.core.tweak.matte_edit import MatteShape
from dubsync.engine import actor as actors
from dubsync.engine.clean_plate.clean_plate import clean_plate
from dubsync.engine.compositing.composite import composite
from dubsync.engine.compositing.matte import eye_distance_px
from dubsync.engine.device import one_thread
from dubsync.engine.exemplars.bank import finite_rgb
from dubsync.engine.face_region.lids import no_further_than_shut
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.head.head_crop import working_scale
from dubsync.engine.head.head_key import HeadKey
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.head_path import path_of
from dubsync.engine.head.outline import base, outline_on
from dubsync.engine.head.own_outline import OwnFrames
from dubsync.engine.head.ridge import features_of
from dubsync.engine.head_draw.prepare_head import Sources, prepare_head
from dubsync.engine.motion.fit import fit, moved_landmarks
from tests.engine.exemplars.drawn_footage import HEIGHT, WIDTH, DrawnPlate, drawn_track

WALL = Region(0, 0, WIDTH, HEIGHT)


def person(picture, landmarks):
    """The painted face is all of the person."""
    matte = np.zeros(picture.shape[:2], np.float32)
    cv2.fillPoly(matte, [np.rint(landmarks[FACE_OVAL, :2]).astype(np.int32)], 1.0)
    return cv2.dilate(matte, np.ones((5, 5)))


@pytest.fixture(scope="module")
def shot():
    """(actor, head, plate, track, motion, frames) of a shot whose jaw moves."""
    one_thread()
    track = drawn_track(0.3 + 0.3 * np.sin(np.arange(12) / 2.0), sway=2.0)
    drawn = DrawnPlate(track)
    actor = actors.learn("drawn", [drawn.footage()], most=12, widest_px=512, progress=silent)
    motion = fit(track, actor.model)

    def people(frame):
        return person(finite_rgb(frame, WALL), track.landmarks[frame.number])

    plate = clean_plate(
        drawn.read, list(range(12)), people, WALL, eye_px=44.0, shot="drawn", progress=silent
    )
    return actor, learnt(actor, drawn, motion), plate, track, motion, drawn.frames()


def learnt(actor, drawn, motion):
    """A head of every third frame."""
    track, scale = drawn.track, working_scale(drawn.track.landmarks)
    path = path_of(motion).in_picture((0, 0), scale)
    first = np.asarray(track.landmarks[0] / scale, np.float32)
    matte = person(np.zeros((round(HEIGHT / scale), round(WIDTH / scale), 3)), first)
    matte = (255 * matte).astype(np.uint8)
    outline = outline_on(matte, first, path[0], actor.model.rest)
    middle = np.median(path.turn, axis=0)
    keys = tuple(
        HeadKey(
            "drawn", n, finite_rgb(frame, WALL).astype(np.float16), (0, 0), scale,
            np.asarray(track.landmarks[n] / scale, np.float32),
            (255 * person(matte, track.landmarks[n] / scale)).astype(np.uint8),
            np.asarray(base(outline, path[n])[0], np.float32), path[n],
            features_of(path[n], np.zeros(1), middle)[0],
        )
        for n, frame in enumerate(drawn.frames())
        if n % 3 == 0
    )  # fmt: skip
    ends = np.zeros(2)
    ranges = HeadRange(np.zeros((2, 3)), np.zeros((2, 2)), ends, ends, ends, 10.0)
    return HeadModel(
        "drawn", outline, keys, 0, actor.model.rest, middle, ranges, actor=actor.digest
    )


def moved(motion, x=0.0, turn=0.0):
    head = np.array(motion.head)
    head[:, 3] += x
    head[:, 1] += np.radians(turn)
    return replace(motion, head=head)


def prepared(shot, corrected, weight=None, **given):
    actor, head, plate, track, motion, _ = shot
    weight = np.ones(len(track.frames), np.float32) if weight is None else weight
    return prepare_head(
        actor, head, plate, track, motion, corrected, weight,
        plate_name="drawn", person=person, **given,
    )  # fmt: skip


def test_a_head_that_stays_where_it_was_leaves_the_plate_as_it_is(shot):
    motion, frames = shot[4:]
    assert prepared(shot, motion)(frames) == [None] * len(frames)


def test_lids_that_a_take_shuts_too_far_are_held_as_in_the_face_region(shot):
    actor, _, _, track, motion, _ = shot
    # The painted face is a mirror image: what opens its lids is what crosses them.
    over = replace(motion, lids=np.full((len(motion.frames), 2), -1.4, np.float32))
    asked = moved_landmarks(track, motion, over, actor.model)
    units = np.array([eye_distance_px(points) for points in track.landmarks])

    plan = prepared(shot, over).plan

    held = no_further_than_shut(track.landmarks, asked, units)
    assert not np.array_equal(held, asked)
    assert np.array_equal(plan.mouthed, held)


def test_a_head_moved_aside_is_the_same_head_there_and_wall_where_it_was(shot):
    _, _, plate, _, motion, frames = shot
    patch = prepared(shot, moved(motion, x=14.0))(frames[6:7])[0]
    made = composite(frames[6], [patch]).frame
    now, then = finite_rgb(made, WALL), finite_rgb(frames[6], WALL)
    assert np.abs(now[90:130, 94:134] - then[90:130, 80:120]).mean() < 0.03
    left = shot[3].landmarks[6, FACE_OVAL, 0].min()
    edge = slice(int(left) + 1, int(left) + 8)
    wall = plate.at(frames[6].number)
    assert np.abs(now[100:115, edge] - wall[100:115, edge]).mean() < 0.06


@pytest.mark.parametrize("sources", [Sources(), Sources(own=False)])
def test_far_from_the_head_every_sample_is_the_plates(shot, sources):
    motion, frames = shot[4:]
    (patch,) = prepared(shot, moved(motion, turn=8.0), sources=sources)(frames[3:4])
    made = composite(frames[3], [patch])
    untouched = made.matte == 0
    assert untouched[:4].all()
    for new, old in zip(made.frame.planes, frames[3].planes, strict=True):
        assert np.array_equal(new[untouched], old[untouched])
    assert made.matte.max() == 255


def test_a_turned_face_is_drawn_where_its_landmarks_are_wanted(shot):
    motion, frames = shot[4:]
    renderer = prepared(shot, moved(motion, turn=10.0), sources=Sources(own=False))
    drawn = renderer.draw(frames[5], everything=True)
    skin = np.abs(drawn.rgb - (0.72, 0.55, 0.45)).max(axis=-1) < 0.1
    wanted = person(drawn.rgb, renderer._plan.landmarks[5]) > 0
    assert (skin & wanted).sum() > 0.75 * wanted.sum()
    assert (skin & ~wanted).sum() < 0.06 * wanted.sum()


def test_a_far_turn_comes_in_beyond_five_degrees_and_not_before(shot):
    motion = shot[4]
    near, between, far = (
        prepared(shot, moved(motion, turn=turn), sources=Sources(own=False)).plan.far
        for turn in (4.0, 7.0, 20.0)
    )
    assert near is None
    assert 0 < between.share.max() < 1
    assert (far.share == 1).all()


def test_a_face_that_turns_far_is_drawn_there_and_not_beside_it(shot):
    motion, frames = shot[4:]
    renderer = prepared(shot, moved(motion, turn=20.0), sources=Sources(own=False))
    drawn = renderer.draw(frames[5], everything=True)
    skin = np.abs(drawn.rgb - (0.72, 0.55, 0.45)).max(axis=-1) < 0.1
    wanted = person(drawn.rgb, renderer._plan.landmarks[5]) > 0
    assert (skin & wanted).sum() > 0.65 * wanted.sum()
    assert (skin & ~wanted).sum() < 0.1 * wanted.sum()


def test_frames_without_weight_stay_the_plates_and_their_neighbours_fade(shot):
    motion, frames = shot[4:]
    weight = np.ones(len(frames), np.float32)
    weight[:4] = 0
    patches = prepared(shot, moved(motion, x=10.0), weight)([frames[n] for n in (0, 3, 4, 9)])
    assert patches[:2] == [None] * 2
    assert patches[2].matte.max() < 60
    assert patches[3].matte.max() == 255


def test_a_corrected_mouth_is_turned_with_the_head(shot):
    motion, frames = shot[4:]

    def mouth(numbered):
        red = np.zeros((30, 30, 3), np.float32) + np.float32([1, 0, 0])
        patch = Patch(Region(130, 80, 160, 110), red, np.full((30, 30), 255, np.uint8))
        return [patch] * len(numbered)

    still = prepared(shot, motion, mouth=mouth)(frames[:1])[0]
    assert still.region == Region(130, 80, 160, 110)
    patch = prepared(shot, moved(motion, x=10.0), mouth=mouth)(frames[5:6])[0]
    now = finite_rgb(composite(frames[5], [patch]).frame, WALL)
    assert np.allclose(now[95, 165], (1, 0, 0), atol=0.05)
    assert now[95, 133, 1] > 0.3


def test_a_head_of_another_actor_is_refused(shot):
    actor, head, *rest = shot
    other = replace(head, actor="0" * 64, digest="")
    with pytest.raises(ModelError):
        prepared((actor, other, *rest), shot[4])


def test_weights_of_other_frames_are_refused(shot):
    with pytest.raises(ShapeError):
        prepared(shot, shot[4], np.ones(3, np.float32))


def test_growth_and_feather_by_hand_move_the_edge_of_a_heads_matte(shot):
    motion, frames = shot[4:]
    track = shot[3]

    def matte(grow, feather):
        ones = np.ones(len(track.frames), np.float32)
        shape = MatteShape(track.frames, grow * ones, feather * ones)
        given = {} if grow == feather == 0 else {"matte": shape}
        (patch,) = prepared(shot, moved(motion, turn=8.0), **given)(frames[3:4])
        whole = np.zeros((frames[3].format.height, frames[3].format.width))
        whole[patch.region.rows, patch.region.columns] = patch.matte
        return whole

    usual, wide, tight, soft = matte(0, 0), matte(6, 0), matte(-6, 0), matte(0, 8)
    assert (wide > 127).sum() > (usual > 127).sum() > (tight > 127).sum() > 0
    assert abs((soft > 127).sum() - (usual > 127).sum()) < 0.05 * (usual > 127).sum()
    assert ((soft > 0) & (soft < 255)).sum() > ((usual > 0) & (usual < 255)).sum()


def test_a_person_without_an_edge_to_follow_is_placed_by_pose_alone(shot):
    frames = shot[5]
    by_pose = prepared(shot, moved(shot[4], turn=4.0)).plan
    read = OwnFrames(lambda numbers: (frames[n] for n in numbers))
    followed = prepared(shot, moved(shot[4], turn=4.0), frames=read).plan
    assert shot[1].outline.contour == 0
    assert np.array_equal(followed.original, by_pose.original)
    assert np.array_equal(followed.kept, by_pose.kept)
