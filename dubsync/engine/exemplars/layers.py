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
    lip_share,
    matte_of,
    mouth_box,
    region_of,
)
from dubsync.engine.compositing.pixel_order import interleaved, tripled
from dubsync.engine.exemplars import mouth_interior
from dubsync.engine.exemplars.bank import Picture, finite_rgb
from dubsync.engine.exemplars.low_frequencies import low_correction
from dubsync.engine.exemplars.prepared import as_planes
from dubsync.engine.exemplars.sheet import Part, Sheet, Source, filled_part, seen_part
from dubsync.engine.geometry import thin_plate
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.geometry.thin_plate import CONTROLS

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
#: Pixels round what is seen of an exemplar that sharpening, twice, and measuring it read.
SMOOTHED = 9
#: Radius over which an exemplar's low frequencies are corrected, eye distances.
SPREAD = 0.3


class Layers:
    """Makes sheets, draws exemplars on them, and combines both into a patch."""

    def __init__(
        self,
        device: torch.device,
        *,
        keep_skin: bool,
        plain: bool = False,
        own_grain: bool = True,
        whole: bool = True,
    ) -> None:
        """`plain`: the baseline renderer, see `colour_match.fit_colour`.

        It does not extrapolate the remaining difference on bare skin inwards either.
        `own_grain`: exemplars get white grain where they are smoother than the plate.
        `whole`: sheets are drawn beyond the part that is seen, as a network needs them.
        """
        self._whole = whole or not keep_skin
        self.device = self._device = device
        self._keep_skin = keep_skin
        self._plain = plain
        self._own_grain = own_grain
        self._measured: tuple[Array, NDArray[np.bool_], float | None] | None = None

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
        lips = lip_share(wanted, region, unit)
        face = face_inside(wanted, FACE_OVAL, region) & face_inside(landmarks, FACE_OVAL, region)
        face = cv2.erode(face.astype(np.uint8), np.ones((3, 3))) > 0
        bare = face & (lips <= 0)
        if self._keep_skin:
            bare &= lip_share(landmarks, region, unit) <= 0
        trusted = bare if self._keep_skin else bare & (matte < 26)
        skin, moved, origin = plate, np.zeros(plate.shape[:2], np.float32), None
        part: Part = (slice(None), slice(None))
        if not self._whole:
            part = seen_part(matte, bare, _mouth(wanted, region))
        if self._keep_skin:
            skin, moved, origin = self._warped_skin(plate, landmarks, wanted, region, unit, part)
        return Sheet(
            region, unit, landmarks, wanted, plate, skin, moved, matte, lips, trusted, bare,
            origin=origin, part=part,
        )  # fmt: skip

    def exemplar(
        self, sheet: Sheet, sources: Sequence[Source], share: Array, reach: int = 0
    ) -> Array:
        """The first of `sources` warped onto the sheet, with the mean low frequencies of them all.

        Args:
            reach: pixels by which it is blurred afterwards.
        """
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
        rows, columns = sheet.part_with(reach + SMOOTHED)
        drawn = low_correction(sheet, sources, share, nodes)
        drawn[:, rows, columns] += _resampled(picture, at[rows, columns] * scale, sheet.unit)
        made = np.asarray(drawn.permute(1, 2, 0).cpu().numpy(), np.float32)
        made = self._with_open_mouth(made, sheet, sources[0])
        if not 1 / FINER < sources[0].unit / sheet.unit < FINER:
            return made
        box = _mouth(sheet.wanted, sheet.region)
        # Pores round the lips are weakened as the lips are, and are seen where a face is large.
        where = np.ones_like(sheet.lips) if sheet.unit > LARGE_UNIT else sheet.lips
        return colour_match.match_sharpness(made, sources[0].sharpness, box, where)

    def dragged(self, sheet: Sheet, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(h, w) where the sheet's warped skin shows a pixel of `mask` (h, w)."""
        by = self._skin_shift(sheet.landmarks, sheet.wanted, sheet.region, sheet.unit)
        if by is None or not self._keep_skin:
            return np.zeros(mask.shape, bool)
        whole = as_planes(mask[..., None].astype(np.float32), self._device)
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
            picture, sheet.skin, sheet.trusted, sheet.textured, plain=self._plain,
            energy=self._skin_detail(sheet),
        )  # fmt: skip

    def _skin_detail(self, sheet: Sheet) -> float | None:
        """The energy of the skin's detail, measured once a sheet; None: too little skin is seen."""
        known = self._measured
        if known is None or known[0] is not sheet.skin or known[1] is not sheet.textured:
            seen = colour_match.enough(sheet.textured)
            energy = colour_match.detail_energy(sheet.skin, sheet.textured) if seen else None
            known = self._measured = (sheet.skin, sheet.textured, energy)
        return known[2]

    def patch(self, sheet: Sheet, picture: Array, own: float, number: int) -> Patch:
        """Exemplar over skin, with grain, cropped to the matte.

        Args:
            own: 0..1, how much of the mouth is the plate's own.
        """
        energy = self._skin_detail(sheet) if self._own_grain else None
        self._measured = None
        if energy is not None:
            lacking = colour_match.missing_grain(picture, energy, sheet.textured)
            picture = colour_match.add_grain(picture, lacking, number)
        rows, columns = filled_part(sheet.matte)
        drawn = picture[rows, columns]
        if not self._plain:
            drawn = (
                interleaved(drawn)
                + colour_match.spread_difference(
                    picture, sheet.skin, sheet.trusted, SPREAD * sheet.unit
                )[rows, columns]
            )
        if self._keep_skin:
            over = self._exemplar_share(sheet)[rows, columns] * np.float32(1 - own)
            skin = interleaved(sheet.skin[rows, columns])
            drawn = interleaved(drawn) - skin
            drawn *= tripled(over)
            drawn += skin
        drawn.flags.writeable = False  # so it is taken over uncopied
        region = Region(
            sheet.region.left + columns.start,
            sheet.region.top + rows.start,
            sheet.region.left + columns.stop,
            sheet.region.top + rows.stop,
        )
        origin = None if sheet.origin is None else sheet.origin[rows, columns]
        return Patch(region, drawn, sheet.matte[rows, columns], origin=origin)

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
        self, plate: Array, landmarks: Array, wanted: Array, region: Region, unit: float,
        part: Part,
    ) -> tuple[Array, Array, Array | None]:  # fmt: skip
        """The plate warped from `landmarks` to `wanted` in `part`, by how many eye distances
        (h, w), and where it was (`Sheet.origin`)."""
        by = self._skin_shift(landmarks, wanted, region, unit)
        if by is None:
            return plate, np.zeros(plate.shape[:2], np.float32), None
        at = by.permute(2, 0, 1).clone()  # x, then y
        x, y = self._centres(region)
        at[0] += x
        at[1] += y[:, None]
        skin = torch.zeros((3, *plate.shape[:2]), device=self._device)
        places = at.permute(1, 2, 0)[part]
        skin[:, part[0], part[1]] = _resampled(as_planes(plate, self._device), places, unit)
        across, down = by.permute(2, 0, 1).cpu().numpy().astype(np.float64)
        across *= across
        down *= down
        across += down
        moved = np.sqrt(across, out=across).astype(np.float32)
        moved /= np.float32(unit)
        corner = np.array([region.left, region.top], np.float32)[:, None, None]
        return (
            np.asarray(skin.permute(1, 2, 0).cpu().numpy(), np.float32),
            moved,
            np.asarray((at.cpu().numpy() + corner).transpose(1, 2, 0), np.float32),
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
        return torch.stack(torch.meshgrid(*self._centres(region), indexing="xy"), dim=-1)

    def _centres(self, region: Region) -> tuple[torch.Tensor, torch.Tensor]:
        """The x (w,) and the y (h,) of pixel centres, from the region's corner."""
        x = torch.arange(region.width, device=self._device) + 0.5
        y = torch.arange(region.height, device=self._device) + 0.5
        return x, y

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
        return as_planes(small, self._device), scale


def _resampled(picture: torch.Tensor, at: torch.Tensor, unit: float) -> torch.Tensor:
    """`picture` at points `at`; `unit` an eye distance, pixels."""
    if unit > LARGE_UNIT:
        return thin_plate.resample_sharply(picture, at)
    return thin_plate.resample(picture, at)


def _mouth(wanted: Array, region: Region) -> Region:
    """The box round a mouth, plate pixels, in the region."""
    offset = np.array([region.left, region.top], np.float32)
    return mouth_box(wanted[:, :2] - offset, region.width, region.height)


def _smoothstep(x: Any) -> Any:
    """0 below 0, 1 above 1, smooth between."""
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)
