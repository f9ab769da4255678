"""What is behind the person of a still, near enough to the person to be uncovered by a turn.

Nobody has seen it.  What lies beside the person is folded in over the edge: colours at a slow
rate, so that what stands apart does not come near, and the finest structure (film grain, cracks of
paint, leaves) by shifts of small cells, so that it keeps its size.  Filled with colours alone, a
grainy photograph shows a fog round a head that moves; patches from elsewhere show as patches.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.engine.compositing.push_pull import push_pull
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.head_draw.affine_warp import sample

#: The background is not believed so near the person, working pixels.
AROUND_PX = 5
#: Matte from which a pixel is the person's.
PERSON = 0.05
#: Way beyond the edge from which a colour comes, for each pixel within it; its blur, working px.
RATE, COLOUR_PX = 0.4, 1.5
#: The way to the edge is smoothed over so much: it turns at once in the middle of a neck.
WAY_PX = 4.0
#: Cells of fine structure, working pixels; most of it, working colour: an edge is no grain.
CELL_PX, MOST_FINE = 12, 0.08
#: From here on inwards the fill loses its structure, over so much, working pixels.
KEPT_PX, LOST_PX = 22.0, 18.0


def behind_person(part: Array, matte: Array) -> Array:
    """The picture without its person: kept where it is seen, continued where it is not.

    Args:
        part: (H, W, 3) working colour.
        matte: (h, w) 0..1 the person, of the same picture made smaller (working pixels).
    """
    edge = _Edge.of(matte)
    size = (part.shape[1], part.shape[0])
    small = np.asarray(cv2.resize(part, matte.shape[::-1], interpolation=cv2.INTER_AREA))
    smooth = push_pull(small, edge.known)
    seen = cv2.GaussianBlur(edge.known, (0, 0), COLOUR_PX)[..., None]
    own = cv2.GaussianBlur(small * edge.known[..., None], (0, 0), COLOUR_PX)
    own = np.asarray(np.where(seen > 0.02, own / np.maximum(seen, 0.02), smooth), np.float32)
    at = edge.here + (1 + RATE) * edge.way
    share = (edge.believed(at) * edge.kept)[..., None]
    colour = smooth + share * (sample(own, at, cv2.INTER_LINEAR) - smooth)

    def large(values: Array) -> Array:
        return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR), np.float32)

    fine = np.clip(part - large(own), -MOST_FINE, MOST_FINE)
    filled = large(colour) + large(edge.kept)[..., None] * _carried(fine, edge)
    return np.asarray(filled + large(edge.known)[..., None] * (part - filled), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Edge:
    """Where the background ends, working pixels.

    known  (h, w) 1 where it is seen, 0 where not
    here   (h, w, 2) the pixels' centres
    way    (h, w, 2) from there to the nearest seen pixel, smoothed
    kept   (h, w) share of the structure that is continued
    """

    known: Array
    here: Array
    way: Array
    kept: Array

    @classmethod
    def of(cls, matte: Array) -> _Edge:
        room = 2 * AROUND_PX + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (room, room))
        hole = cv2.dilate((matte > PERSON).astype(np.uint8), disc)
        y, x = np.mgrid[: matte.shape[0], : matte.shape[1]].astype(np.float32) + np.float32(0.5)
        here = np.stack([x, y], axis=-1)
        if hole.all():
            none = np.zeros_like(matte)
            return cls(none, here, np.zeros_like(here), none)
        deep, label = cv2.distanceTransformWithLabels(
            hole, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
        )
        nearest = np.zeros((int(label.max()) + 1, 2), np.float32)
        nearest[label[hole == 0]] = here[hole == 0]
        way = cv2.GaussianBlur(nearest[label] - here, (0, 0), WAY_PX)
        kept = 1 - smoothstep((deep - KEPT_PX) / LOST_PX)
        return cls((1 - hole).astype(np.float32), here, np.asarray(way, np.float32), kept)

    def believed(self, at: Array) -> Array:
        """(..., ) 1 where the points `at` (..., 2) are seen background, 0 elsewhere."""
        height, width = self.known.shape
        x, y = at[..., 0], at[..., 1]
        within = (x > 0) & (x < width) & (y > 0) & (y < height)
        return np.asarray(sample(self.known, at, cv2.INTER_LINEAR) * within, np.float32)


def _carried(fine: Array, edge: _Edge) -> Array:
    """Fine structure (H, W, 3) about 0 from beyond the edge, in cells that overlap.

    Their sum is divided by its root mean square weight: grain that is averaged would fade.
    """
    height, width = fine.shape[:2]
    lines, columns = edge.known.shape
    px = np.array([width / columns, height / lines], np.float32)
    y, x = np.mgrid[:height, :width].astype(np.float32) + np.float32(0.5)
    here = np.stack([x, y], axis=-1) / px
    total, power = np.zeros_like(fine), np.full((height, width, 1), 1e-4, np.float32)
    for corner in np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32) * (CELL_PX / 2):
        place = (here - corner) / CELL_PX
        cell = np.floor(place)
        weight = np.prod(np.sin(np.pi * (place - cell)) ** 2, axis=-1)[..., None]
        middle = ((cell + 0.5) * CELL_PX + corner).astype(int)
        column = np.clip(middle[..., 0], 0, columns - 1)
        way = edge.way[np.clip(middle[..., 1], 0, lines - 1), column]
        long = np.maximum(np.linalg.norm(way, axis=-1, keepdims=True), 0.5)
        at = np.asarray(here + way * (2 + 0.75 * CELL_PX / long), np.float32)
        weight = np.asarray(weight * edge.believed(at)[..., None], np.float32)
        total += weight * sample(fine, np.asarray(at * px, np.float32))
        power += weight**2
    return np.asarray(total / np.sqrt(power), np.float32)
