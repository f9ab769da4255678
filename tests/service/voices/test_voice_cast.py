"""Voices of a mixed stem are assigned to characters by evidence, or become a question."""

from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.sound.voices import Turn, Voice, VoiceEvidence
from dubsync.core.timeline.timecode import Clock
from dubsync.service.voices.voice_cast import NOBODY, SURE, cast_voices, likeness_evidence
from dubsync.service.voices.voice_face_match import VoiceFaceEvidence

RATE = Fraction(24)
BOTH = ("ELISE", "MARC")


def direction(*numbers):
    result = np.zeros(192)
    result[: len(numbers)] = numbers
    return result / np.linalg.norm(result)


def voice(number, *turns, towards=(1,)):
    name = f"Speaker {number}"
    return Voice(name, tuple(Turn(name, a, b) for a, b in turns), direction(*towards))


ONE = voice(1, (3600.5, 3602), (3604, 3605))
TWO = voice(2, (3602, 3604), towards=(0, 1))


def says(who, number, weight):
    return VoiceEvidence(f"Speaker {number}", who, weight, "the test")


def with_face(who, number, weight, *, seconds=3.0, rival=0.0):
    return VoiceFaceEvidence(f"Speaker {number}", who, weight, seconds, rival)


def cast(voices=(ONE, TWO), evidence=(), answers=None, characters=BOTH, seen=(), clock=None):
    return cast_voices(
        "mix.wav", voices, characters, evidence, answers or {}, clock or Clock(RATE), seen=seen
    )


def test_without_evidence_each_voice_is_a_question():
    result = cast()
    assert not result.characters
    assert [warning.blocking for warning in result.warnings] == [True, True]
    assert "01:00:00:12 to 01:00:02:00" in result.warnings[0].message
    assert '[voices] "Speaker 1" = "ELISE"' in result.warnings[0].hint
    assert "MARC" in result.warnings[0].hint


def test_an_answer_overrides_all_evidence():
    result = cast(
        answers={"Speaker 1": "MARC", "Speaker 2": "ELISE"}, evidence=[says("ELISE", 1, 6)]
    )
    assert result.characters == {"Speaker 1": "MARC", "Speaker 2": "ELISE"}
    assert not result.warnings


def test_an_answer_may_name_a_timecode():
    result = cast(answers={"01:00:04:12": "MARC", "01:00:03:00": "ELISE"})
    assert result.characters == {"Speaker 1": "MARC", "Speaker 2": "ELISE"}


def test_a_timecode_at_which_two_speak_means_the_one_that_began_last():
    first, second = voice(1, (3600.5, 3603)), voice(2, (3602, 3604), towards=(0, 1))
    result = cast((first, second), answers={"01:00:02:00": "MARC"})
    assert [name for name, how in result.by.items() if how == "answer"] == ["Speaker 2"]


def test_an_answer_by_name_takes_precedence_over_a_timecode():
    first, second = voice(1, (3602, 3604)), voice(2, (3601, 3603), towards=(0, 1))
    result = cast((first, second), answers={"Speaker 1": "ELISE", "01:00:02:12": "MARC"})
    assert result.characters == {"Speaker 1": "ELISE", "Speaker 2": "MARC"}


def test_a_voice_may_be_assigned_to_no_character():
    result = cast(answers={"Speaker 1": NOBODY, "Speaker 2": "ELISE"})
    assert result.characters["Speaker 1"] == NOBODY
    assert not result.warnings


def test_kinds_of_evidence_add_up():
    half = SURE / 2 + 0.1
    result = cast(evidence=[says("MARC", 1, half), says("MARC", 1, half), says("ELISE", 2, 5)])
    assert result.characters == {"Speaker 1": "MARC", "Speaker 2": "ELISE"}


def test_close_evidence_is_a_question_with_the_likelier_character_first():
    result = cast(
        evidence=[
            says("MARC", 1, 4),
            says("ELISE", 1, 3),
            says("MARC", 2, 4),
            says("ELISE", 2, 3.5),
        ]
    )
    assert not result.characters
    assert '"Speaker 1" = "MARC"' in result.warnings[0].hint


def test_the_last_voice_goes_to_the_last_character_with_a_warning():
    result = cast(evidence=[says("MARC", 1, 5)])
    assert result.characters == {"Speaker 1": "MARC", "Speaker 2": "ELISE"}
    (warning,) = result.warnings
    assert not warning.blocking and "left over" in warning.message


def test_evidence_against_the_last_pair_keeps_them_apart():
    result = cast(evidence=[says("MARC", 1, 5), says("ELISE", 2, -4)])
    assert "Speaker 2" not in result.characters
    assert result.warnings[0].blocking


def test_one_voice_too_many_is_not_assigned():
    three = voice(3, (3606, 3607), towards=(0, 0, 1))
    result = cast(voices=(ONE, TWO, three), evidence=[says("MARC", 1, 5)])
    assert result.characters == {"Speaker 1": "MARC"}


def test_two_voices_may_be_one_characters():
    shouted = voice(3, (3606, 3607), towards=(0, 0, 1))
    evidence = [says("MARC", 1, 5), says("ELISE", 2, 5), says("MARC", 3, 4)]
    assert cast(voices=(ONE, TWO, shouted), evidence=evidence).characters["Speaker 3"] == "MARC"


def test_the_longest_turns_are_shown():
    many = voice(1, *((3600 + 2 * n, 3600.5 + 2 * n) for n in range(9)), (3650, 3655))
    (warning, _) = cast(voices=(many, TWO)).warnings
    assert "01:00:50:00 to 01:00:55:00" in warning.message
    assert "and 7 more times" in warning.message


@pytest.mark.parametrize(("cosine", "speaks_for"), [(0.9, True), (0.6, True), (0.1, False)])
def test_likeness_is_evidence_for_or_against(cosine, speaks_for):
    reference = direction(cosine, np.sqrt(1 - cosine**2))
    (evidence,) = likeness_evidence([ONE], "ELISE", reference, "a take")
    assert (evidence.weight >= SURE) == speaks_for
    assert (evidence.weight < 0) == (not speaks_for)


def test_likeness_never_falls_as_voiceprints_become_more_alike():
    weights = []
    for cosine in np.linspace(-0.5, 1, 31):
        reference = direction(cosine, np.sqrt(1 - cosine**2))
        weights.append(likeness_evidence([ONE], "E", reference, "")[0].weight)
    assert weights == sorted(weights)


def test_a_voice_never_heard_alone_has_no_likeness():
    silent = Voice("Speaker 1", ONE.turns, np.zeros(192))
    assert likeness_evidence([silent], "ELISE", direction(1), "") == []


def test_faces_decide_where_likeness_does_not():
    result = cast(seen=[with_face("MARC", 1, 3), with_face("ELISE", 1, -3)])
    assert result.characters == {"Speaker 1": "MARC", "Speaker 2": "ELISE"}
    assert result.by == {"Speaker 1": "faces", "Speaker 2": "left over"}


def test_sure_likeness_overrides_faces_with_a_warning():
    result = cast(
        evidence=[says("MARC", 1, 4), says("ELISE", 2, 4)], seen=[with_face("ELISE", 1, 9)]
    )
    assert result.characters == {"Speaker 1": "MARC", "Speaker 2": "ELISE"}
    (warning,) = result.warnings
    assert not warning.blocking
    assert (
        "assigned to MARC by likeness, but is heard with the face of ELISE (3.0 s)"
        in warning.message
    )
    assert '"Speaker 1" = "ELISE"' in warning.hint


def test_an_answer_overrides_faces_with_a_warning():
    answers = {"Speaker 1": "MARC", "Speaker 2": NOBODY}
    result = cast(answers=answers, seen=[with_face("ELISE", 1, 3), with_face("ELISE", 2, 3)])
    assert result.characters == answers
    starts = [warning.message.split(" by ")[0] for warning in result.warnings]
    assert starts == ["Speaker 1 is assigned to MARC", "Speaker 2 is assigned to no character"]


def test_faces_that_agree_with_an_answer_give_no_warning():
    result = cast(
        answers={"Speaker 1": "MARC", "Speaker 2": "ELISE"}, seen=[with_face("MARC", 1, 5)]
    )
    assert not result.warnings


def test_likeness_that_is_unsure_adds_to_faces():
    seen = [with_face("MARC", 1, 1.5), with_face("ELISE", 1, -1)]
    assert not cast(seen=seen).characters
    assert cast(seen=seen, evidence=[says("MARC", 1, 1)]).by["Speaker 1"] == "faces"


def test_likeness_against_a_face_leaves_it_a_question():
    assert not cast(seen=[with_face("MARC", 1, 5)], evidence=[says("MARC", 1, -6)]).characters


def test_the_question_about_a_voice_with_two_faces_mentions_two_people():
    result = cast(seen=[with_face("MARC", 1, 5, rival=2), with_face("ELISE", 1, -3, seconds=2)])
    assert "Speaker 1" not in result.characters
    message = result.warnings[0].message
    assert "with the face of MARC (3.0 s) and ELISE (2.0 s); it may be two people" in message


def test_on_a_drop_frame_reel_questions_and_answers_use_drop_frame_timecode():
    clock = Clock(Fraction(30000, 1001), drop=True)
    at = float(Fraction(107892 + 90) / clock.rate)  # 01:00:03;00
    late = voice(1, (at, at + 2.01))
    result = cast(voices=(late, TWO), clock=clock)
    assert "01:00:03;00 to 01:00:05;00" in result.warnings[0].message
    for printed in ("01:00:04;00", "01:00:04:00"):
        answered = cast(voices=(late, TWO), clock=clock, answers={printed: "MARC"})
        assert answered.characters["Speaker 1"] == "MARC"
    missed = cast(voices=(late, TWO), clock=clock, answers={"00:59:59;29": "MARC"})
    assert "Speaker 1" not in missed.characters
