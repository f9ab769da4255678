"""Small movies whose every frame tells its number: Blender must show the right one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

#: Pixels: eight squares of 8, black or white, are a number of eight bits; twice, for 16 bits.
SIZE = (64, 16)
SQUARE = 8


def numbered(path: Path, frames: range, rate: Fraction = Fraction(24)) -> Path:
    """A movie of `frames`, each showing its number in black and white squares."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "1"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.gop_size = 12
        for number in frames:
            frame = av.VideoFrame.from_ndarray(_squares(number), format="gray")
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode())
    return path


def number_in(path: Path | str) -> int:
    """The number that a picture shows."""
    picture = np.asarray(Image.open(path).convert("L"), float)
    rows, columns = SIZE[1] // SQUARE, SIZE[0] // SQUARE
    squares = picture.reshape(rows, SQUARE, columns, SQUARE).mean((1, 3)) > 127
    return int("".join("1" if bit else "0" for bit in squares.ravel()), 2)


def _squares(number: int) -> np.ndarray:
    bits = np.array([int(bit) for bit in f"{number:016b}"], np.uint8).reshape(2, 8)
    return np.kron(255 * bits, np.ones((SQUARE, SQUARE), np.uint8))
