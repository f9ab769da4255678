"""Voices of a mixed stem are given to characters by evidence, or asked about."""

from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.voices import Turn, Voice, VoiceEvidence
from dubsync.service.voice_cast import NOBODY, SURE, cast_voices, likeness_evidence

RATE = Fraction(24)
BOTH = ("ELISE", "MARC")


def direction(*numbers):
    found = np.zeros(192)
    found[: len(numbers)] = numbers
    return found / np.linalg.norm(found)


def voice(number, *turns, towards=(1,)):
    name = f"Speaker {number}"
    return Voice(name, tuple(Turn(name, a, b) for a, b in turns), direction(*towards))


ONE = voice(1, (3600.5, 3602), (3604, 3605))
TWO = voice(2, (3602, 3604), towards=(0, 1))


def says(who, number, weight):
    return VoiceEvidence(f"Speaker {number}", who, weight, "the test")


def cast(voices=(ONE, TWO), evidence=(), answers=None, characters=BOTH):
    return cast_voices("mix.wav", voices, characters, evidence, answers or {}, RATE)


def test_without_evidence_each_voice_is_asked_about():
    found = cast()
    assert not found.characters
    assert [doubt.blocking for doubt in found.doubts] == [True, True]
    assert "01:00:00:12 to 01:00:02:00" in found.doubts[0].message
    assert '[voices] "Speaker 1" = "ELISE"' in found.doubts[0].hint
    assert "MARC" in found.doubts[0].hint


def test_an_answer_settles_it_against_all_evidence():
    found = cast(
        answers={"Speaker 1": "MARC", "Speaker 2": "ELISE"}, evidence=[says("ELISE", 1, 6)]
    )
    assert found.characters == {"Speaker 1": "MARC", "Speaker 2": "ELISE"}
    assert not found.doubts


def test_an_answer_may_name_a_moment():
    found = cast(answers={"01:00:04:12": "MARC", "01:00:03:00": "ELISE"})
    assert found.characters == {"Speaker 1": "MARC", "Speaker 2": "ELISE"}


def test_a_voice_may_be_nobodys():
    found = cast(answers={"Speaker 1": NOBODY, "Speaker 2": "ELISE"})
    assert found.characters["Speaker 1"] == NOBODY
    assert not found.doubts


def test_kinds_of_evidence_add_up():
    half = SURE / 2 + 0.1
    found = cast(evidence=[says("MARC", 1, half), says("MARC", 1, half), says("ELISE", 2, 5)])
    assert found.characters == {"Speaker 1": "MARC", "Speaker 2": "ELISE"}


def test_close_evidence_is_asked_about_with_the_likelier_first():
    found = cast(
        evidence=[
            says("MARC", 1, 4),
            says("ELISE", 1, 3),
            says("MARC", 2, 4),
            says("ELISE", 2, 3.5),
        ]
    )
    assert not found.characters
    assert '"Speaker 1" = "MARC"' in found.doubts[0].hint


def test_the_last_voice_is_the_last_characters_with_a_word_about_it():
    found = cast(evidence=[says("MARC", 1, 5)])
    assert found.characters == {"Speaker 1": "MARC", "Speaker 2": "ELISE"}
    (doubt,) = found.doubts
    assert not doubt.blocking and "left over" in doubt.message


def test_what_speaks_against_the_last_pair_keeps_them_apart():
    found = cast(evidence=[says("MARC", 1, 5), says("ELISE", 2, -4)])
    assert "Speaker 2" not in found.characters
    assert found.doubts[0].blocking


def test_one_voice_too_many_is_not_given_away():
    three = voice(3, (3606, 3607), towards=(0, 0, 1))
    found = cast(voices=(ONE, TWO, three), evidence=[says("MARC", 1, 5)])
    assert found.characters == {"Speaker 1": "MARC"}


def test_two_voices_may_be_one_characters():
    shouted = voice(3, (3606, 3607), towards=(0, 0, 1))
    evidence = [says("MARC", 1, 5), says("ELISE", 2, 5), says("MARC", 3, 4)]
    assert cast(voices=(ONE, TWO, shouted), evidence=evidence).characters["Speaker 3"] == "MARC"


def test_the_longest_turns_are_shown():
    many = voice(1, *((3600 + 2 * n, 3600.5 + 2 * n) for n in range(9)), (3650, 3655))
    (doubt, _) = cast(voices=(many, TWO)).doubts
    assert "01:00:50:00 to 01:00:55:00" in doubt.message
    assert "and 7 more times" in doubt.message


@pytest.mark.parametrize(("cosine", "speaks_for"), [(0.9, True), (0.6, True), (0.1, False)])
def test_likeness_speaks_for_or_against(cosine, speaks_for):
    reference = direction(cosine, np.sqrt(1 - cosine**2))
    (evidence,) = likeness_evidence([ONE], "ELISE", reference, "a take")
    assert (evidence.weight >= SURE) == speaks_for
    assert (evidence.weight < 0) == (not speaks_for)


def test_likeness_never_falls_as_prints_come_nearer():
    weights = []
    for cosine in np.linspace(-0.5, 1, 31):
        reference = direction(cosine, np.sqrt(1 - cosine**2))
        weights.append(likeness_evidence([ONE], "E", reference, "")[0].weight)
    assert weights == sorted(weights)


def test_a_voice_never_heard_alone_has_no_likeness():
    silent = Voice("Speaker 1", ONE.turns, np.zeros(192))
    assert likeness_evidence([silent], "ELISE", direction(1), "") == []
