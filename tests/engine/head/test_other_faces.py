"""Two people who touch are two people: each keeps what is nearer to their own face."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.colour import working_rgb
from dubsync.core.picture import whole
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.head.other_faces import OtherFaces, parted, touches
from dubsync.engine.head.person_matte import PersonMatte
from dubsync.engine.track.detector import Box
from dubsync.engine.track.landmarker import Landmarker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate


def face(x: float, y: float, size: float) -> np.ndarray:
    points = np.zeros((478, 3), np.float32)
    points[:, :2] = x, y
    angle = np.linspace(0, 2 * np.pi, len(FACE_OVAL), endpoint=False)
    points[FACE_OVAL, 0] = x + size / 2 * np.sin(angle)
    points[FACE_OVAL, 1] = y - size / 2 * np.cos(angle)
    return points


@given(st.integers(90, 150))
def test_what_is_nearer_to_another_face_is_not_this_persons(x):
    everybody = np.ones((80, 200), np.float32)
    other = Box(x - 20, 20, x + 20, 60)
    left = parted(everybody, face(40, 40, 40), (other,))
    border = (40 + x) / 2
    assert left[40, : int(border) - 6].min() == 1 and left[40, int(border) + 6 :].max() == 0
    assert touches(everybody, (other,)) and not touches(left, (other,))


def test_a_person_alone_keeps_the_matte_bit_for_bit():
    matte = np.random.default_rng(0).random((40, 60)).astype(np.float32)
    assert parted(matte, face(20, 20, 20), ()) is matte


@pytest.fixture(scope="module")
def debate(shared):
    plate = probe_plate(shared / "footage" / "debate_two_faces_001.avi")
    with open_plate(plate) as reader:
        return next(iter(reader.read([plate.frames.start + 10])))


def test_two_people_of_a_debate_are_parted(debate):
    found = Landmarker(threads=1).find(debate)
    assert len(found) == 2
    shown = np.zeros((debate.format.height, debate.format.width, 3), np.float32)
    shown[:] = np.clip(working_rgb(debate, whole(debate.format)), 0, 1)
    one, two = (np.asarray(person.points, np.float32) for person in found)
    others = OtherFaces()(shown, one)
    assert len(others) == 1
    matte = parted(PersonMatte()(shown, one), one, others)
    x, y = two[:, :2].mean(axis=0)
    assert matte[int(y), int(x)] < 0.05
    x, y = one[:, :2].mean(axis=0)
    assert matte[int(y), int(x)] > 0.9
