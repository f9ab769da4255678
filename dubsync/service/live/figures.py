"""What was measured while a face was driven live."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median, quantiles

from dubsync.core.driven.live import Hold
from dubsync.service.live.shared_frames import LiveFrame


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95th percentile, milliseconds."""

    median: float
    most: float


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """Figures of a run, from its first shown frame to its last.

    shown, dropped   frames shown; captured frames that a newer one overtook
    seconds, rate    time shown, and frames shown a second
    latency          from captured (of a movie: due) to shown
    follow, draw     how long these parts took a frame
    wait             the rest of the latency: on the way, waiting for a part to be free, shown
    held             frames that did not follow the driver, by reason
    """

    shown: int
    dropped: int
    seconds: float
    rate: float
    latency: Spread
    follow: Spread
    draw: Spread
    wait: Spread
    held: dict[str, int]


class FigureBook:
    """Collects the figures of shown frames; keeps six numbers a frame."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int, int, int]] = []
        self._held: Counter[str] = Counter()

    def add(self, frame: LiveFrame, shown_ns: int) -> None:
        """Note that `frame` was shown, by `time.monotonic_ns`."""
        row = (frame.number, frame.captured_ns, shown_ns, frame.follow_ns, frame.draw_ns)
        self._rows.append(row)
        if frame.hold != Hold.FOLLOWS:
            self._held[frame.hold.name.lower()] += 1

    def figures(self) -> LiveFigures | None:
        """The figures so far; None where fewer than two frames were shown."""
        if len(self._rows) < 2:
            return None
        first, last = self._rows[0], self._rows[-1]
        seconds = max(last[2] - first[2], 1) / 1e9
        count = len(self._rows)
        return LiveFigures(
            shown=count,
            dropped=last[0] - first[0] + 1 - count,
            seconds=seconds,
            rate=(count - 1) / seconds,
            latency=_spread([row[2] - row[1] for row in self._rows]),
            follow=_spread([row[3] for row in self._rows]),
            draw=_spread([row[4] for row in self._rows]),
            wait=_spread([row[2] - row[1] - row[3] - row[4] for row in self._rows]),
            held=dict(self._held),
        )


def _spread(nanoseconds: list[int]) -> Spread:
    ms = [value / 1e6 for value in nanoseconds]
    return Spread(median(ms), quantiles(ms, n=20, method="inclusive")[-1])
