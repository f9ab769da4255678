"""`take_inside` finds the take's frame that is spoken when a frame of the shot is heard."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from dubsync.core.errors import ConsentMissing
from dubsync.core.face import BLENDSHAPES, LANDMARKS, FaceTrack, Performance, Stretch
from dubsync.core.steps import TakeCue
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.consent.operations import LIP_REENACT
from dubsync.service.faces.take_mouths import take_mouths
from dubsync.service.reel.inputs import ReelInputs

SHOT = SimpleNamespace(
    name="SH010", render=FrameRange(100, 104, Fraction(25)),
    takes=[SimpleNamespace(name="E_L001_t01.mov", character="ELISE", plate=object())],
)  # fmt: skip
ASKED = Tweak().chosen("region", "face").held("take_inside", 1.0)


def cue():
    span = FrameRange(0, 10, Fraction(50))
    track = FaceTrack(
        1, span, np.zeros((10, LANDMARKS, 3), np.float32), np.zeros((10, BLENDSHAPES), np.float32),
        np.ones(10, np.float32), np.zeros(128, np.float32),
    )  # fmt: skip
    return TakeCue(track, np.arange(10) / 50 + 3.0, (3.0, 3.2), "E_L001_t01")


def found(tweak):
    frames = SHOT.render
    driven = Performance(
        "take", "b", frames, np.zeros((4, 2), np.float32), np.ones(4, np.float32),
        stretches=(Stretch(101, 103, "E_L001_t01"),),
    )  # fmt: skip
    return take_mouths(SHOT, [cue()], driven, np.arange(4) / 25 + 3.0, tweak)


def test_each_frame_gets_the_frame_of_the_take_that_is_spoken_then():
    mouths = found(ASKED)
    assert mouths.take.tolist() == [-1, 0, 0, 0]
    assert mouths.frame[1:].tolist() == [2, 4, 6]
    assert mouths.share.tolist() == [0, 1, 1, 1]
    assert found(ASKED.held("slip_ms", 40)).frame[1:].tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    "tweak", [Tweak().chosen("region", "head"), Tweak().held("take_inside", 1.0)]
)
def test_without_being_asked_and_outside_face_and_head_no_take_lends(tweak):
    assert found(tweak) is None


def consents(voice_actors, records=()):
    reel = SimpleNamespace(
        consents=SimpleNamespace(read=lambda: records), tweaks={"SH010": {"ELISE": ASKED}},
        voice_actors=voice_actors, language="it-IT", performers={}, _today=lambda: None,
    )  # fmt: skip
    reel._filmed = lambda character: ReelInputs._filmed(reel, character)
    return ReelInputs.tweak_consents(reel, SHOT)


def test_the_voice_actor_must_be_named_and_must_have_agreed():
    with pytest.raises(ConsentMissing, match="does not say who") as refused:
        consents({})
    assert "voice_actor" in refused.value.hint
    with pytest.raises(ConsentMissing, match=f"{LIP_REENACT} of 'p-7'"):
        consents({"ELISE": "p-7"})
