"""Heads and landmarks leave in one frame of reference: y up, z towards the viewer."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.vfx.usd_faces import UsdFace, write_usd_faces
from dubsync.service.reel.pipeline import Part
from dubsync.service.vfx_turnover.chan import head_chan, y_up
from dubsync.service.vfx_turnover.parameters import upright
from dubsync.service.vfx_turnover.shot_folder import ShotFolder

SPAN = FrameRange(918466, 918469, Fraction(24))
HEIGHT = 540


@pytest.fixture
def seen(tmp_path):
    """Heads (3, 7) as the engine counts, points on them, their landmarks, and a folder."""
    random = np.random.default_rng(2)
    turns = random.uniform(-0.6, 0.6, (3, 3))
    places = np.column_stack([random.uniform(100, 500, (3, 2)), np.zeros(3)])
    head = np.column_stack([turns, places, [150, 151, 152]])
    model = random.uniform(-1, 1, (478, 3))
    points = np.stack(
        [h[6] * model @ Rotation.from_rotvec(h[:3]).as_matrix().T + h[3:6] for h in head]
    )
    form = PictureFormat(960, HEIGHT, "yuv", 8)
    plate = Plate("A.mov", str(tmp_path / "A.mov"), "", SPAN, form)
    return head, model, points, ShotFolder(tmp_path, "A", plate, SPAN, "source", False)


def as_part(head, points, confidence=(1, 1, 1)):
    track = FaceTrack(1, SPAN, points, np.zeros((3, 52)), np.array(confidence), np.zeros(4))
    motion = MotionTrack(SPAN, "b", np.zeros((3, 2)), np.zeros((3, 2)), head, np.zeros((3, 4)),
                         np.zeros((3, 52)))  # fmt: skip
    return Part("ELISE", track, motion, None, motion, actor=None)


def test_an_axis_with_the_chan_carries_the_landmarks(seen):
    head, model, points, folder = seen
    lines = head_chan(folder, as_part(head, points), as_part(head, points).original).splitlines()
    wanted = y_up(points, HEIGHT)
    flipped = model * [1, -1, -1]  # the head's own y up and z towards the viewer
    for t, line in enumerate(lines):
        frame, *values = line.split("\t")
        x, y, z, rx, ry, rz = map(float, values)
        turn = Rotation.from_euler("zxy", [rz, rx, ry], degrees=True)  # ZXY: z first
        placed = head[t, 6] * turn.apply(flipped) + [x, y, z]
        assert int(frame) == SPAN.start + t
        assert np.abs(placed - wanted[t]).max() < 1e-3


def test_a_frame_without_the_face_has_no_line(seen):
    head, _, points, folder = seen
    part = as_part(head, points, (1, 0, 1))
    frames = [line.split("\t")[0] for line in head_chan(folder, part, part.original).splitlines()]
    assert frames == ["918466", "918468"]


def test_usd_places_the_same_points_by_the_same_head(seen, tmp_path):
    usd = pytest.importorskip("pxr.Usd", reason="usd-core is not installed: the extra vfx")
    from pxr import UsdGeom

    head, model, points, folder = seen
    face = UsdFace("ELISE", list(folder.numbers)[:2], y_up(points, HEIGHT)[:2],
                   upright(head, HEIGHT)[:2])  # fmt: skip
    write_usd_faces(tmp_path / "a.usdc", [face], folder.numbers, SPAN.rate, "words")
    stage = usd.Stage.Open(str(tmp_path / "a.usdc"))
    group = UsdGeom.Imageable(stage.GetPrimAtPath("/faces/ELISE"))
    shown = [group.ComputeVisibility(number) for number in folder.numbers]
    assert shown == ["inherited", "inherited", "invisible"]
    at = np.array(stage.GetPrimAtPath("/faces/ELISE/landmarks").GetAttribute("points").Get(918467))
    matrix = np.array(
        UsdGeom.Xformable(stage.GetPrimAtPath("/faces/ELISE/head")).GetLocalTransformation(918467)
    )
    flipped = np.column_stack([model * [1, -1, -1], np.ones(478)])
    assert np.abs((flipped @ matrix)[:, :3] - at).max() < 1e-2
