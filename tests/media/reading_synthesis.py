"""Small synthetic movies whose frames show their own number."""

from fractions import Fraction

import av
import numpy as np

RATE = Fraction(24000, 1001)
WIDTH, HEIGHT = 256, 144
_BITS = 12


def numbered(number, width=WIDTH, height=HEIGHT, pixel="yuv420p"):
    """A frame with `number` written across it in twelve bars, and a texture that goes with it."""
    luma = np.empty((height, width), np.uint8)
    for bit in range(_BITS):
        bar = slice(bit * width // _BITS, (bit + 1) * width // _BITS)
        luma[:, bar] = 200 if number >> bit & 1 else 40
    luma[::4, ::4] += np.uint8(number % 16)
    gray = av.VideoFrame.from_ndarray(np.repeat(luma[..., None], 3, 2), format="rgb24")
    return gray.reformat(format=pixel)


def number_of(frame):
    """The number that a core Frame shows."""
    form = frame.format
    luma = frame.planes[0].astype(float) / (1 << (form.bits - 8))
    width = luma.shape[1]
    bars = (
        luma[:, bit * width // _BITS + 2 : (bit + 1) * width // _BITS - 2] for bit in range(_BITS)
    )
    return sum((bar.mean() > 120) << bit for bit, bar in enumerate(bars))


def write_numbered(
    path, codec, pixel="yuv420p", *, n=60, rate=RATE, size=(WIDTH, HEIGHT), options=None,
    pts=None, muxing=None, metadata=None, sound=False,
):  # fmt: skip
    """Write frames 0..n-1 to `path`; `pts` gives each frame's time in frames."""
    with av.open(str(path), "w", options=muxing or {}) as out:
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pixel
        stream.codec_context.time_base = 1 / rate
        stream.codec_context.bit_rate = 4_000_000
        stream.codec_context.thread_count = 1
        stream.metadata.update(metadata or {})
        voice = out.add_stream("pcm_s16le", rate=48000) if sound else None
        for number in range(n):
            frame = numbered(number, *size, pixel)
            frame.pts, frame.time_base = (pts[number] if pts else number), 1 / rate
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if voice is not None:
            silence = np.zeros((1, 2 * 4800), np.int16)
            frame = av.AudioFrame.from_ndarray(silence, format="s16", layout="stereo")
            frame.sample_rate = 48000
            out.mux(voice.encode(frame))
            out.mux(voice.encode(None))
    return path
