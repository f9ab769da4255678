"""Writes renders into a cut as .otio: each is the active media reference beside its plate."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from dubsync.core.errors import DeliveryError
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Cut, Turnover
from dubsync.core.timeline.probed import ProbedMarker
from dubsync.editorial.conform.original import OtioDocument, by_event, original_of
from dubsync.editorial.conform.otio_from_edl import timeline_from_list
from dubsync.editorial.otio.nodes import DEFAULT_KEY
from dubsync.editorial.otio.note_markers import add_notes, without_notes
from dubsync.editorial.otio.patch import add_clips_above, add_notes_to, without_own_tracks
from dubsync.editorial.otio.references import render_reference
from dubsync.editorial.otio.renders import MASTER, NAMESPACE, RENDER_SCHEMA
from dubsync.editorial.otio.text import document
from dubsync.editorial.otio.write import own_clips
from dubsync.editorial.tracks.corrected_clips import corrected_events, counted_as

_ABSENT = object()


def corrected_otio(
    cut: Cut,
    turnover: Turnover,
    rendered: Sequence[RenderedShot],
    *,
    language: str,
    notes: Sequence[ProbedMarker] = (),
) -> str:
    """The text of an .otio document in which `rendered` are active, beside the plates.

    A cut that came as .otio keeps every key of its document, all metadata included.  Each rendered
    clip gains a media reference `dubbed-<language>`, which becomes the active one; the plate keeps
    its key.  The clips of `write.own_clips` are on a track above instead.  A cut that came as an
    EDL becomes a timeline with the same record times.  Paths of `rendered` are written as given:
    absolute ones as file URLs, others relative to the folder of the document.  `notes` become
    markers of their timeline.

    Raises:
        DeliveryError: the cut's file has changed, a render is not of this cut, or another
            program's reference is already called `dubbed-<language>`.
    """
    renders = by_event(cut, tuple(rendered))
    original = original_of(cut)
    zero = None
    if isinstance(original, OtioDocument):
        parsed, keys = original.document, original.keys
        add_notes_to(parsed, cut.probed, notes)
    else:
        timeline, keys = timeline_from_list(cut, turnover, original)
        parsed = json.loads(timeline.to_json_string())
        zero = Fraction(round(timeline.global_start_time.value))
        add_notes(parsed["tracks"], notes, zero, cut.rate)
    assert cut.probed is not None
    corrected = corrected_events(counted_as(cut.probed, cut.drop), rendered, language=language)
    apart = own_clips(corrected)
    for name, render in renders.items():
        if render.shot.name not in {one.shot for one in apart}:
            _add(_at(parsed, keys[name]), render, language)
    if apart:  # last: the tracks above move what the keys lead to
        add_clips_above(parsed, cut.probed, apart, cut.name, zero=zero, marked=True)
    return _written(parsed)


def without_renders(text: str) -> str:
    """`text` without everything that `corrected_otio` added: the original cut."""
    parsed = document(text, "the timeline")
    for clip in _clips(parsed):
        _strip(clip)
    for stack in _stacks(parsed):
        without_notes(stack)
        without_own_tracks(stack)
    return _written(parsed)


def _written(parsed: Any) -> str:
    return json.dumps(parsed, indent=4, ensure_ascii=False) + "\n"


def _at(parsed: Any, keys: Sequence[str | int]) -> dict[str, Any]:
    node = parsed
    for key in keys:
        node = node[key]
    result: dict[str, Any] = node
    return result


def _add(clip: dict[str, Any], render: RenderedShot, language: str) -> None:
    """Add `render` to the clip's media references, and make it the active one."""
    key = f"dubbed-{language}"
    was: dict[str, Any] = {}
    if not isinstance(clip.get("media_references"), dict):
        was["upgraded_from"] = _upgrade(clip)
    references = clip["media_references"]
    was["replaces"] = clip.get("active_media_reference_key")
    if key in references:
        old = _ours(references[key])
        if old is None:
            raise DeliveryError(
                f"shot {render.shot.name}: the cut already has media called {key!r}, which "
                "dubsync did not write",
                hint="rename that reference in the cut",
            )
        # An earlier version of this dub: the new render replaces what it replaced.
        was = {k: old[k] for k in ("replaces", "upgraded_from") if k in old}
    whole = render.shot.event.available if clip.get("source_range") is None else None
    references[key] = render_reference(render, language=language, whole=whole, was=was)
    if render.edit is not None:
        references[f"{key}{MASTER}"] = render_reference(
            render, language=language, whole=whole, was=was, master=True
        )
    else:
        references.pop(f"{key}{MASTER}", None)  # of an earlier delivery with edit media
    clip["active_media_reference_key"] = key


def _upgrade(clip: dict[str, Any]) -> dict[str, Any]:
    """Turn a clip with one media reference, or none, into one with several.

    Returns its earlier form, see `_downgrade`.
    """
    before = {"OTIO_SCHEMA": clip["OTIO_SCHEMA"]}
    media = clip.pop("media_reference", _ABSENT)
    before["media_reference"] = "kept" if isinstance(media, dict) else "null"
    if media is _ABSENT:
        before["media_reference"] = "absent"
    if not isinstance(media, dict):
        media = json.loads(otio.schema.MissingReference().to_json_string())
    clip["OTIO_SCHEMA"] = "Clip.2"
    clip["media_references"] = {DEFAULT_KEY: media}
    clip["active_media_reference_key"] = DEFAULT_KEY
    return before


def _strip(clip: dict[str, Any]) -> None:
    references = clip["media_references"]
    ours = {key: result for key in references if (result := _ours(references[key])) is not None}
    while (active := clip.get("active_media_reference_key")) in ours:
        clip["active_media_reference_key"] = ours.pop(active).get("replaces")
        if clip["active_media_reference_key"] is None:  # the cut named no active reference
            del clip["active_media_reference_key"]
    before = None
    for key in [key for key in references if _ours(references[key]) is not None]:
        before = (_ours(references.pop(key)) or {}).get("upgraded_from", before)
    if before is not None:
        _downgrade(clip, before)


def _downgrade(clip: dict[str, Any], before: dict[str, Any]) -> None:
    media = clip.pop("media_references")[DEFAULT_KEY]
    del clip["active_media_reference_key"]
    clip["OTIO_SCHEMA"] = before["OTIO_SCHEMA"]
    if before["media_reference"] != "absent":
        clip["media_reference"] = media if before["media_reference"] == "kept" else None


def _ours(reference: Any) -> dict[str, Any] | None:
    metadata = reference.get("metadata") if isinstance(reference, dict) else None
    ours = metadata.get(NAMESPACE) if isinstance(metadata, dict) else None
    return ours if isinstance(ours, dict) and ours.get("schema") == RENDER_SCHEMA else None


def _stacks(node: Any) -> list[dict[str, Any]]:
    """The stack of tracks of every timeline."""
    if not isinstance(node, dict):
        return []
    stack, inside = node.get("tracks"), node.get("children")
    here = [stack] if isinstance(stack, dict) else []
    return here + [
        s for child in (inside if isinstance(inside, list) else ()) for s in _stacks(child)
    ]


def _clips(node: Any) -> list[dict[str, Any]]:
    """Every clip with several media references, at any depth."""
    if isinstance(node, list):
        return [clip for child in node for clip in _clips(child)]
    if not isinstance(node, dict):
        return []
    here = [node] if isinstance(node.get("media_references"), dict) else []
    return here + [c for key in ("tracks", "children") for c in _clips(node.get(key))]
