"""Draw a review strip: rows of lanes over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dubsync.qc.drawing import GROUND, INK, QUIET, RGB, Colour, box, fill, line, wide, write
from dubsync.qc.mouth import Curve
from dubsync.qc.pictures.review_strip import PICTURE, WAVE_BINS, Label, ReviewStrip, Source, rows_of

LEFT, RIGHT, TOP, GAP = 104, 20, 58, 6
#: Heights of lanes, pixels.
AXIS, WAVE, LINES, PHONE, OPENING = 38, 72, 20, 24, 132
WIDTH, CLOSURES, WEIGHT, TWEAK = 76, 34, 14, 18
BETWEEN_ROWS = 26
ROUND, TRIANGLE, MARK = 24, 3, 5  #: sides of marks, and their radius in pixels

PANEL, EDGE, FAINT = (34, 37, 41), (58, 63, 70), (92, 99, 108)
WAVE_INK, SPEECH = (112, 150, 170), (42, 50, 56)
HIT, MISSED = (120, 208, 132), (240, 98, 88)
COLOURS: Mapping[Source, Colour] = {
    "plate": (138, 146, 156), "sound": (98, 164, 255), "take": (128, 210, 122),
    "target": (255, 176, 62), "render": (250, 250, 250),
}  # fmt: skip
MEANING: Mapping[Source, str] = {
    "plate": "plate", "sound": "from sound", "take": "from take", "target": "target",
    "render": "render (re-tracked)",
}  # fmt: skip
TONES: Mapping[str, Colour] = {
    "plain": (64, 72, 81), "shut": (146, 54, 50), "teeth": (132, 92, 34), "round": (88, 66, 140),
}  # fmt: skip


def draw_strip(strip: ReviewStrip) -> RGB:
    """The strip as a picture, (H, W, 3)."""
    rows, each, scale = rows_of(strip.frames)
    height = _row_height(strip)
    size = (TOP + rows * (height + BETWEEN_ROWS), LEFT + max(each * scale, 720) + RIGHT, 3)
    canvas: RGB = np.full(size, GROUND, np.uint8)
    _head(canvas, strip)
    for row in range(rows):
        first = row * each
        last = min(first + each, len(strip.frames))
        _Row(canvas, strip, first, last, TOP + row * (height + BETWEEN_ROWS), scale).draw()
    return canvas


def _lanes(strip: ReviewStrip) -> list[tuple[str, int]]:
    """(lane, height) from the top down."""
    lanes = [("axis", AXIS), ("plate", PICTURE[1])]
    lanes += [("render", PICTURE[1])] if strip.render else []
    lanes += [("dub", WAVE)]
    lanes += [("lines", LINES)] if strip.lines else []
    lanes += [("phones", PHONE)] if strip.phones else []
    lanes += [("opening", OPENING), ("width", WIDTH), ("closures", CLOSURES), ("weight", WEIGHT)]
    return lanes + [(name, TWEAK) for name in strip.tweaks]


def _row_height(strip: ReviewStrip) -> int:
    return sum(height + GAP for _, height in _lanes(strip))


def _head(canvas: RGB, strip: ReviewStrip) -> None:
    write(canvas, strip.title, (16, 27), INK, 18, 600)
    x = 16
    for name in (n for n in COLOURS if n in strip.opening):
        line(canvas, [(x, 43), (x + 22, 43)], COLOURS[name], 2)
        write(canvas, MEANING[name], (x + 28, 47), QUIET, 12)
        x += 48 + wide(MEANING[name], 12)
    for sides, words in ((ROUND, "m, b, p in the dub"), (TRIANGLE, "closure of the target")):
        _mark(canvas, x + 5, 43, sides, HIT)
        _mark(canvas, x + 19, 43, sides, MISSED)
        write(canvas, f"{words}: met, missed", (x + 32, 47), QUIET, 12)
        x += 56 + wide(f"{words}: met, missed", 12)


class _Row:
    """One row of the strip: frames `first` up to `last`, counted from the strip's first."""

    def __init__(
        self, canvas: RGB, strip: ReviewStrip, first: int, last: int, top: int, scale: int
    ) -> None:
        self._canvas, self._strip, self._top = canvas, strip, top
        self._first, self._last, self._scale = first, last, scale
        self._right = LEFT + (last - first) * scale

    def draw(self) -> None:
        top = self._top
        for name, height in _lanes(self._strip):
            pictures = name in ("axis", "plate", "render")
            if not pictures:
                box(self._canvas, LEFT, top, self._right, top + height, PANEL)
            if name in ("opening", "width", "dub"):
                self._speech(top, height)
            if name not in ("axis", *self._strip.tweaks):
                write(self._canvas, name, (16, top + min(height // 2 + 5, 18)), QUIET, 12)
            if name in ("opening", "width"):
                write(self._canvas, "% of eyes", (16, top + 33), FAINT, 11)
            if not pictures:
                self._seconds(top, height)
            self._lane(name, top, height)
            if name not in ("axis", "plate", "render"):
                self._handles(top, height)
            top += height + GAP

    def _lane(self, name: str, top: int, height: int) -> None:
        strip = self._strip
        if name == "axis":
            self._axis(top)
        elif name in ("plate", "render"):
            self._pictures(strip.plate if name == "plate" else strip.render, top)
        elif name == "dub":
            self._wave(top, height)
        elif name == "lines":
            self._labels(strip.lines, top, height)
        elif name == "phones":
            self._labels(strip.phones, top, height)
        elif name == "opening":
            self._curves(strip.opening, (0.0, _high(strip.opening)), top, height)
        elif name == "width":
            self._curves(strip.width, (_low(strip.width), _high(strip.width)), top, height)
        elif name == "closures":
            self._closures(top, height)
        elif name == "weight":
            self._filled(strip.weight, top, height, COLOURS["target"])
        else:
            write(self._canvas, name, (16, top + 13), COLOURS["target"], 12)
            self._labels(strip.tweaks[name], top, height, beside=True)

    def _x(self, at: float) -> float:
        """The x coordinate at which frame `at` begins."""
        return LEFT + (at - self._first) * self._scale

    def _axis(self, top: int) -> None:
        strip, foot = self._strip, top + AXIS
        for n in range(self._first, self._last):
            x = round(self._x(n))
            line(self._canvas, [(x, foot - 4), (x, foot)], FAINT)
        for n in self._labelled():
            x = round(self._x(n))
            line(self._canvas, [(x, foot - 12), (x, foot)], QUIET)
            write(self._canvas, strip.shown_at[n], (x + 4, top + 12), INK, 12)
            write(self._canvas, str(strip.frames.start + n), (x + 4, top + 28), QUIET, 12)

    def _labelled(self) -> list[int]:
        """Frames with a label: the first, and one every half second, or as densely as fits."""
        apart = -(-104 // self._scale)
        half = max(round(float(self._strip.frames.rate) / 2), apart)
        regular = range(-(-self._first // half) * half, self._last, half)
        if regular and regular[0] - self._first < apart:
            return list(regular)
        return [self._first, *regular]

    def _seconds(self, top: int, height: int) -> None:
        for n in self._labelled():
            x = round(self._x(n))
            line(self._canvas, [(x, top), (x, top + height)], EDGE)

    def _handles(self, top: int, height: int) -> None:
        """Dim the frames that the cut does not show."""
        begin = self._strip.cut.start - self._strip.frames.start
        end = self._strip.cut.stop - self._strip.frames.start
        for a, b in ((self._first, min(begin, self._last)), (max(end, self._first), self._last)):
            if b > a:
                part = self._canvas[top : top + height, round(self._x(a)) : round(self._x(b))]
                part[:] = (0.55 * part + 0.45 * np.array(GROUND)).astype(np.uint8)

    def _pictures(self, pictures: Mapping[int, RGB], top: int) -> None:
        for number, picture in pictures.items():
            n = number - self._strip.frames.start
            if not self._first <= n < self._last:
                continue
            height, width = picture.shape[:2]
            left = round(self._x(n + 0.5) - width / 2)
            left = min(max(left, LEFT), self._canvas.shape[1] - width)
            self._canvas[top : top + height, left : left + width] = picture
            text = str(number)
            box(self._canvas, left, top + height - 16, left + wide(text, 11) + 8, top + height,
                GROUND)  # fmt: skip
            write(self._canvas, text, (left + 4, top + height - 4), INK, 11)
            x = round(self._x(n + 0.5))
            line(self._canvas, [(x, top - GAP), (x, top - 1)], QUIET)

    def _wave(self, top: int, height: int) -> None:
        middle, half = top + height / 2, height / 2 - 3
        loudest = max(float(np.abs(self._strip.wave).max()), 1e-4)
        part = self._strip.wave[self._first : self._last].reshape(-1, 2) / loudest
        x = LEFT + np.arange(len(part)) * self._scale / WAVE_BINS
        upper = np.stack([x, middle - half * part[:, 1]], axis=1)
        lower = np.stack([x, middle - half * part[:, 0] + 0.7], axis=1)
        fill(self._canvas, np.concatenate([upper, lower[::-1]]), WAVE_INK)

    def _speech(self, top: int, height: int) -> None:
        spoken = self._strip.spoken[self._first : self._last].astype(int)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], spoken, [0]])))
        for a, b in edges.reshape(-1, 2):
            left, right = (round(LEFT + n * self._scale) for n in (a, b))
            box(self._canvas, left, top, right, top + height, SPEECH)

    def _labels(
        self, labels: Sequence[Label], top: int, height: int, *, beside: bool = False
    ) -> None:
        """Blocks with their text inside; a text that does not fit goes `beside` or is left out."""
        for label in labels:
            if label.last <= self._first or label.first >= self._last:
                continue
            left = round(self._x(max(label.first, self._first)))
            right = max(round(self._x(min(label.last, self._last))) - 1, left + 1)
            box(self._canvas, left, top, right, top + height, _tinted(label))
            size = 12
            across = wide(label.text, size)
            if across <= right - left - 2:
                x = left + (right - left - across) // 2 if right - left < 200 else left + 6
                write(self._canvas, label.text, (x, top + height // 2 + 4), INK, size)
            elif beside:
                write(self._canvas, label.text, (right + 5, top + height // 2 + 4), INK, size)

    def _curves(
        self, curves: Mapping[Source, Curve], span: tuple[float, float], top: int, height: int
    ) -> None:
        low, high = span
        room = height - 8
        for value in _marks(low, high):
            y = round(top + 4 + room * (1 - (value - low) / (high - low)))
            line(self._canvas, [(LEFT, y), (self._right, y)], EDGE)
            text = f"{100 * value:.0f}"
            write(self._canvas, text, (LEFT - 8 - wide(text, 11), y + 4), FAINT, 11)
        for name in (n for n in COLOURS if n in curves):
            values = curves[name][self._first : self._last]
            share = np.clip((values - low) / (high - low), 0, 1)
            x = LEFT + (np.arange(len(values)) + 0.5) * self._scale
            points = np.stack([x, top + 4 + room * (1 - share)], axis=1)
            for run in _runs(np.isfinite(values)):
                thick = 2 if name in ("target", "render") else 1
                line(self._canvas, points[run], COLOURS[name], thick)

    def _closures(self, top: int, height: int) -> None:
        self._filled(self._strip.closure_evidence, top, height, TONES["shut"])
        strip = self._strip
        for marks, sides in ((strip.dub_closures, ROUND), (strip.target_closures, TRIANGLE)):
            for mark in marks:
                n = mark.frame - self._strip.frames.start
                if self._first <= n < self._last:
                    y = top + height * (0.3 if sides == ROUND else 0.74)
                    _mark(self._canvas, self._x(n + 0.5), y, sides, HIT if mark.good else MISSED)

    def _filled(self, values: Curve, top: int, height: int, colour: Colour) -> None:
        part = np.clip(np.nan_to_num(values[self._first : self._last]), 0, 1)
        for n, value in enumerate(part):
            if value > 0:
                left, right = (round(LEFT + (n + d) * self._scale) for d in (0, 1))
                box(self._canvas, left, round(top + height * (1 - value)), right, top + height,
                     colour)  # fmt: skip


def _tinted(label: Label) -> Colour:
    """The label's colour, blended with the panel's by its strength."""
    share = 0.25 + 0.75 * label.strength
    red, green, blue = (
        round(share * tone + (1 - share) * ground)
        for tone, ground in zip(TONES[label.tone], PANEL, strict=True)
    )
    return red, green, blue


def _mark(canvas: RGB, x: float, y: float, sides: int, colour: Colour) -> None:
    """A regular polygon of `sides` sides around (x, y), with one corner at the top."""
    turn = 2 * np.pi * np.arange(sides) / sides
    size = MARK if sides == ROUND else 1.25 * MARK
    fill(canvas, np.stack([x + size * np.sin(turn), y - size * np.cos(turn)], axis=1), colour)


def _runs(known: NDArray[np.bool_]) -> list[slice]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], known.astype(int), [0]])))
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _known(curves: Mapping[Source, Curve]) -> Curve:
    values = np.concatenate([np.zeros(0), *curves.values()])
    values = values[np.isfinite(values)]
    return values if len(values) else np.array([0.0, 1.0])


def _high(curves: Mapping[Source, Curve]) -> float:
    """The top of a scale; a single spike is clipped."""
    return float(np.percentile(_known(curves), 99.5)) * 1.06 + 0.01


def _low(curves: Mapping[Source, Curve]) -> float:
    return float(np.percentile(_known(curves), 0.5)) * 0.98 - 0.01


def _marks(low: float, high: float) -> list[float]:
    """Two to five round values between `low` and `high`."""
    step = next(s for s in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0) if (high - low) / s <= 5.0)
    return [n * step for n in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
