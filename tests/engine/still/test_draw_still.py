"""A photograph that is driven: what moves, what stays, and what is put where it has nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from dubsync.core.arrays import Array
from dubsync.core.errors import NoFace, ShapeError
from dubsync.core.face import BLENDSHAPES, LANDMARKS
from dubsync.engine.compositing.mouth_inside import (
    OpenMouth,
    enough,
    inside_share,
    skin_tone,
    teeth_seen,
    with_inside,
)
from dubsync.engine.geometry.lips import meet
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.still.controls import EYES
from dubsync.engine.still.draw_still import DriverFrame, StillRenderer
from dubsync.engine.still.drawn_inside import drawn_inside
from dubsync.engine.still.driver_motion import DriverMove
from dubsync.engine.still.lent import Lent, choose_lent
from dubsync.engine.still.still_model import StillModel, learn_still
from dubsync.engine.still.transfer import Shares, at_rest, driven_face
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES, Landmarker


@pytest.fixture(scope="module")
def landmarker() -> Landmarker:
    return Landmarker(threads=1)


@pytest.fixture(scope="module")
def photo(shared: Path) -> Array:
    picture = cv2.imread(str(shared / "portraits" / "astronaut_512.png"))[..., ::-1]
    part = np.ascontiguousarray(picture[:330, 80:400])
    return np.asarray(part, np.float32) / np.float32(255)


@pytest.fixture(scope="module")
def still(photo: Array, landmarker: Landmarker) -> StillModel:
    return learn_still([photo], landmarker)


def _move(still: StillModel, offsets: Array | None = None, blink: float = 0.0) -> DriverMove:
    face = still.key.face
    scores = np.zeros(BLENDSHAPES, np.float32)
    scores[[BLENDSHAPE_NAMES.index(f"eyeBlink{s}") for s in ("Left", "Right")]] = blink
    zero = np.zeros((LANDMARKS, 3), np.float32)
    return DriverMove(
        face.front - face.worn, zero if offsets is None else offsets, np.eye(3, dtype=np.float32),
        np.zeros(2, np.float32), 0.0, scores, face.front * 60 + 100,
    )  # fmt: skip


def _scores(picture: Array, landmarker: Landmarker) -> Array:
    shown = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return landmarker.expression(landmarker.find(rgb_frame(shown))[0].points)


def _shut(still: StillModel) -> DriverMove:
    offsets = np.zeros((LANDMARKS, 3), np.float32)
    front = still.key.face.front - still.key.face.worn
    for ring in EYES:
        upper, lower = ring[9:], ring[1:8][::-1]
        offsets[upper, 1] = np.maximum(front[lower, 1] - front[upper, 1], 0)
    return _move(still, offsets, blink=0.8)


def test_at_rest_a_still_is_itself_and_exactly_so_outside_what_moves(
    still: StillModel, photo: Array
) -> None:
    drawn = StillRenderer(still).draw(at_rest(still.key.face))
    assert drawn.shape == photo.shape
    assert float(np.abs(drawn - photo).max()) < 1e-4
    region = still.key.region
    outside = np.ones(photo.shape[:2], bool)
    outside[region.rows, region.columns] = False
    assert (drawn[outside] == photo[outside]).all()


def test_a_smiling_photograph_stops_smiling(still: StillModel, landmarker: Landmarker) -> None:
    target = driven_face(still.key.face, _move(still), Shares(own=1.0))
    drawn = StillRenderer(still).draw(target)
    smile = BLENDSHAPE_NAMES.index("mouthSmileLeft")
    assert still.key.scores[smile] > 0.7
    assert _scores(drawn, landmarker)[smile] < 0.4


def test_shut_lids_are_skin_and_seen_as_shut(
    still: StillModel, photo: Array, landmarker: Landmarker
) -> None:
    target = driven_face(still.key.face, _shut(still), Shares(own=0.0))
    drawn = StillRenderer(still).draw(target)
    blink = [BLENDSHAPE_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right")]
    assert _scores(drawn, landmarker)[blink].min() > 0.45
    place = still.key.tracked[:, :2] * still.key.scale
    place += (still.key.region.left, still.key.region.top)
    for ring, cheek in zip(EYES, (50, 280), strict=True):
        x, y = place[ring[10:15]].mean(axis=0).round().astype(int)
        lid = drawn[y : y + 2, x - 2 : x + 3].mean(axis=(0, 1))
        cx, cy = place[cheek].round().astype(int)
        skin = photo[cy - 3 : cy + 3, cx - 3 : cx + 3].mean(axis=(0, 1))
        assert lid.sum() > 0.5 * skin.sum(), "no smear of lashes and eye shadow"
        assert lid[0] > lid[2], "skin, not the white or the iris"


def test_the_mouths_inside_comes_from_the_driver_only_where_the_still_has_none(
    still: StillModel, photo: Array
) -> None:
    points = np.asarray(still.key.tracked * still.key.scale, np.float32)
    part = still.key.part
    assert inside_share(points, still.key.opening) == 0
    assert enough(0.2) < 1.8 * 0.2, "teeth are seen to stretch sooner"
    green = np.zeros_like(part) + np.float32([0.2, 0.7, 0.9])
    source = OpenMouth(green, points, skin_tone(part, points))
    same = with_inside(part, points, source, still.key.tone, 0.0)
    assert same is part
    given = with_inside(part.copy(), points, source, still.key.tone, 1.0)
    changed = np.abs(given - part).max(axis=2) > 0.02
    assert changed.any()
    inside = given[changed].mean(axis=0)
    assert inside[2] <= inside[0] + 0.05, "nothing in a mouth is blue"


def test_a_still_with_shut_lids_lends_them(still: StillModel, landmarker: Landmarker) -> None:
    shut = driven_face(still.key.face, _shut(still), Shares(own=0.0))
    drawn = StillRenderer(still).draw(shut)
    both = learn_still([still.key.picture, drawn], landmarker)
    rest = at_rest(both.key.face)
    lent = choose_lent(both, [rest] * 4 + [shut] * 4 + [rest] * 4)
    assert [part.eyes for part in lent] == [0] * 4 + [1] * 4 + [0] * 4
    made = StillRenderer(both).draw(shut, lent=Lent(eyes=1))
    blink = [BLENDSHAPE_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right")]
    assert _scores(made, landmarker)[blink].min() > 0.4
    assert choose_lent(still, [rest]) == (Lent(),)


def test_how_far_a_still_goes_is_said_before_it_is_drawn(still: StillModel) -> None:
    reach = still.range
    assert 5 < reach.yaw <= 15 and 5 < reach.pitch <= 15
    assert reach.teeth and not reach.lids
    assert reach.opening > still.key.opening


def test_what_is_no_still_is_refused(landmarker: Landmarker) -> None:
    grey = np.full((80, 80, 3), 0.5, np.float32)
    with pytest.raises(NoFace, match="still 1"):
        learn_still([grey], landmarker)
    with pytest.raises(ShapeError):
        learn_still([], landmarker)
    with pytest.raises(ShapeError):
        DriverFrame(grey[..., 0], None)  # type: ignore[arg-type]


def test_lips_that_close_over_teeth_hide_them(still: StillModel) -> None:
    move = _move(still)
    face = still.key.face
    calm = face.front - face.worn
    offsets = np.zeros((LANDMARKS, 3), np.float32)
    offsets += meet(calm[None], np.zeros((1, 9)))[0].astype(np.float32) - calm
    shut = driven_face(face, replace(move, offsets=offsets), Shares(own=1.0))
    drawn = StillRenderer(still).draw(shut)
    place = shut.landmarks[:, :2] * still.key.scale
    place = place + (still.key.region.left, still.key.region.top)
    x, y = place[[13, 14]].mean(axis=0).round().astype(int)
    lips = drawn[y - 1 : y + 2, x - 6 : x + 7]
    assert still.key.teeth > 0.2
    assert float((lips[..., 0] - lips[..., 2]).min()) > 0, "red all over: no tooth between lips"
    assert float(lips.min()) < 0.5 * still.key.tone.luma, "a dark line where they meet"


def test_without_teeth_and_driver_the_inside_is_drawn_and_said_to_be(still: StillModel) -> None:
    assert still.inside(driver=True) == "driver"
    assert still.inside(driver=False) == "own"
    bare = StillModel((replace(still.key, teeth=0.0),))
    assert bare.inside(driver=False) == "drawn"
    mouth = drawn_inside()
    assert teeth_seen(mouth.picture, mouth.points, mouth.tone) > 0.1
    points = np.asarray(still.key.tracked * still.key.scale, np.float32)
    laid = with_inside(still.key.part, points, mouth, still.key.tone)
    assert (laid != still.key.part).any()
