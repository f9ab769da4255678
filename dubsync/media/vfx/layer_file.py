"""Write and read one frame's layers as a multi-layer EXR, with its timecode.

OpenEXR file layout: channels "R" or "LAYER.R", one part, the whole frame as data window; the
attributes `timeCode` (SMPTE ST 12-1, packed as OpenEXR's ImfTimeCode.h says) and `framesPerSecond`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode, counting_base
from dubsync.media.files.exr import open_exr, write_exr

Channels = Mapping[str, np.ndarray[Any, Any]]

#: The most frames a second that the two digits of ST 12-1 count one by one.
COUNTED = 30


def write_layers(
    path: Path,
    channels: Channels,
    *,
    timecode: Timecode | None,
    rate: Fraction,
    pixel_aspect: Fraction = Fraction(1),
    said: Mapping[str, str],
) -> None:
    """Write channels (H, W), float16 or float32, by their full names ("R", "raw.R").

    Args:
        timecode: of this frame; None where the plate's rate has none.
        said: further attributes, as text.

    Raises:
        OSError: the file cannot be written.
    """
    header: dict[str, Any] = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "framesPerSecond": rate,
        "pixelAspectRatio": float(pixel_aspect),
        **said,
    }
    if timecode is not None:
        header["timeCode"] = _packed(timecode)
    write_exr(path, header, channels)


def read_layers(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """The channels (H, W) of a file that `write_layers` wrote, by their full names.

    Raises:
        MediaError: it cannot be read.
    """
    return {name: channel.pixels for name, channel in open_exr(path).channels().items()}


def frame_timecode(frame: int, rate: Fraction, drop: bool) -> Timecode | None:
    """The timecode of a plate frame; None if SMPTE has none for the rate or the frame."""
    return Timecode(frame, rate, drop) if rate in TIMECODE_RATES and frame >= 0 else None


def _packed(timecode: Timecode) -> Any:
    """OpenEXR's value.  Above 30 frames a second ST 12-1 counts pairs, and marks the second."""
    hours, minutes, seconds, frames = (
        int(part) for part in str(timecode).replace(";", ":").split(":")
    )
    pairs = counting_base(timecode.rate) > COUNTED
    second = bool(pairs and frames % 2)
    shown = frames // 2 if pairs else frames
    code = OpenEXR.TimeCode()
    code.hours, code.minutes, code.seconds, code.frame = hours % 24, minutes, seconds, shown
    code.dropFrame, code.fieldPhase = timecode.drop, second
    return code
