"""A driver's movie of plain pictures, each frame of its own grey."""

from fractions import Fraction

import av
import numpy as np


def grey_movie(path, frames, rate=25, size=(96, 72)):
    """A lossless movie whose frame n is 4 n + 16 all over."""
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("libx264", rate=Fraction(rate), options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for n in range(frames):
            grey = np.full((size[1], size[0], 3), 16 + 4 * n, np.uint8)
            movie.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        movie.mux(stream.encode(None))
    return path
