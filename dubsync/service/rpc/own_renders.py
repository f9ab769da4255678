"""Takes dubsync's own renders out of a timeline that a host exported after they were laid in.

Else the next sync would take them for plates.  Only tracks above the editor's hold them, so what is
below shows again.  Formats: .otio, and FCP7 XML; others are as they came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument, parse_json
from dubsync.editorial.files.xml_out import Patch
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.otio.nodes import path_of, schema_of
from dubsync.editorial.timeline.media_paths import inside, local_path

#: What a clip becomes in an .otio, with the place that it had.
_GAP = "Gap.1"


def without_renders(content: bytes, suffix: str, beside: Path, renders: Sequence[Path]) -> bytes:
    """`content` without the clips whose media lie in `renders`; unchanged where there are none.

    Args:
        suffix: of the file, which tells its format.
        beside: the folder that relative paths count from.

    Raises:
        TurnoverError: an XML that is damaged or hostile.
    """

    def ours(media: str) -> bool:
        path = local_path(media, beside)
        return path is not None and inside(path, renders)

    if suffix.lower() == ".otio":
        return _otio(content, ours)
    if suffix.lower() == ".xml" and b"<xmeml" in content[:4096]:
        return _xmeml(content, ours)
    return content


def _otio(content: bytes, ours: Callable[[str], bool]) -> bytes:
    try:
        document = parse_json(content.decode("utf-8-sig"), finite=False)
    except (DamagedDocument, UnicodeDecodeError):
        return content  # its reader says what is wrong
    return json.dumps(document).encode() if _gaps(document, ours) else content


def _gaps(node: Any, ours: Callable[[str], bool]) -> int:
    """Make a gap of every clip of ours below a node; how many there were."""
    if isinstance(node, list):
        return sum(_gaps(item, ours) for item in node)
    if not isinstance(node, dict):
        return 0
    if schema_of(node) != "Clip":
        return sum(_gaps(item, ours) for item in node.values())
    several = node.get("media_references")
    media = [*several.values()] if isinstance(several, dict) else [node.get("media_reference")]
    if not any(ours(path_of(one)) for one in media if isinstance(one, dict)):
        return 0
    held = {key: node[key] for key in ("source_range", "name") if key in node}
    if held.get("source_range") is None:
        return 0  # how long it is, only its media say
    node.clear()
    node.update({"OTIO_SCHEMA": _GAP, "effects": [], "markers": [], "enabled": True,
                 "metadata": {}, **held})  # fmt: skip
    return 1


def _xmeml(content: bytes, ours: Callable[[str], bool]) -> bytes:
    root, patch, found = xml_tree(content, "the timeline"), Patch(content), False
    clips = [one for one in root.descendants() if one.tag == "clipitem"]
    files = {file.get("id") for clip in clips if (file := clip.first("file")) and _is(file, ours)}
    for clip in clips:
        file = clip.first("file")
        if file is not None and file.get("id") in files:
            patch.remove(clip)
            found = True
    return patch.written() if found else content


def _is(file: Element, ours: Callable[[str], bool]) -> bool:
    return ours(file.text_at("pathurl"))
