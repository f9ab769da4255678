"""Continues the structure of a background into the part of it that is never seen.

A smooth fill leaves a fog where a shelf or a window's frame should run on.  Here the hole is first
filled on a small picture from its edge inwards, strong lines first, by patches that agree with what
is there; then, finer, each of its patches is made to look like some patch that is seen.  The result
is a likely background, not a known one.
Source: Criminisi, Perez, Toyama 2004, "Region Filling and Object Removal by Exemplar-Based Image
Inpainting"; Wexler, Shechtman, Irani 2007, "Space-Time Completion of Video".
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import LUMA_WEIGHTS
from dubsync.engine.compositing.push_pull import push_pull

#: Longer side of the picture that is filled from its edge inwards, and of the finer one.
LINES_PX, FINEST_PX = 144, 400
ALIKE = 1.4  #: a picture so much larger than the smaller one needs no other
PATCH_PX = 9
HALF = PATCH_PX // 2
ROUNDS = 2  #: on the finer picture
#: Seen patches that are searched, and their numbers: more are slower and no better.
MOST_PATCHES, COMPONENTS = 5000, 20
BATCH = 400
SEED = 7
#: A patch from the other side of the picture must be better by this, mean square of its samples.
FAR = 0.0015
#: Shades meet those of the known part over this share of the reach: faster, its edge is seen.
MEETS = 0.25
#: A vote counts by its patch's likeness, against this quantile of all distances.
TYPICAL = 0.5
_LUMA = np.array(
    (LUMA_WEIGHTS["bt709"][0], 1 - sum(LUMA_WEIGHTS["bt709"]), LUMA_WEIGHTS["bt709"][1]), np.float32
)


def patch_fill(picture: Array, known: NDArray[np.bool_], reach: float) -> Array:
    """`picture` (h, w, 3) where it is `known`, and a likely continuation where it is not.

    Args:
        reach: pixels beyond the known part up to which structure is continued; further in the fill
            is smooth.
    """
    smooth = push_pull(picture, known.astype(np.float32))
    if known.all() or known.sum() < 20 * PATCH_PX**2:
        return smooth
    near = cv2.distanceTransform((~known).astype(np.uint8), cv2.DIST_L2, 5)
    wanted = near <= reach
    small_enough = max(known.shape) <= ALIKE * LINES_PX
    coarse = _Small.of(picture, known, wanted, max(known.shape) if small_enough else LINES_PX)
    likely = _from_the_edge(coarse)
    if not small_enough:
        fine = _Small.of(picture, known, wanted, FINEST_PX)
        size = fine.free.shape[::-1]
        likely = cv2.resize(likely, size, interpolation=cv2.INTER_CUBIC)
        likely = np.where(fine.free[..., None], fine.picture, likely).astype(np.float32)
        likely = _like_what_is_seen(likely, fine)
    height, width = known.shape
    likely = cv2.resize(likely, (width, height), interpolation=cv2.INTER_CUBIC)
    # What is coarse meets the full picture at its edge without a seam.
    apart = push_pull(picture - likely, known.astype(np.float32))
    soft = max(2.0, 3 * max(known.shape) / FINEST_PX, MEETS * reach)
    fade = 1 / (1 + (near / soft) ** 2)
    inside = np.clip(near / max(reach, 1e-6) * 4 - 3, 0, 1)[..., None]
    filled = (likely + apart * fade[..., None]) * (1 - inside) + smooth * inside
    return np.asarray(np.where(known[..., None], picture, filled), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Small:
    """The picture, made small; where it is wholly known; and where it is to be filled."""

    picture: Array
    free: NDArray[np.bool_]
    hole: NDArray[np.bool_]

    @classmethod
    def of(
        cls, picture: Array, known: NDArray[np.bool_], wanted: NDArray[np.bool_], longest: int
    ) -> _Small:
        scale = min(1.0, longest / max(known.shape))
        size = tuple(max(PATCH_PX + 2, round(side * scale)) for side in known.shape[::-1])

        def small(part: Array) -> Array:
            return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.float32)

        share = small(known.astype(np.float32))
        own = small(picture * known[..., None]) / np.maximum(share, 1e-3)[..., None]
        free = share > 0.5
        return cls(
            np.asarray(own, np.float32), free, ~free & (small(wanted.astype(np.float32)) > 0.01)
        )

    def sources(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns of patches that are all known."""
        side = np.ones((PATCH_PX, PATCH_PX), np.uint8)
        whole = cv2.erode(self.free.astype(np.uint8), side, borderValue=0) > 0
        whole[:HALF], whole[-HALF:], whole[:, :HALF], whole[:, -HALF:] = False, False, False, False
        rows, columns = np.nonzero(whole)
        if len(rows) > MOST_PATCHES:
            draw = np.random.default_rng(SEED)
            chosen = np.sort(draw.choice(len(rows), MOST_PATCHES, replace=False))
            rows, columns = rows[chosen], columns[chosen]
        return rows, columns


def _from_the_edge(small: _Small) -> Array:
    """The small picture with its hole filled, patch by patch, lines that run into it first."""
    rows, columns = small.sources()
    if not len(rows):
        return push_pull(small.picture, small.free.astype(np.float32))
    seen = _patches(small.picture, rows, columns)
    squared = seen**2
    pad = ((HALF, HALF), (HALF, HALF))
    picture = np.pad(small.picture, (*pad, (0, 0)), mode="edge")
    known, hole = np.pad(small.free, pad), np.pad(small.hole, pad)
    trust = known.astype(np.float32)
    away = np.empty(len(rows), np.float32)
    diagonal = float(np.hypot(*small.free.shape))
    while hole.any():
        edge = np.nonzero(hole & (cv2.dilate(known.astype(np.uint8), np.ones((3, 3))) > 0))
        if not len(edge[0]):
            break
        row, column = _first(picture, known, trust, edge)
        at = (slice(row - HALF, row + HALF + 1), slice(column - HALF, column + HALF + 1))
        given = np.repeat(known[at].ravel()[None], 3, axis=0).ravel().astype(np.float32)
        wanted = picture[at].transpose(2, 0, 1).ravel() * given
        np.hypot(rows + HALF - row, columns + HALF - column, out=away, casting="unsafe")
        apart = squared @ given - 2 * (seen @ wanted)
        apart += FAR * float(given.sum()) * (away / diagonal)
        best = seen[int(apart.argmin())].reshape(3, PATCH_PX, PATCH_PX).transpose(1, 2, 0)
        new = ~known[at] & hole[at]
        trust[at][new] = float(trust[at].mean())
        picture[at][new] = best[new]
        known[at][new], hole[at][new] = True, False
    inner = (slice(HALF, -HALF), slice(HALF, -HALF))
    return push_pull(picture[inner], known[inner].astype(np.float32))


def _first(
    picture: Array, known: NDArray[np.bool_], trust: Array,
    edge: tuple[NDArray[np.intp], ...],
) -> tuple[int, int]:  # fmt: skip
    """The pixel of the hole's edge whose patch is filled next."""
    box = cv2.blur(trust, (PATCH_PX, PATCH_PX))[edge]
    luma = np.asarray(picture @ _LUMA, np.float32)
    inside = cv2.erode(known.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    across = np.where(inside, cv2.Sobel(luma, cv2.CV_32F, 1, 0, ksize=3), 0)
    down = np.where(inside, cv2.Sobel(luma, cv2.CV_32F, 0, 1, ksize=3), 0)
    shape = cv2.GaussianBlur(known.astype(np.float32), (0, 0), 1.5)
    normal = [cv2.Sobel(shape, cv2.CV_32F, *way, ksize=3)[edge] for way in ((1, 0), (0, 1))]
    length = np.hypot(*normal) + 1e-6
    # A line that runs into the hole has its gradient along the edge.
    size = cv2.dilate(np.hypot(across, down), np.ones((5, 5)))
    turned = [cv2.blur(part, (5, 5))[edge] for part in (across, down)]
    into = np.abs(turned[1] * normal[0] - turned[0] * normal[1]) / length
    lines = into / (np.hypot(*turned) + 1e-3) * size[edge]
    n = int((box * (lines + 0.02)).argmax())
    return int(edge[0][n]), int(edge[1][n])


def _like_what_is_seen(picture: Array, small: _Small) -> Array:
    """`picture` with the hole of `small` made of patches that are all known."""
    side = np.ones((PATCH_PX, PATCH_PX), np.uint8)
    target = cv2.dilate(small.hole.astype(np.uint8), side) > 0
    target[:HALF], target[-HALF:], target[:, :HALF], target[:, -HALF:] = False, False, False, False
    rows, columns = small.sources()
    if not len(rows) or not target.any():
        return picture
    there = np.nonzero(target)
    seen = _patches(picture, rows, columns)
    mean = seen.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov((seen - mean).T))
    axes = axes[:, -COMPONENTS:].astype(np.float32)
    codes = (seen - mean) @ axes
    for _ in range(ROUNDS):
        nearest, distance = _nearest((_patches(picture, *there) - mean) @ axes, codes)
        typical = max(float(np.quantile(distance, TYPICAL)), 1e-6)
        weight = np.asarray(np.exp(-distance / typical) + 1e-6, np.float32)
        picture = _voted(picture, small.hole, there, seen[nearest], weight)
    return picture


def _patches(picture: Array, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Array:
    """(n, PATCH_PX * PATCH_PX * 3) the patches round some pixels."""
    around = np.lib.stride_tricks.sliding_window_view(picture, (PATCH_PX, PATCH_PX), axis=(0, 1))
    return np.ascontiguousarray(around[rows - HALF, columns - HALF]).reshape(len(rows), -1)


def _nearest(wanted: Array, codes: Array) -> tuple[NDArray[np.intp], Array]:
    """For each of `wanted` (n, c) the nearest of `codes` (m, c), and the squared distance."""
    nearest = np.empty(len(wanted), np.intp)
    distance = np.empty(len(wanted), np.float32)
    # |w - c|^2 without |w|^2, in one product: [-2 w, 1] by [c, |c|^2].
    codes = np.hstack([codes, (codes**2).sum(axis=1)[:, None]]).T.copy()
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        ones = np.ones((len(part), 1), np.float32)
        apart = np.hstack([-2 * part, ones]) @ codes
        at = apart.argmin(axis=1)
        nearest[start : start + BATCH] = at
        best = apart[np.arange(len(part)), at] + (part**2).sum(axis=1)
        distance[start : start + BATCH] = np.maximum(best, 0)
    return nearest, distance


def _voted(
    picture: Array, hole: NDArray[np.bool_], there: tuple[NDArray[np.intp], ...], patches: Array,
    weight: Array,
) -> Array:  # fmt: skip
    """`picture`, each pixel of its `hole` the average of the patches that cover it."""
    # A patch's samples are channel by channel, as sliding_window_view gives them.
    values = patches.reshape(len(patches), 3, PATCH_PX, PATCH_PX)
    summed, total = np.zeros_like(picture), np.zeros(hole.shape, np.float32)
    for row in range(PATCH_PX):
        for column in range(PATCH_PX):
            at = (there[0] + row - HALF, there[1] + column - HALF)
            summed[at] += values[:, :, row, column] * weight[:, None]
            total[at] += weight
    voted = summed / np.maximum(total, 1e-9)[..., None]
    return np.where((hole & (total > 0))[..., None], voted, picture).astype(np.float32)
