"""A control's values over the height of its lane, and as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dubsync.core.tweak.controls import control

#: Pixels free above the highest and below the lowest value.
ROOM = 8
#: Parts of a control's range that a lane shows, from the least that holds every value.
SHARES = (0.1, 0.5, 1.0)
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """Values `low` at the bottom to `high` at the top of `height` pixels."""

    low: float
    high: float
    height: int

    @property
    def unit(self) -> float:
        """Value of one pixel."""
        return (self.high - self.low) / max(self.height - 2 * ROOM, 1)

    def y(self, value: float) -> float:
        return ROOM + (self.high - value) / self.unit

    def value(self, y: float) -> float:
        return self.high - (y - ROOM) * self.unit


def shown_range(name: str, values: Iterable[float]) -> tuple[float, float]:
    """The part of a control's range that its lane shows, so that it holds `values`.

    A control with its default in the middle is shown nearer where its values are near it.
    """
    known = control(name)
    values = tuple(values)
    if not known.low < known.default < known.high:
        return known.low, known.high
    half = (known.high - known.low) / 2
    for share in SHARES if known.unit == "ms" else SHARES[1:]:
        low = max(known.default - half * share, known.low)
        high = min(known.default + half * share, known.high)
        if all(low <= value <= high for value in values):
            return low, high
    return known.low, known.high


def step(name: str) -> float:
    """By how much + and - change a control."""
    return {"ms": 5.0, "frames": 1.0, "deg": 0.5}.get(control(name).unit, 0.05)


def rounded(name: str, value: float) -> float:
    """`value` as a hand sets it: whole milliseconds, hundredths of everything else."""
    return float(round(value)) if control(name).unit == "ms" else round(value, 2)


def value_text(name: str, value: float) -> str:
    """With its unit: "×1.20", "+40 ms", "3 f", "0.60"."""
    unit = control(name).unit
    if unit == "x":
        return f"\N{MULTIPLICATION SIGN}{value:.2f}"
    if unit == "ms":
        sign = "+" if value > 0 else MINUS if value < 0 else ""
        return f"{sign}{abs(value):.0f} ms"
    if unit == "frames":
        return f"{value:g} f"
    if unit == "deg":
        return f"{value:.1f}\N{DEGREE SIGN}".replace("-", MINUS)
    return f"{value:.2f}".replace("-", MINUS)


def axis_text(value: float) -> str:
    """A mark of value beside a lane, without its unit."""
    return f"{value:g}".replace("-", MINUS)


def unit_text(name: str) -> str:
    """What the values of a control are, under its name."""
    return {
        "x": "gain",
        "ms": "ms",
        "frames": "frames",
        "": "strength",
        "deg": "degrees",
        "eyes": "eye dist.",
    }.get(control(name).unit, control(name).unit)
