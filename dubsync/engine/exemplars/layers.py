"""One frame's layers: exemplar over warped skin over plate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Frame, Region
from dubsync.core.steps import Patch
from dubsync.engine.compositing import colour_match
from dubsync.engine.compositing.matte import (
    BORDER,
    expand_jaw,
    eye_distance_px,
    face_inside,
    flat_eye_distance,
    inner_share,
    lip_share,
    matte_of,
    mouth_box,
    region_of,
)
from dubsync.engine.exemplars import mouth_interior
from dubsync.engine.exemplars.bank import Picture, finite_rgb
from dubsync.engine.exemplars.sheet import Sheet, Source
from dubsync.engine.geometry import thin_plate
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.geometry.thin_plate import CONTROLS

#: Low frequencies are what remains at this many samples per eye distance.
LOW_SAMPLES = 32.0
#: Fraction of a mouth's interior taken from one exemplar, low frequencies included: averaged teeth
#: look grey.
TEETH_HELD = 0.45
#: Margin of plate read round the matte, to fit colour on and to warp from, eye distances.
RING = 0.24
#: A jaw that moves by the second pulls the skin below it, as far as the first: the matte grows.
JAW_REACH, JAW_MOVES = 0.3, 0.04
#: Skin moved by less than the first keeps the plate's own pixels; by more than the second, none.
STAYS, GOES = 0.03, 0.11
#: The spline that warps the plate's skin is fixed on rings this many times the face's outline.
ANCHOR_RINGS = (1.22, 1.6)
#: A picture this many times finer than the plate is scaled down before it is sampled.
FINER = 1.3
#: An eye distance of more pixels is a large face's: pores and stubble are seen in it one by one.
LARGE_UNIT = 200.0
#: Radius over which an exemplar's low frequencies are corrected, eye distances.
SPREAD = 0.3


class Layers:
    """Makes sheets, draws exemplars on them, and combines both into a patch."""

    def __init__(
        self, device: torch.device, *, keep_skin: bool, plain: bool = False, own_grain: bool = True
    ) -> None:
        """`plain`: the baseline renderer, see `colour_match.fit_colour`.

        It does not extrapolate the remaining difference on bare skin inwards either.
        `own_grain`: exemplars get white grain where they are smoother than the plate.
        """
        self.device = self._device = device
        self._keep_skin = keep_skin
        self._plain = plain
        self._own_grain = own_grain

    def source(
        self, picture: Picture | Array, points: Array, hidden: NDArray[np.bool_] | None = None
    ) -> Source:
        """An exemplar's picture (H, W, 3), prepared for sampling.

        Args:
            hidden: (H, W) where something stands in front of the face in it.
        """
        full = picture.astype(np.float32)
        unit = flat_eye_distance(points)
        height, width = full.shape[:2]
        ratio = max(unit / LOW_SAMPLES, 1.0)
        low = thin_plate.downscaled(full, ratio)
        scale = np.array([low.shape[1] / width, low.shape[0] / height], np.float32)
        sharpness = colour_match.laplacian_energy(full, mouth_box(points, width, height))
        mask = None if hidden is None else self._tensor(hidden[..., None].astype(np.float32))
        host = torch.from_numpy(np.ascontiguousarray(full.transpose(2, 0, 1)))
        return Source(
            host.to(self._device), self._tensor(low), points, scale, unit, sharpness, mask, host
        )

    def sheet(
        self,
        frame: Frame,
        landmarks: Array,
        wanted: Array,
        border: tuple[Array, Array],
        strength: float,
        edge: tuple[float, float] = (0.0, 0.0),
    ) -> Sheet | None:
        """The sheet of a frame; None where the face lies outside the picture.

        Args:
            edge: of the matte, see `matte_of`; it grows at most by `RING` eye distances.
        """
        unit = eye_distance_px(landmarks)
        jaw = float(np.linalg.norm(border[1] - border[0], axis=1).max())
        shapes = [border[0], border[1]]
        if self._keep_skin:
            room = JAW_REACH * unit * _smoothstep(jaw / (JAW_MOVES * unit))
            shapes = [expand_jaw(border[0], room), expand_jaw(border[1], room)]
        region = region_of(shapes, RING * unit).aligned(frame.format)
        if region.width < 16 or region.height < 16:
            return None
        plate = finite_rgb(frame, region)
        return self._sheet(region, plate, landmarks, wanted, shapes, unit, strength, edge)

    def sheet_of_exemplar(self, picture: Picture, points: Array) -> Sheet | None:
        """The sheet of an exemplar's own picture (H, W, 3), landmarks (478, 2): for training."""
        unit = flat_eye_distance(points)
        border = points[BORDER]
        around = region_of([border], RING * unit)
        height, width = picture.shape[:2]
        region = Region(
            max(around.left, 0),
            max(around.top, 0),
            min(around.right, width),
            min(around.bottom, height),
        )
        if region.width < 16 or region.height < 16:
            return None
        plate = picture[region.rows, region.columns].astype(np.float32)
        return self._sheet(region, plate, points, points, [border], unit, 1.0)

    def _sheet(
        self,
        region: Region,
        plate: Array,
        landmarks: Array,
        wanted: Array,
        shapes: list[Array],
        unit: float,
        strength: float,
        edge: tuple[float, float] = (0.0, 0.0),
    ) -> Sheet | None:
        matte = matte_of(shapes, landmarks, region, unit, strength, edge)
        if not matte.any():
            return None
        skin, moved, origin = plate, np.zeros(plate.shape[:2], np.float32), None
        if self._keep_skin:
            skin, moved, origin = self._warped_skin(plate, landmarks, wanted, region, unit)
        lips = lip_share(wanted, region, unit)
        face = face_inside(wanted, FACE_OVAL, region) & face_inside(landmarks, FACE_OVAL, region)
        face = cv2.erode(face.astype(np.uint8), np.ones((3, 3))) > 0
        bare = face & (lips <= 0)
        if self._keep_skin:
            bare &= lip_share(landmarks, region, unit) <= 0
        trusted = bare if self._keep_skin else bare & (matte < 26)
        return Sheet(
            region, unit, landmarks, wanted, plate, skin, moved, matte, lips, trusted, bare,
            origin=origin,
        )  # fmt: skip

    def exemplar(self, sheet: Sheet, sources: Sequence[Source], share: Array) -> Array:
        """The first of `sources` warped onto the sheet, with the mean low frequencies of them
        all."""
        points = [source.points[CONTROLS, :2] for source in sources]
        controls = sheet.wanted[CONTROLS, :2].astype(np.float64)
        spline = thin_plate.fit_spline(
            controls, np.concatenate(points, axis=1).astype(np.float64), sheet.unit
        )
        step = sheet.unit / thin_plate.NODES
        nodes = spline.at_nodes(sheet.region, step)
        full = (sheet.region.height, sheet.region.width)
        at = thin_plate.to_pixels(nodes[..., :2], full, self._device)
        picture, scale = self._fit_to_size(sources[0], sheet.unit)
        drawn = _resampled(picture, at * scale, sheet.unit)
        if len(sources) > 1:
            drawn = drawn + self._low_correction(sheet, sources, share, nodes)
        made = np.asarray(drawn.permute(1, 2, 0).cpu().numpy(), np.float32)
        made = self._with_open_mouth(made, sheet, sources[0])
        if not 1 / FINER < sources[0].unit / sheet.unit < FINER:
            return made
        offset = np.array([sheet.region.left, sheet.region.top], np.float32)
        box = mouth_box(sheet.wanted[:, :2] - offset, sheet.region.width, sheet.region.height)
        # Pores round the lips are weakened as the lips are, and are seen where a face is large.
        where = np.ones_like(sheet.lips) if sheet.unit > LARGE_UNIT else sheet.lips
        return colour_match.match_sharpness(made, sources[0].sharpness, box, where)

    def dragged(self, sheet: Sheet, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(h, w) where the sheet's warped skin shows a pixel of `mask` (h, w)."""
        by = self._skin_shift(sheet.landmarks, sheet.wanted, sheet.region, sheet.unit)
        if by is None or not self._keep_skin:
            return np.zeros(mask.shape, bool)
        whole = self._tensor(mask[..., None].astype(np.float32))
        seen = thin_plate.resample(whole, self._grid(sheet.region) + by, "bilinear")[0]
        return np.asarray(seen.cpu().numpy() > 0, bool)

    def hidden(self, sheet: Sheet, source: Source) -> NDArray[np.bool_] | None:
        """(h, w) where the exemplar, warped onto the sheet, shows what stood in front of the face.

        None where nothing did.
        """
        if source.hidden is None:
            return None
        controls = sheet.wanted[CONTROLS, :2].astype(np.float64)
        spline = thin_plate.fit_spline(
            controls, source.points[CONTROLS, :2].astype(np.float64), sheet.unit
        )
        nodes = spline.at_nodes(sheet.region, sheet.unit / thin_plate.NODES)
        size = (sheet.region.height, sheet.region.width)
        at = thin_plate.to_pixels(nodes, size, self._device)
        seen = thin_plate.resample(source.hidden, at, "bilinear")[0].cpu().numpy()
        return np.asarray(seen > 0, bool)

    def fit(self, sheet: Sheet, picture: Array) -> colour_match.Fit:
        """The Fit that matches the exemplar's colour and sharpness to the plate's."""
        return colour_match.fit_colour(
            picture, sheet.skin, sheet.trusted, sheet.textured, plain=self._plain
        )

    def patch(self, sheet: Sheet, picture: Array, own: float, number: int) -> Patch:
        """Exemplar over skin, with grain, cropped to the matte.

        Args:
            own: 0..1, how much of the mouth is the plate's own.
        """
        if self._own_grain:
            lacking = colour_match.missing_grain(picture, sheet.skin, sheet.textured)
            picture = colour_match.add_grain(picture, lacking, number)
        if not self._plain:
            radius = SPREAD * sheet.unit
            picture = picture + colour_match.spread_difference(
                picture, sheet.skin, sheet.trusted, radius
            )
        if self._keep_skin:
            over = self._exemplar_share(sheet) * np.float32(1 - own)
            picture = sheet.skin + over[..., None] * (picture - sheet.skin)
        rows, columns = _filled_part(sheet.matte)
        region = Region(
            sheet.region.left + columns.start,
            sheet.region.top + rows.start,
            sheet.region.left + columns.stop,
            sheet.region.top + rows.stop,
        )
        origin = None if sheet.origin is None else sheet.origin[rows, columns]
        return Patch(region, picture[rows, columns], sheet.matte[rows, columns], origin=origin)

    def _exemplar_share(self, sheet: Sheet) -> Array:
        """(h, w) opacity of the exemplar: the lips, and skin that moves far."""
        far = np.clip((sheet.moved - STAYS) / (GOES - STAYS), 0, 1)
        far = _smoothstep(far)
        face = face_inside(sheet.wanted, FACE_OVAL, sheet.region).astype(np.float32)
        inner = cv2.erode(face, np.ones((3, 3)), iterations=max(1, int(0.05 * sheet.unit / 2)))
        far = cv2.GaussianBlur(far * inner, (0, 0), max(0.04 * sheet.unit, 0.8))
        share = np.maximum(sheet.lips, far)
        if sheet.dragged is not None:
            share = np.maximum(share, sheet.dragged * inner)
        return np.asarray(share, np.float32)

    def _warped_skin(
        self, plate: Array, landmarks: Array, wanted: Array, region: Region, unit: float
    ) -> tuple[Array, Array, Array | None]:
        """The plate warped from `landmarks` to `wanted`, by how many eye distances (h, w), and
        where it was (`Sheet.origin`)."""
        by = self._skin_shift(landmarks, wanted, region, unit)
        if by is None:
            return plate, np.zeros(plate.shape[:2], np.float32), None
        at = self._grid(region) + by
        skin = _resampled(self._tensor(plate), at, unit)
        moved = np.hypot(*by.cpu().numpy().transpose(2, 0, 1)) / np.float32(unit)
        corner = np.array([region.left, region.top], np.float32)
        return (
            np.asarray(skin.permute(1, 2, 0).cpu().numpy(), np.float32),
            np.asarray(moved, np.float32),
            np.asarray(at.cpu().numpy() + corner, np.float32),
        )

    def _skin_shift(
        self, landmarks: Array, wanted: Array, region: Region, unit: float
    ) -> torch.Tensor | None:
        """(h, w, 2) pixels from where skin goes to where it is in the plate; None: it stays."""
        if np.abs(wanted[CONTROLS, :2] - landmarks[CONTROLS, :2]).max() < 1e-3:
            return None
        oval = landmarks[FACE_OVAL, :2]
        middle = oval.mean(axis=0)
        still = np.concatenate([middle + (oval[::2] - middle) * ring for ring in ANCHOR_RINGS])
        source = np.concatenate([landmarks[CONTROLS, :2], still]).astype(np.float64)
        target = np.concatenate([wanted[CONTROLS, :2], still]).astype(np.float64)
        spline = thin_plate.fit_spline(target, source - target, unit)
        step = unit / thin_plate.NODES
        nodes = spline.at_nodes(region, step)
        return thin_plate.to_pixels(nodes, (region.height, region.width), self._device)

    def _grid(self, region: Region) -> torch.Tensor:
        """(h, w, 2) pixel centres of the region, from its corner."""
        x = torch.arange(region.width, device=self._device) + 0.5
        y = torch.arange(region.height, device=self._device) + 0.5
        return torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)

    def _with_open_mouth(self, drawn: Array, sheet: Sheet, source: Source) -> Array:
        """`drawn` with its mouth opened where the exemplar's is too closed to be stretched."""
        share = mouth_interior.missing_opening(
            sheet.wanted, source.points, (sheet.unit, source.unit)
        )
        if share <= 0:
            return drawn
        picture = source.host.permute(1, 2, 0).numpy()
        dark = mouth_interior.mouth_dark(picture, source.points, source.unit)
        wanted = mouth_interior.in_region(sheet.wanted, sheet.region)
        return mouth_interior.open_mouth(
            drawn, picture, dark, wanted, source.points, sheet.unit, share
        )

    def _fit_to_size(self, source: Source, unit: float) -> tuple[torch.Tensor, torch.Tensor]:
        """The source's picture, scaled down where much finer than the plate, and its scale."""
        one = torch.ones(2, device=self._device)
        ratio = source.unit / unit
        if ratio < FINER:
            return source.picture, one
        full = source.host.permute(1, 2, 0).numpy()
        small = thin_plate.downscaled(full, ratio)
        sides = [small.shape[1] / full.shape[1], small.shape[0] / full.shape[0]]
        scale = one * torch.tensor(sides).to(self._device)
        return self._tensor(small), scale

    def _low_correction(
        self,
        sheet: Sheet,
        sources: Sequence[Source],
        share: Array,
        nodes: NDArray[np.float64],
    ) -> torch.Tensor:
        """(3, h, w) the mean of all sources' low frequencies minus those of the first."""
        ratio = max(sheet.unit / LOW_SAMPLES, 1.0)
        height, width = sheet.region.height, sheet.region.width
        size = (max(4, round(height / ratio)), max(4, round(width / ratio)))
        at = self._tensor_of(_at_low_pixels(nodes, sheet.region, size))
        scales = self._tensor_of(np.stack([source.low_scale for source in sources]))
        total = torch.zeros((3, *size), device=self._device)
        for n, (source, part) in enumerate(zip(sources, share, strict=True)):
            places = at[..., 2 * n : 2 * n + 2] * scales[n]
            drawn = thin_plate.resample(source.low, places, "bilinear")
            total += drawn * (float(part) - (1.0 if n == 0 else 0.0))
        smooth = torch.nn.functional.interpolate(
            total[None], size=(height, width), mode="bicubic", align_corners=False
        )[0]
        teeth = inner_share(sheet.wanted, sheet.region, sheet.unit)
        return smooth * torch.as_tensor(1 - TEETH_HELD * teeth, device=self._device)

    def _tensor_of(self, values: NDArray[Any]) -> torch.Tensor:
        return torch.as_tensor(np.asarray(values, np.float32), device=self._device)

    def _tensor(self, picture: Array) -> torch.Tensor:
        """(H, W, 3) as (3, H, W) on the device."""
        flat = np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32)
        return torch.as_tensor(flat, device=self._device)


def _resampled(picture: torch.Tensor, at: torch.Tensor, unit: float) -> torch.Tensor:
    """`picture` at points `at`; `unit` an eye distance, pixels."""
    if unit > LARGE_UNIT:
        return thin_plate.resample_sharply(picture, at)
    return thin_plate.resample(picture, at)


def _smoothstep(x: Any) -> Any:
    """0 below 0, 1 above 1, smooth between."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def _at_low_pixels(
    nodes: NDArray[np.float64], region: Region, size: tuple[int, int]
) -> NDArray[np.float64]:
    """Values of `nodes` at the centres of `size` larger pixels that cover the same region."""
    rows, columns, _ = nodes.shape
    ends = []
    for full, low, count in zip((region.height, region.width), size, (rows, columns), strict=True):
        inset = (full / low - 1) / 2 / (full - 1) * (count - 1)
        ends.append(np.linspace(inset, count - 1 - inset, low, dtype=np.float32))
    x, y = np.meshgrid(ends[1], ends[0])
    planes = [
        cv2.remap(nodes[..., c : c + 4].astype(np.float32), x, y, cv2.INTER_LINEAR)
        for c in range(0, nodes.shape[2], 4)
    ]
    return np.concatenate([p.reshape(*size, -1) for p in planes], axis=-1)


def _filled_part(matte: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Rows and columns of the matte that are not empty, aligned to 8 so that chroma fits."""
    rows, columns = np.flatnonzero(matte.any(axis=1)), np.flatnonzero(matte.any(axis=0))
    top, left = int(rows[0]) // 8 * 8, int(columns[0]) // 8 * 8
    bottom = min(matte.shape[0], -(-(int(rows[-1]) + 1) // 8) * 8)
    right = min(matte.shape[1], -(-(int(columns[-1]) + 1) // 8) * 8)
    return slice(top, bottom), slice(left, right)
