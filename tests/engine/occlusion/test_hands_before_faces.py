"""Hands before a face are found, followed in and out, and not seen where there is none."""

import cv2
import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.core.progress import silent
from dubsync.engine.compositing.guided_filter import guided
from dubsync.engine.geometry.sampling import Square, rgb_frame
from dubsync.engine.occlusion.face_crop import CROP_PX, UNIT_PX, crop_of
from dubsync.engine.occlusion.find_holdout import find_holdout
from dubsync.engine.occlusion.hand_matte import BONES, GUIDE_EPS, GUIDE_PX, hand_matte
from dubsync.engine.occlusion.hands import Hand
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from tests.engine.exemplars.drawn_footage import DrawnPlate, drawn_track

CASE = "08-something-before-the-mouth"


def reader(plate):
    def read(numbers):
        with open_plate(plate) as reading:
            yield from reading.read(numbers)

    return read


def hand_of_case(folder, number):
    """(512, 512) where make.sh drew the hand in frame `number`: overlay counts frames from 1."""
    alpha = cv2.imread(str(folder / "hand.png"), cv2.IMREAD_UNCHANGED)[..., 3] > 128
    n = number + 1
    top = (
        512 if n < 20 else 512 - (n - 20) * 20 if n < 30 else 312 if n < 50 else 312 + (n - 50) * 20
    )
    whole = np.zeros((512, 512), bool)
    part = alpha[: max(512 - top, 0), : 512 - 170]
    whole[min(top, 512) : min(top, 512) + part.shape[0], 170 : 170 + part.shape[1]] = part
    return whole


@pytest.fixture(scope="module")
def found(made_case):
    """The plate of the case, its face, and what is found in front of it."""
    plate = probe_plate(made_case(CASE) / "hand.mp4")
    read = reader(plate)
    (track,) = FaceTracker()(
        read(range(75)), plate.frames, shot="hand", progress=silent
    )  # fmt: skip
    return track, find_holdout(track, read, matte=None, origin="", shot="hand", progress=silent)


def test_the_hand_of_the_case_is_found_where_it_was_drawn(found, shared):
    track, holdout = found
    both = either = 0
    for number in range(75):
        crop = crop_of(track.landmarks[number])
        region, part = crop.on_plate(
            crop.lower_face, rgb_frame(np.zeros((512, 512, 3), np.uint8)).format
        )
        truth = hand_of_case(shared / "cases" / "picture-and-sound" / CASE, number)
        truth = truth[region.rows, region.columns] & part
        mask = holdout.mask(number, region)
        mask = np.zeros_like(part) if mask is None else mask & part
        both, either = both + (truth & mask).sum(), either + (truth | mask).sum()
    assert both / either >= 0.8


def test_frames_are_covered_and_the_mouth_hidden_only_while_the_hand_is_there(found):
    _, holdout = found
    assert holdout.mouth_hidden[29:50].all()
    assert not holdout.mouth_hidden[:26].any() and not holdout.mouth_hidden[53:].any()
    assert holdout.covered[25:55].all()
    assert not holdout.covered[:22].any() and not holdout.covered[58:].any()


def test_a_drawn_face_has_no_hand_before_it():
    plate = DrawnPlate(drawn_track(np.linspace(0, 0.5, 8)))
    holdout = find_holdout(
        plate.track, plate.read, matte=None, origin="", shot="x", progress=silent
    )
    assert not holdout.covered.any() and set(holdout.regions) == {None}


def test_an_artists_matte_is_followed_as_it_is():
    plate = DrawnPlate(drawn_track(np.full(3, 0.2)))
    mouth = plate.track.landmarks[0, 13, :2]

    def matte(numbers):
        for number in numbers:
            picture = np.zeros((220, 240, 3), np.uint8)
            if number == 1:
                cv2.circle(picture, [round(float(v)) for v in mouth], 18, (255, 255, 255), -1)
                picture[:, :2] = 5  # codec noise in black
            yield rgb_frame(picture, number)

    holdout = find_holdout(
        plate.track, plate.read, matte=matte, origin="m.mov", shot="x", progress=silent
    )

    assert holdout.origin == "m.mov" and plate.read_numbers == []
    assert holdout.covered.tolist() == holdout.mouth_hidden.tolist() == [False, True, False]
    mask = holdout.mask(1, Region(0, 0, 240, 220))
    inside = np.hypot(*(np.mgrid[0:220, 0:240] - mouth[::-1, None, None]))
    assert mask[inside < 16].all() and not mask[inside > 20].any()


def test_the_crop_is_level_with_the_eyes():
    crop = crop_of(drawn_track([0.1]).landmarks[0])
    eyes = crop.points[[33, 263]]
    assert abs(eyes[0, 1] - eyes[1, 1]) < 0.1 * UNIT_PX


def test_a_matte_follows_the_edge_of_the_picture():
    crop = crop_of(drawn_track([0.1]).landmarks[0])
    points = np.zeros((21, 2))
    points[:, 0] = np.linspace(60, 130, 21)
    points[:, 1] = 100
    matrix = crop.square.to_plate(CROP_PX)
    hand = Hand(points @ matrix[:, :2].T + matrix[:, 2], 1.0)
    drawn = hand_matte([hand], crop, np.zeros((CROP_PX, CROP_PX), np.float32))
    assert drawn[100, 95] and not drawn[150, 95]
    assert len(BONES) == 20 and len(set(BONES)) == 20
    edge = np.zeros((40, 40), np.float32)
    edge[:, 20:] = 1
    shifted = np.zeros((40, 40), np.float32)
    shifted[:, 18:] = 1
    found = guided(edge, shifted, GUIDE_PX, GUIDE_EPS)
    assert found[20, 19] < 0.6 < found[20, 21]


def test_a_hands_next_square_points_from_wrist_to_fingers():
    points = np.zeros((21, 2))
    points[:, 1] = np.linspace(0, -100, 21)
    square = Hand(points, 1.0).square()
    assert isinstance(square, Square) and abs(square.angle) < 0.01
