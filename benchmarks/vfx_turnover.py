"""Layers of a VFX turnover: time and size of a frame, and whether they give the render back.

    python -m benchmarks.vfx_turnover MOVIE [--frames 8] [--json]

The first frames of MOVIE, at 1920x1080, become a plate of each kind; a third of the height is drawn
over with a sharper picture under a soft matte, and rendered without loss.  Then plate and layers
are written, read back and composited.  The time is that of all of this, without the engine, which
draws each frame again in the time of a render.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from time import process_time

import av
import cv2
import numpy as np
import OpenEXR

from dubsync.core.picture import Frame, Region
from dubsync.core.progress import silent
from dubsync.core.result import RenderedShot
from dubsync.core.settings import DeliverySettings
from dubsync.core.shot import Event, Plate, Shot
from dubsync.core.steps import Composite, Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.vfx.layers import layer_encoding
from dubsync.engine.compositing.composite import composite
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.write import ShotWriter
from dubsync.service.vfx_turnover.shot_folder import ShotFolder
from dubsync.service.vfx_turnover.shot_layers import write_shot_layers

SIZE = (1920, 1080)
RATE = Fraction(24)
FACE = Region(640, 400, 1280, 760)
#: Kind of plate -> its pixel format; of EXR the picture's linear light.
KINDS = {
    "H.264-like 8-bit 4:2:0": ("mkv", "yuv420p"),
    "ProRes-like 10-bit 4:2:2": ("mkv", "yuv422p10le"),
    "DPX 10-bit RGB": ("dpx", "gbrp10be"),
    "PNG 16-bit RGB": ("png", "rgb48be"),
    "EXR half": ("exr", ""),
}


def plate_of(folder: Path, movie: Path, kind: str, count: int) -> Plate:
    """A plate of `kind` with the first frames of `movie`."""
    suffix, pixel = KINDS[kind]
    with av.open(str(movie)) as container:
        frames = list(islice(container.decode(video=0), count))
    wide = [frame.reformat(*SIZE, format="rgb48le") for frame in frames]
    if suffix == "mkv":
        _movie(folder / "plate.mkv", wide, pixel)
        return probe_plate(folder / "plate.mkv")
    for n, frame in enumerate(wide):
        path = folder / f"plate.{1001 + n}.{suffix}"
        if suffix == "exr":
            light = (frame.to_ndarray() / 65535.0) ** 2.4
            planes = {c: np.ascontiguousarray(light[..., k], np.float16)
                      for k, c in enumerate("RGB")}  # fmt: skip
            header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
            OpenEXR.File(header, planes).write(str(path))
        else:
            _still(path, frame.reformat(format=pixel), suffix)
    return probe_plate(folder, rate=RATE)


def _movie(path: Path, frames: list[av.VideoFrame], pixel: str) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *SIZE, pixel
        for n, frame in enumerate(frames):
            coded = frame.reformat(format=pixel)
            coded.pts, coded.time_base = n, 1 / RATE
            out.mux(stream.encode(coded))
        out.mux(stream.encode(None))


def _still(path: Path, frame: av.VideoFrame, suffix: str) -> None:
    coder = av.CodecContext.create(suffix, "w")
    coder.width, coder.height, coder.pix_fmt = *SIZE, frame.format.name
    coder.time_base = frame.time_base = 1 / RATE
    frame.pts = 0
    path.write_bytes(b"".join(bytes(p) for p in (*coder.encode(frame), *coder.encode(None))))


def drawn(plate: Plate) -> Iterator[Composite]:
    """The frames with a sharper picture of themselves in FACE, under a soft matte."""
    from dubsync.core.colour import working_rgb

    y, x = np.mgrid[: FACE.height, : FACE.width].astype(np.float32)
    away = np.hypot(2 * x / FACE.width - 1, 2 * y / FACE.height - 1)
    matte = np.rint(255 * np.clip((1 - away) / 0.2, 0, 1)).astype(np.uint8)
    at = np.stack([x + FACE.left + 0.5, y + FACE.top + 0.5], axis=-1)
    origin = at + 2 * np.sin(at / 90)
    with open_plate(plate) as reader:
        for frame in reader.frames(plate.frames):
            rgb = working_rgb(frame, FACE)
            sharper = rgb + 0.5 * (rgb - cv2.GaussianBlur(rgb, (0, 0), 3))
            patch = Patch(FACE, np.asarray(sharper, np.float32), matte, origin=origin)
            yield composite(frame, [patch])


def measured(movie: Path, kind: str, count: int) -> dict[str, object]:
    """One row."""
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        (folder / "plates").mkdir()
        (folder / "renders").mkdir()
        plate = plate_of(folder / "plates", movie, kind, count)
        span, made = plate.frames, list(drawn(plate))
        event = Event("1", "A", plate.name, "", "", span, span)
        shot = Shot("A", event, plate, span, FrameRange(0, len(span), span.rate), span)
        with ShotWriter(folder / "renders", "A", plate, span, DeliverySettings()) as writer:
            for one in made:
                writer.add(Composite(Frame(one.frame.number, one.frame.planes, plate.format),
                                     one.matte, one.patches))  # fmt: skip
        rendered = RenderedShot(shot, 1, span, str(writer.picture), str(writer.matte), "", 0, 0,
                                (), "")  # fmt: skip
        encoding = layer_encoding(plate.format)
        copied = encoding.own and plate.first_number is not None
        out = ShotFolder(folder / "A", "A", plate, span, "source", copied)
        out.folder.mkdir()
        began = process_time()
        comp = write_shot_layers(out, rendered, iter(made), {}, silent)
        spent = process_time() - began
    return {
        "plate": kind, "layers": encoding.samples, "differing": comp.differing,
        "rgb_error": round(comp.rgb_error, 4), "ms": round(1000 * spent / len(span)),
        "layers_mb": round(comp.layer_bytes / len(span) / 1e6, 1),
        "plate_mb": round(comp.plate_bytes / len(span) / 1e6, 1),
    }  # fmt: skip


def main() -> None:
    """Print a row for each kind of plate."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("movie", type=Path)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows = [measured(asked.movie, kind, asked.frames) for kind in KINDS]
    if asked.json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
