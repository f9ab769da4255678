"""The parts that the main tractors of Kdenlive's and Shotcut's projects have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.mlt.write_media import prop
from dubsync.editorial.tracks.layout import LaidOutTrack


def always(service: str, track: int, more: dict[str, str]) -> Node:
    """A transition over the whole length, from the background to a track."""
    node = Node("transition").add(prop("a_track", 0), prop("b_track", track))
    node.add(prop("mlt_service", service), prop("always_active", 1))
    return node.add(*(prop(name, value) for name, value in more.items()))


def track_name(track: LaidOutTrack) -> str:
    """The name of a track as users see it: that of a dubbed one has its language."""
    ours = next((clip.corrected for clip in track.clips if clip.corrected), None)
    return f"dubbed {ours.language}" if ours else f"{'A' if track.sound else 'V'}{track.height}"


def filled(tracks: Sequence[LaidOutTrack]) -> list[LaidOutTrack]:
    """The tracks, with empty ones for missing heights; picture before sound, lowest first."""
    result: list[LaidOutTrack] = []
    for sound in (False, True):
        mine = sorted((t for t in tracks if t.sound is sound), key=lambda track: track.height)
        lowest = min([1, *(track.height for track in mine)])
        count = 0
        for track in mine:
            height = track.height - lowest + (lowest == 1)
            while count < height - 1:
                count += 1
                result.append(LaidOutTrack(f"{'A' if sound else 'V'}{count}", count, sound, ()))
            count += 1
            result.append(replace(track, height=count))
    return result


def black(id_: str, length: int, resource: str) -> Node:
    """The black producer under all tracks."""
    node = Node("producer", {"id": id_, "in": "0", "out": str(length - 1)})
    node.add(prop("length", length), prop("eof", "pause"), prop("resource", resource))
    node.add(prop("aspect_ratio", 1), prop("mlt_service", "color"))
    return node.add(prop("set.test_audio", 0))
