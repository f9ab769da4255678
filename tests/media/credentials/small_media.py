"""The smallest media of each kind that a manifest is written for, and a manifest."""

import io
import wave
from fractions import Fraction

import av
import numpy as np

from dubsync.media.credentials.manifest import COMPOSITE, Ingredient, Manifest

#: Suffix -> FFmpeg's container, encoder and pixel format.
MOVIES = {
    ".mov": ("mov", "prores_ks", "yuv422p10le"),
    ".mp4": ("mp4", "libx264", "yuv420p"),
    ".mkv": ("matroska", "ffv1", "yuv420p"),
}
MANIFEST = Manifest(
    "A001 it-IT v001",
    ("dubsync", "0.1"),
    (
        {"action": "c2pa.opened", "parameters": {"ingredientIds": ["plate"]}},
        {"action": "c2pa.dubbed", "parameters": {"ingredientIds": ["dub"]}},
        {"action": "c2pa.edited", "digitalSourceType": COMPOSITE,
         "softwareAgent": {"name": "dubsync", "version": "0.1"},
         "parameters": {"ingredientIds": ["model"]}},
        {"action": "c2pa.watermarked.unbound"},
    ),
    (
        Ingredient("plate", "plate", "a" * 64, "video/quicktime", "parentOf"),
        Ingredient("dub", "dub", "b" * 64, "audio/wav"),
        Ingredient("model", "model of a performer", "c" * 64, is_model=True),
    ),
    {"org.dubsync.shot": {"shot": "A001", "consent": [{"id": "C-1", "sha256": "d" * 64}]}},
)  # fmt: skip


def small(suffix):
    """The bytes of a file of that suffix."""
    if suffix in MOVIES:
        return movie(suffix)
    if suffix == ".wav":
        made = io.BytesIO()
        with wave.open(made, "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(range(200)))
        return made.getvalue()
    return b"no format that anybody knows" * 9


def movie(suffix):
    container, encoder, pixels = MOVIES[suffix]
    made = io.BytesIO()
    with av.open(made, "w", format=container) as out:
        stream = out.add_stream(encoder, rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        for n in range(2):
            rgb = np.full((48, 64, 3), 40 * n, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, "rgb24")))
        out.mux(stream.encode(None))
    return made.getvalue()


def pictures(path):
    """Every decoded frame of a movie."""
    with av.open(str(path)) as movie:
        return [frame.to_ndarray() for frame in movie.decode(video=0)]
