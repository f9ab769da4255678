"""Draw an alignment: the guide's rhythm, the line's before and after, the tempo and its limits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE
from dubsync.core.timeline.timecode import Clock
from dubsync.qc.drawing import GROUND, INK, QUIET, RGB, Colour, box, fill, line, wide, write
from dubsync.service.align.results import Fitted, at_limit
from dubsync.speech.elastic.fit import FASTEST, SLOWEST
from dubsync.speech.elastic.out_of_sync import EARLY_MS, LATE_MS, OutOfSync
from dubsync.speech.elastic.rhythm import Rhythm, phrases

LEFT, RIGHT, TOP, FOOT = 96, 20, 62, 44
LANE, GAP, TEMPO = 84, 30, 110
PIXELS_S, LEAST, MOST = 260, 900, 6000  #: pixels a second, and limits of the whole width
MARGIN_S = 0.35  #: shown before the first speech and after the last
HIGH = 0.16  #: the tempo's scale goes this far from 1
PANEL, SPEECH, FAINT = (34, 37, 41), (47, 58, 66), (92, 99, 108)
GUIDE, BEFORE, AFTER = (138, 146, 156), (98, 164, 255), (255, 176, 62)
GOOD, BAD = (120, 208, 132), (240, 98, 88)


def chart(fitted: Fitted, title: str, clock: Clock) -> RGB:
    """The picture (H, W, 3).

    Args:
        title: its first line.
        clock: of the record times along its foot.
    """
    scale = _Scale(fitted)
    height = TOP + 3 * (LANE + GAP) + TEMPO + FOOT
    canvas: RGB = np.full((height, scale.width, 3), GROUND, np.uint8)
    write(canvas, title, (16, 26), INK, 17, 600)
    same = "the same words" if fitted.same_words else "other words"
    about = (
        f"{same}; numbers: ms by which the dub begins and ends late (-: early); "
        f"EBU R37 allows -{EARLY_MS:.0f} to +{LATE_MS:.0f}; red tempo: at the limit"
    )
    write(canvas, about, (16, 46), QUIET, 12)
    tops = [TOP + n * (LANE + GAP) for n in range(4)]
    _lane(canvas, scale, fitted.guide, "guide", GUIDE, tops[0])
    _lane(canvas, scale, fitted.line, "dub, before", BEFORE, tops[1])
    _lane(canvas, scale, fitted.result, "dub, aligned", AFTER, tops[2])
    _moves(canvas, scale, fitted, tops[1] + LANE, tops[2])
    for left_over, top in ((fitted.before, tops[1]), (fitted.after, tops[2])):
        _out_of_sync(canvas, scale, left_over, top)
    _tempo(canvas, scale, fitted, tops[3])
    _foot(canvas, scale, clock, tops[3] + TEMPO)
    return canvas


class _Scale:
    """Seconds to pixels, over the speech of all three rhythms."""

    def __init__(self, fitted: Fitted) -> None:
        ends = [
            rhythm.start + at / READING_RATE
            for rhythm in (fitted.guide, fitted.line, fitted.result)
            for span in phrases(rhythm)
            for at in span
        ]
        own = [float(t) for phrase in fitted.phrases for t in (phrase.source[0], phrase.out[-1])]
        near = [t for t in ends if own[0] - 1.5 < t < own[-1] + 1.5]
        self.first = min(near + own) - MARGIN_S
        self.last = max(near + own) + MARGIN_S
        inner = min(max(round((self.last - self.first) * PIXELS_S), LEAST), MOST)
        self.width = LEFT + inner + RIGHT
        self._each = inner / (self.last - self.first)

    def x(self, second: float) -> float:
        """The x coordinate of a record time, kept within the picture's lanes."""
        return LEFT + (min(max(second, self.first), self.last) - self.first) * self._each


def _lane(canvas: RGB, scale: _Scale, rhythm: Rhythm, name: str, colour: Colour, top: int) -> None:
    """Loudness as a mountain, phrases shaded; hatched where nothing is known."""
    box(canvas, LEFT, top, scale.width - RIGHT, top + LANE, PANEL)
    write(canvas, name, (12, top + 18), QUIET, 12)
    for start, stop in phrases(rhythm):
        left, right = (scale.x(rhythm.start + at / READING_RATE) for at in (start, stop))
        box(canvas, round(left), top, max(round(right), round(left)), top + LANE, SPEECH)
    times = rhythm.start + np.arange(len(rhythm.loud)) / READING_RATE
    inside = np.flatnonzero((times >= scale.first) & (times <= scale.last))
    if not len(inside):
        return
    points = [(scale.x(times[n]), top + LANE - 3 - rhythm.loud[n] * (LANE - 10)) for n in inside]
    foot = float(top + LANE - 3)
    fill(canvas, [(points[0][0], foot), *points, (points[-1][0], foot)], colour)
    unknown = ~rhythm.known[inside]
    for n in _runs(unknown):
        left, right = scale.x(times[inside[n[0]]]), scale.x(times[inside[n[1] - 1]])
        if right - left > 60:
            write(canvas, "not used", (round(left) + 6, top + LANE - 10), FAINT, 11)


def _moves(canvas: RGB, scale: _Scale, fitted: Fitted, top: int, foot: int) -> None:
    """From where each quarter second of the line comes, to where it goes."""
    for phrase in fitted.phrases:
        count = max(2, round((phrase.source[-1] - phrase.source[0]) / 0.25) + 1)
        for n in np.rint(np.linspace(0, len(phrase.source) - 1, count)).astype(int):
            ends = [(scale.x(phrase.source[n]), float(top)), (scale.x(phrase.out[n]), float(foot))]
            line(canvas, ends, AFTER if n in (0, len(phrase.source) - 1) else FAINT)


def _out_of_sync(canvas: RGB, scale: _Scale, left_over: OutOfSync, top: int) -> None:
    """The ms of each phrase's begin and end, green within EBU R37 and red beyond."""
    for phrase in left_over.phrases:
        for at, ms, ends in (
            (phrase.begin, phrase.begin_ms, False), (phrase.end, phrase.end_ms, True),
        ):  # fmt: skip
            if ms is None:
                continue
            text = f"{ms:+.0f}"
            x = round(scale.x(at)) + (-wide(text, 12) - 4 if ends else 4)
            write(canvas, text, (x, top + 15), GOOD if -EARLY_MS <= ms <= LATE_MS else BAD, 12, 600)
        if phrase.guide is None and phrase.known:
            x = round((scale.x(phrase.begin) + scale.x(phrase.end)) / 2)
            write(canvas, "guide is silent", (x - 40, top + 30), BAD, 11)


def _tempo(canvas: RGB, scale: _Scale, fitted: Fitted, top: int) -> None:
    """The tempo over the result's time, red at its limits; what was done to the pauses."""
    box(canvas, LEFT, top, scale.width - RIGHT, top + TEMPO, PANEL)
    write(canvas, "tempo", (12, top + 18), QUIET, 12)

    def y(tempo: float) -> float:
        return top + TEMPO * (0.5 - (tempo - 1) / (2 * HIGH))

    for value, colour in ((SLOWEST, BAD), (1.0, FAINT), (FASTEST, BAD)):
        line(canvas, [(LEFT, y(value)), (scale.width - RIGHT, y(value))], colour)
        write(canvas, f"{value:.2f}", (LEFT - 36, round(y(value)) + 4), QUIET, 11)
    for phrase in fitted.phrases:
        tempo = phrase.tempo
        points = [(scale.x(t), y(float(v))) for t, v in zip(phrase.out[:-1], tempo, strict=True)]
        line(canvas, points, AFTER, 2)
        for first, last in _runs(at_limit(tempo)):
            line(canvas, points[first : max(last, first + 2)], BAD, 4)
    pairs = zip(fitted.phrases[:-1], fitted.phrases[1:], fitted.pauses, strict=True)
    for before, after, change in pairs:
        if abs(change) * 1000 >= 1:
            text = f"pause {change * 1000:+.0f} ms"
            x = round((scale.x(before.out[-1]) + scale.x(after.out[0])) / 2 - wide(text, 11) / 2)
            write(canvas, text, (x, top + TEMPO - 6), INK, 11)


def _foot(canvas: RGB, scale: _Scale, clock: Clock, top: int) -> None:
    step = next(s for s in (0.5, 1.0, 2.0, 5.0, 10.0, 60.0) if s * (scale.width - LEFT) /
                (scale.last - scale.first) > 110)  # fmt: skip
    for n in range(int(np.ceil(scale.first / step)), int(scale.last / step) + 1):
        x = round(scale.x(n * step))
        line(canvas, [(x, top), (x, top + 6)], QUIET)
        write(canvas, clock.timecode(n * step), (x - 32, top + 22), QUIET, 11)


def _runs(flags: NDArray[np.bool_]) -> Sequence[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
