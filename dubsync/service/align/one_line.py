"""Align one line within a copy of its stem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np

from dubsync.core.errors import MediaError
from dubsync.core.shot import Line, Stem
from dubsync.core.sound.audio import READING_RATE, Sound
from dubsync.core.steps import Seconds
from dubsync.media.sound.pcm_copy import PcmCopy
from dubsync.service.align.guide import Guide
from dubsync.service.align.results import Fitted
from dubsync.speech.audio_features import extract_features
from dubsync.speech.dtw import same_words
from dubsync.speech.elastic.fit import SHIFT_S, Phrase, fit
from dubsync.speech.elastic.out_of_sync import OutOfSync, out_of_sync
from dubsync.speech.elastic.rhythm import Rhythm, Span, phrases, rhythm_of
from dubsync.speech.elastic.stretch import render
from dubsync.speech.intervals import only

AROUND_S = 2.0  #: heard before and after a line: its level, and the pause that takes up changes
APART_S = 0.04  #: kept between a line's speech and other speech
SURE = 0.5  #: confidence from which guide and line have the same words
LEAST_KNOWN = 0.5  #: share of a line's speech over which the guide must be heard
LEAST_MOVE_S = 0.002  #: a line that would move by less is left alone


@dataclass(frozen=True, slots=True, eq=False)
class StemInWork:
    """A copy of a stem in which lines are changed, and the stem at its place in record time."""

    copy: PcmCopy
    stem: Stem

    def place(self, second: float) -> int:
        """The sample at a record time; may lie outside the file."""
        return round((Fraction(second) - self.stem.start) * self.copy.sample_rate)

    @property
    def channels(self) -> list[int]:
        """Columns of the channels by which the stem is heard; only these are changed."""
        return [n - 1 for n in self.stem.heard.channels] or list(range(self.copy.channels))

    def hear(self, times: Seconds, *, alone: bool = True) -> Rhythm:
        """The rhythm at `times` of record time; `alone`: of this character's speech only."""
        first = self.place(float(times[0]))
        count = self.place(float(times[-1])) - first + self.copy.sample_rate // READING_RATE
        samples = self.copy.read(first, count)
        mono = np.asarray(samples[:, self.channels].mean(axis=1), np.float32)
        rate = self.copy.sample_rate
        sound = Sound(mono, rate, self.stem.start + Fraction(first, rate))
        if alone and self.stem.turns is not None:
            clock = float(self.stem.start)
            sound = only(sound, [(a + clock, b + clock) for a, b in self.stem.turns])
        return rhythm_of(extract_features(sound)).at(times, float(times[0]))


def align_one(work: StemInWork, line: Line, free: tuple[float, float], guide: Guide) -> Fitted:
    """Align `line` with `guide`, and write the change into the copy.

    Args:
        free: seconds of record time that are nearer to the line than to any other.

    Raises:
        MediaError: nobody speaks in the line, or in the guide there, or it has no sound there.
    """
    begin, end = (
        float(frame / line.record.rate) for frame in (line.record.start, line.record.stop)
    )
    window = max(begin - SHIFT_S, free[0]), min(end + SHIFT_S, free[1])
    times = _readings(begin - SHIFT_S - AROUND_S, end + SHIFT_S + AROUND_S)
    heard = work.hear(times)
    spans = _in_file(_within(phrases(heard), heard, begin, end), heard, work.stem)
    if not spans:
        raise MediaError("no speech is heard in the line", hint="is it the right stem?")
    first = heard.start + spans[0][0] / READING_RATE
    wanted = _inside(guide.rhythm(line, times, first), window)
    _check(wanted, spans, guide)
    alike = same_words(_spoken(wanted), heard.shape) >= SURE
    everyone = heard if work.stem.turns is None else work.hear(times, alone=False)
    edges = _edges(work, heard, spans, phrases(everyone))
    room = max(edges[0] + APART_S, window[0]), min(edges[1] - APART_S, window[1])
    fitted = fit(heard, wanted, spans, room, same_words=alike)
    before = out_of_sync(heard, wanted, spans, same_words=alike)
    if max(float(np.abs(phrase.offset).max()) for phrase in fitted) < LEAST_MOVE_S:
        return _left_alone(fitted, alike, heard, wanted, before)
    changed = work.place(edges[0]), work.place(edges[1])
    original = work.copy.read(changed[0], changed[1] - changed[0])
    lowered = _change(work, fitted, edges)
    result = work.hear(times)
    now = _heard_again(phrases(result), result, fitted)
    after = out_of_sync(result, wanted, now, same_words=alike)
    if after.missed > before.missed:  # what is measured must not be worse than it was
        first = max(changed[0], 0)
        last = min(changed[1], work.copy.n_samples)
        work.copy.write(first, original[first - changed[0] : last - changed[0]])
        return _left_alone(fitted, alike, heard, wanted, before)
    return Fitted(fitted, alike, heard, result, wanted, before, after, lowered)


def _left_alone(
    fitted: Sequence[Phrase], alike: bool, heard: Rhythm, wanted: Rhythm, before: OutOfSync
) -> Fitted:
    """The answer for a line that stays as it is."""
    still = tuple(Phrase(phrase.source, phrase.source) for phrase in fitted)
    return Fitted(still, alike, heard, heard, wanted, before, before)


def _readings(begin: float, end: float) -> Seconds:
    """Times of readings from `begin` to `end`, seconds."""
    first, last = floor(begin * READING_RATE), ceil(end * READING_RATE)
    return np.arange(first, last + 1, dtype=np.float64) / READING_RATE


def _within(spans: Sequence[Span], rhythm: Rhythm, begin: float, end: float) -> tuple[Span, ...]:
    """The phrases that lie mostly between two times."""
    low, high = ((at - rhythm.start) * READING_RATE for at in (begin, end))
    return tuple(
        span for span in spans
        if min(span[1], high) - max(span[0], low) > 0.5 * (span[1] - span[0])
    )  # fmt: skip


def _heard_again(
    spans: Sequence[Span], result: Rhythm, fitted: Sequence[Phrase]
) -> tuple[Span, ...]:
    """Each phrase as it is heard in the result; a pause within it may have grown into one."""
    out: list[Span] = []
    for phrase in fitted:
        met = _within(spans, result, float(phrase.out[0]), float(phrase.out[-1]))
        if met and (not out or met[0][0] >= out[-1][1]):
            out.append((met[0][0], met[-1][1]))
    return tuple(out)


def _in_file(spans: Sequence[Span], heard: Rhythm, stem: Stem) -> tuple[Span, ...]:
    """The phrases without what lies outside the file: speech is padded, also where a file ends."""
    first = ceil((float(stem.start) - heard.start) * READING_RATE - 1e-6)
    last = floor((float(stem.stop) - heard.start) * READING_RATE + 1e-6)
    inside = [(max(start, first), min(stop, last)) for start, stop in spans]
    return tuple((start, stop) for start, stop in inside if stop - start > 1)


def _inside(guide: Rhythm, window: tuple[float, float]) -> Rhythm:
    """The guide within a window; outside it is unknown."""
    at = guide.start + np.arange(len(guide.speech)) / READING_RATE
    return guide.at(np.where((at >= window[0]) & (at <= window[1]), at, np.nan), guide.start)


def _check(guide: Rhythm, spans: Sequence[Span], named: Guide) -> None:
    """Refuse a guide that says nothing about the line."""
    over = np.concatenate([guide.known[a:b] for a, b in spans])
    if over.mean() < LEAST_KNOWN:
        raise MediaError(
            f"{named.called} has no sound over most of the line",
            hint="give the original's dialogue as a file: --to FILE",
        )
    if not phrases(guide):
        raise MediaError(
            f"nobody speaks in {named.called} at the line",
            hint="listen to it there; a mix with loud music may hide the speech",
        )


def _spoken(guide: Rhythm) -> np.ndarray:
    spans = phrases(guide)
    return guide.shape[spans[0][0] : spans[-1][1]]


def _edges(
    work: StemInWork, heard: Rhythm, spans: Sequence[Span], every: Sequence[Span]
) -> tuple[float, float]:
    """Record times between which nothing else is spoken in the stem, within what was heard."""
    first, last = spans[0][0], spans[-1][1]
    low = [min(stop, first) for start, stop in every if start < first]
    high = [max(start, last) for start, stop in every if stop > last]
    begin = heard.start + max(low, default=0) / READING_RATE
    end = heard.start + min(high, default=len(heard.speech) - 1) / READING_RATE
    stem = work.stem
    return max(begin, float(stem.start)), min(end, float(stem.stop))


def _change(work: StemInWork, fitted: Sequence[Phrase], edges: tuple[float, float]) -> float:
    """Write the line in its new time into the copy; by how many dB it had to be lowered."""
    copy = work.copy
    first = max(work.place(edges[0]), 0)
    last = min(work.place(edges[1]), copy.n_samples)
    begin = float(work.stem.start + Fraction(first, copy.sample_rate))
    samples, heard = copy.read(first, last - first), work.channels
    made = render(samples[:, heard], copy.sample_rate, fitted, begin)
    peak = float(np.abs(made).max(initial=0.0))
    if peak > 1 and not copy.floating:
        made = made / peak
    samples[:, heard] = made
    copy.write(first, samples)
    return 20 * float(np.log10(peak)) if peak > 1 and not copy.floating else 0.0
