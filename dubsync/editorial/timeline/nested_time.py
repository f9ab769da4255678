"""Time inside nested containers: an exact affine map to record time at any nesting depth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class AffineTime:
    """The map from a container's time to record time, in seconds: record = scale * time + shift.

    window  (from, to), the record seconds that its parents show; None: all
    """

    scale: Fraction = Fraction(1)
    shift: Fraction = Fraction(0)
    window: tuple[Fraction, Fraction] | None = None

    def record(self, start: Fraction, length: Fraction) -> tuple[Fraction, Fraction]:
        """Record seconds of an item, before trimming by its parents."""
        return self.scale * start + self.shift, self.scale * (start + length) + self.shift

    def shown(self, start: Fraction, length: Fraction) -> tuple[Fraction, Fraction] | None:
        """Record seconds in which an item is visible; None if it is not."""
        first, last = self.record(start, length)
        if self.window:
            first, last = max(first, self.window[0]), min(last, self.window[1])
        return (first, last) if last > first else None

    def nested(
        self, at: Fraction, start: Fraction, slope: Fraction, window: tuple[Fraction, Fraction]
    ) -> AffineTime:
        """The map of a container's contents.

        Args:
            at: start of the container, in this map's time.
            start: time of the contents at that moment.
            slope: seconds of the contents per second of this map's time, > 0.
            window: record seconds in which the container is visible.
        """
        scale = self.scale / slope
        shift = self.scale * at + self.shift - scale * start
        return replace(self, scale=scale, shift=shift, window=window)

    def own(
        self, shown: tuple[Fraction, Fraction], at: Fraction, start: Fraction
    ) -> tuple[Fraction, Fraction]:
        """The record seconds `shown` in the time of an item that begins `at`, its time `start`."""
        first, last = ((edge - self.shift) / self.scale - at + start for edge in shown)
        return first, last
