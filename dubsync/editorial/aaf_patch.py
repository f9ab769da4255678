"""A track let into somebody's AAF file, all else in it left as it is."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from importlib import import_module
from math import floor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dubsync.core.corrected import Corrected
from dubsync.core.errors import TurnoverError
from dubsync.core.losses import Loss
from dubsync.core.probed import ProbedCut, ProbedTimeline
from dubsync.editorial.aaf_composition import Writer, media_pieces
from dubsync.editorial.aaf_read import read_aaf
from dubsync.editorial.laying import LaidTrack
from dubsync.editorial.read_back import differences

#: What pyaaf2 raises over a file whose objects are not as it takes them to be.
_DAMAGE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, OSError,
           struct.error, AssertionError, NotImplementedError, RecursionError)  # fmt: skip


def patched_aaf(
    original: bytes,
    cut: ProbedCut,
    timeline: ProbedTimeline,
    tracks: Sequence[LaidTrack],
    corrected: Sequence[Corrected],
) -> tuple[bytes, list[Loss]] | None:
    """`original` with the corrected ones of `tracks` in it, each above the track it corrects.

    None where that cannot be done safely: tracks inside a scope, a composition that is not found,
    or a result that does not read back as the cut.  The reading has its own limits (aaf_process);
    a file is patched only after it was read within them.
    """
    losses: list[Loss] = []
    with TemporaryDirectory(prefix="dubsync-") as folder:
        path = Path(folder) / "cut.aaf"
        path.write_bytes(original)
        try:
            if not _patched(path, cut, timeline, tracks, losses):
                return None
            again = read_aaf(str(path))
            unlike = differences(cut, corrected, again, timeline=timeline.name)
        except (*_DAMAGE, TurnoverError):
            return None
        return None if unlike else (path.read_bytes(), losses)


def _patched(
    path: Path,
    cut: ProbedCut,
    timeline: ProbedTimeline,
    tracks: Sequence[LaidTrack],
    losses: list[Loss],
) -> bool:
    aaf2: Any = import_module("aaf2")
    with aaf2.open(str(path), "rw") as file:
        named = [mob for mob in file.content.toplevel() if mob.name == timeline.name]
        if len(named) != 1 or timeline.rate is None:
            return False
        (top,) = named
        picture = [n for n, slot in enumerate(top.slots) if _is_picture(slot)]
        if any(type(top.slots[n].segment).__name__ == "NestedScope" for n in picture):
            return False
        writer = Writer(file, cut, timeline, timeline.rate, losses)
        new = [(k, track) for k, track in enumerate(tracks) if track.corrected]
        for _, track in new:
            for piece, sound in media_pieces(track):
                writer.reach(piece, sound)
        first = floor(timeline.start or 0)
        stop = first + floor(timeline.length or 0)
        for number, (_, track) in reversed(list(enumerate(new))):
            base = int(track.name.split("/")[0].split(" ")[0].removeprefix("V")) - 1
            if base >= len(picture):
                return False
            slot = _slot(file, top, number, track, lambda t: writer.sequence(t, first, stop))
            slot.edit_rate = top.slots[picture[base]].edit_rate
            top.slots.insert(picture[base] + 1, slot)
            picture = [n for n, slot in enumerate(top.slots) if _is_picture(slot)]
        for number, n in enumerate(picture, start=1):
            top.slots[n]["PhysicalTrackNumber"].value = number
        file.save()
    return True


def _slot(
    file: Any, top: Any, number: int, track: LaidTrack, made: Callable[[LaidTrack], Any]
) -> Any:
    ids = [slot.slot_id for slot in top.slots]
    slot = file.create.TimelineMobSlot(max(ids) + 1, edit_rate=25)
    slot.name = track.name
    slot["PhysicalTrackNumber"].value = number + 1
    slot.segment = made(track)
    return slot


def _is_picture(slot: Any) -> bool:
    kind = type(slot).__name__
    return kind == "TimelineMobSlot" and str(slot.media_kind) in ("Picture", "LegacyPicture")
