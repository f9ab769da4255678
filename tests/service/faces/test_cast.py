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
from dubsync.service.faces.questions import Asking

RATE = Fraction(24)
SPAN = FrameRange(0, 40, RATE)
LOOKS = {"ELISE": 0, "MARC": 1, "PASSER": 2}


def face(number, who, *, at=(100, 100), frames=SPAN, noise=0.0, seed=0, talks=True):
    """A face at `at` with the looks of `who`, whose lips move unless it does not talk."""
    look = np.eye(8)[LOOKS[who]] + noise * np.random.default_rng(seed + number).normal(size=8)
    marks = np.random.default_rng(1).uniform(-30, 30, (478, 3)) + [*at, 0]
    t = len(frames)
    marks = np.repeat(marks[None], t, 0)
    if talks:
        marks[:, [14, 87, 317], 1] += (10 * np.sin(np.arange(t)))[:, None]
    return FaceTrack(
        number, frames, marks, np.zeros((t, 52)), np.ones(t),
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
    assert warning.blocking and "--face AB:ELISE=1 or --face AB:ELISE=2" in warning.hint
    assert who_is_where(result, "AB") == {}


def test_a_point_on_a_face_answers_the_question():
    faces = {"AB": [face(1, "MARC"), face(2, "ELISE", at=(300, 120))]}
    result = cast([shot("AB", "ELISE")], faces, {"AB": {"ELISE": [(301.0, 119.0)]}})
    assert who_is_where(result, "AB") == {"ELISE": [2]}
    assert result.warnings["AB"] == ()


def test_a_point_on_no_face_is_refused():
    result = cast([shot("A", "ELISE")], {"A": [face(1, "ELISE")]}, {"A": {"ELISE": [(600.0, 5.0)]}})
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
    pointed = {"AB": {"ELISE": [(301.0, 119.0)]}}
    alone = cast([shot("AB", "ELISE")], {"AB": faces["AB"]}, pointed, misheard)
    assert who_is_where(alone, "AB") == {"ELISE": [2]}


# -- nothing is given for want of another --------------------------------------------------------


def reverse_shots(**more):
    """ELISE alone in A and C, MARC alone in B and D; and `more` shots, name -> characters."""
    shots = [shot(n, "ELISE") for n in "AC"] + [shot(n, "MARC") for n in "BD"]
    faces = {n: [face(1, "ELISE", noise=0.05, seed=ord(n))] for n in "AC"}
    faces |= {n: [face(1, "MARC", noise=0.05, seed=ord(n))] for n in "BD"}
    return shots + [shot(name, *who) for name, who in more.items()], faces


def blocking(casting, name):
    return [warning for warning in casting.warnings[name] if warning.blocking]


def test_the_only_face_is_not_the_characters_when_it_is_anothers():
    shots, faces = reverse_shots(X=("ELISE", "MARC"))
    result = cast(shots, faces | {"X": [face(1, "MARC", noise=0.05)]}, {})

    assert who_is_where(result, "X") == {"MARC": [1]}
    (note,) = result.warnings["X"]
    assert not note.blocking and "ELISE speaks, but is not among the faces" in note.message


def test_two_asked_for_and_one_unknown_face_is_a_question():
    result = cast([shot("AB", "ELISE", "MARC")], {"AB": [face(1, "ELISE")]}, {})

    assert who_is_where(result, "AB") == {}
    assert [w.message for w in blocking(result, "AB")] == [
        "is face 1 ELISE or MARC? they all speak over it",
        "is face 1 MARC or ELISE? they all speak over it",
    ]


def test_one_shot_is_evidence_only_of_a_face_that_speaks_and_that_nobody_else_claims():
    faces = {"A": [face(1, "ELISE")], "B": [face(1, "MARC")]}
    two = [shot("A", "ELISE"), shot("B", "MARC")]
    assert who_is_where(cast(two, faces, {}), "A") == {"ELISE": [1]}

    resting = faces | {"A": [face(1, "ELISE", talks=False)]}
    asked = cast(two, resting, {})
    assert who_is_where(asked, "A") == {} and blocking(asked, "A")
    assert who_is_where(asked, "B") == {"MARC": [1]}

    both = cast([shot("A", "ELISE"), shot("B", "MARC")],
                {n: [face(1, "ELISE", noise=0.05, seed=ord(n))] for n in "AB"}, {})  # fmt: skip
    assert blocking(both, "A") and blocking(both, "B"), "one face, two claims of one shot each"


def test_a_face_that_looks_only_a_little_like_the_character_is_asked_unless_it_is_heard():
    shots, faces = reverse_shots(X=("ELISE",))
    aged = replace(face(1, "ELISE"), appearance=np.eye(8)[0] + 0.42 * np.eye(8)[5])
    faces |= {"X": [aged]}

    asked = cast(shots, faces, {})
    assert who_is_where(asked, "X") == {}
    assert "looks only a little like ELISE" in blocking(asked, "X")[0].message
    spoken = cast(shots, faces, {}, {"X": heard(0.9)})
    assert who_is_where(spoken, "X") == {"ELISE": [1]}
    stranger = cast(shots, faces | {"X": [face(1, "PASSER")]}, {})
    assert who_is_where(stranger, "X") == {} and not blocking(stranger, "X")
    in_her_voice = cast(shots, faces | {"X": [face(1, "PASSER")]}, {}, {"X": heard(0.9)})
    assert who_is_where(in_her_voice, "X") == {} and blocking(in_her_voice, "X")


def test_a_double_in_one_frame_is_never_the_same_person():
    shots, faces = reverse_shots(X=("ELISE",))
    double = [face(1, "ELISE", noise=0.03), face(2, "ELISE", at=(400, 100), noise=0.03)]

    result = cast(shots, faces | {"X": double}, {})

    assert who_is_where(result, "X") == {} and len(blocking(result, "X")) == 1


def test_characters_of_one_performer_share_a_face():
    shots, faces = reverse_shots(X=("TWIN",))
    faces |= {"X": [face(1, "ELISE", noise=0.05)]}
    plays = {"ELISE": "elise-m", "TWIN": "elise-m", "MARC": "marc-d"}

    assert who_is_where(cast(shots, faces, {}, performers=plays), "X") == {"TWIN": [1]}
    apart = cast(shots, faces, {})
    assert who_is_where(apart, "X") == {}, "another performer has no claim to the face"


# -- a person's answer ----------------------------------------------------------------------------


def test_pointing_at_anothers_face_is_a_question_and_not_a_swap():
    shots, faces = reverse_shots()
    swapped = {"B": {"ELISE": [(100.0, 100.0)]}}
    shots[2] = shot("B", "ELISE", "MARC")

    result = cast(shots, faces, swapped)

    (question,) = blocking(result, "B")
    assert "which you gave to ELISE, is MARC's face in D" in question.message
    assert "ELISE" not in who_is_where(result, "B")
    assert who_is_where(result, "A") == {"ELISE": [1]} and who_is_where(result, "D") == {
        "MARC": [1]
    }


def test_faces_of_two_people_given_to_one_character_are_a_question_and_never_learnt_together():
    shots = [shot("A", "ELISE"), shot("B", "ELISE")]
    faces = {"A": [face(1, "ELISE")], "B": [face(1, "PASSER")]}
    points = {name: {"ELISE": [(100.0, 100.0)]} for name in "AB"}

    result = cast(shots, faces, points)

    assert who_is_where(result, "A") == {"ELISE": [1]} and who_is_where(result, "B") == {}
    assert "does not look like ELISE's face in A" in blocking(result, "B")[0].message


def test_a_number_names_a_face_and_a_point_may_name_its_frame():
    halves = FrameRange(0, 20, RATE), FrameRange(20, 40, RATE)
    faces = {"A": [face(1, "ELISE", frames=halves[0]), face(2, "MARC", frames=halves[1])]}
    one = [shot("A", "ELISE")]

    def given(*points):
        return cast(one, faces, {"A": {"ELISE": list(points)}})

    assert who_is_where(given((2,)), "A") == {"ELISE": [2]}
    assert who_is_where(given((100.0, 100.0, 30)), "A") == {"ELISE": [2]}
    (ambiguous,) = blocking(given((100.0, 100.0)), "A")
    assert "faces 1 and 2 are both seen at 100,100" in ambiguous.message
    (nobody,) = blocking(given((3,)), "A")
    assert "no face 3" in nobody.message
    assert "answer with --face A:ELISE=1 or --face A:ELISE=2; " in nobody.hint


def test_a_clip_asks_whoever_is_heard_and_its_answer_is_a_number():
    faces = {"A": [face(1, "ELISE"), face(2, "MARC", at=(400, 100))]}
    clip = Asking("out.dubsync/faces.png", clip=True)

    (question,) = cast([shot("A", "ELISE")], faces, {}, asking=clip).warnings["A"]
    (together,) = cast(
        [shot("A", "ELISE")], faces, {"A": {"ELISE": [(1,), (2,)]}}, asking=clip
    ).warnings["A"]

    assert question.message == "2 faces are seen: which is to be dubbed?"
    assert question.hint == (
        "answer with --face 1 or --face 2; the faces are numbered in out.dubsync/faces.png"
    )
    assert "in view at the same time" in together.message
    words = [w for ask in (question, together) for w in (ask.message, ask.hint)]
    assert not any("shot" in w or "line" in w or "ELISE" in w for w in words)


@pytest.mark.parametrize("seed", range(40))
def test_no_reel_of_any_kind_gives_a_face_to_another_character(seed):
    """Reels of random people: who is seen speaks, or is silent while another is heard."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 6))
    looks = rng.normal(size=(count, 16))
    looks /= np.linalg.norm(looks, axis=1, keepdims=True) * 1.6  # strangers about 0.85 apart
    shots, faces, right = [], {}, {}
    for n in range(int(rng.integers(3, 12))):
        speaker = int(rng.integers(count - 1))  # the last one never speaks
        listens = rng.random() < 0.3
        seen = [int(rng.integers(count)) if listens else speaker]
        seen += [p for p in rng.permutation(count).tolist()[:1] if p not in seen and n % 4 == 3]
        talk = [f"C{speaker}", *([f"C{(speaker + 1) % count}"] if rng.random() < 0.2 else [])]
        name = f"S{n}"
        shots.append(shot(name, *talk))
        faces[name] = [
            replace(face(k + 1, "ELISE", at=(100 + 300 * k, 100), talks=p == speaker),
                    appearance=looks[p] + rng.normal(size=16) * 0.03)
            for k, p in enumerate(seen)
        ]  # fmt: skip
        right[name] = {f"C{p}": [k + 1] for k, p in enumerate(seen)}

    first = cast(shots, faces, {})
    points = {
        name: {c: [(float(n),)] for c, (n,) in right[name].items() if c in one.characters}
        for one in shots if blocking(first, name := one.name)
    }  # fmt: skip
    again = cast(shots, faces, points)

    for result in (first, again):
        for name in faces:
            given = who_is_where(result, name)
            assert given.items() <= right[name].items(), (name, given, right[name])
