"""Frames along the width of a lane: where each lies, and which part of a shot is seen."""

from __future__ import annotations

from dataclasses import dataclass, replace

#: Widest frame in pixels, and the share of the shot's length left free at either end.
WIDEST, FREE = 80.0, 0.01


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Plate frames `start` up to `stop`, of which `left` up to `right` are seen.

    A frame is a column: frame n goes from edge n to edge n + 1, so its middle is n + 0.5.

    left, right  edges, fractional
    width        pixels
    """

    start: int
    stop: int
    left: float
    right: float
    width: int = 1

    @classmethod
    def whole(cls, start: int, stop: int, width: int) -> TimeAxis:
        """All frames, with a little room at either end."""
        room = (stop - start) * FREE
        return cls(start, stop, start - room, stop + room, max(width, 1))

    @property
    def scale(self) -> float:
        """Pixels of one frame."""
        return self.width / (self.right - self.left)

    def x(self, edge: float) -> float:
        """Pixels from the lane's left to an edge."""
        return (edge - self.left) * self.scale

    def middle(self, frame: int) -> float:
        """Pixels to the middle of a frame."""
        return self.x(frame + 0.5)

    def edge(self, x: float) -> float:
        """The edge at `x`, fractional."""
        return self.left + x / self.scale

    def frame(self, x: float) -> int:
        """The frame whose column holds `x`, within the shot."""
        return min(max(int(self.edge(x) // 1), self.start), self.stop - 1)

    def nearest_edge(self, x: float) -> int:
        """The whole edge nearest to `x`, within the shot."""
        return min(max(round(self.edge(x)), self.start), self.stop)

    def resized(self, width: int) -> TimeAxis:
        return replace(self, width=max(width, 1))

    def zoomed(self, x: float, factor: float) -> TimeAxis:
        """`factor` times as close, with the frame at `x` staying where it is."""
        whole = TimeAxis.whole(self.start, self.stop, self.width)
        least = min(self.width / WIDEST, whole.right - whole.left)
        seen = (self.right - self.left) / factor
        seen = min(max(seen, least), whole.right - whole.left)
        left = self.edge(x) - x / self.width * seen
        return replace(self, left=left, right=left + seen)._held()

    def panned(self, frames: float) -> TimeAxis:
        """`frames` later; the ends of the shot hold."""
        return replace(self, left=self.left + frames, right=self.right + frames)._held()

    def panned_freely(self, frames: float) -> TimeAxis:
        """`frames` later, beyond the shot as well: what is drawn beside its place."""
        return replace(self, left=self.left + frames, right=self.right + frames)

    def showing(self, first: float, last: float) -> TimeAxis:
        """From edge `first` to edge `last`, as near as the closest zoom allows."""
        least = min(self.width / WIDEST, float(self.stop - self.start))
        more = max(least - (last - first), 0) / 2
        return replace(self, left=first - more, right=last + more)._held()

    def following(self, frame: int) -> TimeAxis:
        """Turned by whole pages so that `frame` is seen; unchanged where it is."""
        if self.left <= frame and frame + 1 <= self.right:
            return self
        seen = self.right - self.left
        left = frame - seen * 0.1 if frame + 1 > self.right else frame + 1 - seen * 0.9
        return replace(self, left=left, right=left + seen)._held()

    def _held(self) -> TimeAxis:
        """Pushed back into the shot."""
        whole = TimeAxis.whole(self.start, self.stop, self.width)
        seen = self.right - self.left
        if seen >= whole.right - whole.left:
            return whole
        left = min(max(self.left, whole.left), whole.right - seen)
        return replace(self, left=left, right=left + seen)
