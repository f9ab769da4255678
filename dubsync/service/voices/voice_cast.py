"""Which voice of a mixed stem is which character: said by a person, else by evidence."""

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

#: Log odds from which a voice is taken for a character's, and by which it must beat the next.
SURE, MARGIN = 2.0, 2.0
#: Likeness (cosine) of prints of one person's recordings, and of two people's: mean, deviation.
SAME, OTHERS = (0.62, 0.16), (0.07, 0.13)
#: No likeness says more than this, in log odds.
MOST_SAID = 6.0
SHOWN_TURNS = 3
LEAST_TOLD_S = 0.5  #: with a face; less is not worth telling
NOBODY = ""  #: as an answer: no character of ours, leave it alone


#: What told whose a voice is.
How = Literal["answer", "likeness", "faces", "left over"]


@dataclass(frozen=True, slots=True)
class VoiceCast:
    """Voice name -> character, or NOBODY where a person said so; what is undecided is absent.

    by  voice name -> what told it: "answer", "likeness", "faces" or "left over"
    """

    characters: Mapping[str, str]
    by: Mapping[str, How]
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
    """Give each voice of a mixed stem its character.

    An answer settles it; else what the voice sounds like, where that alone is sure; else likeness
    and faces together, added up as if they knew nothing of each other.  Two voices may be one
    character's (spoken and shouted, say).  Where one voice and one character are left over, they
    are put together, with a warning that does not block.  Faces that plainly contradict what was
    settled without them are told in a warning.

    Args:
        stem: the file's name, for warnings.
        voices: with turns on record time, in seconds.
        characters: who the project says are in the stem.
        evidence: of likeness: any number for each pair, from any source.
        answers: voice, or a record timecode at which it speaks, -> character; "" leaves it alone.
            Where several speak, the one is meant that began last: a timecode is where a line
            begins.  A voice's name goes before a timecode.
        clock: of the cut, for timecodes.
        seen: with whose faces each voice is heard.
    """
    case = _Case(characters, tuple(evidence), tuple(seen))
    result = _answered(voices, answers, clock)
    by: dict[str, How] = dict.fromkeys(result, "answer")
    undecided = []
    for voice in (v for v in voices if v.name not in result):
        who, how = case.decided(voice.name)
        if how:
            result[voice.name], by[voice.name] = who, how
        else:
            undecided.append(voice)
    warnings = [d for voice in voices if (d := case.mismatch(stem, voice.name, result, by))]
    missing = [c for c in characters if c not in result.values()]
    if len(undecided) == 1 and len(missing) == 1 and result and len(voices) == len(characters):
        (voice,), (character,) = undecided, missing
        if case.weight(voice.name, character) > -MARGIN and not case.two_faces(voice.name):
            result[voice.name], by[voice.name] = character, "left over"
            undecided = []
            warnings.append(
                ProjectWarning(
                    stem,
                    f"{voice.name} is taken for {character}, who alone was left over",
                    f"if that is wrong: {_answer(voice.name, NOBODY)} or another name",
                )
            )
    warnings += [_whose(stem, voice, case, clock) for voice in undecided]
    return VoiceCast(result, by, tuple(warnings))


@dataclass(frozen=True, slots=True)
class _Case:
    """All that speaks for or against voices being characters'."""

    characters: Sequence[str]
    alike: tuple[VoiceEvidence, ...]
    seen: tuple[VoiceFaceEvidence, ...]

    def weight(self, voice: str, character: str, *, faces: bool = True) -> float:
        """Log odds that the voice is the character's."""
        told = [*self.alike, *(t.evidence() for t in self.seen if faces)]
        return sum(e.weight for e in told if (e.voice, e.character) == (voice, character))

    def ranked(self, voice: str, *, faces: bool = True) -> list[str]:
        """Characters, the likeliest first."""
        return sorted(self.characters, key=lambda c: -self.weight(voice, c, faces=faces))

    def decided(self, voice: str) -> tuple[str, How | None]:
        """Whose the voice plainly is, and by what; None: it is not plain."""
        alike = self._sure(voice, faces=False)
        if alike:
            return alike, "likeness"
        both = None if self.two_faces(voice) else self._sure(voice)
        return (both, "faces") if both else ("", None)

    def two_faces(self, voice: str) -> bool:
        """Whether it is heard with two characters' faces, so that two people may be in it."""
        return any(not t.alone for t in self._by_face(voice)[:1])

    def told(self, voice: str) -> str:
        """The faces it is heard with, in words, for warnings; "" where none."""
        spoken = [t for t in self._by_face(voice) if t.seconds >= LEAST_TOLD_S]
        return " and ".join(f"{t.character}'s ({t.seconds:.1f} s)" for t in spoken)

    def mismatch(
        self, stem: str, voice: str, result: Mapping[str, str], by: Mapping[str, How]
    ) -> ProjectWarning | None:
        """That a voice settled by ear or by a person is seen to be another's."""
        if by.get(voice) not in ("answer", "likeness"):
            return None
        faces = replace(self, alike=())
        other = None if faces.two_faces(voice) else faces._sure(voice)
        if other is None or other == result[voice]:
            return None
        whose = result[voice] or "nobody of ours"
        how = "an answer" if by[voice] == "answer" else "likeness"
        return ProjectWarning(
            stem,
            f"{voice} is {whose}'s by {how}, but is heard with another face: {self.told(voice)}",
            f"if it is {other}'s: {_answer(voice, other)}",
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
    """What the likeness of each voice to `reference`, a print of `character`, says.

    Source: ours; two normal distributions.  Prints of different people in shared/footage came
    out between -0.1 and 0.36, of one person on different days between 0.78 and 0.91; the first
    is put lower, because takes and dub differ more than two clips of one kind.
    """
    result = []
    for voice in voices:
        if not np.any(voice.print) or not np.any(reference):
            continue
        cosine = float(np.asarray(voice.print) @ np.asarray(reference))
        # The same person is never less likely for sounding more alike than usual.
        weight = _log_normal(min(cosine, SAME[0]), *SAME) - _log_normal(
            max(cosine, OTHERS[0]), *OTHERS
        )
        weight = max(-MOST_SAID, min(MOST_SAID, weight))
        result.append(VoiceEvidence(voice.name, character, weight, source))
    return result


def _log_normal(value: float, mean: float, deviation: float) -> float:
    return -0.5 * ((value - mean) / deviation) ** 2 - float(np.log(deviation))


def _answered(voices: Sequence[Voice], answers: Mapping[str, str], clock: Clock) -> dict[str, str]:
    """Voice name -> character, as `cast_voices` takes answers."""
    result = {voice.name: answers[voice.name] for voice in voices if voice.name in answers}
    unnamed = [voice for voice in voices if voice.name not in result]
    for key, character in answers.items():
        began = [(start, v.name) for v in unnamed if (start := _began(v, key, clock)) is not None]
        if began:
            result[max(began)[1]] = character
    return result


def _began(voice: Voice, key: str, clock: Clock) -> float | None:
    """When the voice began to say what it says in the frame that `key` names; None: it is silent,
    or that is no timecode."""
    try:
        at = float(Timecode.parse(key, clock.rate, drop=clock.drop).frame / clock.rate)
    except TimecodeError:
        return None
    frame = 1 / float(clock.rate)
    starts = [turn.start for turn in voice.turns if turn.start < at + frame and turn.stop > at]
    return max(starts, default=None)


def _whose(stem: str, voice: Voice, case: _Case, clock: Clock) -> ProjectWarning:
    """The blocking question whose voice this is: when it speaks, and how to answer."""
    longest = sorted(voice.turns, key=lambda turn: -turn.seconds)[:SHOWN_TURNS]
    spots = ", ".join(
        f"{clock.timecode(turn.start)} to {clock.timecode(turn.stop)}"
        for turn in sorted(longest, key=lambda turn: turn.start)
    )
    more = len(voice.turns) - len(longest)
    rest = f" and {more} more times" if more else ""
    told = case.told(voice.name)
    faces = f", and is heard with the face of {told}" if told else ""
    two = "; are two people in it?" if case.two_faces(voice.name) else ""
    likely = case.ranked(voice.name)
    return ProjectWarning(
        stem,
        f"whose voice is {voice.name}? It speaks {voice.seconds:.1f} s, at {spots}{rest}"
        f"{faces}{two}",
        f"say it in dubsync.toml: {_answer(voice.name, likely[0])}"
        f'; or {", ".join(likely[1:])}; or "" for nobody of ours',
        blocking=True,
    )


def _answer(voice: str, character: str) -> str:
    return f'[voices] "{voice}" = "{character}"'
