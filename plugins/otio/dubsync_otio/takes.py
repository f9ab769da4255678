"""Media linker: each clip gets the newest render that a dubsync project has of it.

media_linker_argument_map={"project": FOLDER, "language": "it-IT"}
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync_otio.doors import refusing
from dubsync_otio.renders import link


def link_media_reference(
    in_clip: Any, media_linker_argument_map: Mapping[str, Any] | None = None
) -> Any:
    """The render of a clip, made its active reference `dubbed-<language>`; the plate stays.

    Args of the map: "project", its folder; "language", BCP-47, else the project's first.
    """
    asked = media_linker_argument_map or {}
    with refusing():
        if not asked.get("project"):
            raise SettingsError(
                "no project to link to", hint='media_linker_argument_map={"project": FOLDER}'
            )
    return link(in_clip, Path(asked["project"]), asked.get("language", ""))
