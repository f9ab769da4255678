"""Curves over a shot's frames as inline SVG, without script, font or network."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dubsync.core.timeline.timecode import TIMECODE_RATES, FrameRange, Timecode
from dubsync.qc.mouth import Curve

Style = Literal["sound", "plate", "wanted", "render"]

WIDTH, HEIGHT = 1160, 170
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 26
MOST_POINTS = 1600  #: of one curve; more than WIDTH


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve, (T,); NaN leaves a gap.  `style` picks colour and stroke, in the legend too."""

    label: str
    values: Curve
    style: Style


@dataclass(frozen=True, slots=True)
class Mark:
    """A closure; `good` is False where the lips do not meet."""

    frame: int
    good: bool


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """Curves of one face over `frames`.

    unit      of every curve except those of style "sound", which are scaled to the height
    spoken    (T,) where the dub speaks, shaded; None for no shading
    marks     closures
    limit     drawn as a line; None for none
    """

    title: str
    unit: str
    frames: FrameRange
    drop: bool
    series: tuple[Series, ...]
    spoken: NDArray[np.bool_] | None = None
    marks: tuple[Mark, ...] = ()
    limit: float | None = None


def timecode(frame: int, frames: FrameRange, drop: bool) -> str:
    """`frame` as timecode, or as a frame number where the rate has no timecode."""
    if frames.rate in TIMECODE_RATES and frame >= 0:
        return str(Timecode(frame, frames.rate, drop))
    return str(frame)


def svg(chart: Chart) -> str:
    """The chart as one <svg> element; its texts are escaped."""
    scale = _Scale(chart)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_spoken_label(chart), quote=True)}">'
    ]
    parts += _speech(chart, scale)
    parts += _grid(chart, scale)
    for series in sorted(chart.series, key=lambda s: s.style != "sound"):
        parts.append(_curve(series, scale))
    parts += _marks(chart, scale)
    parts.append("</svg>")
    return "".join(parts)


class _Scale:
    """Maps frames and values to the drawing's coordinates."""

    def __init__(self, chart: Chart) -> None:
        drawn = [s.values for s in chart.series if s.style != "sound"]
        known = np.concatenate([v[np.isfinite(v)] for v in drawn]) if drawn else np.zeros(0)
        # A single spike must not flatten the rest: it is clipped at the top.
        high = float(np.percentile(known, 99.5)) * 1.1 if len(known) else 1.0
        self.high = max(high, 1.25 * (chart.limit or 0.0), 1e-3)
        self.count = len(chart.frames)

    def x(self, place: float) -> float:
        return LEFT + place * (WIDTH - LEFT - RIGHT) / max(self.count - 1, 1)

    def y(self, value: float) -> float:
        share = min(max(value / self.high, 0.0), 1.0)
        return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def _spoken_label(chart: Chart) -> str:
    names = ", ".join(s.label for s in chart.series)
    return f"{chart.title}: {names}, over {len(chart.frames)} frames"


def _speech(chart: Chart, scale: _Scale) -> list[str]:
    if chart.spoken is None:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chart.spoken.astype(int), [0]])))
    return [
        f'<rect class="speech" x="{scale.x(start - 0.5):.1f}" y="{TOP}" '
        f'width="{max(scale.x(stop - 0.5) - scale.x(start - 0.5), 1):.1f}" '
        f'height="{HEIGHT - TOP - BOTTOM}"/>'
        for start, stop in edges.reshape(-1, 2)
    ]


def _grid(chart: Chart, scale: _Scale) -> list[str]:
    parts = []
    for value in _ticks(scale.high):
        y = scale.y(value)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    labels = min(8, max(2, scale.count))
    for place in np.unique(np.linspace(0, scale.count - 1, labels).round().astype(int)):
        x = scale.x(float(place))
        anchor = "start" if place == 0 else "end" if place == scale.count - 1 else "middle"
        text = escape(timecode(chart.frames.start + int(place), chart.frames, chart.drop))
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{HEIGHT - BOTTOM}" '
                     f'y2="{HEIGHT - BOTTOM + 4}"/>')  # fmt: skip
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{text}</text>')
    if chart.limit is not None:
        y = scale.y(chart.limit)
        parts.append(f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
                     f'y1="{y:.1f}" y2="{y:.1f}"/>')  # fmt: skip
    return parts


def _ticks(high: float) -> list[float]:
    """Three or four round values from 0 to `high`."""
    rough = high / 3
    unit = 10 ** np.floor(np.log10(rough))
    step = float(unit * next(m for m in (1, 2, 5, 10) if m * unit >= rough))
    return [n * step for n in range(int(high / step) + 1)]


def _curve(series: Series, scale: _Scale) -> str:
    values = series.values
    if series.style == "sound":
        top = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
        values = values * (scale.high / max(top, 1e-6)) * 0.96
    stride = max(1, -(-len(values) // MOST_POINTS))
    runs: list[list[str]] = [[]]
    last = 0.0
    for place in range(0, len(values), stride):
        if not np.isfinite(values[place]):
            runs.append([])
            continue
        last = scale.x(place)
        runs[-1].append(f"{last:.1f},{scale.y(float(values[place])):.1f}")
    if series.style == "sound":
        flat = [point for run in runs for point in run]
        if not flat:
            return ""
        floor = HEIGHT - BOTTOM
        first = flat[0].split(",")[0]
        return (
            f'<polygon class="sound" points="{first},{floor} {" ".join(flat)} {last:.1f},{floor}"/>'
        )
    lines = [f'<polyline class="{series.style}" points="{" ".join(r)}"/>' for r in runs if r]
    return "".join(lines)


def _marks(chart: Chart, scale: _Scale) -> list[str]:
    parts = []
    for mark in chart.marks:
        x, y = scale.x(mark.frame - chart.frames.start), float(HEIGHT - BOTTOM)
        if mark.good:
            parts.append(f'<circle class="hit" cx="{x:.1f}" cy="{y - 5:.1f}" r="3.5"/>')
        else:
            d = f"M{x - 4:.1f} {y - 9:.1f}l8 8m0 -8l-8 8"
            parts.append(f'<path class="missed" d="{d}"/>')
    return parts
