"""Writes what a project of Kdenlive 22.12 has beside MLT's own: its bin, its tracks, its guides.

Source: Kdenlive, dev-docs/fileformat.md (generation 4, document version 1.04).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.timeline.probed import ProbedMarker, ProbedTimeline
from dubsync.editorial.files.xml_out import Node, legal
from dubsync.editorial.mlt.tractor import always, black, track_name
from dubsync.editorial.mlt.write_markers import categories, guides
from dubsync.editorial.mlt.write_media import ProducerTable, prop
from dubsync.editorial.mlt.write_tracks import WriteContext, kdenlive_track
from dubsync.editorial.tracks.layout import LaidOutTrack

PROGRAM, DOCUMENT = "22.12.3", "1.04"
#: Marks the transitions that Kdenlive puts on every track itself.
INTERNAL = "237"


def add_kdenlive_tracks(
    tracks: Sequence[LaidOutTrack], context: WriteContext
) -> tuple[Node, list[Node]]:
    """(the main tractor of a project, the producers under all tracks).

    Kdenlive has sound below picture, A1 highest; every track is mixed with the black one.
    """
    length = context.at(context.end)
    ordered = [*reversed([t for t in tracks if t.sound]), *(t for t in tracks if not t.sound)]
    span = {"in": "0", "out": str(length - 1)}
    tractor = Node("tractor", {"id": "timeline", "global_feed": "1", **span})
    tractor.add(Node("track", {"producer": "black_track"}))
    transitions = []
    for n, track in enumerate(ordered, start=1):
        made = kdenlive_track(track, track_name(track), context)
        tractor.add(Node("track", {"producer": made}))
        transitions.append(kdenlive_mixing(n, sound=track.sound))
    tractor.add(*transitions)
    return tractor, [black("black_track", length, "black")]


def kdenlive_mixing(track: int, *, sound: bool) -> Node:
    """The transition that mixes or draws a track over what is below it."""
    own = {"internal_added": INTERNAL}
    if sound:
        return always(
            "mix", track, {**own, "kdenlive_id": "mix", "accepts_blanks": "1", "sum": "1"}
        )
    return always("qtblend", track, {**own, "kdenlive_id": "qtblend", "compositing": "0",
                                     "distort": "0", "rotate_center": "0"})  # fmt: skip


def main_bin(
    timeline: ProbedTimeline, markers: Sequence[ProbedMarker], zero: Fraction, table: ProducerTable
) -> Node:
    """The bin of a project: its settings, its guides, its clips."""
    node = Node("playlist", {"id": "main_bin"})
    settings = {
        "kdenliveversion": PROGRAM, "version": DOCUMENT, "profile": "", "audioChannels": "2",
        "groups": "[]", "guidesCategories": categories(),
        "guides": guides(markers, zero, table.layout),
    }  # fmt: skip
    node.add(*(prop(f"kdenlive:docproperties.{k}", v) for k, v in settings.items() if v))
    title = prop("kdenlive:docmetadata.meta.attr.title.markup", legal(timeline.name))
    return node.add(title, prop("xml_retain", 1), *table.in_bin)
