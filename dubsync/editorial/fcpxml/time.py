"""The retime of an FCPXML clip: its timeMap, from the clip's own seconds to media seconds."""

from __future__ import annotations

from fractions import Fraction

from dubsync.core.timeline.runs import TimeMap
from dubsync.editorial.fcpxml.resources import seconds
from dubsync.editorial.files.xml_tree import Element


def time_map(element: Element) -> TimeMap | None:
    """A clip's timeMap, from the clip's own seconds to media seconds.

    None where the clip has no timeMap, or one of fewer than two points.

    Raises:
        TimecodeError: an invalid time in it.
    """
    timing = element.first("timeMap")
    if timing is None:
        return None
    points: dict[Fraction, Fraction] = {}
    for point in timing.all("timept"):
        where = f"line {point.line}"
        points[seconds(point.get("time"), where)] = seconds(point.get("value"), where)
    return TimeMap(tuple(sorted(points.items()))) if len(points) > 1 else None


def smooth_points(element: Element) -> int:
    """The number of points of a clip's timeMap that ask for a curve; they are read as corners.

    The DTD's default is a curve, smooth2.
    """
    timing = element.first("timeMap")
    points = timing.all("timept") if timing else []
    return sum(
        point.get("interp", "smooth2") != "linear"
        or "inTime" in point.attributes
        or "outTime" in point.attributes
        for point in points
    )
