"""HDR10 static metadata: what FFmpeg gives with a frame, as the text of a PictureFormat."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Any

from av.sidedata.sidedata import Type

from dubsync.core.picture import PictureFormat

_DISPLAY = re.compile(
    r"G\((\d+),(\d+)\)B\((\d+),(\d+)\)R\((\d+),(\d+)\)WP\((\d+),(\d+)\)L\((\d+),(\d+)\)"
)
#: Units of SMPTE ST 2086: chromaticity in 0.00002, luminance in 0.0001 cd/m2.
CHROMATICITY, LUMINANCE = 50_000, 10_000


@dataclass(frozen=True, slots=True)
class MasteringDisplay:
    """SMPTE ST 2086: (x, y) of each primary and of white, and luminance, in integer units."""

    green: tuple[int, int]
    blue: tuple[int, int]
    red: tuple[int, int]
    white: tuple[int, int]
    brightest: int
    darkest: int


def states_hdr(form: PictureFormat) -> bool:
    """Whether a picture states its mastering display or its light levels."""
    return bool(form.mastering_display or form.content_light)


def mastering_display(text: str) -> MasteringDisplay | None:
    """The display that a PictureFormat's `mastering_display` states; None for ""."""
    match = _DISPLAY.fullmatch(text)
    if match is None:
        return None
    n = [int(value) for value in match.groups()]
    return MasteringDisplay(
        (n[0], n[1]), (n[2], n[3]), (n[4], n[5]), (n[6], n[7]), brightest=n[8], darkest=n[9]
    )


def content_light(text: str) -> tuple[int, int] | None:
    """(MaxCLL, MaxFALL) in cd/m2 that a PictureFormat's `content_light` states; None for ""."""
    if not text:
        return None
    brightest, mean = text.split(",")
    return int(brightest), int(mean)


def stated_hdr(frame: Any) -> tuple[str, str]:
    """(mastering display, content light level) that come with a decoded frame, as text."""
    facts = {data.type: bytes(data) for data in frame.side_data}
    display = facts.get(Type.MASTERING_DISPLAY_METADATA)
    light = facts.get(Type.CONTENT_LIGHT_LEVEL)
    levels = struct.unpack_from("=2I", light) if light else (0, 0)
    return (
        _display_text(display) if display else "",
        "{},{}".format(*levels) if any(levels) else "",  # CTA-861.3: 0 is unknown
    )


def _display_text(data: bytes) -> str:
    """FFmpeg's AVMasteringDisplayMetadata: ten rationals (R, G, B, white, min, max), two flags."""
    numbers = struct.unpack_from("=22i", data)
    if not all(numbers[20:]):
        return ""  # primaries or luminance alone is no ST 2086 metadata
    over, under = numbers[0:20:2], numbers[1:20:2]
    if not all(under):
        return ""
    units = [CHROMATICITY] * 8 + [LUMINANCE] * 2
    red_x, red_y, green_x, green_y, blue_x, blue_y, white_x, white_y, darkest, brightest = (
        round(a * unit / b) for a, b, unit in zip(over, under, units, strict=True)
    )
    return (
        f"G({green_x},{green_y})B({blue_x},{blue_y})R({red_x},{red_y})"
        f"WP({white_x},{white_y})L({brightest},{darkest})"
    )
