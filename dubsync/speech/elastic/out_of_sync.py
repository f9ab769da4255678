"""What a line and its guide still have out of sync: each phrase's begin and end, and its sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE
from dubsync.speech.elastic.rhythm import SPOKEN, Rhythm, Span, phrases

Values = NDArray[np.float64]

#: EBU R37-2007: sound may be 40 ms early and 60 ms late.
EARLY_MS, LATE_MS = 40.0, 60.0
#: Phrases belong together from this share of the shorter one.
SHARED = 0.3
#: How far sounds are looked for, and the deviation of the words around that are compared.
NEAR_S, AROUND_S = 0.25, 0.1


@dataclass(frozen=True, slots=True)
class PhraseSync:
    """One phrase of the line, or several, and what of the guide is spoken at that time.

    begin, end  seconds, of the line's
    guide       (begin, end) of the guide's; None where the guide is silent, or unknown
    begin_ms, end_ms  by which the line's begin and end are later; None without a guide
    sound_ms    by which its sounds are later, the median; None for other words
    most_ms     the largest deviation of a sound from its place in nine tenths of the phrase; None
                for other words
    over_ms     of it in which it speaks and the guide does not
    known       whether the guide has sound there
    """

    begin: float
    end: float
    guide: tuple[float, float] | None
    begin_ms: float | None = None
    end_ms: float | None = None
    sound_ms: float | None = None
    most_ms: float | None = None
    over_ms: float = 0.0
    known: bool = True

    @property
    def in_sync(self) -> bool:
        """Whether its begin, its end and its sounds are within EBU R37; pauses do not count."""
        known = [ms for ms in (self.begin_ms, self.end_ms, self.sound_ms) if ms is not None]
        return bool(known) and all(-EARLY_MS <= ms <= LATE_MS for ms in known)


@dataclass(frozen=True, slots=True)
class OutOfSync:
    """All that is left.

    phrases     of the line
    alone       (begin, end) seconds of phrases of the guide without one of the line
    over_pause  seconds in which the line speaks and the guide does not
    unspoken    seconds in which the guide speaks and the line does not
    """

    phrases: tuple[PhraseSync, ...]
    alone: tuple[tuple[float, float], ...]
    over_pause: float
    unspoken: float

    @property
    def missed(self) -> int:
        """How many begins and ends of phrases are beyond EBU R37."""
        ends = [ms for phrase in self.phrases for ms in (phrase.begin_ms, phrase.end_ms)]
        return sum(ms is not None and not -EARLY_MS <= ms <= LATE_MS for ms in ends)


def out_of_sync(
    line: Rhythm, guide: Rhythm, spans: Sequence[Span], *, same_words: bool
) -> OutOfSync:
    """What `line` and `guide`, over the same readings, have out of sync.

    Args:
        spans: the line's phrases.
        same_words: whether their sounds can be compared.

    Source: limits of EBU R37-2007, "The relative timing of the sound and vision components of a
    television signal".
    """
    theirs = phrases(guide)
    groups, alone = _groups(list(spans), list(theirs))
    late = _late(line, guide) if same_words else None
    rows = [_row(line, guide, mine, other, late) for mine, other in groups]
    inside = np.zeros(len(line.speech), bool)
    for start, stop in spans:
        inside[start:stop] = True
    speaks = (line.speech > SPOKEN) & inside & guide.known
    answers = (guide.speech > SPOKEN) & guide.known
    others = (line.speech > SPOKEN) & ~inside
    return OutOfSync(
        tuple(rows),
        tuple(_seconds(line, one) for one in alone),
        float((speaks & ~answers).sum()) / READING_RATE,
        float((answers & ~speaks & ~others).sum()) / READING_RATE,
    )


def _groups(
    mine: list[Span], theirs: list[Span]
) -> tuple[list[tuple[list[Span], list[Span]]], list[Span]]:
    """Phrases that belong together, and the guide's that belong to none."""
    groups: list[tuple[list[Span], list[Span]]] = []
    for span in mine:
        met = [other for other in theirs if _shared(span, other) >= SHARED]
        if met and groups and groups[-1][1] and met[0] in groups[-1][1]:
            groups[-1][0].append(span)
            groups[-1][1].extend(other for other in met if other not in groups[-1][1])
        else:
            groups.append(([span], met))
    taken = {other for _, met in groups for other in met}
    return groups, [other for other in theirs if other not in taken]


def _shared(one: Span, other: Span) -> float:
    both = min(one[1], other[1]) - max(one[0], other[0])
    return both / min(one[1] - one[0], other[1] - other[0])


def _row(
    line: Rhythm, guide: Rhythm, mine: list[Span], theirs: list[Span], late: Values | None
) -> PhraseSync:
    span = mine[0][0], mine[-1][1]
    begin, end = _seconds(line, span)
    ms = 1000 / READING_RATE
    inside = slice(*span)
    speaks = (line.speech[inside] > SPOKEN) & guide.known[inside]
    over = float((speaks & (guide.speech[inside] <= SPOKEN)).sum()) * ms
    if not theirs:
        known = bool(guide.known[inside].mean() > SHARED)
        return PhraseSync(begin, end, None, over_ms=over, known=known)
    other = theirs[0][0], theirs[-1][1]
    sound = most = None
    if late is not None:
        sound = float(np.median(late[inside])) * ms
        most = float(np.percentile(np.abs(late[inside]), 90)) * ms
    return PhraseSync(
        begin, end, _seconds(line, other), (span[0] - other[0]) * ms, (span[1] - other[1]) * ms,
        sound, most, over,
    )  # fmt: skip


def _seconds(line: Rhythm, span: Span) -> tuple[float, float]:
    return line.start + span[0] / READING_RATE, line.start + span[1] / READING_RATE


def _late(line: Rhythm, guide: Rhythm) -> Values:
    """(N,) readings by which the line's sounds are later than the same ones of the guide."""
    reach = round(NEAR_S * READING_RATE)
    near = np.pad(guide.shape, ((reach, reach), (0, 0)))
    alike = np.stack([near[n : n + 2 * reach + 1] @ shape for n, shape in enumerate(line.shape)])
    alike = scipy.ndimage.gaussian_filter1d(alike, AROUND_S * READING_RATE, axis=0)
    best = alike.argmax(axis=1)
    inner = np.clip(best, 1, 2 * reach - 1)
    rows = np.arange(len(alike))
    before, at, after = (alike[rows, inner + k] for k in (-1, 0, 1))
    bent = before - 2 * at + after
    peak = np.where(bent < -1e-9, 0.5 * (before - after) / np.where(bent < -1e-9, bent, -1), 0)
    return np.asarray(reach - (inner + np.clip(peak, -0.5, 0.5)), np.float64)
