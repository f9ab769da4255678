"""Compare rendered mouths with the plate's own mouths of like opening, size and turn.

A shut mouth has less detail than one that shows teeth, and one mouth looks unlike the other, so a
rendered mouth is compared only with frames of the plate whose mouth is as open and as wide, and
whose face is as large and as turned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.qc.mouth import EYE_CORNERS, Curve, MouthCurves, eye_distance
from dubsync.qc.mouth_grid import LIPS_GROWN, SHAPE_POINTS, SKIN_BESIDE, MouthGrid

Flags = NDArray[np.bool_]

#: Mouths are alike if opening and width differ by at most this, eye distances; ...
OPENING, WIDTH = 0.03, 0.06
OPENING_SHARE = 0.2  #: ... the opening also by this share of itself, ...
SIZE = 0.08  #: ... the faces by this share of their size, ...
TURN = 0.08  #: ... and by this much of the cosine of their turn.
#: Plate frames that a rendered frame is compared with: at least, and at most (the most similar).
LEAST_LIKE, MOST_LIKE = 3, 7
NEAR = 6  #: frames nearer than this show the same moment: they measure it once
#: Gaussians between which a mouth's picture is compared, of a mouth 24 pixels wide.
SHAPES_PX = (1.0, 4.0)
LEAST_CELLS = 20
ENERGY_FLOOR = 1e-6  #: detail below this is quantisation


@dataclass(frozen=True, slots=True, eq=False)
class LikeMouths:
    """T frames of a render against its plate; NaN where nothing could be compared.

    lips      detail of the lips, and between them, over that of the plate's like mouths
    skin      detail of the skin round them, inside the matte, over the plate's in the same frame
    across    how far the lips lie to the right of the plate's in the same frame, eye distances
    down      how far they lie below the plate's like mouths, eye distances
    picture   correlation of the mouth's picture with the plate's most similar like mouth
    natural   the same of the plate's own mouths
    like      number of the plate's like mouths
    """

    lips: Curve
    skin: Curve
    across: Curve
    down: Curve
    picture: Curve
    natural: Curve
    like: NDArray[np.intp]

    def only(self, use: Flags) -> LikeMouths:
        """What was compared in those frames (T,) alone."""
        names = ("lips", "skin", "across", "down", "picture", "natural")
        curves: dict[str, Any] = {n: np.where(use, getattr(self, n), np.nan) for n in names}
        return replace(self, **curves, like=np.where(use, self.like, 0))


def like_mouths(
    grids: Sequence[MouthGrid | None],
    plate_points: NDArray[np.floating],
    render_points: NDArray[np.floating],
    plate: MouthCurves,
    render: MouthCurves,
    use: Flags,
) -> LikeMouths:
    """Compare T frames.

    Args:
        grids: of every frame; None without a face.
        plate_points, render_points: (T, 478, 3) landmarks in plate pixels.
        plate, render: their mouths.
        use: (T,) frames whose mouth is the render's.

    Source: ours.
    """
    total = len(grids)
    there = np.array([grid is not None for grid in grids], bool)
    own, drawn = there & plate.seen, there & render.seen & use
    lips, skin, across, down, picture, natural = (np.full(total, np.nan) for _ in range(6))
    like = np.zeros(total, np.intp)
    size, turn = _size_and_turn(plate_points)
    detail, pictures = _of_plate(grids, plate_points, own)
    shapes, drawn_shapes = (_shapes(grids, p) for p in (plate_points, render_points))
    places = _places(grids, plate_points)
    drawn_places = _places(grids, render_points)
    for n in map(int, np.flatnonzero(own | drawn)):
        grid = grids[n]
        assert grid is not None  # `own` and `drawn` are within `there`
        same_view = own & (np.abs(size / size[n] - 1) < SIZE) & (np.abs(turn - turn[n]) < TURN)
        if own[n]:
            away = same_view & (np.abs(np.arange(total) - n) >= NEAR)
            natural[n] = _best(pictures[n], pictures[away & _alike(plate, plate, n)])
        if not drawn[n]:
            continue
        alike = np.flatnonzero(same_view & _alike(render, plate, n))
        like[n] = len(alike)
        skin[n] = _skin(grid, plate_points[n], render_points[n])
        across[n] = drawn_places[n, 0] - places[n, 0]
        if like[n] < LEAST_LIKE:
            continue
        apart = np.square(shapes[alike] - drawn_shapes[n]).sum(axis=1)
        alike = alike[np.argsort(apart, kind="stable")[:MOST_LIKE]]
        where = grid.lips(render_points[n], LIPS_GROWN) & grid.inside
        lips[n] = _mean(grid.render_detail, where) / max(
            float(np.median(detail[alike])), ENERGY_FLOOR
        )
        down[n] = drawn_places[n, 1] - np.median(places[alike, 1])
        picture[n] = _best(_flat(grid.mouth(grid.render, render_points[n])), pictures[alike])
    return LikeMouths(lips, skin, across, down, picture, natural, like)


def unsure_by(curve: Curve) -> float:
    """Standard error of the median of (T,) measurements of moments; 0 without any.

    Of a normal distribution, whose spread is 1.48 times its median deviation.
    """
    there = curve[np.isfinite(curve)]
    if not len(there):
        return 0.0
    spread = 1.4826 * float(np.median(np.abs(there - np.median(there))))
    return 1.2533 * spread / float(np.sqrt(max(len(there) / NEAR, 1)))


def _of_plate(
    grids: Sequence[MouthGrid | None], points: NDArray[np.floating], own: Flags
) -> tuple[Curve, NDArray[np.float32]]:
    """(T,) detail of the plate's lips, and (T, P) their pictures; NaN and 0 where not `own`."""
    detail = np.full(len(grids), np.nan)
    pictures: list[NDArray[np.float32] | None] = []
    for n, grid in enumerate(grids):
        if grid is None or not own[n]:
            pictures.append(None)
            continue
        detail[n] = _mean(grid.plate_detail, grid.lips(points[n], LIPS_GROWN))
        pictures.append(_flat(grid.mouth(grid.plate, points[n])))
    size = next((len(p) for p in pictures if p is not None), 0)
    empty = np.zeros(size, np.float32)
    return detail, np.array([empty if p is None else p for p in pictures], np.float32)


def _places(grids: Sequence[MouthGrid | None], points: NDArray[np.floating]) -> Curve:
    """(T, 2) middle of the upper lip and the corners under the eyes, eye distances."""
    return np.array(
        [(np.nan, np.nan) if g is None else g.place(p) for g, p in zip(grids, points, strict=True)]
    )


def _skin(
    grid: MouthGrid, plate_points: NDArray[np.floating], render_points: NDArray[np.floating]
) -> float:
    """Detail of the render's skin over the plate's in the same frame."""
    moved = grid.lips(plate_points, SKIN_BESIDE) | grid.lips(render_points, SKIN_BESIDE)
    where = grid.inside & ~moved
    return _mean(grid.render_detail, where) / max(_mean(grid.plate_detail, where), ENERGY_FLOOR)


def _shapes(grids: Sequence[MouthGrid | None], points: NDArray[np.floating]) -> Curve:
    """(T, 2 P) points of the lips less their middle, eye distances; NaN without a face."""
    nothing = np.full(2 * SHAPE_POINTS, np.nan)
    return np.array(
        [nothing if g is None else g.shape(p) for g, p in zip(grids, points, strict=True)]
    )


def _alike(one: MouthCurves, many: MouthCurves, n: int) -> Flags:
    """(T,) which of `many` are as open and as wide as frame `n` of `one`."""
    room = OPENING + OPENING_SHARE * one.opening[n]
    near = np.abs(many.opening - one.opening[n]) < room
    return np.asarray(near & (np.abs(many.width - one.width[n]) < WIDTH), bool)


def _size_and_turn(points: NDArray[np.floating]) -> tuple[Curve, Curve]:
    """(T,) eye distance in pixels, in depth too, and the part of it that faces the camera."""
    size = np.maximum(eye_distance(points), 1e-6)
    right, left = (points[:, pair, :2].mean(axis=1) for pair in map(list, EYE_CORNERS))
    return size, np.asarray(np.linalg.norm(right - left, axis=-1) / size, np.float64)


def _mean(values: NDArray[np.floating], where: Flags) -> float:
    """Mean of `values` over `where`; NaN over too few cells."""
    if where.sum() < LEAST_CELLS:
        return float("nan")
    return float(values[where].astype(np.float64).mean())


def _flat(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """The picture's shapes as a vector of mean 0 and length 1: without shading and grain."""
    smooth, shading = (cv2.GaussianBlur(picture, (0, 0), sigma) for sigma in SHAPES_PX)
    vector = (smooth - shading - (smooth - shading).mean()).ravel()
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)


def _best(one: NDArray[np.float32], many: NDArray[np.float32]) -> float:
    """The highest correlation of `one` with any of `many`; NaN without any."""
    return float((many @ one).max()) if len(many) else float("nan")
