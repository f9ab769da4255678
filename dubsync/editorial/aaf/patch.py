"""Inserts tracks of corrected clips into the original AAF file, and changes nothing else."""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence
from dataclasses import replace
from importlib import import_module
from math import floor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, ProbedTimeline
from dubsync.editorial.aaf.markers import write_markers
from dubsync.editorial.aaf.read import read_aaf
from dubsync.editorial.aaf.write_composition import Writer
from dubsync.editorial.notes.words import names_one_of
from dubsync.editorial.tracks.dubbed_track import dubbed_tracks, track_below
from dubsync.editorial.tracks.from_cut import lay_out_tracks
from dubsync.editorial.tracks.layout import LaidOutTrack, Layout, enabled_only
from dubsync.editorial.tracks.verify import differences

#: Errors that pyaaf2 raises for a file whose objects are not as it expects.
_DAMAGE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, OSError,
           struct.error, AssertionError, NotImplementedError, RecursionError)  # fmt: skip


def patched_aaf(
    original: bytes,
    cut: ProbedCut,
    timeline: ProbedTimeline,
    corrected: Sequence[Corrected],
    notes: Sequence[ProbedMarker] = (),
) -> Written | None:
    """`original` with the dubbed tracks inserted, and `notes` as locators.

    None if that cannot be done safely: tracks inside a scope, a composition that is not found, or
    a result that does not read back as the cut.  A file is patched only after it was read within
    the limits of `aaf.process`.

    Raises:
        DeliveryError: a corrected event that is not a picture clip of the cut.
    """
    layout = Layout(cut)
    tracks = lay_out_tracks(Layout(cut), timeline)  # the original loses nothing
    below = track_below(tracks, corrected) if corrected else 1
    above = [enabled_only(track) for track in dubbed_tracks(layout, tracks, corrected)]
    with TemporaryDirectory(prefix="dubsync-") as folder:
        path = Path(folder) / "cut.aaf"
        path.write_bytes(original)
        try:
            if not _patched(path, layout, timeline, above, below, notes):
                return None
            again = read_aaf(str(path))
            unlike = differences(cut, corrected, again, timeline=timeline.name)
        except (*_DAMAGE, TurnoverError):
            return None
        return None if unlike else Written(path.read_bytes(), LossReport.of(layout.losses))


def _patched(
    path: Path,
    layout: Layout,
    timeline: ProbedTimeline,
    above: Sequence[LaidOutTrack],
    below: int,
    notes: Sequence[ProbedMarker],
) -> bool:
    """Insert the tracks `above` into a file, above its picture track number `below`."""
    aaf2: Any = import_module("aaf2")
    with aaf2.open(str(path), "rw") as file:
        named = [mob for mob in file.content.toplevel() if mob.name == timeline.name]
        if len(named) != 1 or timeline.rate is None:
            return False
        (top,) = named
        picture = [n for n, slot in enumerate(top.slots) if _is_picture(slot)]
        scopes = any(type(top.slots[n].segment).__name__ == "NestedScope" for n in picture)
        if scopes or below > len(picture):
            return False
        writer = Writer(file, layout, timeline, timeline.rate)
        ids = [top.slots[n].slot_id for n in picture]
        writer.gather(above)
        first = floor(timeline.start or 0)
        stop = first + floor(timeline.length or 0)
        at = picture[below - 1]
        for track in reversed(above):
            slot = file.create.TimelineMobSlot(max(s.slot_id for s in top.slots) + 1, edit_rate=25)
            slot.name = track.label
            slot.segment = writer.sequence(track, first, stop)
            slot.edit_rate = top.slots[at].edit_rate
            top.slots.insert(at + 1, slot)
        picture = [n for n, slot in enumerate(top.slots) if _is_picture(slot)]
        for number, n in enumerate(picture, start=1):
            top.slots[n]["PhysicalTrackNumber"].value = number
        labels = {f"V{number}": slot_id for number, slot_id in enumerate(ids, start=1)}
        _remove_locators(top, {note.where for note in notes})
        noted = replace(layout.cut, markers=tuple(notes))
        layout.losses += write_markers(file, top, noted, timeline, timeline.rate, first, labels)
        file.save()
    return True


def _remove_locators(top: Any, notes: Collection[str]) -> None:
    """Remove the locators that an earlier delivery wrote for `notes`, and slots without others."""
    for n, slot in reversed(list(enumerate(top.slots)) if notes else []):
        if type(slot).__name__ != "EventMobSlot" or type(slot.segment).__name__ != "Sequence":
            continue
        components = slot.segment.components
        ours = [i for i, one in enumerate(components) if names_one_of(_comment(one), notes)]
        if ours and len(ours) == len(components):
            top.slots.pop(n)
            continue
        for i in reversed(ours):
            components.pop(i)


def _comment(locator: Any) -> str:
    words = locator.get("Comment")
    return str(words.value) if words is not None else ""


def _is_picture(slot: Any) -> bool:
    kind = type(slot).__name__
    return kind == "TimelineMobSlot" and str(slot.media_kind) in ("Picture", "LegacyPicture")
