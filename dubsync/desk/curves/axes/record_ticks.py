"""The ruler's marks: record frames at a step that can be read, as edges of the plate."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np

from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import counting_base

#: Least pixels between two marks, and between two that are labelled.
APART, LABELS_APART = 6, 110
MOST = 2000


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark at plate edge `edge`, where record frame `record` begins.

    size   0 small, 1 half a label's step, 2 labelled or as long as that
    """

    edge: float
    record: int
    size: int
    labelled: bool


def ticks(shot: Shot, left: float, right: float, scale: float) -> list[Tick]:
    """Marks of plate edges `left` to `right` at `scale` pixels a plate frame.

    Empty for a freeze: one plate frame stands for all its record frames.
    """
    speeds = shot.time.speeds
    if any(speed == 0 for speed in speeds):
        return []
    ends = [_record(shot, left), _record(shot, right)]
    first, last = floor(min(ends)), ceil(max(ends))
    pixels = scale * float(max(abs(speed) for speed in speeds))
    second = counting_base(shot.record.rate)
    steps = [1, 2, *(n for n in (second // 4, second // 2) if n > 2), second]
    steps += [second * n for n in (2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)]
    small = next((n for n in steps if n * pixels >= APART), steps[-1])
    label = next((n for n in steps if n * pixels >= LABELS_APART and n % small == 0), steps[-1])
    if (last - first) // small > MOST:
        return []
    half = label // 2 if label % 2 == 0 and (label // 2) % small == 0 else label
    records = range(ceil(first / small) * small, last + 1, small)
    edges = _edges(shot, records)
    sizes = [2 if r % label == 0 else 1 if r % half == 0 else 0 for r in records]
    every = zip(edges, records, sizes, strict=True)
    return [Tick(edge, record, size, size == 2) for edge, record, size in every]


def _edges(shot: Shot, records: range) -> list[float]:
    """Plate edges at record frames, as `TimeMap.at` but as floats: a ruler is read by eye."""
    there = [float(record) for record, _ in shot.time.keyframes]
    source = [float(edge) for _, edge in shot.time.keyframes]
    first, last = float(shot.time.speeds[0]), float(shot.time.speeds[-1])
    at = np.asarray(records, np.float64)
    edges = np.interp(at, there, source)
    edges = np.where(at < there[0], source[0] + (at - there[0]) * first, edges)
    edges = np.where(at > there[-1], source[-1] + (at - there[-1]) * last, edges)
    return [float(edge) for edge in edges]


def _record(shot: Shot, edge: float) -> Fraction:
    return shot.time.record_of(Fraction(edge).limit_denominator(1000))
