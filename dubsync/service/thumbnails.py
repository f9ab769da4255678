"""Small pictures of plates, decoded once and kept in .dubsync/thumbnails.

Safe to delete; the oldest go when there are too many.
"""

from __future__ import annotations

from pathlib import Path

from dubsync.core.digest import digest
from dubsync.core.errors import MissingMedia
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.plate import open_square, plate_state
from dubsync.media.stills.encode import jpeg, rgb8
from dubsync.qc.burn_in import fitted
from dubsync.service.store.atomic_write import write_derived

#: Size at 200 %; letterboxed pictures are narrower or lower.
WIDTH, HEIGHT = 168, 94
#: Most files kept; about 5 KB each.
MOST = 8000
#: Part of the key: to be raised when the same frame is drawn in another way.
VERSION = 2


def thumbnail(folder: Path, plate: Plate, frame: int) -> bytes:
    """Frame `frame` of a plate as a JPEG that fits 168 x 94 pixels, square.

    Args:
        folder: the project's; the picture is kept in its .dubsync/thumbnails.

    Raises:
        MissingMedia: the plate's file is not there.
        MediaError: the frame does not decode.
    """
    state = plate_state(plate, FrameRange(frame, frame + 1, plate.frames.rate))
    if not state[0][1]:
        raise MissingMedia(f"{plate.path} is not there", hint="copy the plate there again")
    key = digest([str(VERSION), plate.path, str(frame), str(state), *plate.format.colour_key,
                  *plate.shown_key])  # fmt: skip
    path = folder / ".dubsync" / "thumbnails" / f"{key[:40]}.jpg"
    try:
        return path.read_bytes()
    except OSError:
        picture = _decoded(plate, frame)
    write_derived(path, picture)
    return picture


def trim(folder: Path, most: int = MOST) -> int:
    """Delete the oldest thumbnails of a project above `most`; returns how many."""
    try:
        files = [(one.stat().st_mtime_ns, one)
                 for one in (folder / ".dubsync" / "thumbnails").glob("*.jpg")]  # fmt: skip
    except OSError:
        return 0
    spare = sorted(files)[: max(len(files) - most, 0)]
    for _, one in spare:
        one.unlink(missing_ok=True)
    return len(spare)


def _decoded(plate: Plate, frame: int) -> bytes:
    with open_square(plate) as reader:
        rgb = rgb8(next(iter(reader.read([frame]))))
    height, width = rgb.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return jpeg(fitted(rgb, *size), quality=88)
