"""Convert stored planes to working colour and back.

Working colour is what a grading monitor would show: non-linear R'G'B', 0 is black, 1 is nominal
white, not clipped.  YCbCr follows ITU-R BT.601-7, BT.709-6 and BT.2020-2 (non-constant luminance).
Scene-linear EXR goes through the sRGB curve of IEC 61966-2-1, extended beyond 1 so that highlights
survive the round trip.  Where the plate's colour space is known (`PictureFormat.colour`), its own
curve and primaries take the place of both.
"""

from __future__ import annotations

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Frame, PictureFormat, Plane, Region, whole

#: Kr, Kb of each matrix: BT.601-7 2.5.1, BT.709-6 3.2, BT.2020-2 table 4.
LUMA_WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}


def working_rgb(frame: Frame, region: Region | None = None) -> Array:
    """The frame (or an aligned `region` of it) in working colour, (H, W, 3) float32."""
    form = frame.format
    region = whole(form) if region is None else region
    planes = [
        _cut(plane, region.in_plane(form, n)).astype(np.float32)
        for n, plane in enumerate(frame.planes[:3])
    ]
    code = _code(planes, form)
    if form.colour is not None:
        return form.colour.working_of(code)
    return _display_curve(code) if form.floating and form.model == "rgb" else code


def _code(planes: list[Array], form: PictureFormat) -> Array:
    """Stored planes as R'G'B' (or, of a linear plate, RGB), nominal 0..1."""
    if form.model == "gray":
        luma = _unscaled(planes[0], form, chroma=False)
        return np.repeat(luma[..., None], 3, axis=2)
    if form.model == "rgb":
        return np.stack([_unscaled(p, form, chroma=False) for p in planes], axis=-1)
    luma = _unscaled(planes[0], form, chroma=False)
    blue, red = (
        chroma_at_luma(_unscaled(p, form, chroma=True), form, luma.shape) for p in planes[1:3]
    )
    return _ycc_to_rgb(luma, blue, red, form.matrix)


def plane_values(rgb: Array, form: PictureFormat) -> tuple[Array, ...]:
    """Working colour (H, W, 3) as unrounded values of each stored colour plane, float32.

    H and W must be an aligned Region's; chroma is averaged over the luma it covers.
    """
    if form.colour is not None:
        rgb = form.colour.code_of(rgb)
    elif form.floating and form.model == "rgb":
        rgb = _linear_curve(rgb)
    if form.model == "gray":
        return (_scaled(rgb @ _luma_row("bt709"), form, chroma=False),)
    if form.model == "rgb":
        return tuple(_scaled(rgb[..., c], form, chroma=False) for c in range(3))
    luma, blue, red = _rgb_to_ycc(rgb, form.matrix)
    return (
        _scaled(luma, form, chroma=False),
        _scaled(_chroma_down(blue, form), form, chroma=True),
        _scaled(_chroma_down(red, form), form, chroma=True),
    )


def stored(values: Array, like: Plane, form: PictureFormat) -> Plane:
    """Plane values rounded and clipped to the samples of the stored plane."""
    if form.floating:
        return values.astype(like.dtype)
    top = (1 << form.bits) - 1
    return np.clip(np.rint(values), 0, top).astype(like.dtype)


def _cut(plane: Plane, region: Region) -> Plane:
    return plane[region.rows, region.columns]


def _levels(form: PictureFormat, chroma: bool) -> tuple[float, float]:
    """(value of zero, width of one) in stored numbers; BT.709-6 table 4.6, BT.2020-2 table 5."""
    if form.full_range or form.model == "rgb":
        top = float((1 << form.bits) - 1)
        return ((1 << (form.bits - 1)), top) if chroma else (0.0, top)
    unit = float(1 << (form.bits - 8))
    return (128 * unit, 224 * unit) if chroma else (16 * unit, 219 * unit)


def _unscaled(plane: Array, form: PictureFormat, *, chroma: bool) -> Array:
    if form.floating:
        return plane
    zero, one = _levels(form, chroma)
    unscaled: Array = plane - np.float32(zero)
    unscaled *= np.float32(1 / one)
    return unscaled


def _scaled(values: Array, form: PictureFormat, *, chroma: bool) -> Array:
    if form.floating:
        return values
    zero, one = _levels(form, chroma)
    scaled: Array = values * np.float32(one)
    scaled += np.float32(zero)
    return scaled


def _luma_row(matrix: str) -> Array:
    red, blue = LUMA_WEIGHTS[matrix]
    row: Array = np.array([red, 1 - red - blue, blue], np.float32)
    return row


def _ycc_to_rgb(luma: Array, blue: Array, red: Array, matrix: str) -> Array:
    kr, kb = _weights(matrix)
    made = np.empty((*luma.shape, 3), np.float32)
    r, g, b = (made[..., n] for n in range(3))
    # In place, and without a picture more than is needed: these are pictures of a whole face.
    part = red * (2 * (1 - kr))
    part += luma
    r[:] = part
    part *= kr
    green = luma - part
    np.multiply(blue, 2 * (1 - kb), out=part)
    part += luma
    b[:] = part
    part *= kb
    green -= part
    green /= 1 - kr - kb
    g[:] = green
    return made


def _rgb_to_ycc(rgb: Array, matrix: str) -> tuple[Array, Array, Array]:
    kr, kb = _weights(matrix)
    luma = np.asarray(rgb @ _luma_row(matrix), np.float32)
    blue: Array = (rgb[..., 2] - luma) / (2 * (1 - kb))
    red: Array = (rgb[..., 0] - luma) / (2 * (1 - kr))
    return luma, blue, red


def _weights(matrix: str) -> tuple[np.float32, np.float32]:
    if matrix not in LUMA_WEIGHTS:
        raise ShapeError(f"unknown YCbCr matrix {matrix!r}")
    kr, kb = LUMA_WEIGHTS[matrix]
    return np.float32(kr), np.float32(kb)


def chroma_at_luma(plane: Array, form: PictureFormat, shape: tuple[int, ...]) -> Array:
    """Chroma at luma sites: linear, left-sited across (BT.709), centred down.

    In a frame, that is: of one field it lies a quarter of the field's lines higher or lower (ITU-T
    H.262, figures 6-2 and 6-3).
    """
    across, down = form.chroma
    if down:
        centre = 0.5 - 0.5 / (1 << down)
        plane = _linear(plane, shape[0], down, offset=centre + _OF_FIELD[form.field], axis=0)
    if across:
        plane = _linear(plane, shape[1], across, offset=0.0, axis=1)
    return plane


#: How much lower than the middle the chroma of 4:2:0 lies in a field, chroma lines.
_OF_FIELD = {"": 0.0, "top": -0.125, "bottom": 0.125}


def _linear(plane: Array, length: int, log2: int, *, offset: float, axis: int) -> Array:
    """Interpolate rows (`axis` 0) or columns; chroma k is at luma (k + offset) * 2^log2.

    Luma sites that lie alike between two chroma sites are made together: whole slices, no index.
    """
    known, step = plane.swapaxes(0, axis), 1 << log2
    across = plane.shape[1 - axis]
    made = np.empty((length, across) if axis == 0 else (across, length), np.float32)
    for place in range(step):
        wanted = made.swapaxes(0, axis)[place::step]
        way = place / step - offset  # to the next site, from this or the last one
        before = int(way < 0)
        share = np.float32(way + before)
        if share == 0:
            wanted[:] = known[: len(wanted)]
            continue
        inner = wanted[1:] if before else wanted[: len(known) - 1]
        low, high = known[: len(inner)], known[1 : len(inner) + 1]
        np.multiply(low, 1 - share, out=inner)
        inner += high * share
        outer = wanted[:1] if before else wanted[len(known) - 1 :]  # no site beyond the edge
        outer[:] = known[:1] if before else known[-1:]
    return made


def _chroma_down(plane: Array, form: PictureFormat) -> Array:
    """Chroma at its stored sites: [1 2 1]/4 across for left siting, box down."""
    across, down = form.chroma
    for _ in range(across):
        odd = plane[:, 1::2]
        made = 2 * plane[:, ::2]
        made[:, :1] += plane[:, :1]  # the edge is repeated
        made[:, 1:] += odd[:, : made.shape[1] - 1]
        made[:, : odd.shape[1]] += odd
        made[:, odd.shape[1] :] += plane[:, -1:]
        plane = made * np.float32(0.25)
    for _ in range(down):
        if plane.shape[0] % 2:
            plane = np.concatenate([plane, plane[-1:]])
        upper = np.float32(0.5 - 2 * _OF_FIELD[form.field])
        plane = plane[::2] * upper + plane[1::2] * (1 - upper)
    return plane


def _display_curve(linear: Array) -> Array:
    magnitude = np.abs(linear)
    curved = np.where(
        magnitude <= 0.0031308,
        12.92 * magnitude,
        1.055 * np.power(np.maximum(magnitude, 0.0031308), 1 / 2.4) - 0.055,
    )
    return np.copysign(curved, linear).astype(np.float32)


def _linear_curve(shown: Array) -> Array:
    magnitude = np.abs(shown)
    linear = np.where(
        magnitude <= 0.04045,
        magnitude / 12.92,
        np.power((np.maximum(magnitude, 0.04045) + 0.055) / 1.055, 2.4),
    )
    return np.copysign(linear, shown).astype(np.float32)
