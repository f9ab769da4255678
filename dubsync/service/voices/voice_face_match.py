"""Matches the voices of a dub with the faces that are seen to speak the original.

A dub is heard where the original was spoken, so a voice that is heard, line after line, while one
character's mouth speaks the original most likely belongs to that character.
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
#: speaks (three in four of one's own lines, one in three of others'), or only other faces are.
IN_PICTURE, ELSEWHERE = 0.76, -0.96
#: The same from a plate without sound, and the limit of their sum, which is below certainty.
IN_SILENT_PICTURE, MOST_SILENT = 0.3, 1.5
#: Limits of the evidence from the speaking mouth, of one utterance and of one shot: the engine is
#: wrong for whole lines at a time (benchmarks/speaking: 1 in 20 to 1 in 8 of them).
ONE_LINE, ONE_SHOT = 1.2, 2.4
#: Prior probability that one of the faces in the picture speaks.
ON_SCREEN = 0.8
#: The largest shift of dubbed words against the original's, and the step of the search.
JITTER_S, STEP_S = 0.5, 0.1
LEAST_S = 0.2  #: of a voice within a shot
#: An utterance belongs to a shot that holds this share, or so many seconds, of it.
MOSTLY, WHOLE_S = 0.5, 1.0
#: A voice heard with a second face for this share of its time with the first may be two people.
SECOND_FACE = 1 / 3
CLEAR_S = 1.0  #: least seconds with each of two faces for which the stem is diarized again


@dataclass(frozen=True, slots=True, eq=False)
class SeenFace:
    """One person's face in one shot, and when it speaks the original.

    character  whose face it is; "": unknown
    by         how that is known, in words
    at         (x, y) plate pixels: a point on it
    start      record time of `speaks[0]`, in seconds
    rate       values of `speaks` per second: the cut's rate
    speaks     (T,) probability that this mouth speaks the original; NaN: not in picture
    has_sound  whether the plate has sound
    """

    shot: str
    character: str
    by: str
    at: tuple[float, float]
    start: float
    rate: Fraction
    speaks: Array
    has_sound: bool

    def __post_init__(self) -> None:
        seal(self, "speaks", None)
        known = self.speaks[np.isfinite(self.speaks)]
        if known.size and not (known.min() >= 0 and known.max() <= 1):
            raise ShapeError("SeenFace.speaks is not a probability")


@dataclass(frozen=True, slots=True)
class VoiceFaceEvidence:
    """Evidence that one voice belongs to one character, from the character's face.

    weight   log odds that the voice is theirs, see VoiceEvidence
    seconds  of the voice while their mouth most likely speaks the original
    rival    the same for the next best known face
    """

    voice: str
    character: str
    weight: float
    seconds: float
    rival: float

    @property
    def alone(self) -> bool:
        """Whether it is rarely heard with another face; otherwise it may be two people."""
        return self.rival <= SECOND_FACE * self.seconds

    def evidence(self) -> VoiceEvidence:
        return VoiceEvidence(self.voice, self.character, self.weight, "faces seen to speak")


def voice_face_evidence(
    voices: Sequence[Voice], characters: Sequence[str], faces: Sequence[SeenFace]
) -> tuple[VoiceFaceEvidence, ...]:
    """Evidence for every pair of a voice and a character whose face is known.

    Each shot in which a voice speaks contributes: whether the character is in the picture, and,
    line by line, whether their mouth speaks the original at that time, give or take the shift of
    dubbed words.  Shots count as independent; the lines of one shot count up to a limit.

    Args:
        voices: with turns on record time, in seconds.
        faces: of every shot that was analysed.

    Source: ours.  The idea that a name heard while a face is seen is likely that face's: Satoh
    and Kanade 1997, "Name-It: Association of Face and Name in Video".
    """
    shots = _shots(faces)
    known = [c for c in characters if any(face.character == c for face in faces)]
    result = []
    for voice in voices:
        views = [view for shot in shots if (view := _view(voice, shot)) is not None]
        seconds = {character: sum(view.seconds(character) for view in views) for character in known}
        for character in known:
            odds = [(view.has_sound, view.log_odds(character)) for view in views]
            silent = sum(weight for has_sound, weight in odds if not has_sound)
            heard = sum(weight for has_sound, weight in odds if has_sound)
            weight = heard + min(silent, MOST_SILENT)
            rival = max((s for other, s in seconds.items() if other != character), default=0.0)
            evidence = VoiceFaceEvidence(voice.name, character, weight, seconds[character], rival)
            result.append(evidence)
    return tuple(result)


def over_other_faces(
    voice: Voice, character: str, faces: Sequence[SeenFace]
) -> list[tuple[float, float]]:
    """Utterances (start, stop), record seconds, while only other characters are in the picture."""
    result = []
    for shot in _shots(faces):
        view = _view(voice, shot)
        if view is not None and view.only_others(character):
            at = shot[0].start + np.arange(len(shot[0].speaks) + 1) / float(shot[0].rate)
            for line in view.lines:
                frames = np.flatnonzero(line)
                result.append((float(at[frames[0]]), float(at[frames[-1] + 1])))
    return result


def unnamed_face(voice: Voice, faces: Sequence[SeenFace]) -> tuple[SeenFace, float] | None:
    """The unnamed face that is seen longest to speak with the voice, and for how many seconds.

    None where there is none.
    """
    views = [view for shot in _shots(faces) if (view := _view(voice, shot)) is not None]
    unnamed = [
        (face, float((view.spoken & (np.asarray(face.speaks) > 0.5)).sum() / face.rate))
        for view in views if view.has_sound for face in view.faces if not face.character
    ]  # fmt: skip
    longest = max(unnamed, key=lambda pair: pair[1], default=None)
    return longest if longest and longest[1] >= LEAST_S else None


def two_people(seen: Sequence[VoiceFaceEvidence]) -> list[str]:
    """Voices that are clearly heard with two characters' faces."""
    twice = [t for t in seen if not t.alone and t.rival >= CLEAR_S and t.seconds >= t.rival]
    return list(dict.fromkeys(t.voice for t in twice))


def utterances(voice: Voice) -> list[tuple[float, float]]:
    """A voice's turns (start, stop), record seconds; turns with short gaps are joined."""
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
    def has_sound(self) -> bool:
        return any(face.has_sound for face in self.faces)

    @property
    def spoken(self) -> Flags:
        return np.asarray(np.any(self.lines, axis=0), bool)

    @property
    def _frame_s(self) -> float:
        return float(1 / self.faces[0].rate)

    def seconds(self, character: str) -> float:
        """Seconds in which the voice speaks and this character's mouth probably does too."""
        if not self.has_sound:
            return 0.0
        return float((self.spoken & (self._chance(character) > 0.5)).sum() * self._frame_s)

    def log_odds(self, character: str) -> float:
        """Log odds from this shot that the voice is this character's."""
        chance = self._chance(character)
        inside = np.isfinite(chance)
        if not inside[self.spoken].mean() >= 0.5:
            return ELSEWHERE if self.only_others(character) else 0.0
        if not self.has_sound:
            return IN_SILENT_PICTURE
        lines = sum(self._line(chance, line) for line in self.lines if (inside & line).any())
        return IN_PICTURE + float(np.clip(lines, -ONE_SHOT, ONE_SHOT))

    def _chance(self, character: str) -> Values:
        """(T,) probability that this character's mouth speaks; NaN: not in picture."""
        own = [np.asarray(f.speaks, np.float64) for f in self.faces if f.character == character]
        none = np.full(len(self.spoken), np.nan)
        return np.asarray(np.fmax.reduce([none, *own]), np.float64)

    def only_others(self, character: str) -> bool:
        """Whether only other characters' faces are in the picture.

        False where an unnamed face is there: it may be this character's.
        """
        unnamed = any(face.character == "" for face in self.faces)
        inside = np.isfinite(self._chance(character))
        return self.has_sound and not unnamed and not inside[self.spoken].any()

    def _line(self, chance: Values, line: Flags) -> float:
        """Log odds from one utterance: the probability that this mouth speaks, over the prior."""
        faces = np.sum([np.isfinite(face.speaks) for face in self.faces], axis=0)
        prior = ON_SCREEN / max(float(faces[line].mean()), 1.0)
        seconds = float(line.sum()) * self._frame_s
        count = round(min(JITTER_S, seconds / 4) / STEP_S)
        shifts = {round(n * STEP_S / self._frame_s) for n in range(-count, count + 1)}
        likely = max(_mean(chance, line, shift) for shift in shifts)
        odds = _logit(likely) - _logit(prior)
        return float(np.clip(odds, -ONE_LINE, ONE_LINE)) * min(seconds / WHOLE_S, 1.0)


def _view(voice: Voice, faces: tuple[SeenFace, ...]) -> _View | None:
    first = faces[0]
    at = first.start + (np.arange(len(first.speaks)) + 0.5) / float(first.rate)
    lines = []
    for start, stop in utterances(voice):
        flags = (at >= start) & (at < stop)
        here = float(flags.sum() / first.rate)
        if here >= min(MOSTLY * (stop - start), WHOLE_S):  # otherwise most of it is in another shot
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
