"""A container's own time as record time: an affine map, kept exact through any depth of nesting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class AffineTime:
    """A container's own time as record time, in seconds: record = scale * time + shift.

    window  record seconds that its parents show, (from, to); None: all
    """

    scale: Fraction = Fraction(1)
    shift: Fraction = Fraction(0)
    window: tuple[Fraction, Fraction] | None = None

    def record(self, start: Fraction, length: Fraction) -> tuple[Fraction, Fraction]:
        """Record seconds of an item, before its parents trim it."""
        return self.scale * start + self.shift, self.scale * (start + length) + self.shift

    def shown(self, start: Fraction, length: Fraction) -> tuple[Fraction, Fraction] | None:
        """Record seconds in which an item shows; None when it does not."""
        first, last = self.record(start, length)
        if self.window:
            first, last = max(first, self.window[0]), min(last, self.window[1])
        return (first, last) if last > first else None

    def nested(
        self, at: Fraction, start: Fraction, slope: Fraction, window: tuple[Fraction, Fraction]
    ) -> AffineTime:
        """The placing of a container's contents.

        Args:
            at: where the container begins in our time.
            start: its contents' time at that moment.
            slope: its contents' seconds for each of ours, > 0.
        """
        scale = self.scale / slope
        shift = self.scale * at + self.shift - scale * start
        return replace(self, scale=scale, shift=shift, window=window)

    def own(
        self, shown: tuple[Fraction, Fraction], at: Fraction, start: Fraction
    ) -> tuple[Fraction, Fraction]:
        """An item's own seconds, where it begins at `start`, of the record seconds `shown`."""
        first, last = ((edge - self.shift) / self.scale - at + start for edge in shown)
        return first, last
