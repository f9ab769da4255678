"""Plate frames of a shot against record time, at fractions of a frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import SettingsError
from dubsync.core.shot import Shot


class ShotClock:
    """Edges of plate frames, and the record time in seconds at which each is passed.

    rising  whether the shot plays forwards throughout; where not, words have no frames
    """

    def __init__(self, shot: Shot) -> None:
        self._name = shot.name
        frames = np.arange(shot.render.start, shot.render.stop + 1, dtype=np.float64)
        times = [float(shot.record_seconds(n)) for n in range(shot.render.start, shot.render.stop)]
        step = times[-1] - times[-2] if len(times) > 1 else float(1 / shot.record.rate)
        self._edges = frames
        self._times = np.array([*times, times[-1] + step])
        self.rising = bool((np.diff(self._times) > 0).all())

    @property
    def span(self) -> tuple[float, float]:
        """Record seconds at which the first frame of the render begins, and the last ends."""
        return float(self._times[0]), float(self._times[-1])

    @property
    def edges(self) -> tuple[float, float]:
        """The first and the last edge."""
        return float(self._edges[0]), float(self._edges[-1])

    def seconds(self, edges: Sequence[float]) -> list[float]:
        """Record seconds of edges; beyond the ends time goes on at the speed there."""
        return [float(at) for at in _along(edges, self._edges, self._times)]

    def frames(self, seconds: Sequence[float]) -> list[float]:
        """Edges at record seconds, the inverse of `seconds`."""
        return [float(at) for at in _along(seconds, self._times, self._edges)]

    def require_forwards(self) -> None:
        """Raises SettingsError where the shot stands still or plays backwards."""
        if not self.rising:
            raise SettingsError(
                f"{self._name} stands still or plays backwards: its words cannot be set by hand",
                hint="use visemes or contacts: dubsync tweak REEL SHOT --set contact=closed@FRAME",
            )


def _along(at: Sequence[float], xs: NDArray[np.float64], ys: NDArray[np.float64]) -> NDArray[
    np.float64
]:  # fmt: skip
    values = np.asarray(at, np.float64)
    inside = np.interp(values, xs, ys)
    before = ys[0] + (values - xs[0]) * (ys[1] - ys[0]) / (xs[1] - xs[0])
    after = ys[-1] + (values - xs[-1]) * (ys[-1] - ys[-2]) / (xs[-1] - xs[-2])
    return np.asarray(np.where(values < xs[0], before, np.where(values > xs[-1], after, inside)))
