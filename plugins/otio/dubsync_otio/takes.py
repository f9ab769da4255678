"""Media linker: links each clip to its newest render in a dubsync project.

media_linker_argument_map={"project": FOLDER, "language": "it-IT"}
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync_otio.adapter_io import refusing
from dubsync_otio.renders import link


def link_media_reference(
    in_clip: Any, media_linker_argument_map: Mapping[str, Any] | None = None
) -> Any:
    """Make the render of a clip its active reference `dubbed-<language>`; the plate is kept.

    Keys of the map: "project", the project's folder; "language", BCP-47, default: the project's
    first language.
    """
    options = media_linker_argument_map or {}
    with refusing():
        if not options.get("project"):
            raise SettingsError(
                "no project is given", hint='media_linker_argument_map={"project": FOLDER}'
            )
    return link(in_clip, Path(options["project"]), options.get("language", ""))
