"""The plugin's manifest, made from dubsync's table of formats.

python -m dubsync_otio.manifest > dubsync_otio/plugin_manifest.json
"""

from __future__ import annotations

import json
from typing import Any

from dubsync.editorial.formats import FORMATS, SCRIPT, Format

#: Format -> the module of its adapter, if the names differ.
_MODULES = {"xml": "xmeml"}
#: Formats that OpenTimelineIO reads itself.
_ITS_OWN = ("otio", "otioz")
#: Formats of markers alone, which are no timeline.
_MARKERS = ("avid-markers", "markers", "notes", "cubase")


def manifest() -> dict[str, Any]:
    """The manifest: an adapter for each timeline, log or script format that dubsync reads.

    Adapters claim no suffix: callers choose them by name.
    """
    linker = {"OTIO_SCHEMA": "MediaLinker.1", "name": "dubsync_takes", "filepath": "takes.py"}
    return {
        "OTIO_SCHEMA": "PluginManifest.1",
        "adapters": [
            {
                "OTIO_SCHEMA": "Adapter.1",
                "name": f"dubsync_{each.name}",
                "filepath": f"{_MODULES.get(each.name, each.name)}.py",
                "suffixes": [],
            }
            for each in FORMATS
            if _has_adapter(each)
        ],
        "media_linkers": [linker],
    }


def _has_adapter(each: Format) -> bool:
    if each.name in (*_ITS_OWN, *_MARKERS):
        return False
    return each.read is not None or (SCRIPT in each.roles and each.name == "dapt")


if __name__ == "__main__":
    print(json.dumps(manifest(), indent=4))
