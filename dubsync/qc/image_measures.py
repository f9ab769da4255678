"""Compare plate, render and matte frame by frame: flicker, steps at the matte's edge, changes.

A `FaceMeasures` per face and a `FrameMeasures` per shot see every frame once.  They keep a few
numbers of each frame and the last three small pictures (of fields five), so memory hardly grows
with the shot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.picture import Frame, PictureFormat, Region, changed_region, sample_bits, whole
from dubsync.qc.edge_steps import ARCS, Part, edge_part, edge_steps
from dubsync.qc.mouth import Curve, eye_distance, lips_centre

Gray = NDArray[np.float32]
Matte = NDArray[np.uint8]

PATCH = 48  #: side of the stabilised patch that flicker is measured on
PATCH_SPAN = 1.8  #: the same in eye distances
#: Slopes below this (of full scale, per pixel) are noise and quantisation.
SLOPE_FLOOR = 0.002
HIGH_PASS_FLOOR = 0.0015  #: as SLOPE_FLOOR, for change from frame to frame
CHANNELS = 3  #: brightness and two colour differences


def luma(frame: Frame, region: Region | None = None) -> Gray:
    """Grey picture of `region` of `frame`, about 0..1; not colour managed."""
    region = whole(frame.format) if region is None else region
    planes = [plane[region.rows, region.columns] for plane in frame.planes[:3]]
    if frame.format.model == "rgb":
        red, green, blue = (plane.astype(np.float32) for plane in planes)
        gray = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    else:
        gray = planes[0].astype(np.float32)
    if frame.format.floating:
        return np.asarray(np.sqrt(np.clip(gray, 0, 4)), np.float32)
    gray /= np.float32((1 << frame.format.bits) - 1)
    return np.asarray(gray, np.float32)


def _no_colours(part: Part) -> Sequence[Gray]:
    """Of grey pictures."""
    return ()


@dataclass(frozen=True, slots=True, eq=False)
class FaceSeries:
    """Measures of one face per frame; NaN where there was nothing to measure.

    flicker_plate, flicker_render       (T,) robust deviation of a frame from the mean of its two
                                        neighbours, in the matte, stabilised on the face
    steps      (T, 3, ARCS) steps of brightness and two colour differences across the arcs of the
               matte's edge, of full scale
    """

    flicker_plate: Curve
    flicker_render: Curve
    steps: NDArray[np.float64]

    def only(self, use: NDArray[np.bool_]) -> FaceSeries:
        """The measures of those frames (T,) alone."""
        both = (self.flicker_plate, self.flicker_render)
        plate, render = (np.where(use, x, np.nan) for x in both)
        return FaceSeries(plate, render, np.where(use[:, None, None], self.steps, np.nan))

    @property
    def flicker(self) -> Curve:
        """(T,) the render's flicker relative to the plate's median."""
        if not np.isfinite(self.flicker_plate).any():
            return self.flicker_render
        usual = max(float(np.nanmedian(self.flicker_plate)), HIGH_PASS_FLOOR)
        return np.maximum(self.flicker_render, HIGH_PASS_FLOOR) / usual


class FaceMeasures:
    """Measures one face: `add` each frame once and in order, then read `series`.

    Of fields, flicker is measured twice: against the two fields beside, which lie on other lines,
    and against the next two on the same lines.
    """

    def __init__(self, *, fields: bool = False) -> None:
        """`fields`: what is added is fields by turns, not frames."""
        self._apart = (1, 2) if fields else (1,)
        self._flicker: dict[int, list[tuple[float, float]]] = {n: [] for n in self._apart}
        self._steps: list[NDArray[np.float64]] = []
        self._recent: deque[_Steadied | None] = deque(maxlen=2 * self._apart[-1] + 1)

    def add(
        self,
        plate: Gray,
        render: Gray,
        matte: Matte,
        landmarks: NDArray[np.floating] | None,
        colours: Callable[[Part], Sequence[Gray]] = _no_colours,
    ) -> float:
        """Measure one frame; returns the mouth's mean change, of full scale.

        Args:
            plate, render: grey pictures of the same pixels, (H, W), full scale 1.
            matte: (H, W), 0 where the plate was kept.
            landmarks: the plate's, (478, 3) in pixels of these pictures; None without a face.
            colours: by how much the two colour differences change in a part, full scale 1.
        """
        for known in self._flicker.values():
            known.append((np.nan, np.nan))
        steps = np.full((CHANNELS, ARCS), np.nan)
        self._steps.append(steps)
        edge = None if landmarks is None else edge_part(matte)
        if landmarks is None or edge is None:
            self._recent.append(None)
            return np.nan
        changes = [render[edge] - plate[edge], *colours(edge)]
        steps[: len(changes)] = edge_steps(changes, matte[edge])
        self._recent.append(_steadied(plate, render, matte, landmarks))
        for apart, known in self._flicker.items():
            if len(self._recent) > 2 * apart:
                three = [self._recent[-1 - n * apart] for n in (2, 1, 0)]
                known[-1 - apart] = _high_pass(tuple(three))
        box = mouth_box(landmarks, plate.shape)
        inside = render[box.rows, box.columns] - plate[box.rows, box.columns]
        return float(np.abs(inside).mean()) if inside.size else np.nan

    @property
    def series(self) -> FaceSeries:
        """The measures of all frames so far; flicker from one to the next."""
        return self._series(1)

    @property
    def same_lines(self) -> FaceSeries | None:
        """The same, flicker from field to field on the same lines; None where these are frames."""
        return self._series(2) if 2 in self._flicker else None

    def _series(self, apart: int) -> FaceSeries:
        plate, render = np.array(self._flicker[apart], np.float64).reshape(-1, 2).T
        return FaceSeries(plate, render, np.array(self._steps).reshape(-1, CHANNELS, ARCS))


class FrameMeasures:
    """Counts pixels changed outside the matte, and changed frames, in the stored planes."""

    def __init__(self) -> None:
        self.frames = 0
        self.comparable = True  #: False once a render's pixel format differs from the plate's
        self.stray_pixels = 0  #: pixels that differ from the plate where the matte is 0
        self.stray_frames: list[int] = []  #: frames with any of them
        self.changed_frames: list[int] = []  #: frames with any sample that differs from the plate

    def add(self, plate: Frame, render: Frame, matte: Matte) -> Region | None:
        """Count one frame, in stored planes; it goes by the plate's frame number.

        A pixel counts once, however many of its samples differ.  A chroma sample that several
        pixels share counts as one pixel where their luma is unchanged.

        Returns:
            Where it differs, see `changed_region`; None also where it cannot be compared.
        """
        self.frames += 1
        if [(p.shape, p.dtype) for p in plate.planes] != [
            (p.shape, p.dtype) for p in render.planes
        ]:
            self.comparable = False
            return None
        region = changed_region(plate, render)
        if region is None:
            return None
        covered = matte[region.rows, region.columns] > 0
        outside = []
        for n, (before, after) in enumerate(zip(plate.planes, render.planes, strict=True)):
            part = region.in_plane(plate.format, n)
            old, new = (sample_bits(p[part.rows, part.columns]) for p in (before, after))
            outside.append((old != new) & ~_on_sites(covered, plate.format, n))
        stray = _pixels(outside, plate.format)
        self.stray_pixels += stray
        if stray:
            self.stray_frames.append(plate.number)
        self.changed_frames.append(plate.number)
        return region


def mouth_box(landmarks: NDArray[np.floating], shape: tuple[int, ...]) -> Region:
    """The box of the mouth with a margin, clipped to pictures of `shape`."""
    x, y = lips_centre(landmarks)
    eyes = float(eye_distance(landmarks[None])[0])
    half_across, half_down = 0.55 * eyes, 0.45 * eyes
    height, width = shape[:2]
    left, right = (int(np.clip(round(x + s * half_across), 0, width)) for s in (-1, 1))
    top, bottom = (int(np.clip(round(y + s * half_down), 0, height)) for s in (-1, 1))
    return Region(left, top, right, bottom)


def seam(plate: Gray, render: Gray, matte: Matte) -> float:
    """Slope of `render` across the matte's edge band, over the slope of `plate` there.

    1 where the edge is invisible; NaN where the matte has no edge.  Both pictures are first blurred
    to a quarter of the band's width, so that a step spread over a wide feather counts and skin
    texture does not.

    Source: ours.
    """
    rows, columns = (np.flatnonzero(matte.any(axis=a)) for a in (1, 0))
    if not len(rows):
        return float("nan")
    margin = 12
    cut = (
        slice(max(rows[0] - margin, 0), rows[-1] + margin + 1),
        slice(max(columns[0] - margin, 0), columns[-1] + margin + 1),
    )
    step = max(1, max(matte[cut].shape) // 192)
    before, after, weight = (
        _reduced(np.asarray(x[cut], np.float32), step) for x in (plate, render, matte)
    )
    down, across = np.gradient(scipy.ndimage.gaussian_filter(weight / 255, 1.0))
    steep = np.hypot(down, across)
    band = steep > 0.25 * steep.max()
    if steep.max() < 1e-4:
        return float("nan")
    sigma = float(np.clip(0.25 / steep.max(), 1.0, 6.0))
    slopes = []
    for picture in (before, after):
        dy, dx = np.gradient(scipy.ndimage.gaussian_filter(picture, sigma))
        along = (dy * down + dx * across)[band] / steep[band]
        slopes.append(float(np.sqrt(np.square(along).mean() + SLOPE_FLOOR**2)))
    return slopes[1] / slopes[0]


@dataclass(frozen=True, slots=True, eq=False)
class _Steadied:
    """Plate, render and matte on a grid that moves with the face, (PATCH, PATCH)."""

    plate: Gray
    render: Gray
    inside: NDArray[np.bool_]


def _steadied(
    plate: Gray, render: Gray, matte: Matte, landmarks: NDArray[np.floating]
) -> _Steadied:
    """Both pictures around the mouth, upright and scaled to one size, at the same points."""
    corners = landmarks[[33, 133, 362, 263], :2].astype(np.float64)
    right, left = corners[:2].mean(axis=0), corners[2:].mean(axis=0)
    across = (left - right) * (PATCH_SPAN / PATCH)
    down = np.array([-across[1], across[0]])
    # The grid hangs on the eyes, so it does not move with the jaw.
    centre = (right + left) / 2 + down / np.linalg.norm(down) * np.linalg.norm(left - right) * 1.2
    step = max(1, int(np.hypot(*across)))
    index = np.arange(PATCH) - (PATCH - 1) / 2
    points = centre + index[:, None, None] * down + index[None, :, None] * across
    at = [(points[..., axis] - 0.5 - (step - 1) / 2) / step for axis in (1, 0)]
    spans = [_read(x, side // step) for x, side in zip(at, plate.shape, strict=True)]
    rows, columns = (slice(first * step, stop * step) for first, stop in spans)
    at = [x - first for x, (first, _) in zip(at, spans, strict=True)]  # exact

    def sampled(picture: NDArray[np.generic]) -> Gray:
        small = _reduced(np.asarray(picture[rows, columns], np.float32), step)
        return np.asarray(
            scipy.ndimage.map_coordinates(small, at, order=1, mode="nearest"), np.float32
        )

    return _Steadied(sampled(plate), sampled(render), sampled(matte) >= 128)


def _read(at: NDArray[np.float64], side: int) -> tuple[int, int]:
    """First place and stop of what linear sampling at `at` reads of `side` samples."""
    first = int(np.clip(np.floor(at.min()), 0, side - 1))
    return first, int(np.clip(np.floor(at.max()) + 2, first + 1, side))


def _high_pass(recent: tuple[_Steadied | None, ...]) -> tuple[float, float]:
    """Robust deviation of the middle patch from the mean of its neighbours: plate's, render's."""
    first, middle, last = recent
    if first is None or middle is None or last is None:
        return np.nan, np.nan
    inside = first.inside & middle.inside & last.inside
    if inside.sum() < 25:
        return np.nan, np.nan
    # The median ignores the lips, which may move; a flicker shows in the whole patch.
    plate, render = (
        float(1.4826 * np.median(np.abs(b - (a + c) / 2)[inside]))
        for a, b, c in (
            (first.plate, middle.plate, last.plate),
            (first.render, middle.render, last.render),
        )
    )
    return plate, render


def _reduced(picture: Gray, step: int) -> Gray:
    """Means of `step` x `step` blocks; remaining rows and columns are dropped."""
    if step == 1:
        return picture
    height, width = (n // step for n in picture.shape)
    rows = picture[: height * step, : width * step].reshape(height, step, width * step).sum(axis=1)
    blocks = rows.reshape(height, width, step).sum(axis=2)  # rows first: they are contiguous
    return np.asarray(blocks / np.float32(step * step), np.float32)


def _pixels(outside: list[NDArray[np.bool_]], form: PictureFormat) -> int:
    """Number of pixels with any sample of the planes `outside`, all of one region."""
    shared = [n for n in range(len(outside)) if form.plane_shape(n) != form.plane_shape(0)]
    pixels = np.logical_or.reduce([p for n, p in enumerate(outside) if n not in shared])
    count = int(pixels.sum())
    if shared:
        sites = np.logical_or.reduce([outside[n] for n in shared])
        count += int((sites & ~_on_sites(pixels, form, shared[0])).sum())
    return count


def _on_sites(covered: NDArray[np.bool_], form: PictureFormat, plane: int) -> NDArray[np.bool_]:
    """`covered` luma samples of an aligned region as samples of `plane` there.

    Chroma is covered when any of its luma is.
    """
    if form.plane_shape(plane) == form.plane_shape(0):
        return covered
    across, down = (1 << n for n in form.chroma)
    height, width = -(-covered.shape[0] // down), -(-covered.shape[1] // across)
    padded = np.zeros((height * down, width * across), bool)
    padded[: covered.shape[0], : covered.shape[1]] = covered
    sites = [padded[y::down, x::across] for y in range(down) for x in range(across)]
    return np.asarray(np.logical_or.reduce(sites))
