"""Reading with the clean render at hand: what is not the mark is known, so it is subtracted.

The house that made a render keeps its flat faces from just before marking.  Each of the copy's is
compared with its own clean one: shifted onto it, and scaled in every band of frequency as the codec
has scaled it.  What is left is the mark and the codec's noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.engine.mark.flat_face import CELLS, FlatFaces
from dubsync.engine.mark.pattern import in_band
from dubsync.engine.mark.prepare import lower_face
from dubsync.engine.mark.reader import read_marks
from dubsync.engine.mark.reading import Reading

#: Width of a ring of frequencies that shares one scale, cycles a cell; the greatest scale.
RING, MOST_SCALE = 0.02, 1.2
#: A clean face further off than this, cells, is another picture.
MOST_SHIFT = 2.0


def read_informed(
    frames: Iterable[Frame], tracks: Sequence[FaceTrack], secret: bytes, clean: FlatFaces, *,
    expected: Sequence[int] = (), trials: int = 1,
) -> Reading:  # fmt: skip
    """As `read_mark`, of a copy of the one render whose clean flat faces are given.

    Where the copy's time runs otherwise than the render's, each face is compared with the clean
    one that is most like it, near in time to the last.
    """
    found = read_marks(
        frames, tracks, secret, expected=expected, trials=trials, unsure=True,
        less=Subtraction(clean),
    )  # fmt: skip
    return found[0]


class Subtraction:
    """Takes the clean render's faces away from a copy's, frame by frame."""

    def __init__(self, clean: FlatFaces) -> None:
        self._bands = in_band(clean.luma.astype(np.float32)) * lower_face()
        size = np.sqrt(np.square(self._bands).sum(axis=(1, 2))) + 1e-6
        self._unit = (self._bands / size[:, None, None]).reshape(len(size), -1)
        self._clean = clean.luma

    def __call__(self, flat: Array) -> Array:
        """(T, 128, 128) of a stretch, less the clean faces; unlike frames stay as they are."""
        if not len(self._clean):
            return flat
        mask = lower_face()
        band = in_band(flat)
        which = self._pairs((band * mask).reshape(len(flat), -1))
        return np.stack(
            [left(band[n], self._clean[k].astype(np.float32), mask) for n, k in enumerate(which)]
        )

    def _pairs(self, band: Array) -> NDArray[np.intp]:
        """The clean frame most like each frame, in time's order (dynamic programming)."""
        like = band @ self._unit.T / (np.linalg.norm(band, axis=1, keepdims=True) + 1e-6)
        count = like.shape[1]
        total = like[0].astype(np.float64)
        came: list[NDArray[np.intp]] = []
        for row in like[1:]:
            # The next frame is one of the next three, or the same again.
            options = np.full((4, count), -np.inf)
            for step, cost in enumerate((0.03, 0.0, 0.03, 0.05)):
                options[step, step:] = total[: count - step] - cost
            came.append(options.argmax(axis=0))
            total = options.max(axis=0) + row
        path = [int(total.argmax())]
        for steps in reversed(came):
            path.append(path[-1] - int(steps[path[-1]]))
        return np.array(path[::-1], np.intp)


def left(band: Array, clean: Array, mask: Array) -> Array:
    """What is left of one flat face in band, less its clean one."""
    known = in_band(clean)
    (right, down), _ = cv2.phaseCorrelate(known * mask, band * mask)
    if abs(right) + abs(down) < MOST_SHIFT:
        shift = np.array([[1, 0, right], [0, 1, down]], np.float32)
        clean = np.asarray(cv2.warpAffine(
            clean, shift, (CELLS, CELLS), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ), np.float32)  # fmt: skip
        known = in_band(clean)
    there, here = np.fft.rfft2(known * mask), np.fft.rfft2(band * mask)
    radius = np.hypot(np.fft.fftfreq(CELLS)[:, None], np.fft.rfftfreq(CELLS)[None])
    ring = (radius / RING).astype(int)
    both = np.bincount(ring.ravel(), (here * there.conj()).real.ravel())
    own = np.bincount(ring.ravel(), np.square(np.abs(there)).ravel())
    scale = np.clip(both / np.maximum(own, 1e-9), 0, MOST_SCALE)
    taken = np.fft.irfft2(np.fft.rfft2(known) * scale[ring], s=(CELLS, CELLS))
    return np.asarray(band - taken, np.float32)
