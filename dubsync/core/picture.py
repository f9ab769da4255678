"""A stored picture: its planes of samples, and the format that gives them meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dubsync.core.colours.plate_colour import PlateColour
from dubsync.core.errors import ShapeError
from dubsync.core.reading.turned import AS_SHOWN, Turned

Plane = NDArray[Any]
#: The field of a frame's odd lines, counted from 1, or of its even ones; "": there are none.
FieldName = Literal["", "top", "bottom"]


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """The meaning of a stored frame's samples.

    width, height  samples of the luma (or of each RGB) plane
    model          "yuv" (planes Y, Cb, Cr[, A]), "rgb" (R, G, B[, A]) or "gray" (Y)
    bits           significant bits of an integer sample; 16 or 32 when `floating`
    floating       half or float samples (EXR), scene-linear; else gamma-encoded integers
    chroma         log2 of the subsampling, (across, down): (1, 1) is 4:2:0, (1, 0) is 4:2:2
    matrix         "bt709", "bt601", "bt2020" or "rgb"
    full_range     0..2^bits-1 rather than ITU-R video levels
    primaries, transfer   the file's own tags, passed on; "" when it has none
    matrix_tagged  whether the file states its matrix; if not, `matrix` is BT.601 up to 576 lines
                   and BT.709 above, as in players, and the output is not tagged
    pixel_aspect   width over height of one pixel
    storage        the decoder's name for the layout ("yuv422p10le", "exr-half", "dpx-10")
    mastering_display  SMPTE ST 2086 metadata of HDR10, "G(x,y)B(x,y)R(x,y)WP(x,y)L(max,min)" in
                   units of 0.00002 (chromaticity) and 0.0001 cd/m2; "" if not stated
    content_light  CTA-861.3 metadata of HDR10, "MaxCLL,MaxFALL" in cd/m2; "" if not stated
    stated_space   what else the file says of its colours: an EXR's colorInteropID, or the name of
                   one for its chromaticities; "" if nothing
    turned         how the stored picture is shown; a note in the file says so, as phones write it
    fields         which of the two fields in a frame is the earlier, "top" or "bottom": it holds
                   two moments, in alternate lines; "" where a frame is one moment
    field          which lines of a frame these are, where they are one field alone; "" else
    colour         how its samples become working colour; None: R'G'B' as it is stored, or the
                   sRGB curve over scene-linear samples
    """

    width: int
    height: int
    model: Literal["yuv", "rgb", "gray"]
    bits: int
    floating: bool = False
    chroma: tuple[int, int] = (0, 0)
    matrix: str = "bt709"
    full_range: bool = False
    primaries: str = ""
    transfer: str = ""
    matrix_tagged: bool = True
    pixel_aspect: Fraction = Fraction(1)
    storage: str = ""
    mastering_display: str = ""
    content_light: str = ""
    stated_space: str = ""
    turned: Turned = AS_SHOWN
    fields: FieldName = ""
    field: FieldName = ""
    colour: PlateColour | None = None

    @property
    def colour_key(self) -> tuple[str, ...]:
        """Part of every digest of what is made of such frames; () where no colour is managed.

        Nor does a picture for a display that is drawn in, and shown, as it always was.
        """
        colour = self.colour
        if colour is None or (colour.own and colour.view is None and not self.floating):
            return ()
        return (colour.key,)

    @property
    def square_size(self) -> tuple[int, int]:
        """(width, height) in square pixels, as stored: the side that is too short is stretched.

        That of one field is the whole frame's.
        """
        across, down = max(self.pixel_aspect, Fraction(1)), max(1 / self.pixel_aspect, Fraction(1))
        height = self.height * (2 if self.field else 1)
        return round(self.width * across), round(height * down)

    @property
    def as_seen(self) -> bool:
        """Whether samples lie as the picture is seen: whole, upright, in square pixels."""
        return self.pixel_aspect == 1 and not (self.turned or self.fields or self.field)

    @property
    def shown_size(self) -> tuple[int, int]:
        """(width, height) in the file's own pixels, as the picture is shown."""
        return self.turned.size(self.width, self.height)

    @property
    def shown_aspect(self) -> Fraction:
        """Width over height of one pixel, as the picture is shown."""
        return 1 / self.pixel_aspect if self.turned.sideways else self.pixel_aspect

    def stored_places(self, places: Plane) -> Plane:
        """Places (..., 2) x, y in the square, upright picture, as pixels of the stored one."""
        if self.pixel_aspect == 1 and not (self.turned or self.field):
            return places
        width, height = self.square_size
        stored = self.turned.places_stored(places, width, height)
        scaled: Plane = stored / np.array([width / self.width, height / self.height])
        if self.field == "bottom":  # its first line is the frame's second
            scaled = scaled - np.array([0.0, 0.25])
        elif self.field == "top":
            scaled = scaled + np.array([0.0, 0.25])
        return scaled

    def plane_shape(self, plane: int) -> tuple[int, int]:
        """(height, width) of plane number `plane`; subsampled chroma rounds up at odd sizes."""
        if self.model == "yuv" and plane in (1, 2):
            across, down = self.chroma
            return -(-self.height >> down), -(-self.width >> across)
        return self.height, self.width


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One stored frame.  `number` is a plate frame number (source timecode frames).

    planes  tuple of 2-D arrays, uint8, uint16, float16 or float32 as stored; read-only
    extra   further EXR channels by name, passed through unchanged
    """

    number: int
    planes: tuple[Plane, ...]
    format: PictureFormat
    extra: Mapping[str, Plane] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for n, plane in enumerate(self.planes):
            if plane.shape != self.format.plane_shape(n):
                raise ShapeError(
                    f"plane {n} of frame {self.number} is {plane.shape}, "
                    f"not {self.format.plane_shape(n)}"
                )
            plane.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of samples, half open: columns `left`..`right`, rows `top`..`bottom`."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def rows(self) -> slice:
        return slice(self.top, self.bottom)

    @property
    def columns(self) -> slice:
        return slice(self.left, self.right)

    def within(self, width: int, height: int) -> Region:
        """What of it lies in a picture of that size; an empty one where nothing does."""
        left, right = (min(max(x, 0), width) for x in (self.left, self.right))
        top, bottom = (min(max(y, 0), height) for y in (self.top, self.bottom))
        return Region(left, top, max(right, left), max(bottom, top))

    def in_plane(self, format: PictureFormat, plane: int) -> Region:
        """The same rectangle in plane `plane`; its corners must lie on chroma sites."""
        if format.model != "yuv" or plane not in (1, 2):
            return self
        across, down = format.chroma
        return Region(
            self.left >> across, self.top >> down, -(-self.right >> across), -(-self.bottom >> down)
        )

    def aligned(self, format: PictureFormat) -> Region:
        """The smallest rectangle on chroma sites that contains this one, within the frame."""
        across, down = format.chroma if format.model == "yuv" else (0, 0)
        return Region(
            max(self.left, 0) >> across << across,
            max(self.top, 0) >> down << down,
            min(-(-self.right >> across) << across, format.width),
            min(-(-self.bottom >> down) << down, format.height),
        )


def whole(format: PictureFormat) -> Region:
    """The whole frame as a Region."""
    return Region(0, 0, format.width, format.height)


def changed_region(before: Frame, after: Frame) -> Region | None:
    """The smallest aligned Region that holds every sample that differs; None where none does.

    Floats are compared by their bits, so that NaN equals itself.

    Raises:
        ShapeError: the frames' planes differ in shape or kind.
    """
    form, sides = before.format, list[tuple[int, int, int, int]]()
    for n, (old, new) in enumerate(zip(before.planes, after.planes, strict=True)):
        if (old.shape, old.dtype) != (new.shape, new.dtype):
            raise ShapeError(f"plane {n} is {new.shape} {new.dtype}, not {old.shape} {old.dtype}")
        differs = sample_bits(old) != sample_bits(new)
        rows = np.flatnonzero(differs.any(axis=1))
        if not len(rows):
            continue
        columns = np.flatnonzero(differs[rows[0] : rows[-1] + 1].any(axis=0))
        across, down = form.chroma if form.model == "yuv" and n in (1, 2) else (0, 0)
        sides.append((int(columns[0]) << across, int(rows[0]) << down,
                      int(columns[-1] + 1) << across, int(rows[-1] + 1) << down))  # fmt: skip
    if not sides:
        return None
    left, top, right, bottom = zip(*sides, strict=True)
    return Region(min(left), min(top), max(right), max(bottom)).aligned(form)


def sample_bits(plane: Plane) -> Plane:
    """Float samples as integers of the same bits, so that NaN equals itself."""
    return plane.view(f"u{plane.dtype.itemsize}") if plane.dtype.kind == "f" else plane


def frozen(array: Plane) -> Plane:
    """`array`, read-only."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
