"""Which voice of a mixed stem is which character: said by a person, else by evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.errors import TimecodeError
from dubsync.core.shot import Doubt
from dubsync.core.timecode import TIMECODE_RATES, Timecode
from dubsync.core.voices import Voice, VoiceEvidence

#: Log odds from which a voice is taken for a character's, and by which it must beat the next.
SURE, MARGIN = 2.0, 2.0
#: Likeness (cosine) of prints of one person's recordings, and of two people's: mean, deviation.
SAME, OTHERS = (0.62, 0.16), (0.07, 0.13)
#: No likeness says more than this, in log odds.
MOST_SAID = 6.0
SHOWN_TURNS = 3
NOBODY = ""  #: as an answer: no character of ours, leave it alone


@dataclass(frozen=True, slots=True)
class VoiceCast:
    """Voice name -> character, or NOBODY where a person said so; what is undecided is absent."""

    characters: Mapping[str, str]
    doubts: tuple[Doubt, ...] = field(default=())


def cast_voices(
    stem: str,
    voices: Sequence[Voice],
    characters: Sequence[str],
    evidence: Sequence[VoiceEvidence],
    answers: Mapping[str, str],
    rate: Fraction,
) -> VoiceCast:
    """Give each voice of a mixed stem its character.

    An answer settles it.  Else evidence of all kinds is added up, as if its kinds knew nothing
    of each other.  Two voices may be one character's (spoken and shouted, say).  Where one voice
    and one character are left over, they are put together, with a doubt that does not block.

    Args:
        stem: the file's name, for doubts.
        voices: with turns on record time, in seconds.
        characters: who the project says are in the stem.
        evidence: any number for each pair, from any source.
        answers: voice, or a record timecode at which it speaks alone or first, -> character;
            "" leaves it alone.
        rate: of the cut, for timecodes.
    """
    said = _answered(voices, answers, rate)
    doubts: list[Doubt] = []
    found = dict(said)
    open_ = [voice for voice in voices if voice.name not in said]
    undecided = []
    for voice in open_:
        weights = {c: _weight(voice.name, c, evidence) for c in characters}
        ranked = sorted(weights, key=lambda c: -weights[c])
        best = ranked[0]
        lead = weights[best] - (weights[ranked[1]] if len(ranked) > 1 else 0.0)
        if weights[best] >= SURE and lead >= MARGIN:
            found[voice.name] = best
        else:
            undecided.append(voice)
    missing = [c for c in characters if c not in found.values()]
    if len(undecided) == 1 and len(missing) == 1 and found:
        (voice,), (character,) = undecided, missing
        if _weight(voice.name, character, evidence) > -MARGIN and len(voices) == len(characters):
            found[voice.name] = character
            undecided = []
            doubts.append(
                Doubt(stem, f"{voice.name} is taken for {character}, who alone was left over",
                      f"if that is wrong: {_answer(voice.name, NOBODY)} or another name")
            )  # fmt: skip
    doubts += [_whose(stem, voice, characters, evidence, rate) for voice in undecided]
    return VoiceCast(found, tuple(doubts))


def likeness_evidence(
    voices: Sequence[Voice], character: str, reference: Array, source: str
) -> list[VoiceEvidence]:
    """What the likeness of each voice to `reference`, a print of `character`, says.

    Source: ours; two normal distributions.  Prints of different people in shared/footage came
    out between -0.1 and 0.36, of one person on different days between 0.78 and 0.91; the first
    is put lower, because takes and dub differ more than two clips of one kind.
    """
    found = []
    for voice in voices:
        if not np.any(voice.print) or not np.any(reference):
            continue
        cosine = float(np.asarray(voice.print) @ np.asarray(reference))
        # The same person is never less likely for sounding more alike than usual.
        weight = _log_normal(min(cosine, SAME[0]), *SAME) - _log_normal(
            max(cosine, OTHERS[0]), *OTHERS
        )
        weight = max(-MOST_SAID, min(MOST_SAID, weight))
        found.append(VoiceEvidence(voice.name, character, weight, source))
    return found


def _log_normal(value: float, mean: float, deviation: float) -> float:
    return -0.5 * ((value - mean) / deviation) ** 2 - float(np.log(deviation))


def _weight(voice: str, character: str, evidence: Sequence[VoiceEvidence]) -> float:
    return sum(e.weight for e in evidence if (e.voice, e.character) == (voice, character))


def _answered(
    voices: Sequence[Voice], answers: Mapping[str, str], rate: Fraction
) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, character in answers.items():
        for voice in voices:
            if key == voice.name or _speaks_at(voice, key, rate):
                found[voice.name] = character
    return found


def _speaks_at(voice: Voice, key: str, rate: Fraction) -> bool:
    try:
        at = float(Timecode.parse(key, rate).frame / rate)
    except TimecodeError:
        return False
    frame = 1 / float(rate)
    return any(turn.start < at + frame and turn.stop > at for turn in voice.turns)


def _whose(
    stem: str,
    voice: Voice,
    characters: Sequence[str],
    evidence: Sequence[VoiceEvidence],
    rate: Fraction,
) -> Doubt:
    """The blocking question whose voice this is: when it speaks, and how to answer."""
    longest = sorted(voice.turns, key=lambda turn: -turn.seconds)[:SHOWN_TURNS]
    spots = ", ".join(
        f"{_timecode(turn.start, rate)} to {_timecode(turn.stop, rate)}"
        for turn in sorted(longest, key=lambda turn: turn.start)
    )
    more = len(voice.turns) - len(longest)
    rest = f" and {more} more times" if more else ""
    likely = sorted(characters, key=lambda c: -_weight(voice.name, c, evidence))
    return Doubt(
        stem,
        f"whose voice is {voice.name}? It speaks {voice.seconds:.1f} s, at {spots}{rest}",
        f"say it in dubsync.toml: {_answer(voice.name, likely[0])}"
        f'; or {", ".join(likely[1:])}; or "" for nobody of ours',
        blocking=True,
    )


def _answer(voice: str, character: str) -> str:
    return f'[voices] "{voice}" = "{character}"'


def _timecode(seconds: float, rate: Fraction) -> str:
    if rate not in TIMECODE_RATES:
        return f"{seconds:.2f} s"
    return str(Timecode(max(0, floor(Fraction(seconds) * rate)), rate))
