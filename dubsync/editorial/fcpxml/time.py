"""How a clip of an FCPXML document bends its own time into its media's."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from dubsync.editorial.fcpxml.resources import seconds
from dubsync.editorial.files.xml_tree import Element


@dataclass(frozen=True, slots=True)
class TimeMap:
    """Media seconds against a clip's own seconds: points joined by straight lines."""

    points: tuple[tuple[Fraction, Fraction], ...]

    def at(self, time: Fraction) -> Fraction:
        """Media time at a clip's own time, its end pieces prolonged."""
        pieces = list(zip(self.points, self.points[1:], strict=False))
        for (t0, v0), (t1, v1) in pieces:
            if time <= t1 or (t1, v1) == self.points[-1]:
                return v0 + (v1 - v0) * (time - t0) / (t1 - t0)
        return self.points[0][1]

    def pieces(self, start: Fraction, stop: Fraction) -> list[tuple[Fraction, Fraction, Fraction]]:
        """(from, to, slope) of each straight piece that lies in `start`..`stop`."""
        result = []
        for (t0, v0), (t1, v1) in zip(self.points, self.points[1:], strict=False):
            first, last = max(t0, start), min(t1, stop)
            if last > first:
                result.append((first, last, (v1 - v0) / (t1 - t0)))
        return result


def time_map(element: Element) -> TimeMap | None:
    """A clip's timeMap of two points or more, at rising times; None without one.

    Raises:
        TimecodeError: a time in it that cannot exist.
    """
    held = element.first("timeMap")
    if held is None:
        return None
    points: dict[Fraction, Fraction] = {}
    for point in held.all("timept"):
        where = f"line {point.line}"
        points[seconds(point.get("time"), where)] = seconds(point.get("value"), where)
    return TimeMap(tuple(sorted(points.items()))) if len(points) > 1 else None


def smooth_points(element: Element) -> int:
    """How many points of a clip's timeMap ask for a curve, where we draw straight lines."""
    held = element.first("timeMap")
    points = held.all("timept") if held else []
    return sum(
        point.get("interp") == "smooth" or bool(point.get("inTime")) or bool(point.get("outTime"))
        for point in points
    )
