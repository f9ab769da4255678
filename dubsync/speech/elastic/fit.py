"""Fit a line's rhythm to a guide's: a monotone map of time, of limited tempo within phrases.

The line's phrases (speech between pauses) keep their order.  Within a phrase the tempo stays
between SLOWEST and FASTEST and bends slowly; the pause between two phrases may be cut or padded.
Dynamic programming over (offset from the line's own time, tempo) finds the cheapest map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE
from dubsync.core.steps import Seconds
from dubsync.speech.elastic.rhythm import Rhythm, Span, phrases

Values = NDArray[np.float64]
Places = NDArray[np.intp]

LIMIT = 0.12  #: most by which the tempo of speech is changed, up and down
SLOWEST, FASTEST = 1 - LIMIT, 1 + LIMIT
SHIFT_S = 0.6  #: most by which a sound is moved
STEP = 4  #: offsets in one reading: 2.5 ms
SEGMENT_S = 0.1  #: about so much speech has one tempo
LEAST_PAUSE_S = 0.06  #: a pause is not cut below this, nor below its own length if that is less
SMOOTH_S = 0.05  #: deviation that rounds the corners of the map

#: Costs of one reading: speech where the guide is silent, or the guide's where the line is silent;
#: a syllable where the guide has none; closed lips where the guide's are open; other sounds (same
#: words only).
SILENCE, BEAT, CLOSURE, SOUND = 1.0, 0.25, 0.4, 2.0
#: Cost of a phrase's begin and end EDGE_S from the guide's nearest; nearer it grows with the
#: square, farther in proportion.
BEGIN, END, EDGE_S = 12.0, 9.0, 0.06
EDGE_PAUSE_S = 0.15  #: shorter pauses of the guide begin and end nothing: noise makes them
#: Cost of one reading for a tempo off 1 (by its logarithm, squared), and for each second of shift.
TEMPO, SHIFT = 4.0, 0.15
BEND = 0.1  #: cost of a change of offset per segment by 2.5 ms more or less than before
PAUSE = 6.0  #: cost of each second by which a pause is changed
#: A map that saves less than this per reading is not worth it.
WORTH = 0.02
_RADIUS = round(SHIFT_S * READING_RATE * STEP)
_COUNT = 2 * _RADIUS + 1


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase of the line and its new time.

    source  (K,) seconds in the line, rising
    out     (K,) seconds in the result, rising, on the same clock
    """

    source: Seconds
    out: Seconds

    @property
    def tempo(self) -> Values:
        """(K - 1,) seconds of the line in a second of the result: above 1 is faster."""
        return np.asarray(np.diff(self.source) / np.diff(self.out), np.float64)

    @property
    def offset(self) -> Values:
        """(K,) seconds by which it is later."""
        return np.asarray(self.out - self.source, np.float64)


def fit(
    line: Rhythm,
    guide: Rhythm,
    spans: Sequence[Span],
    room: tuple[float, float],
    *,
    same_words: bool,
) -> tuple[Phrase, ...]:
    """The new time of each phrase of `line`; unchanged where a change is not worth it.

    Args:
        line, guide: over the same readings, see `Rhythm.at`.
        spans: the phrases, as readings.
        room: seconds between which the result must lie; the line's own time lies in it.
        same_words: whether sounds are compared, too.

    Source: ours; dynamic programming after Sakoe and Chiba 1978, "Dynamic programming algorithm
    optimization for spoken word recognition", with the tempo as a part of the state.
    """
    if not spans:
        return ()
    costs = _Costs(line, guide, same_words=same_words)
    walk = _Walk(costs, spans, tuple((t - line.start) * READING_RATE * STEP for t in room))
    courses = walk.best()
    resting = [np.full(len(course), _RADIUS) for course in courses]
    readings = sum(stop - start for start, stop in spans)
    if walk.cost(resting) - walk.cost(courses) < WORTH * readings:
        courses = resting
    return tuple(
        _rounded(line.start, span, course) for span, course in zip(spans, courses, strict=True)
    )


class _Costs:
    """`at` (N, J): cost of each reading of the line at each offset; offset _RADIUS is none.

    passed  (N * STEP + 2 * _RADIUS + 1,) the guide's speech up to each instant, readings; instant
            _RADIUS is the first reading
    begins, ends  of as many instants: cost of a phrase that begins, or ends, there
    """

    def __init__(self, line: Rhythm, guide: Rhythm, *, same_words: bool) -> None:
        count = len(line.speech)
        fine = np.arange((count - 1) * STEP + 1) / STEP
        whole = np.arange(count)

        def windows(values: Values) -> Values:
            closer = np.pad(np.interp(fine, whole, values), _RADIUS)
            return np.lib.stride_tricks.sliding_window_view(closer, _COUNT)[::STEP]

        known = windows(guide.known.astype(np.float64)) > 0.999
        spoken, beat = line.speech[:, None], line.beat[:, None]
        silent = np.where(known, 1 - windows(guide.speech), 0)
        at = SILENCE * spoken * silent
        at -= BEAT * np.clip(beat * windows(guide.beat), -1.5, 1.5) * known
        at -= CLOSURE * line.closure[:, None] * windows(guide.closure) * known
        if same_words:
            at -= SOUND * _alike(line, guide, fine, known)
        away = np.abs(np.arange(_COUNT) - _RADIUS) / (STEP * READING_RATE)
        self.at = at + SHIFT * away[None, :]
        speech = np.pad(np.interp(fine, whole, guide.speech * guide.known), _RADIUS)
        self.passed = np.concatenate([[0.0], np.cumsum(speech)]) * SILENCE / STEP
        met = phrases(guide, pause_s=EDGE_PAUSE_S)
        count = len(self.passed)
        self.begins = BEGIN * _apart([start for start, _ in met], count)
        self.ends = END * _apart([stop for _, stop in met], count)


def _apart(readings: Sequence[int], count: int) -> Values:
    """(count,) how far each instant is from the nearest of some readings, as a share of a cost."""
    if not readings:
        return np.zeros(count)
    places = np.array(readings)[:, None] * STEP + _RADIUS
    away = np.abs(np.arange(count)[None, :] - places).min(axis=0) / (STEP * READING_RATE * EDGE_S)
    return np.asarray(np.where(away < 1, away**2, 2 * away - 1), np.float64)


def _alike(line: Rhythm, guide: Rhythm, fine: Values, known: NDArray[np.bool_]) -> Values:
    """(N, J) how alike the sounds are, beyond what is usual."""
    whole = np.arange(len(guide.shape))
    low = np.floor(fine).astype(np.intp)
    high, share = np.minimum(low + 1, len(whole) - 1), (fine - low)[:, None]
    closer = np.pad(
        guide.shape[low] * (1 - share) + guide.shape[high] * share, ((_RADIUS, _RADIUS), (0, 0))
    )
    out = np.stack(
        [closer[STEP * n : STEP * n + _COUNT] @ line.shape[n] for n in range(len(line.shape))]
    )
    return np.where(known, out, 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """One segment of a phrase: (K, J) best tempo before it, for each tempo and end offset."""

    came: Places
    changes: Places


class _Walk:
    """The cheapest offsets at the ends of the segments of each phrase."""

    def __init__(self, costs: _Costs, spans: Sequence[Span], room: tuple[float, ...]) -> None:
        self._costs, self._spans, self._room = costs, spans, room

    def best(self) -> list[Places]:
        """The offsets at the ends of the segments of each phrase, as places in _Costs.at."""
        total = np.full(_COUNT, np.inf)
        steps: list[list[_Step]] = []
        pauses: list[Places] = []
        slopes: list[Places] = []
        for n in range(len(self._spans)):
            total, came = self._enter(n, total)
            pauses.append(came)
            edges = edges_of(self._spans[n])
            within: list[_Step] = []
            state = np.full((1, _COUNT), np.inf)
            state[0] = total
            before: Places | None = None
            for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
                state, step = self._segment(state, before, first, last)
                within.append(step)
                before = step.changes
            steps.append(within)
            slopes.append(np.asarray(state.argmin(axis=0), np.intp))
            total = state.min(axis=0)
        total = total + self._leave(len(self._spans) - 1)
        return self._back(int(np.argmin(total)), steps, slopes, pauses)

    def cost(self, courses: Sequence[Places]) -> float:
        """The cost of given offsets, without that of bends."""
        total = float(self._leave(len(courses) - 1)[courses[-1][-1]])
        for n, (span, course) in enumerate(zip(self._spans, courses, strict=True)):
            at = np.full(_COUNT, np.inf)
            if n:
                at[courses[n - 1][-1]] = 0.0
            total += float(self._enter(n, at)[0][course[0]])
            edges = edges_of(span)
            for k, (first, last) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
                change = int(course[k + 1] - course[k])
                total += float(self._along(int(first), int(last), change)[course[k]])
        return total

    def _read(self, values: Values, reading: int) -> Values:
        """(J,) of `values`, one an instant, those of `reading` moved by each offset."""
        places = np.clip(reading * STEP + np.arange(_COUNT), 0, len(values) - 1)
        return np.asarray(values[places], np.float64)

    def _begin(self, n: int) -> Values:
        """(J,) cost of the begin of phrase `n`, and the guide's speech up to there."""
        start = self._spans[n][0]
        return self._read(self._costs.passed, start) + self._read(self._costs.begins, start)

    def _end(self, n: int) -> Values:
        """(J,) cost of the end of phrase `n`, less the guide's speech up to there."""
        stop = self._spans[n][1]
        return self._read(self._costs.ends, stop) - self._read(self._costs.passed, stop)

    def _enter(self, n: int, total: Values) -> tuple[Values, Places]:
        """Costs at the beginning of phrase `n`, and the offset before its pause."""
        every = np.arange(_COUNT)
        start = self._spans[n][0]
        if n == 0:
            begins = start * STEP + every - _RADIUS
            inside = begins >= min(self._room[0], start * STEP)
            return np.where(inside, self._begin(n), np.inf), every
        stop = self._spans[n - 1][1]
        gap = (start - stop) * STEP
        least = min(gap, LEAST_PAUSE_S * READING_RATE * STEP)
        change = every[None, :] - every[:, None]  # from, to
        reached = np.where(
            gap + change >= least,
            (total + self._end(n - 1))[:, None] + PAUSE / (STEP * READING_RATE) * np.abs(change),
            np.inf,
        )
        came = np.asarray(reached.argmin(axis=0), np.intp)
        return reached[came, every] + self._begin(n), came

    def _leave(self, n: int) -> Values:
        """Costs after the end of the last phrase: the guide's speech there, and the room."""
        every = np.arange(_COUNT)
        stop = self._spans[n][1]
        ends = stop * STEP + every - _RADIUS
        rest = float(self._costs.passed[-1]) + self._end(n)
        return np.where(ends <= max(self._room[1], stop * STEP), rest, np.inf)

    def _along(self, first: int, last: int, change: int) -> Values:
        """(J,) cost of readings `first` up to `last` from each offset on, which grows by `change`.

        Infinite where it leaves the range of offsets.
        """
        length = last - first
        out = np.zeros(_COUNT)
        for n in range(first, last):
            moved = round(change * (n - first + 0.5) / length)
            out += _shifted(self._costs.at[min(n, len(self._costs.at) - 1)], moved)
        tempo = length * STEP / (length * STEP + change)
        out += TEMPO * length * np.log(tempo) ** 2
        return np.where(np.isfinite(_shifted(np.zeros(_COUNT), change)), out, np.inf)

    def _segment(
        self, state: Values, before: Places | None, first: int, last: int
    ) -> tuple[Values, _Step]:
        """(K, J) costs after a segment, by its change of offset and its end; see `_Step`."""
        length = (last - first) * STEP
        changes = np.arange(
            int(np.ceil(length / FASTEST - length)), int(np.floor(length / SLOWEST - length)) + 1
        )
        out = np.full((len(changes), _COUNT), np.inf)
        came = np.zeros((len(changes), _COUNT), np.intp)
        for k, change in enumerate(changes.tolist()):
            bend = 0.0 if before is None else BEND * np.abs(before - change)[:, None]
            reached = state + bend
            best = np.asarray(reached.argmin(axis=0), np.intp)
            cost = reached[best, np.arange(_COUNT)] + self._along(first, last, change)
            out[k] = _shifted(cost, -change)
            came[k] = np.where(np.isfinite(out[k]), np.roll(best, change), 0)
        return out, _Step(came, changes)

    def _back(
        self, place: int, steps: list[list[_Step]], slopes: list[Places], pauses: list[Places]
    ) -> list[Places]:
        courses: list[Places] = []
        for n in range(len(steps) - 1, -1, -1):
            course = [place]
            slope = int(slopes[n][place])
            for step in reversed(steps[n]):
                came, change = int(step.came[slope, place]), int(step.changes[slope])
                place -= change
                slope = came
                course.append(place)
            courses.append(np.array(course[::-1], np.intp))
            place = int(pauses[n][place])
        return courses[::-1]


def _shifted(values: Values, by: int) -> Values:
    """values[j + by]; infinite outside."""
    out = np.full(len(values), np.inf)
    if by >= 0:
        out[: len(values) - by] = values[by:]
    else:
        out[-by:] = values[:by]
    return out


def edges_of(span: Span) -> Places:
    """The readings at which the segments of a phrase meet, its ends included."""
    start, stop = span
    count = max(1, round((stop - start) / READING_RATE / SEGMENT_S))
    return np.asarray(np.rint(np.linspace(start, stop, count + 1)), np.intp)


def _rounded(clock: float, span: Span, course: Places) -> Phrase:
    """A phrase from its offsets, with rounded corners: an average of tempos keeps their limits."""
    at = np.arange(span[0], span[1] + 1, dtype=np.float64)
    offset = np.interp(at, edges_of(span), (course - _RADIUS) / STEP)
    reach = min(round(4 * SMOOTH_S * READING_RATE), len(at) - 1)
    wide = np.pad(offset, reach, mode="reflect", reflect_type="odd")
    smooth = scipy.ndimage.gaussian_filter1d(
        wide, SMOOTH_S * READING_RATE, mode="nearest", truncate=reach / (SMOOTH_S * READING_RATE)
    )
    offset = smooth[reach : reach + len(at)]
    return Phrase(clock + at / READING_RATE, clock + (at + offset) / READING_RATE)
