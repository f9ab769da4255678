"""A cut for a file in another folder: its media as seen from there, its plates as turnover found.

MLT counts the frames of a clip from the first of its file, and finds a file by its path alone.  A
cut often states neither; the plates that turnover linked have both.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

from dubsync.core.shot import Shot, Turnover
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, probed_range
from dubsync.editorial.timeline.media_paths import local_path, media_url
from dubsync.editorial.tracks.corrected_clips import media_offset


def cut_beside(
    cut: ProbedCut,
    turnover: Turnover,
    folder: Path,
    written: Callable[[str], str] | None = None,
) -> ProbedCut:
    """`cut` with the paths of its local files relative to `folder`, and of its plates all frames.

    Args:
        cut: the cut that `turnover` was made of, with the same events.
        folder: of the file that is to be written.
        written: how an absolute path is written; default: relative to `folder`.
    """
    written = written or partial(_relative, folder=folder)
    home = Path(turnover.cut.path).parent
    shots = {(shot.event.where.partition(" (")[0], shot.event.track): shot
             for shot in turnover.shots}  # fmt: skip
    events = []
    for event in cut.events:
        shot = next((s for t in event.tracks if (s := shots.get((event.where, t)))), None)
        events.append(_from_plate(event, shot, written) if shot else _moved(event, home, written))
    return replace(cut, events=tuple(events))


def _from_plate(event: ProbedEvent, shot: Shot, written: Callable[[str], str]) -> ProbedEvent:
    """An event with the path of its plate, and all frames of it in the cut's count."""
    plate, source = shot.plate, event.source
    media = media_url(written(plate.path))
    frames = plate.file_frames
    if source is None or source.rate != frames.rate:
        return replace(event, media=media)
    offset = media_offset(shot)
    start, stop = Fraction(frames.start + offset), Fraction(frames.stop + offset)
    available = probed_range(start, stop, frames.rate, ";" in source.text[0])
    return replace(event, media=media, available=available)


def _moved(event: ProbedEvent, home: Path, written: Callable[[str], str]) -> ProbedEvent:
    path = local_path(event.media, home)
    if path is None or not path.is_absolute():
        return event
    return replace(event, media=media_url(written(str(path))))


def _relative(path: str, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
