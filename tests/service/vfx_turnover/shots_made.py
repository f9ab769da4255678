"""Rendered shots of noise on plates of every kind, for tests of their turnover."""

from fractions import Fraction

import av
import numpy as np
import OpenEXR

from dubsync.core.picture import Frame, Region
from dubsync.core.result import RenderedShot
from dubsync.core.settings import DeliverySettings
from dubsync.core.shot import Event, Shot
from dubsync.core.steps import Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.compositing.composite import composite
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.write import ShotWriter
from tests.media.written_plates import FILM, write_plate

WIDE, HIGH, FRAMES = 48, 36, 3
FACE = Region(8, 8, 40, 32)
#: How far the skin of the face moves, plate pixels right and down.
MOVED = (1.5, -0.75)


def plate_of(folder, kind):
    """A plate: "png 8", "png 16", "dpx 10", "exr half", or a movie's pixel format."""
    folder.mkdir()
    if kind[:3] not in ("png", "dpx", "exr"):
        made = write_plate(folder / "A001.mkv", kind, n_frames=FRAMES, size=(WIDE, HIGH),
                           timecode="10:14:22:09")  # fmt: skip
        return made
    for n in range(FRAMES):
        _still(folder / f"A001.{918466 + n:07d}.{kind[:3]}", kind, n)
    return probe_plate(folder, rate=FILM)


def _still(path, kind, n):
    random = np.random.default_rng(n)
    if kind == "exr half":
        planes = {c: np.exp(random.normal(-1, 2, (HIGH, WIDE))).astype(np.float16) for c in "RGB"}
        header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
        OpenEXR.File(header, planes).write(str(path))
        return
    pixel = {"png 8": "rgb24", "png 16": "rgb48be", "dpx 10": "gbrp10be"}[kind]
    frame = av.VideoFrame(WIDE, HIGH, pixel)
    for plane in frame.planes:
        samples = np.frombuffer(plane, ">u2" if kind[-1] != "8" else "u1")
        samples[:] = random.integers(0, 1 << int(kind.split()[1]), samples.size)
    coder = av.CodecContext.create(kind[:3], "w")
    coder.width, coder.height, coder.pix_fmt = WIDE, HIGH, pixel
    coder.time_base = frame.time_base = Fraction(1, 24)
    frame.pts = 0
    path.write_bytes(b"".join(bytes(p) for p in (*coder.encode(frame), *coder.encode(None))))


def drawn(plate):
    """The composites of every frame; nothing is drawn in the first."""
    x = np.arange(FACE.left, FACE.right) + np.float32(0.5)
    y = np.arange(FACE.top, FACE.bottom) + np.float32(0.5)
    origin = np.stack(np.meshgrid(x, y), axis=-1).astype(np.float32) - np.float32(MOVED)
    rise = np.minimum(np.arange(FACE.width) * 16, 255).astype(np.uint8)
    matte = np.tile(np.minimum(rise, rise[::-1]), (FACE.height, 1))
    with open_plate(plate) as reader:
        for frame in reader.frames(plate.frames):
            picture = np.random.default_rng(frame.number).random((FACE.height, FACE.width, 3))
            patch = Patch(FACE, picture.astype(np.float32), matte, origin=origin)
            yield composite(frame, [patch] if frame.number > plate.frames.start else [])


def rendered(folder, plate, composites=None):
    """The shot of a whole plate, rendered."""
    span = plate.frames
    event = Event("001", "A 001", plate.name, "", "", span, span)
    shot = Shot("A 001", event, plate, span, FrameRange(0, len(span), span.rate), span)
    folder.mkdir()
    with ShotWriter(folder, "A_v001", plate, span, DeliverySettings()) as writer:
        for one in composites or drawn(plate):
            writer.add(one)
    return RenderedShot(shot, 1, span, str(writer.picture), str(writer.matte), str(writer.layer),
                        2, 0, ("ELISE",), "key")  # fmt: skip


def render_planes(made):
    """The planes of each frame of a render, as stored."""
    plate = probe_plate(_path(made.picture), rate=made.frames.rate)
    with open_plate(plate) as reader:
        for frame in reader.frames(plate.frames):
            yield Frame(frame.number, frame.planes, made.shot.plate.format)


def _path(text):
    from pathlib import Path

    return Path(text)
