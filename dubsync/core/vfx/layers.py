"""Layers that leave for a compositor: generated pixels that give the render back exactly, over its
plate.

In colour of the plate's own encoding, C the render, P the plate and a the matte, the layer is
G = C - (1 - a) P, premultiplied by nature, so that G over P (Porter and Duff 1984: G + (1 - a) P)
is C.  G is what the engine drew times the matte, with the rounding of the render's samples in it.
Every format comes back to the sample but 32-bit float: there C may lie between two sums, and is
then off by one unit in the last place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import chroma_at_luma, plane_values, stored, working_rgb
from dubsync.core.picture import Frame, PictureFormat, Plane

#: Deepest samples for which a half float still leads back to the right one.  A half below 1 is off
#: by 2^-12 at most: a quarter of a 10-bit step.  R'G'B' of YCbCr goes beyond 1 and is off by twice
#: that, and chroma is a difference of two.
HALF_RGB_BITS, HALF_YCBCR_BITS = 10, 8
#: Names of the code points of ITU-T H.273, tables 2 and 3.
PRIMARIES = {"1": "BT.709", "5": "BT.601 (625)", "6": "BT.601 (525)", "9": "BT.2020",
             "11": "DCI-P3", "12": "P3-D65"}  # fmt: skip
TRANSFERS = {"1": "BT.709", "4": "gamma 2.2", "5": "gamma 2.8", "6": "BT.601", "8": "linear",
             "13": "sRGB", "14": "BT.2020 10-bit", "15": "BT.2020 12-bit", "16": "PQ",
             "18": "HLG"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayerEncoding:
    """How the layers of a plate of some format are stored.

    samples  numpy type of the colour and the matte: float16 or float32
    own      whether a compositor reads the plate's own samples; if not, its R'G'B' is given as
             well, because hosts decode YCbCr each in their own way
    colour   what the numbers mean, in a sentence
    """

    samples: Literal["float16", "float32"]
    own: bool
    colour: str


def layer_encoding(form: PictureFormat) -> LayerEncoding:
    """The encoding in which `over` gives back every sample of a render of this format."""
    tagged = f" ({_space(form)})"
    if form.floating:
        return LayerEncoding("float32", True, f"scene-linear, in the plate's own primaries{tagged}")
    if form.model == "rgb":
        half = form.bits <= HALF_RGB_BITS
        top = (1 << form.bits) - 1
        said = f"the plate's own encoding, code / {top}{tagged}; read it raw"
        return LayerEncoding("float16" if half else "float32", True, said)
    half = form.bits <= HALF_YCBCR_BITS
    said = (
        f"the plate's own encoding, R'G'B' from {form.bits}-bit {_family(form)}, 0 is black, 1 is "
        f"nominal white, not clipped{tagged}; read it raw"
    )
    return LayerEncoding("float16" if half else "float32", False, said)


def layer_rgb(frame: Frame) -> Array:
    """(H, W, 3) float32: the frame as a compositor reads it, raw, in the plate's own encoding."""
    form = frame.format
    if form.floating:
        return np.stack([np.asarray(p, np.float32) for p in frame.planes[:3]], axis=-1)
    if form.model == "rgb":
        top = float((1 << form.bits) - 1)
        planes = [(p.astype(np.float64) / top).astype(np.float32) for p in frame.planes[:3]]
        return np.stack(planes, axis=-1)
    code = replace(form, colour=None)  # not the colour that faces are drawn in: what is stored
    return working_rgb(Frame(frame.number, frame.planes, code))


def drawn_rgb(rgb: Array, form: PictureFormat) -> Array:
    """What was drawn in working colour (h, w, 3), in the plate's own encoding, not rounded."""
    if form.model != "rgb":
        code = rgb if form.colour is None else form.colour.code_of(rgb)
        return np.asarray(code, np.float32)
    top = 1.0 if form.floating else float((1 << form.bits) - 1)
    return np.stack([v / np.float32(top) for v in plane_values(rgb, form)], axis=-1)


def alpha_of(matte: NDArray[np.uint8], samples: str) -> Array:
    """The matte 0..1 in the layer's type, as float32: that very number must be used."""
    return (np.asarray(matte, np.float32) / np.float32(255)).astype(samples).astype(np.float32)


def generated(plate: Array, render: Array, matte: NDArray[np.uint8], samples: str) -> Array:
    """(H, W, 3) the generated pixels, premultiplied, in the layer's type; 0 outside the matte.

    Args:
        plate: (H, W, 3) as a compositor reads it: the very numbers.
        render: (H, W, 3), from `layer_rgb`.
        matte: (H, W).
    """
    alpha = alpha_of(matte, samples)
    below = plate * (np.float32(1) - alpha)[..., None]
    layer = (np.asarray(render, np.float64) - below).astype(samples)
    layer[matte == 0] = 0
    return layer


def over(plate: Array, layer: Array, alpha: Array) -> Array:
    """A premultiplied layer over a plate (H, W, 3), in float32 as compositors reckon."""
    kept = np.float32(1) - np.asarray(alpha, np.float32)
    return np.asarray(layer, np.float32) + np.asarray(plate, np.float32) * kept[..., None]


def samples_of(rgb: Array, frame: Frame) -> tuple[Plane, ...]:
    """The colour planes, in the type of `frame`, whose `layer_rgb` is `rgb` (H, W, 3).

    The exact inverse of `layer_rgb`, not an average: chroma is taken where it is sited, and where
    it lies between two rows solved for.
    """
    form = frame.format
    if form.floating:
        return tuple(np.asarray(rgb[..., n], frame.planes[n].dtype) for n in range(3))
    if form.model == "rgb":
        top = float((1 << form.bits) - 1)
        return tuple(stored(np.asarray(rgb[..., n] * top), frame.planes[n], form) for n in range(3))
    full = PictureFormat(
        width=form.width, height=form.height, model=form.model, bits=form.bits,
        matrix=form.matrix, full_range=form.full_range,
    )  # fmt: skip
    values = plane_values(rgb, full)
    planes = [values[0]]
    across, down = form.chroma
    for chroma in values[1:]:
        planes.append(_rows_between(chroma[:, :: 1 << across], down))
    return tuple(
        stored(value, plane, form) for value, plane in zip(planes, frame.planes, strict=False)
    )


def count_differing(rgb: Array, frame: Frame) -> int:
    """How many samples of `frame`'s colour planes are not those of `rgb` (H, W, 3)."""
    pairs = zip(samples_of(rgb, frame), frame.planes, strict=False)
    return sum(int(np.count_nonzero(mine != its)) for mine, its in pairs)


def _space(form: PictureFormat) -> str:
    """The plate's colour space, as dubsync knows it, or as the file's tags say."""
    if form.colour is not None:
        return f"{form.colour.space}, of {form.colour.config[0]}"
    tags = [
        f"{name} {names.get(value, value)}"
        for name, value, names in (
            ("primaries", form.primaries, PRIMARIES),
            ("transfer", form.transfer, TRANSFERS),
        )
        if value
    ]
    return ", ".join(tags) or "the file states no primaries and no transfer"


def _family(form: PictureFormat) -> str:
    if form.model == "gray":
        return "grey"
    sampling = {(0, 0): "4:4:4", (1, 0): "4:2:2", (1, 1): "4:2:0", (2, 0): "4:1:1"}
    return f"YCbCr {sampling.get(form.chroma, '')} ({form.matrix})".replace("  ", " ")


def _rows_between(chroma: Array, down: int) -> Array:
    """Rows of chroma from those that were interpolated between them at every luma row."""
    if not down:
        return chroma
    solved: Array = _inverse_rows(chroma.shape[0], down) @ chroma
    return solved


@lru_cache(maxsize=4)
def _inverse_rows(rows: int, down: int) -> NDArray[Any]:
    """(n, rows) float32: from interpolated rows to the n stored ones, by least squares.

    The interpolation is that of `core.colour.chroma_at_luma`, which is exact, so any residual is
    rounding.
    """
    n = -(-rows >> down)
    form = PictureFormat(width=1, height=rows, model="yuv", bits=8, chroma=(0, down))
    columns = np.eye(n, dtype=np.float32)
    spread = np.stack(
        [chroma_at_luma(columns[:, k : k + 1], form, (rows, 1))[:, 0] for k in range(n)], axis=1
    )
    return np.linalg.pinv(spread.astype(np.float64)).astype(np.float32)
