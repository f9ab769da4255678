"""A plate with timecode, reel, colour tags, HDR10 metadata and sound, and edit media of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from dubsync.core.edit.codec import edit_codec
from dubsync.core.edit.media import EditMedia
from dubsync.core.shot import Plate
from dubsync.media.edit.write import write_edit_media
from tests.media.written_plates import write_plate

NTSC = Fraction(30000, 1001)
DISPLAY = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
LIGHT = "1000,400"
N_FRAMES = 3
_TAGS = {"color_primaries": 9, "color_trc": 16, "colorspace": 9, "color_range": 1}


def ramp(pixel: str, width: int, height: int, seed: int) -> av.VideoFrame:
    """A frame whose samples rise from side to side, which every encoder codes fast."""
    frame = av.VideoFrame(width, height, pixel)
    kind, bits = np.dtype("<u2"), frame.format.components[0].bits
    for n, plane in enumerate(frame.planes):
        samples = np.frombuffer(plane, kind).reshape(plane.height, -1)
        samples[:] = np.arange(samples.shape[1]) % (1 << bits) // 2 + 10 * seed + 50 * n
    return frame


def hdr_plate(folder: Path, size: tuple[int, int], **facts: object) -> Plate:
    """Ramps in BT.2020 and PQ at 29.97 drop frame, with a ramp as sound."""
    sound = (np.arange(12_000) % 2000).astype(np.int16)
    given = {
        "timecode": "01:00:00;10",
        "reel": "A001R1",
        "rate": NTSC,
        "n_frames": N_FRAMES,
        "sound": sound,
    }
    path = folder / f"plate_{size[0]}.mkv"
    return write_plate(path, "yuv422p10le", size=size, tags=_TAGS, picture=ramp, **(given | facts))


def stating_hdr(plate: Plate) -> Plate:
    """The plate, with HDR10 metadata."""
    form = replace(plate.format, mastering_display=DISPLAY, content_light=LIGHT)
    return replace(plate, format=form)


def edited(
    plate: Plate, folder: Path, codec: str, container: str = "", *, digest: str = "a", **options
) -> EditMedia:
    """Edit media of the whole plate, its sound included where there is a place for it."""
    folder.mkdir(exist_ok=True, parents=True)
    chosen = edit_codec(codec)
    sound = Path(plate.path) if (container or chosen.usual) != "sequence" else None
    return write_edit_media(
        plate, folder, "sh010", chosen, container, plate=stating_hdr(plate), span=plate.frames,
        digest=digest, **({"sound": sound} | options),
    )  # fmt: skip
