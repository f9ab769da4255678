"""Read a photograph: upright, in working colour, no larger than asked for."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from dubsync.core.arrays import Array
from dubsync.core.errors import MediaError
from dubsync.media.photo.kinds import READ, WITH_MORE_BEHIND, checked_kind
from dubsync.media.photo.srgb import deep_to_srgb, to_srgb

#: Most pixels of a photograph.  A file of a few KB can state any size, so the size is looked at
#: before anything is decoded.
MOST_PIXELS = 170_000_000
MOST_BYTES = 1_000_000_000
#: Longest side of what is kept, pixels, unless the caller asks for another.
LONGEST = 4096
#: EXIF 2.32, tag 0x0112: how many quarter turns to the left, after mirroring or not.
_ORIENTATION = 0x0112
_UPRIGHT = {2: (0, True), 3: (2, False), 4: (2, True), 5: (1, True), 6: (3, False), 7: (3, True),
            8: (1, False)}  # fmt: skip
_WHATEVER_PILLOW_RAISES = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError,
    MemoryError, RuntimeError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """One photograph.

    rgb     (H, W, 3) working colour 0..1, upright
    alpha   (H, W) 0..1: 0 is transparent; None where nothing is
    stored  (width, height) of the file's picture, upright, before it was made smaller
    notes   what was done that a person may want to know
    """

    path: Path
    rgb: Array
    alpha: Array | None
    stored: tuple[int, int]
    notes: tuple[str, ...]

    @property
    def reduced(self) -> bool:
        """Whether it is smaller than the file's picture."""
        return bool(self.rgb.shape[1] < self.stored[0])

    def over(self, grey: float) -> Array:
        """(H, W, 3) the photograph laid over an even grey, 0..1."""
        if self.alpha is None:
            return self.rgb
        share = self.alpha[..., None]
        return np.asarray(self.rgb * share + grey * (1 - share), np.float32)


def read_photograph(path: Path, *, longest: int = LONGEST) -> Photograph:
    """The photograph in a file.

    EXIF rotation is applied; an ICC profile, CMYK, grey and Lab become sRGB; 16 bits keep their
    steps; transparency is kept beside the colours.

    Args:
        longest: its longest side, pixels; a larger photograph is made smaller.

    Raises:
        MissingMedia: there is no file.
        MediaError: it is no photograph, of a kind that is not read, animated, damaged or too large.
    """
    checked_kind(path)
    if path.stat().st_size > MOST_BYTES:
        raise _too_large(path, f"{path.stat().st_size / 1e9:.1f} GB")
    data = path.read_bytes()
    with _decoding(path), Image.open(io.BytesIO(data), formats=READ) as image:
        _refuse_what_is_not_one_picture(path, image)
        turn = _orientation(image)
        size = image.size if turn[0] % 2 == 0 else image.size[::-1]
        if _deep(image, data):
            rgb, alpha, notes = _deep_pixels(path, image, data, longest)
        else:
            rgb, alpha, notes = _pixels(image, longest)
    if max(size) > longest:
        notes.append(f"{size[0]} x {size[1]} is made smaller: {longest} pixels on its long side")
    upright = np.ascontiguousarray(_turned(rgb, turn))
    return Photograph(
        path, upright, None if alpha is None else np.ascontiguousarray(_turned(alpha, turn)),
        size, tuple(note for note in notes if note),
    )  # fmt: skip


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    """Turn whatever Pillow raises on a damaged file into a MediaError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, and of sizes: those are looked at
            yield
    except MediaError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(path, "over 170 million pixels") from error
    except UnidentifiedImageError as error:
        raise MediaError(
            f"{path} is no photograph that can be read",
            hint="give a JPEG, PNG, TIFF, WebP or AVIF file",
        ) from error
    except _WHATEVER_PILLOW_RAISES as error:
        raise MediaError(f"{path} is damaged: {error}", hint="copy it again") from error


def _too_large(path: Path, what: str) -> MediaError:
    return MediaError(
        f"{path} is too large: {what}",
        hint="make it smaller: a face of 500 pixels is plenty for a portrait",
    )


def _refuse_what_is_not_one_picture(path: Path, image: Image.Image) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise _too_large(path, f"{width} x {height}")
    count = getattr(image, "n_frames", 1)
    if count > 1 and image.format != WITH_MORE_BEHIND:
        raise MediaError(
            f"{path} holds {count} pictures: it is animated, or has pages",
            hint="save the one picture that is meant as JPEG or PNG; for a movie of the person use "
            "dubsync clip",
        )
    if image.mode in ("F", "I"):
        raise MediaError(
            f"{path} has samples of 32 bits, whose white is not known",
            hint="save it with 8 or 16 bits for each colour",
        )


def _orientation(image: Image.Image) -> tuple[int, bool]:
    """(quarter turns to the left, mirrored first) that make the picture upright."""
    try:
        stated = image.getexif().get(_ORIENTATION, 1)
    except _WHATEVER_PILLOW_RAISES:
        return 0, False  # EXIF that cannot be read turns nothing
    return _UPRIGHT.get(stated, (0, False)) if isinstance(stated, int) else (0, False)


def _turned(values: Array, turn: tuple[int, bool]) -> Array:
    quarters, mirrored = turn
    return np.rot90(values[:, ::-1] if mirrored else values, quarters)


def _deep(image: Image.Image, data: bytes) -> bool:
    """Whether the file has 16 bits a sample, which Pillow keeps for grey alone."""
    if image.mode.startswith("I;16"):
        return True
    if image.format == "PNG":
        return data[24:25] == b"\x10"  # PNG, 11.2.1: bit depth in IHDR
    if image.format == "TIFF":
        bits = getattr(image, "tag_v2", {}).get(258, ())
        return image.mode in ("RGB", "RGBA", "RGBX") and max(bits, default=8) == 16
    return False


def _pixels(image: Image.Image, longest: int) -> tuple[Array, Array | None, list[str]]:
    """Colours, transparency and notes of a picture of 8 bits, no larger than `longest`."""
    icc = image.info.get("icc_profile")
    share = longest / max(image.size)
    wanted = tuple(max(1, round(side * share)) for side in image.size)
    if share < 1 and image.format in ("JPEG", WITH_MORE_BEHIND):
        image.draft(None, (wanted[0], wanted[1]))  # decoded smaller, so memory stays small
    alpha = None
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if _transparent(image) else "RGB")
    elif image.mode in ("1", "La", "RGBa", "RGBX", "YCbCr", "HSV"):
        plain = {"1": "L", "La": "LA", "RGBa": "RGBA"}.get(image.mode, "RGB")
        image = image.convert(plain)
    elif image.mode in ("L", "RGB") and "transparency" in image.info:
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    if share < 1:
        image = image.resize((wanted[0], wanted[1]), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if image.mode in ("LA", "RGBA"):
        alpha = _unit(np.asarray(image.getchannel("A")))
        image = image.convert(image.mode[:-1])
    converted, note = to_srgb(image, icc)
    return _unit(np.asarray(converted)), _kept(alpha), [note]


def _transparent(image: Image.Image) -> bool:
    return image.mode == "PA" or "transparency" in image.info


def _deep_pixels(
    path: Path, image: Image.Image, data: bytes, longest: int
) -> tuple[Array, Array | None, list[str]]:
    """As `_pixels`, of a picture of 16 bits."""
    icc = image.info.get("icc_profile")
    stored = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is None or stored.dtype != np.uint16 or stored.shape[:2] != image.size[::-1]:
        raise MediaError(
            f"{path} has 16 bits in a form that is not read", hint="save it as a 16-bit PNG"
        )
    samples: NDArray[np.uint16] = stored if stored.ndim == 3 else stored[..., None]
    share = longest / max(image.size)
    if share < 1:
        size = (max(1, round(image.size[0] * share)), max(1, round(image.size[1] * share)))
        small = cv2.resize(samples, size, interpolation=cv2.INTER_AREA)
        samples = small.reshape(size[1], size[0], -1)
    alpha = _unit(samples[..., -1]) if samples.shape[2] in (2, 4) else None
    if samples.shape[2] < 3:
        note = "its ICC profile of grey is left out" if icc else ""
        return np.repeat(_unit(samples[..., :1]), 3, axis=2), _kept(alpha), [note]
    rgb, note = deep_to_srgb(np.ascontiguousarray(samples[..., 2::-1]), icc)
    return rgb, _kept(alpha), [note]


def _kept(alpha: Array | None) -> Array | None:
    """`alpha`, or None where nothing is transparent."""
    return None if alpha is None or bool((alpha == 1).all()) else alpha


def _unit(samples: NDArray[Any]) -> Array:
    """Samples of 8 or 16 bits as 0..1."""
    return np.asarray(samples / np.float32(np.iinfo(samples.dtype).max), np.float32)
