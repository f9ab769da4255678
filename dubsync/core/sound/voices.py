"""Voices of a mixed stem: their turns, and evidence for which character each one is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import MediaError


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch in which `speaker` is heard, in seconds on the Sound's own clock.

    Turns of different speakers may overlap.
    """

    speaker: str
    start: float
    stop: float

    def __post_init__(self) -> None:
        if not self.start < self.stop:
            raise MediaError(
                f"a turn of {self.speaker} from {self.start} to {self.stop} s is empty"
            )

    @property
    def seconds(self) -> float:
        return self.stop - self.start


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """One voice of a mixed stem.

    name    "Speaker 1", ... in order of first word
    turns   when it is heard, in order
    print   (192,) its voiceprint, of length 1; 0 where it never speaks alone for long enough
    """

    name: str
    turns: tuple[Turn, ...]
    print: Array

    def __post_init__(self) -> None:
        seal(self, "print", None)

    @property
    def seconds(self) -> float:
        return sum(turn.seconds for turn in self.turns)


@dataclass(frozen=True, slots=True)
class VoiceEvidence:
    """Evidence that the voice `voice` is that of `character`.

    weight  log likelihood ratio (natural) of the two being the same person: 0 is neutral, 3 is
            about twenty to one, negative is evidence against
    source  of the evidence, in words: "the take MARC_L002_t01.mov"
    """

    voice: str
    character: str
    weight: float
    source: str


def alone(turns: tuple[Turn, ...], speaker: str) -> tuple[tuple[float, float], ...]:
    """Stretches (start, stop), in seconds, in which only `speaker` is heard.

    >>> alone((Turn("A", 0, 4), Turn("B", 1, 2)), "A")
    ((0, 1), (2, 4))
    """
    edges = sorted({edge for turn in turns for edge in (turn.start, turn.stop)})
    result: list[tuple[float, float]] = []
    for start, stop in pairwise(edges):
        speakers = {turn.speaker for turn in turns if turn.start < stop and turn.stop > start}
        if speakers != {speaker}:
            continue
        if result and result[-1][1] == start:
            start = result.pop()[0]
        result.append((start, stop))
    return tuple(result)
