"""Voices are matched with the faces they are heard with, or become a question."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ShapeError
from dubsync.core.sound.voices import Turn, Voice
from dubsync.core.timeline.timecode import Clock
from dubsync.service.voices.voice_cast import SURE, cast_voices
from dubsync.service.voices.voice_face_match import MOST_SILENT, SeenFace, voice_face_evidence
from tests.service.dialogue_synthesis import RATE, scene


def cast(scene):
    seen = voice_face_evidence(scene.voices, scene.characters, scene.faces)
    return cast_voices("m", scene.voices, scene.characters, (), {}, Clock(RATE), seen=seen)


def by_faces(scene):
    """Voices assigned by faces, as (right, assigned)."""
    result = cast(scene)
    taken = [v for v, how in result.by.items() if how == "faces"]
    return sum(result.characters[v] == scene.truth[v] for v in taken), len(taken)


def shot_of(number, chance, *, who="ELISE", heard=True, seconds=3):
    """A face over a shot of three seconds from 3600 s on, `number` of them before it."""
    speaks = np.full(seconds * 24, chance)
    start = 3600.0 + seconds * number
    return SeenFace(f"s{number}", who, "the test", (1.0, 1.0), start, RATE, speaks, heard)


def voice_over(*numbers, seconds=3):
    turns = tuple(
        Turn("Speaker 1", 3600.2 + seconds * n, 3599.8 + seconds * (n + 1)) for n in numbers
    )
    return Voice("Speaker 1", turns, np.zeros(192))


def evidence_for(faces, voice, who="ELISE"):
    return next(
        t for t in voice_face_evidence([voice], ("ELISE", "MARC"), faces) if t.character == who
    )


@settings(max_examples=8)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.5), st.floats(0, 0.5))
def test_random_dialogue_is_assigned_correctly_or_is_a_question(seed, jitter, off_screen):
    right, taken = by_faces(scene(seed, jitter=jitter, off_screen=off_screen))
    assert right == taken


def test_of_the_voices_of_random_reels_at_most_one_in_a_hundred_is_wrong():
    counts = [by_faces(scene(seed)) for seed in range(40)]
    right, taken = (sum(column) for column in zip(*counts, strict=True))
    assert taken - right <= taken / 100
    assert taken >= 40  # it does answer


def test_without_faces_every_voice_is_a_question():
    result = cast(scene(3, nobody=True))
    assert not result.characters
    assert all(warning.blocking for warning in result.warnings)


def test_two_people_taken_for_one_voice_are_a_question():
    taken = [cast(scene(seed, merged=True, shots=24)).by.get("Speaker 1") for seed in range(12)]
    assert taken.count("faces") <= 1


def test_one_shot_is_never_enough():
    assert evidence_for([shot_of(0, 1.0)], voice_over(0)).weight < SURE
    assert evidence_for([shot_of(0, 1.0), shot_of(1, 1.0)], voice_over(0, 1)).weight >= SURE


def test_a_listening_face_is_evidence_against_it():
    faces = [shot_of(n, 0.02) for n in range(3)]
    assert evidence_for(faces, voice_over(0, 1, 2)).weight < -1


def test_lines_over_other_faces_only_are_evidence_against_it():
    faces = [shot_of(0, 0.9, who="MARC"), shot_of(1, 0.9, who="MARC"), shot_of(9, 0.9)]
    assert evidence_for(faces, voice_over(0, 1)).weight < -1


def test_an_unnamed_face_is_no_evidence():
    faces = [shot_of(0, 0.9, who=""), shot_of(9, 0.9)]
    assert evidence_for(faces, voice_over(0)).weight == 0


def test_silent_plates_alone_are_not_enough():
    faces = [shot_of(n, 0.5, heard=False) for n in range(30)]
    assert evidence_for(faces, voice_over(*range(30))).weight == MOST_SILENT < SURE


def test_a_line_that_runs_over_a_cut_belongs_to_the_shot_it_began_in():
    faces = [shot_of(0, 0.9), shot_of(1, 0.9, who="MARC")]
    over = Voice("Speaker 1", (Turn("Speaker 1", 3600.5, 3603.5),), np.zeros(192))
    assert evidence_for(faces, over).weight == evidence_for(faces[:1], over).weight > 0


def test_words_half_a_second_late_still_fit():
    speaks = np.zeros(96)
    speaks[24:72] = 0.95
    face = replace(shot_of(0, 0.0, seconds=4), speaks=speaks)
    in_time, late = (
        Voice("Speaker 1", (Turn("Speaker 1", 3601.0 + by, 3603.0 + by),), np.zeros(192))
        for by in (0.0, 0.5)
    )
    assert evidence_for([face], late).weight == pytest.approx(evidence_for([face], in_time).weight)


def test_a_probability_outside_0_to_1_is_refused():
    with pytest.raises(ShapeError, match="probability"):
        SeenFace("s", "ELISE", "", (0.0, 0.0), 0.0, Fraction(24), np.array([1.2]), True)
