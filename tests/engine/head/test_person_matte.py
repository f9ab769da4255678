"""The matte of one person, on real faces."""

import av
import cv2
import numpy as np
import pytest

from dubsync.core.errors import ModelError, ShapeError
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.head.person_matte import PersonMatte, one_person
from dubsync.engine.track.landmarker import Landmarker


@pytest.fixture(scope="module")
def matte():
    return PersonMatte()


@pytest.fixture(scope="module")
def woman(shared):
    """A frame (512, 512, 3) 0..1 and its landmarks (478, 3)."""
    with av.open(str(shared / "footage" / "katiehill_512_8s.mp4")) as clip:
        rgb = next(clip.decode(video=0)).to_ndarray(format="rgb24")
    (face,) = Landmarker(threads=1).find(rgb_frame(rgb))
    return rgb.astype(np.float32) / 255, face.points


def test_face_and_hair_are_the_person_and_the_wall_is_not(matte, woman):
    rgb, points = woman
    found = matte(rgb, points)
    assert found.shape == rgb.shape[:2] and found.dtype == np.float32
    across, down = np.rint(points[FACE_OVAL, :2]).astype(int).T
    assert found[down, across].min() > 0.95
    crown = points[10, :2] - 0.15 * (points[152, :2] - points[10, :2])
    assert found[int(crown[1]), int(crown[0])] > 0.9, "hair above the forehead"
    assert found[:200, :25].max() < 0.1 and found.min() >= 0 and found.max() <= 1


def test_of_two_people_only_the_one_with_the_landmarks_is_kept(woman):
    _, points = woman
    two = np.zeros((512, 1400), np.float32)
    two[60:, 100:420] = 1
    two[:, 700:1400] = 1  # nearer to the camera, and larger
    assert one_person(two, points, 3.0)[:, :600].mean() > 0.4
    assert one_person(two, points, 3.0)[:, 600:].max() == 0
    assert one_person(two, None, 3.0)[:, :600].max() == 0, "the largest, where no face is named"


def test_an_empty_wall_has_nobody(matte):
    assert matte(np.full((90, 120, 3), 0.5, np.float32)).max() < 0.05


def test_one_channel_is_refused(matte):
    with pytest.raises(ShapeError, match="not \\(90, 120\\)"):
        matte(np.zeros((90, 120), np.float32))


def test_altered_weights_are_refused(tmp_path):
    (tmp_path / "other.tflite").write_bytes(b"not the model")
    with pytest.raises(ModelError, match="person segmentation model"):
        PersonMatte(tmp_path / "other.tflite")


def test_another_person_whose_shoulder_touches_is_left_out():
    matte = np.zeros((200, 360), np.float32)
    cv2.ellipse(matte, (90, 120), (60, 100), 0, 0, 360, 1.0, -1)
    cv2.ellipse(matte, (270, 130), (60, 100), 0, 0, 360, 1.0, -1)
    cv2.rectangle(matte, (140, 186), (220, 199), 1.0, -1)  # a shoulder before the hair
    face = np.zeros((478, 2), np.float32)
    around = np.linspace(0, 2 * np.pi, 478, endpoint=False)
    face[:] = np.stack([90 + 30 * np.cos(around), 100 + 40 * np.sin(around)], axis=1)

    alone = one_person(matte, face, 3.0)

    assert alone[100, 90] == 1 and alone[60:180, 260:280].max() == 0
    mine = matte.copy()
    mine[:, 139:] = 0
    np.testing.assert_array_equal(one_person(mine, face, 3.0), mine)
