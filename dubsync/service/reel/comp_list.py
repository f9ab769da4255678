"""The comp list of a shot: which source says which word, and which takes could."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dubsync.core.face import Performance, Stretch
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.tweak.take_comp import SOUND, CompKey, PlacedComp, ShotWord
from dubsync.service.reel.comp_by_hand import comp_in_shot, said_of, verdict
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.reel.pipeline import FaceMotion
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.stems.spoken_dub import track_words


@dataclass(frozen=True, slots=True)
class Candidate:
    """A take that could say a word.

    usable  whether the automatic list would use it for this word
    reason  why not; "" where it would
    """

    take: str
    usable: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CompWord:
    """A word of a shot and its source.

    index        the word's number in the shot, from 1: `take:"word 5"`
    text         as the script has it; "" where no script gives words
    first, last  plate frames in which it is heard, both included
    source       a take's name, "sound" or "plate": what most of its frames are driven by; "" where
                 the face is not seen
    by_hand      whether its source is set by hand
    said         why what is set by hand is not done, or hardly fits; "" where there is nothing
    candidates   every take that says the word, in the order of the takes
    line, place  of the word, see ShotWord: by them a key finds it again when the dub is timed anew
    """

    index: int
    text: str
    first: int
    last: int
    source: str
    by_hand: bool
    said: str = ""
    candidates: tuple[Candidate, ...] = ()
    line: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class TakeSpan:
    """A take along a shot, for a lane of its own.

    spans  plate frames (first, last), both included, of which the take has the sound
    words  numbers of the words that it says
    used   numbers of the words that are driven by it
    """

    take: str
    spans: tuple[tuple[int, int], ...]
    words: tuple[int, ...]
    used: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CharacterComp:
    """The comp list of one character in a shot.

    lost  sources set by hand for words that are not heard any more; they do nothing
    """

    character: str
    words: tuple[CompWord, ...]
    lanes: tuple[TakeSpan, ...]
    lost: tuple[CompKey, ...] = ()


@dataclass(frozen=True, slots=True)
class ShotComp:
    """The comp lists of a shot, one for each dubbed face, and warnings about its takes."""

    shot: Shot
    characters: tuple[CharacterComp, ...]
    warnings: tuple[ProjectWarning, ...] = ()


def comp_list(plan: ShotPlan, progress: Progress = silent) -> ShotComp:
    """The comp lists of the planned shot.  Drives its mouths, as a render does; draws nothing.

    Raises:
        ConsentMissing, NoFace, EngineError: as `ShotPlan.driven`.
    """
    driven = plan.driven(progress)
    return ShotComp(
        plan.shot, tuple(_of(face, plan, driven.parts) for face in plan.faces), driven.warnings
    )


def _of(face: DubbedFace, plan: ShotPlan, motions: Sequence[FaceMotion]) -> CharacterComp:
    audio = plan.reel.audio_analysis
    spoken = face.tweak.spoken
    words = audio.shot_words(face.stem, plan.shot) if spoken is None else track_words(spoken)
    performances = [m.performance for m in motions if m.character == face.character]
    return character_comp(
        face.character, words, comp_in_shot(audio, plan.shot, face), performances
    )  # fmt: skip


def character_comp(
    character: str, words: Sequence[ShotWord], keys: PlacedComp, performances: Sequence[Performance]
) -> CharacterComp:
    """The comp list of `words` as `performances` drive them, with the sources set by hand."""
    by_hand = {
        word.number: key for key, word in zip(keys.keys, keys.words, strict=True)
    }  # the later key of a word wins, as in the drive
    listed = tuple(_word(word, by_hand.get(word.number), performances) for word in words)
    return CharacterComp(character, listed, _lanes(listed, performances), keys.lost)


def _word(word: ShotWord, key: CompKey | None, performances: Sequence[Performance]) -> CompWord:
    said = said_of(key, performances) if key else None
    return CompWord(
        word.number, word.text, word.first, word.last, _source(word, performances),
        key is not None, said[0] if said else "", _candidates(word, performances),
        word.line, word.place,
    )  # fmt: skip


def _source(word: ShotWord, performances: Sequence[Performance]) -> str:
    """What drives most of the word's frames."""
    frames: Counter[str] = Counter()
    for performance in performances:
        seen = performance.frames
        total = min(word.last, seen.stop - 1) - max(word.first, seen.start) + 1
        for stretch in performance.stretches:
            frames[stretch.source] += max(0, _overlap(word, stretch))
            total -= max(0, _overlap(word, stretch))
        frames[SOUND] += max(0, total)  # frames without weight: nobody speaks there
    source, most = max(frames.items(), key=lambda one: one[1], default=("", 0))
    return source if most else ""


def _overlap(word: ShotWord, stretch: Stretch) -> int:
    return min(word.last, stretch.last) - max(word.first, stretch.first) + 1


def _candidates(word: ShotWord, performances: Sequence[Performance]) -> tuple[Candidate, ...]:
    result: dict[str, Candidate] = {}
    for performance in performances:
        at = _numbers(performance)
        here = (at >= word.first) & (at <= word.last)
        for lane in performance.lanes:
            if (lane.there & here).any():
                usable, reason = verdict(lane, word.first, word.last, performance)
                if not result.get(lane.name, Candidate("", False)).usable:
                    result[lane.name] = Candidate(lane.name, usable, reason)
    return tuple(result.values())


def _lanes(words: Sequence[CompWord], performances: Sequence[Performance]) -> tuple[TakeSpan, ...]:
    spans: dict[str, list[tuple[int, int]]] = {}
    for performance in performances:
        at = _numbers(performance)
        for lane in performance.lanes:
            own = spans.setdefault(lane.name, [])
            edges = np.flatnonzero(np.diff(np.concatenate([[0], lane.there.astype(int), [0]])))
            own += [(int(at[a]), int(at[b - 1])) for a, b in edges.reshape(-1, 2)]
    return tuple(
        TakeSpan(
            name, tuple(sorted(own)),
            tuple(w.index for w in words if name in (c.take for c in w.candidates)),
            tuple(w.index for w in words if w.source == name),
        )
        for name, own in spans.items()
    )  # fmt: skip


def _numbers(performance: Performance) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    return np.arange(performance.frames.start, performance.frames.stop)
