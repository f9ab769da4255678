"""Inserts corrected clips and notes into an .otio document, of which every key is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, ProbedTimeline
from dubsync.editorial.otio.nodes import Node, list_in, schema_of, text_in
from dubsync.editorial.otio.note_markers import add_notes
from dubsync.editorial.otio.renders import NAMESPACE, TRACK_SCHEMA, is_own_track
from dubsync.editorial.otio.text import document
from dubsync.editorial.otio.timelines import TRACKS, collected, shown_range
from dubsync.editorial.otio.write_tracks import TrackWriter
from dubsync.editorial.tracks.dubbed_track import dubbed_tracks, track_below
from dubsync.editorial.tracks.from_cut import lay_out_tracks
from dubsync.editorial.tracks.layout import Layout
from dubsync.editorial.tracks.media_uses import Key, Use, add_media_uses


def patched(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    original: bytes,
    notes: Sequence[ProbedMarker],
) -> Written:
    """The original document with the dubbed tracks inserted into its timelines."""
    where = cut.path.rsplit("/", 1)[-1] or "the document"
    root = document(original.decode("utf-8-sig"), where)
    losses = add_clips_above(root, cut, corrected, where, notes)
    text = json.dumps(root, indent=4, ensure_ascii=False) + "\n"
    return Written(text.encode("utf-8", "surrogatepass"), losses)


def add_clips_above(
    root: Any,
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    where: str,
    notes: Sequence[ProbedMarker] = (),
    *,
    zero: Fraction | None = None,
    marked: bool = False,
) -> LossReport:
    """Insert tracks of `corrected`, and `notes`, into the timelines of a document of `cut`.

    Args:
        zero: record frame at which its tracks begin, for a document that was made of a list; None:
            as its timeline states.
        marked: mark the tracks, so that `without_own_tracks` finds them.

    Raises:
        DeliveryError: several timelines have the name of one with a corrected event.
    """
    nodes = [top.node for top in collected(root, where)[0]]
    layout = Layout(cut)
    for name in dict.fromkeys(cut.events[one.event].timeline for one in corrected):
        ours = [one for one in corrected if cut.events[one.event].timeline == name]
        result = [
            (node, t) for node, t in zip(nodes, cut.timelines, strict=False) if t.name == name
        ]
        if len(result) != 1 or result[0][1].rate is None:
            raise DeliveryError(
                f"{where} has {len(result)} timelines called {name!r}",
                hint="give each a name of its own, and export again",
            )
        node, timeline = result[0]
        tracks = lay_out_tracks(Layout(cut), timeline)  # the original loses nothing
        above = dubbed_tracks(layout, tracks, ours)
        uses: dict[Key, Use] = {}
        add_media_uses(uses, above)
        assert timeline.rate is not None
        writer = TrackWriter(layout, timeline.rate, uses, {}, "")
        begin = _zero(node, timeline) if zero is None else zero
        children = node["tracks"].setdefault("children", [])
        at = _above(children, track_below(tracks, ours))
        made = [json.loads(writer.track(track, begin).to_json_string()) for track in above]
        for one in made if marked else ():
            one["metadata"][NAMESPACE] = {"schema": TRACK_SCHEMA}
        children[at:at] = made
        add_notes(node["tracks"], [m for m in notes if m.timeline == name], begin, timeline.rate)
    return LossReport.of(layout.losses)


def without_own_tracks(stack: dict[str, Any]) -> None:
    """Remove the marked tracks of `add_clips_above` from a stack."""
    children = list_in(stack, "children")
    kept = [child for child in children if not is_own_track(child)]
    if len(kept) < len(children):
        stack["children"] = kept


def add_notes_to(root: Any, cut: ProbedCut | None, notes: Sequence[ProbedMarker]) -> None:
    """Add `notes` to the timelines of a document that `cut` was read from."""
    if cut is None or not notes:
        return
    nodes = [top.node for top in collected(root, "the document")[0]]
    for node, timeline in zip(nodes, cut.timelines, strict=False):
        ours = [note for note in notes if note.timeline == timeline.name]
        if ours and timeline.rate is not None:
            add_notes(node["tracks"], ours, _zero(node, timeline), timeline.rate)


def _above(children: Sequence[Node], number: int) -> int:
    """The index in a stack's children directly above its picture track `number`."""
    picture = [
        n
        for n, child in enumerate(children)
        if schema_of(child) not in TRACKS or text_in(child, "kind") in ("", "Video")
    ]
    return picture[number - 1] + 1 if number <= len(picture) else len(children)


def _zero(node: Mapping[str, Any], timeline: ProbedTimeline) -> Fraction:
    """The record frame at which the tracks of a stack begin, visible or not."""
    start = timeline.start or Fraction(0)
    shown = shown_range(node["tracks"], timeline.name)
    if shown is None or timeline.rate is None:
        return start
    return start - round(shown[0] * timeline.rate)
