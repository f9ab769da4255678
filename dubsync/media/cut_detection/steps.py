"""What changes from each picture to the next, in each part of the picture.

A reel is looked at once, so these are measured as its pictures come, at twice the size at which the
pictures are kept: a head that jumps by a fiftieth of the picture jumps there by three samples.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.media.cut_detection.quick_flow import quick_flow

Values = NDArray[np.float32]

WIDE, HIGH = 160, 90  #: samples of luma in which steps are measured
ACROSS, DOWN = 16, 9  #: parts of a picture
PARTS = ACROSS * DOWN
#: A picture is a repeat if it changes by less than this share of what others do, both within
#: _AROUND steps before and after it: of the second largest, as the largest may be a cut.
_REPEATS, _AROUND, _IN_A_ROW = 0.1, 4, 3
#: Dark pictures are brightened for the search of motion, at most so much.
_BRIGHTEST, _MOST_GAIN = 230.0, 8.0


@dataclass(frozen=True, slots=True)
class Steps:
    """Step n leads from picture n to picture n + 1.

    changed  (N, PARTS) mean absolute difference, in steps of 0..255
    left     (N, PARTS) what is left of it after motion is taken out
    motion   (N, 2, PARTS) how far a part moves, in samples
    """

    changed: Values
    left: Values
    motion: Values

    def __len__(self) -> int:
        return len(self.changed)

    def joined(self, kept: NDArray[np.intp]) -> Steps:
        """The steps between the pictures `kept` alone, where those between are repeats.

        What moves on while a picture is repeated jumps after it, and does so in as many steps.
        """
        into, frames = kept[1:] - 1, np.diff(kept).astype(np.float32)[:, None]
        changed, left = self.changed[into] / frames, self.left[into] / frames
        return Steps(changed, left, self.motion[into] / frames[..., None])


def distinct(steps: Steps) -> NDArray[np.intp]:
    """The pictures that are no repeats of the one before.

    At most three in a row are repeats: what makes 24 pictures 25, 12 pictures 24, or stands for
    pictures that were lost.  A still that is held is none.
    """
    total = steps.changed.mean(axis=1)
    kept, run = [0], 0
    for n in range(len(total)):
        sides = total[max(0, n - _AROUND) : n], total[n + 1 : n + 1 + _AROUND]
        pace = min(float(np.sort(side)[-2:][0]) if len(side) else 0.0 for side in sides)
        run = run + 1 if total[n] < _REPEATS * pace and run < _IN_A_ROW else 0
        if not run:
            kept.append(n + 1)
    return np.array(kept, np.intp)


@dataclass(slots=True)
class Stepping:
    """Measures each step as pictures are added in order; 1.2 kB are kept of each."""

    _before: Values | None = None
    _measured: list[NDArray[np.float16]] = field(default_factory=list)
    _search: _Search | None = None

    def add(self, picture: Values) -> None:
        """Add the next (HIGH, WIDE) picture, 0..255."""
        if self._before is not None:
            self._search = self._search or _Search()
            self._measured.append(self._search.step(self._before, picture))
        self._before = picture

    def steps(self) -> Steps:
        """Every step so far."""
        every = np.array(self._measured, np.float16).reshape(-1, 4, PARTS).astype(np.float32)
        return Steps(every[:, 0], every[:, 1], every[:, 2:])


class _Search:
    """Looks for the samples of a picture in the one before."""

    def step(self, before: Values, picture: Values) -> NDArray[np.float16]:
        """(4, PARTS) changed, left, motion across and down."""
        import cv2  # here, because a project is opened without analysing a plate

        gain = min(_MOST_GAIN, _BRIGHTEST / max(float(before.max()), float(picture.max()), 1.0))
        now, then = (cv2.convertScaleAbs(each, alpha=gain) for each in (picture, before))
        flow = self._flow.calc(now, then, None)
        found = cv2.remap(
            before, self._grid[0] + flow[..., 0], self._grid[1] + flow[..., 1],
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        maps = cv2.absdiff(before, picture), cv2.absdiff(found, picture), flow[..., 0], flow[..., 1]
        parts = [cv2.resize(each, (ACROSS, DOWN), interpolation=cv2.INTER_AREA) for each in maps]
        return np.stack(parts).reshape(4, PARTS).astype(np.float16)

    @cached_property
    def _flow(self) -> Any:
        return quick_flow()

    @cached_property
    def _grid(self) -> tuple[Values, Values]:
        down, across = np.mgrid[0:HIGH, 0:WIDE].astype(np.float32)
        return across, down
