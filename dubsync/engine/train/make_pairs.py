"""Make training pairs from an actor's own frames: each re-made from the others, beside the truth.

No pair uses its own moment: exemplars are at least a second away, and the predicted face is
cross-validated over other blocks of time.  Training therefore sees what rendering an unseen frame
will see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing import colour_match
from dubsync.engine.compositing.matte import flat_eye_distance
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.bank import Bank, crop_side
from dubsync.engine.exemplars.flat_face import Plane
from dubsync.engine.exemplars.layers import Layers
from dubsync.engine.exemplars.prepared import prepared
from dubsync.engine.exemplars.sheet import Sheet, Source

#: Least time between a frame and the exemplars it is re-made from, in seconds and as a share of
#: the time its plate spans: the frames of a later dub are that far from the bank.
APART_S, APART_SHARE = 1.0, 0.06
NEIGHBOURS = 8
FORBIDDEN = 9.0  #: features; any frame is nearer
TIME_BLOCKS = 6


@dataclass(frozen=True, slots=True, eq=False)
class TrainingPair:
    """One frame of the bank, re-made.

    number    its index in the bank
    sheet     what it is drawn on; `sheet.plate` is the truth
    exemplar  (h, w, 3) drawn from other frames
    """

    number: int
    sheet: Sheet
    exemplar: Array


def unit_within(bank: Bank, size: int) -> float:
    """An eye distance of the bank's faces, pixels, in crops no wider than `size`."""
    own = float(np.median([flat_eye_distance(points) for points in bank.points]))
    return own * min(1.0, size / crop_side(bank.points))


def scaled(bank: Bank, widest_unit: float) -> tuple[list[Array], list[Array]]:
    """The bank's pictures (h, w, 3) and their landmarks (478, 2), scaled down where too large.

    Args:
        widest_unit: an eye distance at the training scale, pixels.
    """
    pictures, points = [], []
    for picture, marks in zip(bank.pictures, bank.points, strict=True):
        scale = widest_unit / flat_eye_distance(marks)
        full = picture.astype(np.float32)
        if scale < 0.95:
            size = (round(full.shape[1] * scale), round(full.shape[0] * scale))
            stretch = np.array([size[0] / full.shape[1], size[1] / full.shape[0]], np.float32)
            full = np.asarray(cv2.resize(full, size, interpolation=cv2.INTER_AREA), np.float32)
            marks = marks * stretch
        pictures.append(full)
        points.append(np.asarray(marks, np.float32))
    return pictures, points


def time_blocks(bank: Bank) -> NDArray[np.intp]:
    """(N,) which of TIME_BLOCKS blocks of its plate's time each frame belongs to."""
    result = np.zeros(len(bank), np.intp)
    plates = np.array(bank.plates)
    for plate in np.unique(plates):
        rows = np.flatnonzero(plates == plate)
        order = rows[np.argsort(bank.seconds[rows], kind="stable")]
        result[order] = np.arange(len(order)) * TIME_BLOCKS // len(order)
    return result


def training_pairs(
    bank: Bank, pictures: list[Array], points: list[Array], device: torch.device
) -> Iterator[TrainingPair]:
    """Every frame of the bank that can be drawn on, re-made from exemplars of other moments."""
    layers = Layers(device, keep_skin=False)
    sources: dict[int, Source] = {}
    nearest, shares = _exemplars_for(bank)

    def source(n: int) -> Source:
        if n not in sources:
            sources[n] = prepared(pictures[n].astype(np.float16), points[n], layers.device)
        return sources[n]

    for n, (picture, marks) in enumerate(zip(pictures, points, strict=True)):
        sheet = layers.sheet_of_exemplar(picture.astype(np.float16), marks)
        if sheet is None:
            continue
        drawn = layers.exemplar(sheet, [source(int(k)) for k in nearest[n]], shares[n])
        first = int(nearest[n, 0])
        speed = bank.pose.speed * np.float32(sheet.unit)
        drawn = colour_match.add_motion_blur(drawn, speed[n], speed[first], sheet.unit)
        drawn = colour_match.apply_fit(drawn, layers.fit(sheet, drawn))
        yield TrainingPair(n, sheet, drawn)


def flats(
    plane: Plane, pictures: list[Array], points: list[Array]
) -> tuple[Array, NDArray[np.bool_]]:
    """(N, px, px, 3) every picture flattened, and (N, px, px) where it shows the face.

    Pixels a frame does not show are filled with the mean of the frames that do.
    """
    flattened = np.empty((len(pictures), plane.px, plane.px, 3), np.float32)
    seen = np.empty(flattened.shape[:3], bool)
    for n, (picture, marks) in enumerate(zip(pictures, points, strict=True)):
        flattened[n], seen[n] = plane.flatten(picture, marks)
    total = np.einsum("nyxc,nyx->yxc", flattened, seen.astype(np.float32))
    mean = total / np.maximum(seen.sum(axis=0), 1)[..., None]
    for flat, shown in zip(flattened, seen, strict=True):
        flat[~shown] = mean[~shown]
    return flattened, seen


def _exemplars_for(bank: Bank) -> tuple[NDArray[np.intp], Array]:
    """(N, k) exemplars of each frame, none of its own moment, and their weights."""
    features = bank.features
    costs = selection.distances(features, features) + selection.ODD_COST * bank.oddness
    plates = np.array(bank.plates)
    same = plates[:, None] == plates[None]
    spans = {p: np.ptp(bank.seconds[plates == p]) for p in np.unique(plates)}
    least = np.array([max(APART_S, APART_SHARE * spans[p]) for p in plates])
    near = same & (np.abs(bank.seconds[:, None] - bank.seconds[None]) < least[:, None])
    costs[near] = FORBIDDEN
    alone = near.all(axis=1)
    costs[alone] = FORBIDDEN * (np.abs(bank.seconds[:, None] - bank.seconds[None]) < 0.2)[alone]
    best = costs.argmin(axis=1).astype(np.intp)
    nearest, shares = selection.neighbours(costs, best, NEIGHBOURS)
    apart = np.take_along_axis(costs, nearest, axis=1) < FORBIDDEN
    apart[:, 0] = True
    shares = shares * apart
    return nearest, np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)
