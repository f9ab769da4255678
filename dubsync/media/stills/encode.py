"""Encode stills for reports and strips: 8-bit RGB as JPEG and PNG bytes."""

from __future__ import annotations

import os

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.colour import working_rgb
from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, Region
from dubsync.media.pixels.display import shown_rgb

# cv2 points Qt at its own plugins when it is imported; PyQt5 would abort on them.
for _name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
    os.environ.pop(_name, None)


def rgb8(frame: Frame, region: Region | None = None) -> NDArray[np.uint8]:
    """The frame, or an aligned region of it, as 8-bit R'G'B' (H, W, 3), as people see it."""
    rgb = shown_rgb(working_rgb(frame, region), frame.format)
    return np.asarray(np.rint(rgb * 255), np.uint8)


def jpeg(rgb: NDArray[np.uint8], *, quality: int = 90) -> bytes:
    """`rgb` (H, W, 3) as a JPEG file's bytes."""
    return _encoded(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])


def png(rgb: NDArray[np.uint8]) -> bytes:
    """`rgb` (H, W, 3) as a PNG file's bytes."""
    return _encoded(".png", rgb, [])


def _encoded(kind: str, rgb: NDArray[np.uint8], options: list[int]) -> bytes:
    done, data = cv2.imencode(kind, np.ascontiguousarray(rgb[..., ::-1]), options)
    if not done:
        raise MediaError(f"a {rgb.shape} picture cannot be encoded as {kind}")
    return bytes(data.tobytes())
