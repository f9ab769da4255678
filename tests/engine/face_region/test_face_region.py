"""The face region from end to end on a drawn actor: eyes shut and open as asked, the rest stays."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.errors import ShapeError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.progress import silent
from dubsync.core.steps import Footage
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.actor import LearntActor, learn, load, save
from dubsync.engine.compositing.composite import composite
from dubsync.engine.device import chosen_device
from dubsync.engine.face_region.eye_bank import EyeGatherer
from dubsync.engine.face_region.eye_choice import OWN, eye_path, runs_of
from dubsync.engine.face_region.eye_features import eye_features
from dubsync.engine.face_region.lids import SHUT, no_further_than_shut
from dubsync.engine.face_region.open_gaze import with_seen_gaze
from dubsync.engine.motion.fit import fit
from dubsync.engine.render.renderer import prepare
from tests.engine.face_region.drawn_eyes import SIZE, UNIT, drawn, face, lid_area

FORM = PictureFormat(SIZE[1], SIZE[0], "rgb", 8, matrix="rgb", full_range=True)
#: Openings of the drawn actor's lids, frame by frame: two blinks.
OPENINGS = [1.0] * 6 + [0.5, 0.06, 0.06, 0.5] + [1.0] * 6 + [0.5, 0.06, 0.06, 0.5] + [1.0] * 4
DEVICE = chosen_device("cpu")


def track_of(faces):
    points = np.asarray(faces, np.float32)
    span = FrameRange(0, len(points), Fraction(25))
    scores, sure = np.zeros((len(points), 52), np.float32), np.ones(len(points), np.float32)
    return FaceTrack(1, span, points, scores, sure, np.zeros(128, np.float32))


def frame_of(points, number):
    stored = np.rint(np.clip(drawn(points), 0, 1) * 255).astype(np.uint8)
    return Frame(number, tuple(np.ascontiguousarray(stored[..., c]) for c in range(3)), FORM)


class Plate:
    def __init__(self, openings):
        self.faces = [face(opening=one) for one in openings]
        # A tracker's jitter: the same in the same frame of any plate.
        jitter = np.random.default_rng(5).normal(0, 0.1, (99, 478, 3))[: len(openings)]
        self.track, self.asked = track_of(np.array(self.faces) + jitter), []

    def read(self, numbers):
        self.asked.append(list(numbers))
        for number in numbers:
            yield frame_of(self.faces[number], number)

    def footage(self, name="drawn"):
        return Footage(name, self.track, self.read)


@pytest.fixture(scope="module")
def plate():
    return Plate(OPENINGS)


@pytest.fixture(scope="module")
def actor(plate):
    return learn("ELISE", [plate.footage()], most=12, widest_px=512, progress=silent)


def shown(openings, wanted_openings, actor, region="face"):
    """The plate's frames with lids as another plate has them: as stored, and the mattes."""
    plate, other = Plate(openings), Plate(wanted_openings)
    original, target = fit(plate.track, actor.model), fit(other.track, actor.model)
    corrected = replace(original, upper=target.upper)
    weight = np.zeros(len(openings), np.float32)
    draw = prepare(
        actor, plate.track, original, corrected, weight, device=DEVICE,
        region=[region] * len(openings),
    )  # fmt: skip
    frames = list(plate.read(range(len(openings))))
    made = [composite(f, [p] if p else []) for f, p in zip(frames, draw(frames), strict=True)]
    return plate, frames, made


def white_in(frame, points):
    """Share of what lies between the open eye's lids that is as bright as its white."""
    stored = np.stack([plane for plane in frame.planes], axis=-1) / 255
    return float((stored[lid_area(points)].min(axis=1) > 0.72).mean())


def test_a_blink_of_the_plate_is_opened_with_the_actors_own_eye(actor):
    blink = [1.0] * 4 + [0.06] * 4 + [1.0] * 4
    _, _, made = shown(blink, [1.0] * 12, actor)
    assert white_in(frame_of(face(opening=0.06), 0), face()) < 0.05
    assert white_in(made[5].frame, face()) > 0.5 * white_in(frame_of(face(), 0), face())


def test_an_open_eye_is_shut_with_lid_skin(actor):
    blink = [1.0] * 4 + [0.06] * 4 + [1.0] * 4
    _, _, made = shown([1.0] * 12, blink, actor)
    assert white_in(made[5].frame, face()) < 0.1


def test_outside_the_matte_and_in_frames_not_asked_for_the_plate_stays_bit_for_bit(actor):
    blink = [1.0] * 4 + [0.06] * 4 + [1.0] * 4
    _, frames, made = shown([1.0] * 12, blink, actor)
    for before, after in zip(frames, made, strict=True):
        outside = after.matte == 0
        for was, now in zip(before.planes, after.frame.planes, strict=True):
            np.testing.assert_array_equal(was[outside], now[outside])
    assert not made[0].matte.any() and made[5].matte.any()


def test_the_region_mouth_is_drawn_as_without_a_region(actor, plate):
    original = fit(plate.track, actor.model)
    corrected = replace(original, gaze=original.gaze + np.float32(0.05))
    weight = np.zeros(len(OPENINGS), np.float32)
    frame = frame_of(plate.faces[0], 0)
    plain, named = (
        prepare(actor, plate.track, original, corrected, weight, device=DEVICE, **kw)([frame])[0]
        for kw in ({}, {"region": ["mouth"] * len(OPENINGS)})
    )
    np.testing.assert_array_equal(plain.rgb, named.rgb)
    np.testing.assert_array_equal(plain.matte, named.matte)


def test_a_region_for_other_frames_is_refused(actor, plate):
    original = fit(plate.track, actor.model)
    weight = np.zeros(len(OPENINGS), np.float32)
    with pytest.raises(ShapeError, match="regions"):
        prepare(actor, plate.track, original, original, weight, device=DEVICE, region=["face"] * 3)


def test_an_actor_keeps_blinks_and_open_eyes_and_loads_them_again(actor, tmp_path):
    openings = [OPENINGS[n] for n in actor.eyes.frames]
    assert min(openings) < 0.1 and max(openings) == 1.0
    save(actor, tmp_path / "elise")
    again = load(tmp_path / "elise")
    assert isinstance(again, LearntActor) and again.digest == actor.digest
    np.testing.assert_array_equal(again.eyes.points, actor.eyes.points)
    np.testing.assert_array_equal(again.eyes.pictures[0], actor.eyes.pictures[0])


def test_eyes_are_cut_while_others_read_and_no_frame_is_read_twice(actor, plate):
    eyes = EyeGatherer([plate.footage()], actor.model, 512)
    (watched,) = eyes.footage()
    plate.asked.clear()
    assert [frame.number for frame in watched.read([2, 9])] == [2, 9]
    bank = eyes.bank()
    assert len(plate.asked) == 1 and len(plate.asked[0]) == len(set(plate.asked[0]))
    assert len(bank) == len(OPENINGS)


def test_an_actor_of_whom_no_frame_is_free_has_no_eyes(actor, plate):
    track = plate.track.without(np.ones(len(OPENINGS), bool))
    part = Footage("drawn", track, plate.read)
    assert EyeGatherer([part], actor.model, 512).bank() is None


def test_a_path_stays_in_a_run_of_footage_and_on_the_plates_own_eye_where_it_serves(actor, plate):
    features = eye_features(plate.track.landmarks, actor.model)
    frames = np.arange(len(OPENINGS))
    runs = runs_of(("a",) * len(frames), frames)
    every = np.ones(len(frames), bool)
    one = features.eyes[0]
    assert eye_path(one, one, every, one, runs).tolist() == [OWN] * len(frames)
    followed = eye_path(one, one, every, one, runs, may_own=False)
    assert set(np.diff(followed)) <= {0, 1}
    assert eye_path(one, one[::-1], ~every, one, runs).tolist() == [OWN] * len(frames)


def test_lids_asked_to_cross_meet():
    own, crossed = face()[None], face(opening=-0.6)[None]
    met = no_further_than_shut(own, crossed, np.array([UNIT]))
    for up, low in ((159, 145), (386, 374), (158, 153)):
        assert met[0, low, 1] - met[0, up, 1] >= 0.99 * SHUT * UNIT


def test_the_gaze_of_a_shut_eye_is_the_gaze_it_had_before_and_after():
    faces = np.array([face((0.1, 0.0)), face((-0.3, 0.2), opening=0.05), face((0.2, 0.0))])
    wanted = np.array([face((0.1, 0)), face((-0.3, 0.2)), face((0.2, 0))])
    seen = with_seen_gaze(faces, wanted)
    expected = face((0.15, 0.0))
    np.testing.assert_allclose(seen[1, [468, 473], :2], expected[[468, 473], :2], atol=0.5)
    np.testing.assert_allclose(seen[[0, 2]], wanted[[0, 2]], atol=1e-3)
