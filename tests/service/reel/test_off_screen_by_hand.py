"""A line spoken off screen stops the dub's mouth, not what a hand asks of head, eyes and face."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from dubsync.core.picture import PictureFormat
from dubsync.core.result import Pick
from dubsync.core.shot import Event, Line, Plate, Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.drive import performance as driving
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.fit import fit
from dubsync.engine.motion.retarget import retarget
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.reel.pipeline import FaceToDrive, driven_face
from tests.engine.drive.drive_synthesis import against, face_track, spoken_between, talk

RATE, COUNT = Fraction(25), 150
FRAMES = FrameRange(0, COUNT, RATE)
TRACK = face_track(talk(6, seed=1), sway=0.05)
BASIS = learn_basis([TRACK])
ORIGINAL = fit(TRACK, BASIS)
ACTOR = SimpleNamespace(
    character="EVE", model=BASIS, sound={}, basis=BASIS.digest, digest="d", expression=None
)
AWAY = Line("EVE_L1", "EVE", "it", "/s.wav", FrameRange(25, 75, RATE))
#: Well inside the line, and well inside the one that she does speak.
UNDER, AFTER = slice(35, 65), slice(105, 120)


@pytest.fixture(autouse=True)
def accept_any_actor(monkeypatch):
    monkeypatch.setattr(driving, "ours", lambda actor: actor)


def driven(*settings, off_screen=(AWAY,)):
    """The motion of a shot whose first line is spoken off screen, its second on screen."""
    plate = Plate("A.mov", "/A.mov", "", FRAMES, PictureFormat(640, 360, "yuv", 8))
    event = Event("1", "A", "A", "", "", FRAMES, FRAMES)
    stays = Line("EVE_L2", "EVE", "it", "/s.wav", FrameRange(100, 140, RATE))
    shot = Shot("A", event, plate, FRAMES, FRAMES, FRAMES, lines=(AWAY, stays))
    tweak = Tweak()
    for name, value in settings:
        tweak = tweak.chosen(name, value) if isinstance(value, str) else tweak.held(name, value)
    dub = against(spoken_between(6, (1, 3), (4, 5.6)), TRACK)
    one = FaceToDrive(TRACK, ORIGINAL, ACTOR, dub, None, (), None, (), None)
    face = DubbedFace("EVE", (TRACK,), Pick("warp", ""), None, tweak, off_screen, "", "", None)
    engine = SimpleNamespace(drive=driving.drive, retarget=retarget, fit=fit)
    return driven_face(shot, one, face, engine)


def test_a_look_and_a_turn_by_hand_are_shown_under_a_line_spoken_off_screen():
    motion = driven(("region", "head"), ("yaw", 6.0), ("look_at", "camera"))

    assert (motion.performance.weight[UNDER] == 1).all()
    turned = motion.corrected.head[UNDER, :3] - motion.original.head[UNDER, :3]
    assert np.degrees(np.linalg.norm(turned, axis=1)).min() > 5
    assert (motion.corrected.gaze[UNDER] != motion.original.gaze[UNDER]).any()


def test_the_mouth_stays_as_filmed_under_that_line_and_follows_the_dub_after_it():
    motion = driven(("region", "head"), ("yaw", 6.0))

    np.testing.assert_allclose(motion.corrected.mouth[UNDER], ORIGINAL.mouth[UNDER], atol=1e-5)
    spoken = driven(("region", "head"), ("yaw", 6.0), off_screen=())
    np.testing.assert_allclose(motion.corrected.mouth[AFTER], spoken.corrected.mouth[AFTER])
    assert not np.allclose(spoken.corrected.mouth[UNDER], ORIGINAL.mouth[UNDER], atol=1e-3)


def test_a_smile_by_hand_is_the_only_thing_that_moves_the_mouth_there():
    smiling = driven(("smile", 0.6)).corrected.mouth[UNDER] - ORIGINAL.mouth[UNDER]

    assert np.abs(smiling).max() > 0.01
    assert np.ptp(smiling, axis=0).max() < 0.2 * np.abs(smiling).max()  # it does not speak


def test_where_a_hand_asks_nothing_there_the_plate_is_kept():
    motion = driven()

    assert (motion.performance.weight[UNDER] == 0).all()
    assert (motion.performance.weight[AFTER] == 1).all()
