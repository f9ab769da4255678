"""Faces are matched to characters across a reel; close calls become questions, not guesses."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.face import FaceTrack
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Event, Line, Plate, Shot
from dubsync.core.sound.av_sync import Offset, Speaking
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.faces.cast import cast

RATE = Fraction(24)
SPAN = FrameRange(0, 40, RATE)
LOOKS = {"ELISE": 0, "MARC": 1, "PASSER": 2}


def face(number, who, *, at=(100, 100), frames=SPAN, noise=0.0, seed=0):
    look = np.eye(8)[LOOKS[who]] + noise * np.random.default_rng(seed + number).normal(size=8)
    marks = np.random.default_rng(1).uniform(-30, 30, (478, 3)) + [*at, 0]
    t = len(frames)
    return FaceTrack(
        number, frames, np.repeat(marks[None], t, 0), np.zeros((t, 52)), np.ones(t),
        look / np.linalg.norm(look),
    )  # fmt: skip


def shot(name, *characters):
    plate = Plate(f"{name}.mov", f"/{name}.mov", "", SPAN, PictureFormat(640, 360, "yuv", 8))
    event = Event("1", name, name, "", "", SPAN, SPAN)
    lines = tuple(Line(f"{c}_L1", c, "fr", "/s.wav", SPAN) for c in characters)
    return Shot(name, event, plate, SPAN, SPAN, SPAN, lines=lines)


def who_is_where(casting, name):
    return {who: [t.face for t in tracks] for who, tracks in casting.tracks[name].items()}


def test_the_only_face_of_a_shot_with_one_speaker_is_the_speaker():
    result = cast([shot("A", "ELISE")], {"A": [face(1, "ELISE")]}, {})
    assert who_is_where(result, "A") == {"ELISE": [1]}
    assert result.warnings["A"] == ()


def test_a_two_shot_is_cast_from_the_single_shots():
    shots = [shot("A", "ELISE"), shot("B", "MARC"), shot("AB", "ELISE", "MARC")]
    faces = {
        "A": [face(1, "ELISE")],
        "B": [face(1, "MARC")],
        "AB": [face(1, "MARC", noise=0.1), face(2, "ELISE", at=(300, 100), noise=0.1)],
    }
    assert who_is_where(cast(shots, faces, {}), "AB") == {"ELISE": [2], "MARC": [1]}


def test_two_faces_and_nothing_to_tell_them_by_is_a_question_with_an_answer_in_it():
    faces = {"AB": [face(1, "MARC"), face(2, "ELISE", at=(300, 120))]}
    result = cast([shot("AB", "ELISE")], faces, {})
    (warning,) = result.warnings["AB"]
    assert warning.blocking and "--face ELISE=" in warning.hint
    assert who_is_where(result, "AB") == {}


def test_a_point_on_a_face_answers_the_question():
    faces = {"AB": [face(1, "MARC"), face(2, "ELISE", at=(300, 120))]}
    result = cast([shot("AB", "ELISE")], faces, {"AB": {"ELISE": (301.0, 119.0)}})
    assert who_is_where(result, "AB") == {"ELISE": [2]}
    assert result.warnings["AB"] == ()


def test_a_point_on_no_face_is_refused():
    result = cast([shot("A", "ELISE")], {"A": [face(1, "ELISE")]}, {"A": {"ELISE": (600.0, 5.0)}})
    assert result.warnings["A"][0].blocking


def test_a_speaker_off_screen_does_not_move_the_listeners_mouth():
    shots = [shot(n, "ELISE") for n in "AB"] + [shot(n, "MARC") for n in "CD"] + [shot("X", "MARC")]
    faces = {n: [face(1, "ELISE")] for n in "AB"} | {n: [face(1, "MARC")] for n in "CD"}
    faces["X"] = [face(1, "ELISE", noise=0.05)]
    result = cast(shots, faces, {})
    assert who_is_where(result, "X") == {}
    assert not result.warnings["X"][0].blocking


def test_a_plate_without_a_face_is_a_question():
    result = cast([shot("A", "ELISE")], {"A": []}, {})
    assert result.warnings["A"][0].blocking
    assert "no face" in result.warnings["A"][0].message


def test_a_face_that_leaves_and_returns_is_one_person():
    tracks = [
        face(1, "ELISE", frames=FrameRange(0, 15, RATE)),
        face(2, "ELISE", frames=FrameRange(20, 40, RATE), noise=0.1),
    ]
    assert who_is_where(cast([shot("A", "ELISE")], {"A": tracks}, {}), "A") == {"ELISE": [1, 2]}


def test_a_passer_by_is_no_question():
    tracks = [face(1, "ELISE"), face(2, "PASSER", frames=FrameRange(3, 9, RATE), at=(500, 90))]
    assert who_is_where(cast([shot("A", "ELISE")], {"A": tracks}, {}), "A") == {"ELISE": [1]}


def heard(*chances, span=SPAN):
    """Sound in which face n speaks throughout with chance n."""
    faces = np.repeat(np.array(chances, np.float32)[:, None], len(span), axis=1)
    curve = np.zeros(3, np.float32)
    sure = Offset(0.0, 1.0, True, curve, curve)
    return Speaking(span, faces, np.clip(1 - faces.sum(axis=0), 0, 1), sure)


def test_the_speaking_face_is_chosen_if_appearance_does_not_decide():
    faces = {"AB": [face(1, "MARC"), face(2, "ELISE", at=(300, 120))]}
    result = cast([shot("AB", "ELISE")], faces, {}, {"AB": heard(0.05, 0.9)})
    assert who_is_where(result, "AB") == {"ELISE": [2]}
    assert result.warnings["AB"] == ()


def test_two_who_speak_in_turn_each_get_their_own_face():
    halves = [FrameRange(0, 20, RATE), FrameRange(20, 40, RATE)]
    two = shot("AB", "ELISE", "MARC")
    lines = tuple(replace(ln, record=part) for ln, part in zip(two.lines, halves, strict=True))
    faces = {"AB": [face(1, "MARC"), face(2, "ELISE", at=(300, 120))]}
    turns = heard(0.0, 0.0)
    turns = replace(turns, faces=np.repeat([[0, 1], [1, 0]], 20, axis=1).astype(np.float32))
    result = cast([replace(two, lines=lines)], faces, {}, {"AB": turns})
    assert who_is_where(result, "AB") == {"ELISE": [2], "MARC": [1]}


@pytest.mark.parametrize("chances", [(0.5, 0.6), (0.1, 0.4), (0.9, 0.9)])
def test_sound_that_does_not_plainly_point_at_a_face_leaves_the_question(chances):
    faces = {"AB": [face(1, "MARC"), face(2, "ELISE", at=(300, 120))]}
    result = cast([shot("AB", "ELISE")], faces, {}, {"AB": heard(*chances)})
    assert result.warnings["AB"][0].blocking


def test_appearance_and_a_persons_answer_come_before_sound():
    shots = [shot("A", "ELISE"), shot("B", "MARC"), shot("AB", "ELISE", "MARC")]
    faces = {
        "A": [face(1, "ELISE")],
        "B": [face(1, "MARC")],
        "AB": [face(1, "MARC", noise=0.1), face(2, "ELISE", at=(300, 100), noise=0.1)],
    }
    misheard = {"AB": heard(0.95, 0.0)}
    assert who_is_where(cast(shots, faces, {}, misheard), "AB") == {"ELISE": [2], "MARC": [1]}
    pointed = {"AB": {"ELISE": (301.0, 119.0)}}
    alone = cast([shot("AB", "ELISE")], {"AB": faces["AB"]}, pointed, misheard)
    assert who_is_where(alone, "AB") == {"ELISE": [2]}
