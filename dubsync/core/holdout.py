"""Holdout mattes: what stands in front of a face, frame by frame, and how much of it is hidden.

The term is compositing's: the samples of a layer that stay free because something lies over it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Region
from dubsync.core.timeline.timecode import FrameRange

Mask = NDArray[np.bool_]

#: A mouth is not seen if more than this share of the lips is hidden.
MOUTH_HIDDEN = 0.5
#: A frame teaches nothing if this share of the lower face, or of the lips, is hidden.
COVERED = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Holdout:
    """The holdout mattes of one face over `frames` (T of them), kept packed: a few KB a frame.

    regions  (T,) the part of the plate that each matte covers; None where nothing is in front
    packed   (T,) its samples, as `pack` returns them; b"" where nothing is in front
    lower    (T,) 0..1 share of the lower face that is hidden
    lips     (T,) 0..1 share of the lips that is hidden
    origin   file name of the artist's matte; "" if detected
    """

    frames: FrameRange
    regions: tuple[Region | None, ...]
    packed: tuple[bytes, ...]
    lower: Array
    lips: Array
    origin: str = ""

    def __post_init__(self) -> None:
        t = len(self.frames)
        if {len(self.regions), len(self.packed)} != {t}:
            raise ShapeError(f"{len(self.regions)} holdout mattes for {t} frames")
        seal(self, "lower", t)
        seal(self, "lips", t)

    @property
    def covered(self) -> Mask:
        """(T,) whether something is in front of the lower face: such frames teach nothing."""
        return np.asarray((self.lower >= COVERED) | (self.lips >= COVERED), bool)

    @property
    def mouth_hidden(self) -> Mask:
        """(T,) whether the mouth cannot be seen: such frames keep the plate."""
        return np.asarray(self.lips > MOUTH_HIDDEN, bool)

    def mask(self, frame: int, region: Region) -> Mask | None:
        """(h, w) where something is in front of the face, over `region`; None where nothing is.

        Args:
            frame: plate frame number.
            region: plate pixels; may reach beyond the matte, where nothing is in front.
        """
        if frame not in self.frames:
            return None
        held = self.regions[frame - self.frames.start]
        if held is None:
            return None
        left, right = max(held.left, region.left), min(held.right, region.right)
        top, bottom = max(held.top, region.top), min(held.bottom, region.bottom)
        if left >= right or top >= bottom:
            return None
        matte = unpack(self.packed[frame - self.frames.start], held)
        result = np.zeros((region.height, region.width), bool)
        result[top - region.top : bottom - region.top, left - region.left : right - region.left] = (
            matte[top - held.top : bottom - held.top, left - held.left : right - held.left]
        )
        return result if result.any() else None

    def part(self, start: int, stop: int) -> Holdout:
        """The frames `start` up to `stop`, counted from the first."""
        first, rows = self.frames.start, slice(start, stop)
        return Holdout(
            FrameRange(first + start, first + stop, self.frames.rate),
            self.regions[rows],
            self.packed[rows],
            self.lower[rows],
            self.lips[rows],
            self.origin,
        )


def nothing_in_front(frames: FrameRange, origin: str = "") -> Holdout:
    """The holdout of a face that nothing stands in front of."""
    t = len(frames)
    empty = np.zeros(t, np.float32)
    return Holdout(frames, (None,) * t, (b"",) * t, empty, empty, origin)


def pack(matte: Mask) -> bytes:
    """A matte (h, w) as bits, row by row, deflated."""
    return zlib.compress(np.packbits(matte).tobytes(), 1)


def unpack(data: bytes, region: Region) -> Mask:
    """The matte (h, w) of `region` that `pack` packed."""
    size = region.width * region.height
    bits = np.unpackbits(np.frombuffer(zlib.decompress(data), np.uint8), count=size)
    return bits.reshape(region.height, region.width).astype(bool)


def runs(flags: Mask | Sequence[bool], first: int) -> list[tuple[int, int]]:
    """(first, last) frame of each run of True, both included, in frames from `first`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(flags, int), [0]])))
    return [(first + int(a), first + int(b) - 1) for a, b in edges.reshape(-1, 2)]
