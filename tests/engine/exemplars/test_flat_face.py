"""A spot of the face is one point of the plane, in whatever frame it is seen."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.picture import Region
from dubsync.engine.compositing.matte import BORDER, borders, eye_distance_px, matte_of
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.flat_face import Plane
from dubsync.engine.geometry.mesh import OUTER_LIPS
from dubsync.engine.geometry.pose import to_matrices
from tests.engine.exemplars.drawn_footage import drawn_track
from tests.engine.network.textured_footage import picture_of, talking_track

TRACK = talking_track(60)
PLANE = Plane.of(selection.head_model(TRACK.landmarks), 128)
STILL = drawn_track([0.2]).landmarks[0]


def posed(jaw=0.2, *, turn=(0, 0, 0), size=1.0, at=(120.0, 110.0)):
    """Landmarks of a head turned by `turn`, `size` times as large, its middle at `at`."""
    points = drawn_track([jaw]).landmarks[0].astype(np.float64)
    points = (points - points.mean(axis=0)) @ to_matrices(np.array([turn]))[0].T * size
    return (points + (*at, 0)).astype(np.float32)


def clear():
    """Spots of the face away from its outline and lips, where drawing itself is soft."""
    lips = np.linalg.norm(
        np.indices(PLANE.face().shape).transpose(1, 2, 0)[..., None, ::-1]
        - PLANE.points[OUTER_LIPS],
        axis=-1,
    ).min(axis=-1)
    return PLANE.face() & (lips > 6)


@pytest.mark.parametrize(
    ("how", "scale", "most"),
    [
        ({"at": (131.3, 104.6)}, 1, 0.2),
        ({"turn": (0, 0, 0.4)}, 1, 0.2),
        ({"size": 1.3}, 1, 0.3),
        ({"size": 4.0, "at": (480, 440)}, 4, 0.3),
        ({"turn": (0.1, 0.3, 0.1)}, 1, 0.45),
    ],
)
def test_two_flattened_frames_of_one_face_coincide(how, scale, most):
    first, other = posed(), posed(0.6, **how)
    one, _ = PLANE.flatten(picture_of(first), first)
    two, seen = PLANE.flatten(picture_of(other, scale=scale), other)

    where = clear() & seen
    skin = one[where]
    assert where.sum() > 0.75 * clear().sum()
    assert np.abs(two[where] - skin).mean() < most * np.abs(skin - skin.mean(axis=0)).mean()


@settings(max_examples=10)
@given(
    turn=st.tuples(*[st.floats(-0.25, 0.25)] * 2, st.floats(-0.6, 0.6)),
    size=st.floats(0.5, 5),
    jaw=st.floats(0, 1),
)
def test_from_picture_inverts_to_picture(turn, size, jaw):
    side = round(240 * size)
    points = posed(jaw, turn=turn, size=size, at=(side / 2, side / 2))
    unit = eye_distance_px(points)
    there = PLANE.to_picture(points)
    back = PLANE.from_picture(points, Region(0, 0, side, side), unit)
    inside = PLANE.face() & PLANE.facing(there, unit)

    x, y = (there[inside][None, :, c] - np.float32(0.5) for c in (0, 1))
    result = cv2.remap(back, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
    wanted = np.stack(np.nonzero(inside)[::-1], axis=-1) + 0.5
    missed = np.linalg.norm(result - wanted, axis=1)

    assert np.median(missed) < 0.4
    assert np.percentile(missed, 90) < 2


def test_landmarks_lie_on_the_plane_where_its_own_say():
    at = PLANE.to_picture(STILL)

    for n in (*OUTER_LIPS, 4, 152, 205, 425):
        x, y = PLANE.points[n]
        np.testing.assert_allclose(at[int(y), int(x)], STILL[n, :2], atol=1.2)


@pytest.mark.parametrize("jaw", [0.0, 0.5, 1.2])
@pytest.mark.parametrize(
    "turn", [(0, 0, 0), (0.3, 0, 0), (-0.3, 0, 0), (0, 0.2, 0), (0, -0.35, 0), (0.2, 0.4, 0.1)]
)
@pytest.mark.parametrize("px", [96, 192])
def test_no_readable_spot_lies_under_the_matte(jaw, turn, px):
    plane = Plane.of(selection.head_model(TRACK.landmarks), px)
    points = posed(jaw, turn=turn, size=2, at=(240, 220))
    unit = eye_distance_px(points)
    region = Region(0, 0, 480, 440)

    matte = matte_of([borders(points[None])[0]], points, region, unit, 1.0)
    at = plane.to_picture(points)
    read = plane.ring() & plane.facing(at, unit)

    x, y = (at[read][:, c].astype(int) for c in (0, 1))
    assert read.sum() > 0.15 * plane.face().sum()
    assert matte[y, x].max() == 0


def test_the_ring_is_skin_of_the_face_outside_the_mattes_border():
    ring, face = PLANE.ring(), PLANE.face()

    assert not (ring & ~face).any()
    middle = PLANE.points[BORDER].mean(axis=0).astype(int)
    assert face[middle[1], middle[0]] and not ring[middle[1], middle[0]]


@pytest.mark.parametrize("side", [-1, 1])
def test_skin_turned_away_is_not_seen_and_the_near_cheek_is(side):
    points = posed(turn=(0, 0.7 * side, 0))
    _, seen = PLANE.flatten(picture_of(points), points)
    _, front = PLANE.flatten(picture_of(STILL), STILL)

    across = np.arange(128) + 0.5 - PLANE.points[4, 0]
    share = [seen[:, half].sum() / front[:, half].sum() for half in (across < 0, across > 0)]
    far, near = sorted(share)
    assert far < 0.7 < 0.95 < near
    assert (front & PLANE.face()).sum() > 0.97 * PLANE.face().sum()


@pytest.mark.parametrize("side", [-1, 1])
def test_visibility_drops_where_the_face_turns_away(side):
    region = Region(0, 0, 240, 220)
    still, turned = posed(), posed(turn=(0, 0.4 * side, 0))

    def shown(points):
        unit = eye_distance_px(points)
        maps = PLANE.visibility(PLANE.from_picture(points, region, unit), unit)
        assert 0 <= maps.min() <= maps.max() <= 1
        x, y = points[[187, 411], :2].astype(int).T  # right and left cheek
        return sorted(maps[y, x].tolist())

    assert shown(still)[0] > 0.95
    assert shown(turned)[0] < 0.2 < 0.95 < shown(turned)[1]
