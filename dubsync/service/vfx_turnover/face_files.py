"""The files of a shot's faces: parameters (CSV, JSON), heads and pins (.chan), USD."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dubsync.core.face import MotionTrack
from dubsync.media.pixels.square import square_format
from dubsync.media.vfx.usd_faces import UsdFace, usd_installed, write_usd_faces
from dubsync.service.reel.pipeline import Part
from dubsync.service.reel.reel import Reel
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.vfx_turnover.chan import head_chan, pin_chans, y_up
from dubsync.service.vfx_turnover.parameters import (
    as_csv,
    as_json,
    heard_visemes,
    parameter_rows,
    upright,
)
from dubsync.service.vfx_turnover.shot_folder import ShotFolder

#: The motion of a face, and its landmarks (T, 478, 3).
Shown = tuple[MotionTrack, np.ndarray[Any, Any]]
SAID = (
    "dubsync: landmarks and heads of a shot, plate and render. Square plate pixels from the lower "
    "left corner, y up, z towards the viewer; the head's origin lies between the eyes."
)


def write_face_files(reel: Reel, folder: ShotFolder, parts: Sequence[Part], shot_name: str) -> None:
    """Write everything but pictures; USD only where usd-core is installed.

    Raises:
        DeliveryError: the disk refuses.  OSError: so does it USD.
    """
    faces: list[UsdFace] = []
    for character in dict.fromkeys(part.character for part in parts):
        mine = [part for part in parts if part.character == character]
        rows = parameter_rows(folder, mine, heard_visemes(reel, folder, mine[0], shot_name))
        write_whole(folder.faces(".csv", character), as_csv(rows))
        facts = {"shot": shot_name, "character": character}
        write_whole(folder.faces(".json", character), as_json(rows, facts))
        for which in ("plate", "render") if reel.engine.landmarks else ("plate",):
            shown = [_at(reel, part, which) for part in mine]
            chans = [{"head": head_chan(folder, part, motion), **pin_chans(folder, part, points)}
                     for part, (motion, points) in zip(mine, shown, strict=True)]  # fmt: skip
            for name in chans[0]:
                text = "".join(chan[name] for chan in chans)
                write_whole(folder.faces(f"_{name}_{which}.chan", character), text)
            faces += _usd(folder, mine, shown, f"{character}_{which}")
    if usd_installed():
        write_usd_faces(folder.faces(".usdc"), faces, folder.numbers,
                        folder.plate.frames.rate, SAID)  # fmt: skip


def _at(reel: Reel, part: Part, which: str) -> Shown:
    """The motion and the landmarks of a face in the plate, or in the render."""
    if which == "plate" or reel.engine.landmarks is None:
        return part.original, np.asarray(part.track.landmarks)
    moved = reel.engine.landmarks(part.track, part.original, part.corrected, part.actor)
    return part.corrected, np.asarray(moved)


def _usd(
    folder: ShotFolder, parts: Sequence[Part], shown: Sequence[Shown], name: str
) -> Iterator[UsdFace]:
    """A face for each track of a character."""
    height = square_format(folder.plate.format).height
    for n, (part, (motion, points)) in enumerate(zip(parts, shown, strict=True)):
        frames = np.arange(part.track.frames.start, part.track.frames.stop)
        seen = (np.asarray(part.track.confidence) > 0) & (frames >= folder.span.start)
        seen &= frames < folder.span.stop
        numbers = [folder.number(int(frame)) for frame in frames[seen]]
        yield UsdFace(name if n == 0 else f"{name}_{n + 1}", numbers,
                      y_up(points[seen], height), upright(motion.head[seen], height))  # fmt: skip
