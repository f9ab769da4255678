"""Which generated part of which page is written by what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generate.blocks import PageError, filled
from docs.generate.commands import commands
from docs.generate.controls import controls
from docs.generate.formats import formats_read, formats_used, formats_written
from docs.generate.hosts import host_media, host_timelines, hosts
from docs.generate.json_output import exit_codes, schemas
from docs.generate.measures import measures
from docs.generate.packages import layers, packages
from docs.generate.project_file import project_file
from docs.generate.python_api import python_api
from docs.generate.settings import settings
from docs.generate.weights import others, ours, taught_on

DOCS = Path(__file__).parents[1]
#: Page, from docs/ -> part -> what writes it.
PAGES: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "reference/commands.md": {"commands": commands},
    "reference/settings.md": {"project-file": project_file, "settings": settings},
    "reference/json.md": {"exit-codes": exit_codes, "schemas": schemas},
    "reference/formats.md": {"formats": formats_used, "formats-read": formats_read},
    "reference/writers.md": {"formats-written": formats_written},
    "reference/hosts.md": {
        "hosts": hosts,
        "host-media": host_media,
        "host-timelines": host_timelines,
    },
    "reference/tweak.md": {"controls": controls},
    "reference/python-api.md": {"python-api": python_api},
    "reference/measures.md": {"measures": measures},
    "reference/weights.md": {
        "weights-ours": ours,
        "weights-others": others,
        "weights-sources": taught_on,
    },
    "explanation/architecture.md": {"layers": layers, "packages": packages},
}


def written(page: str) -> str:
    """The page as it should be: its hand-written text with fresh generated parts.

    Raises:
        PageError: its comments do not match PAGES.
    """
    text = (DOCS / page).read_text(encoding="utf-8")
    try:
        return filled(text, {name: write() for name, write in PAGES[page].items()})
    except PageError as error:
        raise PageError(f"docs/{page}: {error}") from None


def stale() -> list[str]:
    """Pages whose generated parts are not what the code says, in the order of PAGES."""
    return [page for page in PAGES if written(page) != (DOCS / page).read_text(encoding="utf-8")]
