"""Voices of a dub against faces that are seen to speak the original: who is heard with whom.

A dub is laid where the original was spoken, so the voice that is heard, line after line, while one
character's mouth speaks the original is most likely theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ShapeError
from dubsync.core.sound.voices import Voice, VoiceEvidence
from dubsync.speech.lines import JOINED_S

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Log odds that a voice is a character's, from one shot: their face is in the picture while it
#: speaks (three of four of one's own lines, a third of others'), or other faces alone are.
IN_PICTURE, ELSEWHERE = 0.76, -0.96
#: The same from a plate without sound; all of them together never make anything sure.
IN_SILENT_PICTURE, MOST_SILENT = 0.3, 1.5
#: Most that one utterance says by whose mouth speaks, and all of one shot: the engine is wrong for
#: whole lines at a time (benchmarks/speaking.py: a twentieth to an eighth of them).
ONE_LINE, ONE_SHOT = 1.2, 2.4
#: Chance that one of the faces in the picture speaks, before anybody listens.
ON_SCREEN = 0.8
#: Dubbed words come so much sooner or later than the original's, at most.
JITTER_S, STEP_S = 0.5, 0.1
LEAST_S = 0.2  #: of a voice within a shot
#: An utterance is spoken in a shot that has this share, or so many seconds, of it.
MOSTLY, WHOLE_S = 0.5, 1.0
#: A voice that speaks with a second face this share of the time it speaks with the first may hold
#: two people.
SECOND_FACE = 1 / 3
PLAIN_S = 1.0  #: and with each so many seconds, so that it is worth listening again


@dataclass(frozen=True, slots=True, eq=False)
class SeenFace:
    """One person's face in one shot, and when it speaks the original.

    character  whose face it is; "" where nobody knows
    by         how that is known, in words
    at         (x, y) plate pixels: a point on it
    start      record time of `speaks[0]`, in seconds
    rate       values of `speaks` a second: the cut's
    speaks     (T,) chance that it is this mouth that speaks the original; NaN: not in picture
    heard      whether the plate has sound to tell by
    """

    shot: str
    character: str
    by: str
    at: tuple[float, float]
    start: float
    rate: Fraction
    speaks: Array
    heard: bool

    def __post_init__(self) -> None:
        seal(self, "speaks", None)
        known = self.speaks[np.isfinite(self.speaks)]
        if known.size and not (known.min() >= 0 and known.max() <= 1):
            raise ShapeError("SeenFace.speaks is not a probability")


@dataclass(frozen=True, slots=True)
class VoiceFaceEvidence:
    """How far one voice is heard with one character's face.

    weight   log odds that the voice is theirs, see VoiceEvidence
    seconds  it speaks while their mouth is likeliest to speak the original
    rival    the same of the known face that comes next
    """

    voice: str
    character: str
    weight: float
    seconds: float
    rival: float

    @property
    def alone(self) -> bool:
        """Whether no other face is often seen speaking with it: else two people may be in it."""
        return self.rival <= SECOND_FACE * self.seconds

    def evidence(self) -> VoiceEvidence:
        return VoiceEvidence(self.voice, self.character, self.weight, "faces seen to speak")


def together(
    voices: Sequence[Voice], characters: Sequence[str], faces: Sequence[SeenFace]
) -> tuple[VoiceFaceEvidence, ...]:
    """Every voice against every character whose face is known anywhere.

    From each shot in which a voice speaks: whether the character is in the picture, and, line by
    line, whether it is their mouth that speaks the original then, shifted by what dubbed words
    come sooner or later.  Shots are taken as independent, lines of one shot up to a limit.

    Args:
        voices: with turns on record time, in seconds.
        faces: of every shot that was looked at.

    Source: ours; that who is named while a face is seen is likely its owner: Satoh and Kanade
    1997, "Name-It: Association of Face and Name in Video".
    """
    shots = _shots(faces)
    known = [who for who in characters if any(face.character == who for face in faces)]
    result = []
    for voice in voices:
        views = [view for shot in shots if (view := _view(voice, shot)) is not None]
        seconds = {who: sum(view.seconds(who) for view in views) for who in known}
        for who in known:
            told = [view.told(who) for view in views]
            silent = sum(said for view, said in zip(views, told, strict=True) if not view.heard)
            heard = sum(said for view, said in zip(views, told, strict=True) if view.heard)
            weight = heard + min(silent, MOST_SILENT)
            rival = max((s for other, s in seconds.items() if other != who), default=0.0)
            result.append(VoiceFaceEvidence(voice.name, who, weight, seconds[who], rival))
    return tuple(result)


def over_others(
    voice: Voice, character: str, faces: Sequence[SeenFace]
) -> list[tuple[float, float]]:
    """Utterances (start, stop), record seconds, while only other characters are in the picture."""
    result = []
    for shot in _shots(faces):
        view = _view(voice, shot)
        if view is not None and view.others_alone(character):
            at = shot[0].start + np.arange(len(shot[0].speaks) + 1) / float(shot[0].rate)
            for line in view.lines:
                frames = np.flatnonzero(line)
                result.append((float(at[frames[0]]), float(at[frames[-1] + 1])))
    return result


def with_stranger(voice: Voice, faces: Sequence[SeenFace]) -> tuple[SeenFace, float] | None:
    """The face that nobody knows in whose shot the voice speaks longest with it; seconds."""
    views = [view for shot in _shots(faces) if (view := _view(voice, shot)) is not None]
    heard = [
        (face, float((view.spoken & (np.asarray(face.speaks) > 0.5)).sum() / face.rate))
        for view in views if view.heard for face in view.faces if not face.character
    ]  # fmt: skip
    longest = max(heard, key=lambda pair: pair[1], default=None)
    return longest if longest and longest[1] >= LEAST_S else None


def two_people(seen: Sequence[VoiceFaceEvidence]) -> list[str]:
    """Voices that are plainly heard with two characters' faces."""
    twice = [t for t in seen if not t.alone and t.rival >= PLAIN_S and t.seconds >= t.rival]
    return list(dict.fromkeys(t.voice for t in twice))


def utterances(voice: Voice) -> list[tuple[float, float]]:
    """A voice's turns (start, stop), record seconds, short gaps joined."""
    runs: list[tuple[float, float]] = []
    for turn in voice.turns:
        if runs and turn.start - runs[-1][1] < JOINED_S:
            start, stop = runs.pop()
            runs.append((start, max(stop, turn.stop)))
        else:
            runs.append((turn.start, turn.stop))
    return runs


def _shots(faces: Sequence[SeenFace]) -> list[tuple[SeenFace, ...]]:
    return [tuple(g) for _, g in groupby(sorted(faces, key=_by_shot), key=_by_shot)]


def _by_shot(face: SeenFace) -> tuple[float, str]:
    return face.start, face.shot


@dataclass(frozen=True, slots=True)
class _View:
    """One voice in one shot, over its record frames.

    lines  (T,) flags of each of its utterances there
    """

    faces: tuple[SeenFace, ...]
    lines: tuple[Flags, ...]

    @property
    def heard(self) -> bool:
        return any(face.heard for face in self.faces)

    @property
    def spoken(self) -> Flags:
        return np.asarray(np.any(self.lines, axis=0), bool)

    @property
    def _frame_s(self) -> float:
        return float(1 / self.faces[0].rate)

    def seconds(self, who: str) -> float:
        """Seconds in which the voice speaks and this character's mouth does, likelier than not."""
        if not self.heard:
            return 0.0
        return float((self.spoken & (self._chance(who) > 0.5)).sum() * self._frame_s)

    def told(self, who: str) -> float:
        """Log odds from this shot that the voice is this character's."""
        chance = self._chance(who)
        inside = np.isfinite(chance)
        if not inside[self.spoken].mean() >= 0.5:
            return ELSEWHERE if self.others_alone(who) else 0.0
        if not self.heard:
            return IN_SILENT_PICTURE
        lines = sum(self._line(chance, line) for line in self.lines if (inside & line).any())
        return IN_PICTURE + float(np.clip(lines, -ONE_SHOT, ONE_SHOT))

    def _chance(self, who: str) -> Values:
        rows = [np.asarray(f.speaks, np.float64) for f in self.faces if f.character == who]
        none = np.full(len(self.spoken), np.nan)
        return np.asarray(np.fmax.reduce([none, *rows]), np.float64)

    def others_alone(self, who: str) -> bool:
        """Whether only faces of other characters are in the picture: a stranger's may be theirs."""
        strangers = any(face.character == "" for face in self.faces)
        inside = np.isfinite(self._chance(who))
        return self.heard and not strangers and not inside[self.spoken].any()

    def _line(self, chance: Values, line: Flags) -> float:
        """Log odds from one utterance: how likely this mouth speaks then, against beforehand."""
        faces = np.sum([np.isfinite(face.speaks) for face in self.faces], axis=0)
        before = ON_SCREEN / max(float(faces[line].mean()), 1.0)
        seconds = float(line.sum()) * self._frame_s
        reach = min(JITTER_S, seconds / 4)
        count = round(reach / STEP_S)
        shifts = {round(n * STEP_S / self._frame_s) for n in range(-count, count + 1)}
        likely = max(_mean(chance, line, shift) for shift in shifts)
        odds = _logit(likely) - _logit(before)
        return float(np.clip(odds, -ONE_LINE, ONE_LINE)) * min(seconds / WHOLE_S, 1.0)


def _view(voice: Voice, faces: tuple[SeenFace, ...]) -> _View | None:
    first = faces[0]
    at = first.start + (np.arange(len(first.speaks)) + 0.5) / float(first.rate)
    lines = []
    for start, stop in utterances(voice):
        flags = (at >= start) & (at < stop)
        here = float(flags.sum() / first.rate)
        if here >= min(MOSTLY * (stop - start), WHOLE_S):  # else it ran over the cut
            lines.append(flags)
    enough = sum(int(flags.sum()) for flags in lines) >= LEAST_S * float(first.rate)
    return _View(faces, tuple(lines)) if enough else None


def _mean(chance: Values, line: Flags, shift: int) -> float:
    """Mean chance over an utterance moved by `shift` frames; 0 where it leaves the picture."""
    at = np.flatnonzero(line) + shift
    at = at[(at >= 0) & (at < len(chance))]
    there = chance[at]
    there = there[np.isfinite(there)]
    return float(there.mean()) if len(there) else 0.0


def _logit(chance: float) -> float:
    chance = min(max(chance, 0.02), 0.98)
    return float(np.log(chance / (1 - chance)))
