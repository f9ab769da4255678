"""The values of an alignment: what happened to each line, and the files that were written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dubsync.core.shot import Line
from dubsync.speech.elastic.fit import FASTEST, SLOWEST, Phrase
from dubsync.speech.elastic.out_of_sync import OutOfSync
from dubsync.speech.elastic.rhythm import Rhythm

Status = Literal["aligned", "unchanged", "failed"]

LIMIT_MARGIN = 0.012  #: a tempo this near the limit is at it: tempos have steps of 2.5 %


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """How a line fits its guide.

    phrases     the line's, with their new times, seconds of record time
    same_words  whether guide and line have the same words
    line, result, guide  their rhythms over the same readings
    before, after  what is out of sync
    lowered_db  by which the result was made softer, so that it does not clip
    """

    phrases: tuple[Phrase, ...]
    same_words: bool
    line: Rhythm
    result: Rhythm
    guide: Rhythm
    before: OutOfSync
    after: OutOfSync
    lowered_db: float = 0.0

    @property
    def tempo(self) -> NDArray[np.float64]:
        """(M,) tempo of each reading of its speech."""
        return np.concatenate([phrase.tempo for phrase in self.phrases])

    @property
    def limited(self) -> float:
        """Seconds of the line's speech whose tempo is at its limit."""
        steps = np.concatenate([np.diff(phrase.source) for phrase in self.phrases])
        return float(steps[at_limit(self.tempo)].sum())

    @property
    def pauses(self) -> tuple[float, ...]:
        """Seconds by which each pause between two phrases is longer than before."""
        pairs = zip(self.phrases[:-1], self.phrases[1:], strict=True)
        return tuple(float(b.offset[0] - a.offset[-1]) for a, b in pairs)


@dataclass(frozen=True, slots=True, eq=False)
class AlignedLine:
    """What was done with one line.

    reason, hint  why it failed; "" otherwise
    fitted        None where it failed
    chart         path of its chart; "" where none was drawn
    """

    line: Line
    status: Status
    reason: str = ""
    hint: str = ""
    fitted: Fitted | None = None
    chart: str = ""


@dataclass(frozen=True, slots=True)
class NewStem:
    """A stem with aligned lines.

    stem     the path of the stem that it was made from, which is unchanged
    written  the path of the new one
    use      what to write in dubsync.toml to use it
    """

    character: str
    stem: str
    written: str
    use: str


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """The result of `align_lines`; `notes` say where a guide was placed."""

    to: str
    lines: tuple[AlignedLine, ...]
    stems: tuple[NewStem, ...]
    notes: tuple[str, ...] = ()


def at_limit(tempo: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where a tempo is at its limit."""
    return np.asarray((tempo > FASTEST - LIMIT_MARGIN) | (tempo < SLOWEST + LIMIT_MARGIN))
