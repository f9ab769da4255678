"""How dubsync's renders are marked in a document, and which reference one of them replaced."""

from __future__ import annotations

from typing import Any

from dubsync.editorial.otio.nodes import DEFAULT_KEY, Node

#: The key of dubsync's own entry in the metadata of a media reference.
NAMESPACE = "dubsync"
RENDER_SCHEMA = "dubsync.render/1"
#: Marks a track of corrected clips in a master, for those that cannot be another reference.
TRACK_SCHEMA = "dubsync.track/1"
#: Ends the key of a media reference to the lossless master, where the render has edit media.
MASTER = "-master"


def camera_media(clip: Node) -> Any:
    """The media reference that the cut was made with: the active one, or the one that a dubsync
    render replaced; None if there is none."""
    references = clip.get("media_references")
    if not isinstance(references, dict):
        return clip.get("media_reference")
    active = clip.get("active_media_reference_key", DEFAULT_KEY)
    return references.get(_camera_key(references, active)) if isinstance(active, str) else None


def _camera_key(references: Node, active: str) -> str:
    """The key that was active before any dubsync render."""
    key, seen = active, set()
    while key not in seen:
        seen.add(key)
        below = _replaced_key(references.get(key))
        if below is None or below not in references:
            return key
        key = below
    return active


def _replaced_key(media: Any) -> str | None:
    """The key that was active before the render `media`; None if it is not a dubsync render."""
    metadata = media.get("metadata") if isinstance(media, dict) else None
    ours = metadata.get(NAMESPACE) if isinstance(metadata, dict) else None
    if not isinstance(ours, dict) or ours.get("schema") != RENDER_SCHEMA:
        return None
    below = ours.get("replaces")
    return below if isinstance(below, str) else DEFAULT_KEY


def is_own_track(track: Any) -> bool:
    """Whether this is a track of corrected clips in a master, which reads as the cut below it."""
    metadata = track.get("metadata") if isinstance(track, dict) else None
    ours = metadata.get(NAMESPACE) if isinstance(metadata, dict) else None
    return isinstance(ours, dict) and ours.get("schema") == TRACK_SCHEMA
