"""Assigns the voices of a mixed stem to characters: by the user's answers, else by evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.errors import TimecodeError
from dubsync.core.shot import ProjectWarning
from dubsync.core.sound.voices import Voice, VoiceEvidence
from dubsync.core.timeline.timecode import Clock, Timecode
from dubsync.service.voices.voice_face_match import VoiceFaceEvidence

#: Least log odds to assign a voice to a character, and least lead over the next character.
SURE, MARGIN = 2.0, 2.0
#: Cosine of voiceprints of one person's recordings, and of two people's: mean, deviation.
SAME, OTHERS = (0.62, 0.16), (0.07, 0.13)
#: Limit of the evidence from likeness, in log odds.
MOST_LIKENESS = 6.0
SHOWN_TURNS = 3
LEAST_SHOWN_S = 0.5  #: with a face; less is not mentioned
NOBODY = ""  #: as an answer: the voice of no character


#: The basis on which a voice was assigned; "left over": one voice and one character remained.
AssignedBy = Literal["answer", "likeness", "faces", "left over"]


@dataclass(frozen=True, slots=True)
class VoiceCast:
    """Voice name -> character, or NOBODY where the user said so; undecided voices are absent.

    by  voice name -> the basis of the assignment
    """

    characters: Mapping[str, str]
    by: Mapping[str, AssignedBy]
    warnings: tuple[ProjectWarning, ...] = field(default=())


def cast_voices(
    stem: str,
    voices: Sequence[Voice],
    characters: Sequence[str],
    evidence: Sequence[VoiceEvidence],
    answers: Mapping[str, str],
    clock: Clock,
    *,
    seen: Sequence[VoiceFaceEvidence] = (),
) -> VoiceCast:
    """Assign each voice of a mixed stem to a character.

    An answer decides; else the likeness of the voice, where that alone is sure; else likeness and
    faces together, added up as independent evidence.  Two voices may belong to one character
    (spoken and shouted, for example).  Where one voice and one character are left over, they are
    put together, with a warning that does not block.  Faces that clearly contradict an assignment
    made without them give a warning.

    Args:
        stem: the file's name, for warnings.
        voices: with turns on record time, in seconds.
        characters: the characters in the stem, according to the project.
        evidence: of likeness: any number for each pair, from any source.
        answers: voice, or a record timecode at which it speaks, -> character; "": no character.
            Where several speak at a timecode, it means the one that began last: a timecode is
            where a line begins.  A voice's name takes precedence over a timecode.
        clock: of the cut, for timecodes.
        seen: evidence from the faces with which each voice is heard.
    """
    case = _Case(characters, tuple(evidence), tuple(seen))
    result = _answered(voices, answers, clock)
    by: dict[str, AssignedBy] = dict.fromkeys(result, "answer")
    undecided = []
    for voice in (v for v in voices if v.name not in result):
        character, basis = case.decided(voice.name)
        if basis:
            result[voice.name], by[voice.name] = character, basis
        else:
            undecided.append(voice)
    warnings = [w for voice in voices if (w := case.mismatch(stem, voice.name, result, by))]
    missing = [c for c in characters if c not in result.values()]
    if len(undecided) == 1 and len(missing) == 1 and result and len(voices) == len(characters):
        (voice,), (character,) = undecided, missing
        if case.weight(voice.name, character) > -MARGIN and not case.two_faces(voice.name):
            result[voice.name], by[voice.name] = character, "left over"
            undecided = []
            warnings.append(
                ProjectWarning(
                    stem,
                    f"{voice.name} was assigned to {character}, the only one left over",
                    f"if that is wrong, write {_answer(voice.name, NOBODY)} or another name",
                )
            )
    warnings += [_question(stem, voice, case, clock) for voice in undecided]
    return VoiceCast(result, by, tuple(warnings))


@dataclass(frozen=True, slots=True)
class _Case:
    """The evidence for and against each pair of voice and character."""

    characters: Sequence[str]
    alike: tuple[VoiceEvidence, ...]
    seen: tuple[VoiceFaceEvidence, ...]

    def weight(self, voice: str, character: str, *, faces: bool = True) -> float:
        """Log odds that the voice is the character's."""
        evidence = [*self.alike, *(t.evidence() for t in self.seen if faces)]
        return sum(e.weight for e in evidence if (e.voice, e.character) == (voice, character))

    def ranked(self, voice: str, *, faces: bool = True) -> list[str]:
        """Characters, the likeliest first."""
        return sorted(self.characters, key=lambda c: -self.weight(voice, c, faces=faces))

    def decided(self, voice: str) -> tuple[str, AssignedBy | None]:
        """The voice's character and the basis of that; ("", None) where it is not clear."""
        alike = self._sure(voice, faces=False)
        if alike:
            return alike, "likeness"
        both = None if self.two_faces(voice) else self._sure(voice)
        return (both, "faces") if both else ("", None)

    def two_faces(self, voice: str) -> bool:
        """Whether it is heard with two characters' faces, so that it may be two people."""
        return any(not t.alone for t in self._by_face(voice)[:1])

    def describe_faces(self, voice: str) -> str:
        """The faces it is heard with, for warnings: "ELISE (3.0 s) and MARC (1.0 s)"."""
        spoken = [t for t in self._by_face(voice) if t.seconds >= LEAST_SHOWN_S]
        return " and ".join(f"{t.character} ({t.seconds:.1f} s)" for t in spoken)

    def mismatch(
        self, stem: str, voice: str, result: Mapping[str, str], by: Mapping[str, AssignedBy]
    ) -> ProjectWarning | None:
        """A warning where the faces contradict an assignment by likeness or by the user."""
        if by.get(voice) not in ("answer", "likeness"):
            return None
        faces = replace(self, alike=())
        other = None if faces.two_faces(voice) else faces._sure(voice)
        if other is None or other == result[voice]:
            return None
        assigned = result[voice] or "no character"
        basis = "an answer" if by[voice] == "answer" else "likeness"
        return ProjectWarning(
            stem,
            f"{voice} is assigned to {assigned} by {basis}, but is heard with the face of "
            f"{self.describe_faces(voice)}",
            f"if it is {other}'s voice, write {_answer(voice, other)}",
        )

    def _sure(self, voice: str, *, faces: bool = True) -> str | None:
        ranked = self.ranked(voice, faces=faces)
        weights = [self.weight(voice, c, faces=faces) for c in ranked]
        lead = weights[0] - (weights[1] if len(weights) > 1 else 0.0)
        return ranked[0] if weights[0] >= SURE and lead >= MARGIN else None

    def _by_face(self, voice: str) -> list[VoiceFaceEvidence]:
        return sorted((t for t in self.seen if t.voice == voice), key=lambda t: -t.seconds)


def likeness_evidence(
    voices: Sequence[Voice], character: str, reference: Array, source: str
) -> list[VoiceEvidence]:
    """Evidence from the likeness of each voice to `reference`, a voiceprint of `character`.

    Source: ours; two normal distributions.  In our test footage, the cosine between voiceprints of
    different people is -0.1 to 0.36, and 0.78 to 0.91 between one person's on different days; the
    mean for one person is set lower, because takes and dub differ more than two clips of one kind.
    """
    result = []
    for voice in voices:
        if not np.any(voice.print) or not np.any(reference):
            continue
        cosine = float(np.asarray(voice.print) @ np.asarray(reference))
        # A likeness above the mean must not make the same person less likely.
        weight = _log_normal(min(cosine, SAME[0]), *SAME) - _log_normal(
            max(cosine, OTHERS[0]), *OTHERS
        )
        weight = max(-MOST_LIKENESS, min(MOST_LIKENESS, weight))
        result.append(VoiceEvidence(voice.name, character, weight, source))
    return result


def _log_normal(value: float, mean: float, deviation: float) -> float:
    return -0.5 * ((value - mean) / deviation) ** 2 - float(np.log(deviation))


def _answered(voices: Sequence[Voice], answers: Mapping[str, str], clock: Clock) -> dict[str, str]:
    """Voice name -> character, by the answers that `cast_voices` takes."""
    result = {voice.name: answers[voice.name] for voice in voices if voice.name in answers}
    unnamed = [voice for voice in voices if voice.name not in result]
    for key, character in answers.items():
        began = [(start, v.name) for v in unnamed if (start := _began(v, key, clock)) is not None]
        if began:
            result[max(began)[1]] = character
    return result


def _began(voice: Voice, key: str, clock: Clock) -> float | None:
    """When the turn began that is heard in the frame `key`, seconds; None: it is silent there, or
    `key` is not a timecode."""
    try:
        at = float(Timecode.parse(key, clock.rate, drop=clock.drop).frame / clock.rate)
    except TimecodeError:
        return None
    frame = 1 / float(clock.rate)
    starts = [turn.start for turn in voice.turns if turn.start < at + frame and turn.stop > at]
    return max(starts, default=None)


def _question(stem: str, voice: Voice, case: _Case, clock: Clock) -> ProjectWarning:
    """The blocking question which character has this voice: when it speaks, and how to answer."""
    longest = sorted(voice.turns, key=lambda turn: -turn.seconds)[:SHOWN_TURNS]
    spots = ", ".join(
        f"{clock.timecode(turn.start)} to {clock.timecode(turn.stop)}"
        for turn in sorted(longest, key=lambda turn: turn.start)
    )
    more = len(voice.turns) - len(longest)
    rest = f" and {more} more times" if more else ""
    names = case.describe_faces(voice.name)
    faces = f", and is heard with the face of {names}" if names else ""
    two = "; it may be two people" if case.two_faces(voice.name) else ""
    likely = case.ranked(voice.name)
    return ProjectWarning(
        stem,
        f"whose voice is {voice.name}? It speaks {voice.seconds:.1f} s, at {spots}{rest}"
        f"{faces}{two}",
        f"answer in dubsync.toml: {_answer(voice.name, likely[0])}"
        f'; or {", ".join(likely[1:])}; or "" for no character',
        blocking=True,
    )


def _answer(voice: str, character: str) -> str:
    return f'[voices] "{voice}" = "{character}"'
