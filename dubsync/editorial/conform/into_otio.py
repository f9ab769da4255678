"""The corrected cut as .otio: the same edit, with each render beside its plate and playing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import opentimelineio as otio

from dubsync.core.errors import DeliveryError
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Cut, Turnover
from dubsync.editorial.conform.original import OtioDocument, by_event, original_of
from dubsync.editorial.conform.otio_from_edl import timeline_from_list
from dubsync.editorial.otio.nodes import DEFAULT_KEY
from dubsync.editorial.otio.references import render_reference
from dubsync.editorial.otio.renders import NAMESPACE, RENDER_SCHEMA
from dubsync.editorial.otio.text import document

_ABSENT = object()


def corrected_otio(
    cut: Cut, turnover: Turnover, rendered: Sequence[RenderedShot], *, language: str
) -> str:
    """The text of an .otio document in which `rendered` play, the plates kept beside them.

    A cut that came as .otio is that document to the last key of anybody's metadata; each
    rendered clip gains a media reference `dubbed-<language>`, made active, and the plate keeps
    its own key.  A cut that came as EDL becomes a timeline with the same record times.
    Paths of `rendered` are written as given: absolute as file URLs, others relative to
    wherever the document will lie.

    Raises:
        DeliveryError: the cut's file changed, a render does not belong to it, or somebody
            else's reference is already called `dubbed-<language>`.
    """
    renders = by_event(cut, tuple(rendered))
    original = original_of(cut)
    if isinstance(original, OtioDocument):
        parsed, keys = original.document, original.keys
    else:
        timeline, keys = timeline_from_list(cut, turnover, original)
        parsed = json.loads(timeline.to_json_string())
    for name, render in renders.items():
        _add(_at(parsed, keys[name]), render, language)
    return _written(parsed)


def without_renders(text: str) -> str:
    """`text` with everything taken out that `corrected_otio` put in: the original cut."""
    parsed = document(text, "the timeline")
    for clip in _clips(parsed):
        _strip(clip)
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
    """Lay `render` beside the clip's media, and make it the one that plays."""
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
                f"shot {render.shot.name}: the cut already has media called {key!r}, not ours",
                hint="rename that reference in the cut",
            )
        # An earlier version of this very dub: what it replaced, ours replaces.
        was = {k: old[k] for k in ("replaces", "upgraded_from") if k in old}
    whole = render.shot.event.available if clip.get("source_range") is None else None
    references[key] = render_reference(render, language=language, whole=whole, was=was)
    clip["active_media_reference_key"] = key


def _upgrade(clip: dict[str, Any]) -> dict[str, Any]:
    """A clip that holds one reference or none as one that holds several.

    Returns what it looked like before.
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
        if clip["active_media_reference_key"] is None:  # the cut left it to the default
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


def _clips(node: Any) -> list[dict[str, Any]]:
    """Every clip with several references, in children at any depth."""
    if isinstance(node, list):
        return [clip for child in node for clip in _clips(child)]
    if not isinstance(node, dict):
        return []
    here = [node] if isinstance(node.get("media_references"), dict) else []
    return here + [c for key in ("tracks", "children") for c in _clips(node.get(key))]
