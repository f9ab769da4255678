"""Measure a plate's grain: strength by level, spectrum, colour, and strength of each frame.

Two consecutive frames differ by their grain wherever the picture is flat and stands still.  Blocks
in which something moves, or flickers, are found by their difference following the picture's own
gradient, and left out; of the rest the most frequent strength counts, so that neither the blocks
that still move nor those that a codec repeated decide.  Where most blocks are repeated, as in
strongly compressed plates, there is no grain to be measured, and that is the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.learning.grain import BINS, Grain, bin_of
from dubsync.core.picture import Frame
from dubsync.core.timeline.timecode import FrameRange

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
BLOCK = 32  #: pixels
MOST_BLOCKS = 1200  #: of one pair of frames, about
#: Pixels that the slope at a block's edge depends on, in whole chroma sites, and one more.
MARGIN = 8
#: Share of a block's difference that follows its gradient: more, and something moves there.
MOVES = 0.008
#: Share of the blocks, the flattest ones, that is used.
FLAT = 0.4
#: Levels outside are clipped or nearly so, and their grain with them.
DARKEST, BRIGHTEST = 0.03, 0.97
LEVELS = 8
#: Blocks whose strength is within this share of the most frequent one are grain and nothing else.
ALIKE = 0.3
LEAST_BLOCKS, LEAST_OF_LEVEL = 48, 8
#: Standard deviation of luma below which grain is not seen, working colour.
LEAST = 0.004


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """The still blocks of one pair of frames, n of them: the pair, luma level, and difference."""

    pair: int
    level: Array
    difference: Array

    @property
    def power(self) -> Array:
        """(n,) variance of the luma's difference."""
        return np.asarray(((self.difference @ LUMA) ** 2).mean(axis=(1, 2)), np.float32)


def measure_grain(pairs: Iterable[tuple[Frame, Frame]], frames: FrameRange) -> Grain | None:
    """The grain over `frames`, from pairs of consecutive frames; None where none is measurable.

    Args:
        pairs: in square pixels; frames that repeat each other are left out.
    """
    numbers: list[int] = []
    found: list[_Blocks] = []
    for before, after in pairs:
        blocks = _still_blocks(len(found), *_strips(before, after))
        if blocks is not None:
            found.append(blocks)
            numbers.append(before.number)
    if not found:
        return None
    level = np.concatenate([one.level for one in found])
    power = np.concatenate([one.power for one in found])
    pair = np.concatenate([np.full(len(one.level), one.pair) for one in found])
    difference = np.concatenate([one.difference for one in found])
    edges = np.quantile(level, np.linspace(0, 1, LEVELS + 1))
    where = np.clip(np.searchsorted(edges, level, side="right") - 1, 0, LEVELS - 1)
    usual = np.array([_most_frequent(power[where == n]) for n in range(LEVELS)], np.float32)
    share = np.asarray(power / np.maximum(usual[where], 1e-12), np.float32)
    alike = np.abs(share - 1) < ALIKE
    counts = np.bincount(where[alike], minlength=LEVELS)
    used = counts >= LEAST_OF_LEVEL
    if alike.sum() < LEAST_BLOCKS or not used.any() or np.sqrt(usual[used].max()) < LEAST:
        return None
    kept = alike & used[where]
    axes = _axes(difference[kept], usual[where[kept]])
    parts = difference[kept] @ axes.T.astype(np.float32)
    levels = [float(level[kept & (where == n)].mean()) for n in np.flatnonzero(used)]
    powers = [(parts[where[kept] == n] ** 2).mean(axis=(0, 1, 2)) for n in np.flatnonzero(used)]
    return Grain(
        frames, np.array(levels, np.float32), np.sqrt(np.array(powers, np.float32)),
        axes.astype(np.float32), _spectra(parts), _strength(share, pair, numbers, frames),
    )  # fmt: skip


def _strips(before: Frame, after: Frame) -> tuple[Array, Array, int]:
    """Both frames in working colour, and the margin of their strips.

    Of a frame with many more blocks than are used only every so many columns of blocks are
    converted, side by side, each with a margin for the slopes at its edges.
    """
    form = before.format
    rows, columns = form.height // BLOCK, form.width // BLOCK
    every = rows * columns // MOST_BLOCKS
    if every < 2:
        return working_rgb(before), working_rgb(after), 0
    around = np.arange(-MARGIN, BLOCK + MARGIN)
    starts = BLOCK * np.arange(0, columns, every)
    at = np.clip(starts[:, None] + around, 0, form.width - 1).ravel()
    return _columns(before, at), _columns(after, at), MARGIN


def _columns(frame: Frame, at: NDArray[np.intp]) -> Array:
    """The columns `at` of luma, in whole chroma sites, of a frame in working colour."""
    form, planes = frame.format, []
    for n, plane in enumerate(frame.planes[:3]):
        across = form.chroma[0] if form.model == "yuv" and n in (1, 2) else 0
        planes.append(np.take(plane, at[:: 1 << across] >> across, axis=1))
    return working_rgb(Frame(frame.number, tuple(planes), replace(form, width=len(at))))


def _still_blocks(pair: int, before: Array, after: Array, margin: int = 0) -> _Blocks | None:
    """The flattest blocks, of those in which nothing moves; None where the frames are the same.

    Args:
        margin: pixels either side of each strip of blocks, see `_strips`.
    """
    difference = (after - before) * np.float32(np.sqrt(0.5))
    if not np.isfinite(difference).all() or not difference.any():
        return None
    luma = np.asarray((before + after) @ (LUMA / 2), np.float32)
    smooth = cv2.GaussianBlur(luma, (0, 0), 1.5)
    slopes = (cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1))
    parts = _tiles(difference, margin)
    level, across, down = (_tiles(plane[..., None], margin)[..., 0] for plane in (luma, *slopes))
    parts = parts - parts.mean(axis=(1, 2), keepdims=True)
    mean = level.mean(axis=(1, 2))
    steep = (across**2 + down**2).mean(axis=(1, 2))
    still = _follows(parts @ LUMA, across, down) < MOVES
    kept = still & (mean > DARKEST) & (mean < BRIGHTEST) & (steep <= np.quantile(steep, FLAT))
    if not kept.any():
        return None
    return _Blocks(pair, mean[kept], parts[kept])


def _tiles(plane: Array, margin: int = 0) -> Array:
    """(n, BLOCK, BLOCK, c) the blocks of a picture (h, w, c), without the strips' margins."""
    wide = BLOCK + 2 * margin
    rows, columns = plane.shape[0] // BLOCK, plane.shape[1] // wide
    cut = plane[: rows * BLOCK, : columns * wide]
    cut = cut.reshape(rows, BLOCK, columns, wide, plane.shape[2]).transpose(0, 2, 1, 3, 4)
    cut = cut[:, :, :, margin : margin + BLOCK]
    return np.asarray(cut.reshape(-1, BLOCK, BLOCK, plane.shape[2]), np.float32)


def _follows(difference: Array, across: Array, down: Array) -> Array:
    """(n,) share of each block's difference that a movement explains, to first order."""
    xx, yy, xy = ((a * b).mean(axis=(1, 2)) for a, b in
                  ((across, across), (down, down), (across, down)))  # fmt: skip
    dx, dy = ((difference * slope).mean(axis=(1, 2)) for slope in (across, down))
    room = np.maximum(xx * yy - xy * xy, 1e-20)
    told = (dx * dx * yy - 2 * dx * dy * xy + dy * dy * xx) / room
    return np.asarray(told / np.maximum((difference**2).mean(axis=(1, 2)), 1e-20), np.float32)


def _most_frequent(values: Array) -> float:
    """The half-sample mode of positive values (Bickel 2002), on a scale of ratios; 0 for none."""
    if not len(values):
        return 0.0
    logs = np.sort(np.log(np.maximum(values, 1e-12)))
    while len(logs) > 3:
        half = (len(logs) + 1) // 2
        first = int(np.argmin(logs[half - 1 :] - logs[: len(logs) - half + 1]))
        logs = logs[first : first + half]
    return float(np.exp(logs.mean()))


def _axes(difference: Array, usual: Array) -> NDArray[np.float64]:
    """(3, 3) the directions in which grain does not correlate, the strongest first."""
    scaled = difference / np.sqrt(usual)[:, None, None, None]
    flat = scaled.reshape(-1, 3).astype(np.float64)
    _, vectors = np.linalg.eigh(flat.T @ flat)
    axes = vectors.T[::-1]
    signs = np.where(axes.sum(axis=1) < 0, -1, 1)
    return np.asarray(axes * signs[:, None], np.float64)


def _spectra(parts: Array) -> Array:
    """(3, BINS) the power of each component by radial frequency; 1 on the mean of the plane."""
    frequency = np.hypot(np.fft.fftfreq(BLOCK)[:, None], np.fft.fftfreq(BLOCK)[None])
    bins, window = bin_of(frequency).ravel(), np.hanning(BLOCK).astype(np.float32)
    counts = np.bincount(bins, minlength=BINS)
    rows = []
    for k in range(3):
        seen = np.fft.fft2(parts[..., k] * np.outer(window, window), axes=(1, 2))
        plane = (np.abs(seen) ** 2).mean(axis=0).ravel()
        plane[0] = plane[1]  # each block's mean was taken away
        power = np.bincount(bins, plane, minlength=BINS) / counts
        rows.append(power * counts.sum() / max(float((power * counts).sum()), 1e-20))
    return np.array(rows, np.float32)


def _strength(
    share: Array, pair: NDArray[np.intp], numbers: list[int], frames: FrameRange
) -> Array:
    """(T,) how strong the grain of each frame is, from the pairs, a straight line between them."""
    found = [float(np.sqrt(_most_frequent(share[pair == n]))) for n in range(len(numbers))]
    each = np.clip(np.array(found) / np.median(found), 0.5, 2.0)
    at = np.arange(frames.start, frames.stop) + 0.0
    return np.asarray(np.interp(at, np.array(numbers) + 0.5, each), np.float32)
