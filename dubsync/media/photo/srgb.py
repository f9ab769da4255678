"""From a photograph's own colours to sRGB (IEC 61966-2-1), by its ICC profile.

Working colour is what a monitor shows, so a photograph in sRGB is in it already.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from dubsync.core.arrays import Array

#: Photographs are matched in hue; black is kept black (Adobe's black point compensation).
_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
#: Steps of the lattice on which a profile is asked for 16-bit pictures: every fifth 8-bit value.
_STEP = 5
#: Rows of a 16-bit picture that are converted at once: bounds memory.
_ROWS = 256
#: What each kind of profile is a profile of, by ICC.1:2022 7.2.8.
_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab "}


def to_srgb(image: Image.Image, icc: bytes | None) -> tuple[Image.Image, str]:
    """A picture of 8 bits as sRGB (mode "RGB"), and what is to be said of it ("": nothing).

    Args:
        image: of mode "RGB", "L", "CMYK" or "LAB".
        icc: the profile in the file; None: none.
    """
    profile, wrong = _opened(icc, image.mode)
    if image.mode == "LAB":
        profile = profile or ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    if profile is not None:
        try:
            converted = ImageCms.profileToProfile(
                image, profile, _srgb(), renderingIntent=_INTENT, outputMode="RGB", flags=_FLAGS
            )
        except (ImageCms.PyCMSError, ValueError, TypeError) as error:
            wrong = f"its ICC profile cannot be used ({error})"
        else:
            if converted is not None:
                return converted, wrong
    if image.mode == "CMYK":
        said = wrong or "it is CMYK and has no ICC profile"
        return image.convert("RGB"), f"{said}: its colours are only about right"
    return image.convert("RGB"), wrong and f"{wrong}: it is taken as sRGB"


def deep_to_srgb(rgb: NDArray[np.uint16], icc: bytes | None) -> tuple[Array, str]:
    """A picture of 16 bits (H, W, 3) as sRGB, 0..1, and what is to be said of it.

    The profile is asked on a lattice; between its points colours are interpolated, so no step of
    the 16 bits is lost.
    """
    if icc is None:
        return np.asarray(rgb / np.float32(65535), np.float32), ""
    codes = np.arange(0, 256, _STEP, dtype=np.uint8)
    lattice = np.stack(np.meshgrid(codes, codes, codes, indexing="ij"), -1)
    sheet = Image.fromarray(lattice.reshape(len(codes), -1, 3))
    shown, said = to_srgb(sheet, icc)
    table = np.asarray(np.asarray(shown).reshape(*lattice.shape) / 255, np.float32)
    result = np.empty(rgb.shape, np.float32)
    for top in range(0, len(rgb), _ROWS):
        result[top : top + _ROWS] = _between(table, rgb[top : top + _ROWS])
    return result, said


def _between(table: Array, rgb: NDArray[np.uint16]) -> Array:
    """Linear between the eight points of the lattice round each colour."""
    at = rgb.astype(np.float32) * np.float32((len(table) - 1) / 65535)
    low = np.minimum(at.astype(np.intp), len(table) - 2)
    share = at - low
    result = np.zeros(rgb.shape, np.float32)
    for corner in range(8):
        step = [(corner >> c) & 1 for c in range(3)]
        weight = np.ones(rgb.shape[:2], np.float32)
        for c in range(3):
            weight *= share[..., c] if step[c] else 1 - share[..., c]
        r, g, b = (low[..., c] + step[c] for c in range(3))
        result += weight[..., None] * table[r, g, b]
    return result


def _opened(icc: bytes | None, mode: str) -> tuple[ImageCms.ImageCmsProfile | None, str]:
    """The profile, when it is one of the picture's own kind of colours; else what is wrong."""
    if not icc:
        return None, ""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        facts: Any = profile.profile
        space = str(facts.xcolor_space)
    except (OSError, ImageCms.PyCMSError, ValueError, TypeError):
        return None, "its ICC profile is damaged"
    if space.strip() != _SPACES[mode].strip():
        return None, f"its ICC profile is of {space.strip()}, not of its {mode} samples"
    return profile, ""


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
