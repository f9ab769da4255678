"""The renders of a reel, a clip or a portrait whose records are at hand, by payload."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import MissingMedia
from dubsync.service.find_mark.found import KnownRender

_log = logging.getLogger(__name__)
_HEX = frozenset("0123456789abcdef")


def known_renders(folder: Path) -> tuple[KnownRender, ...]:
    """Every marked render with a record in `folder`, newest first.

    Records may come from elsewhere: one that cannot be read is left out.

    Raises:
        MissingMedia: there is no such folder.
    """
    if not folder.is_dir():
        raise MissingMedia(
            f"{folder} is not a folder",
            hint="name a reel, a clip's OUT.dubsync, or a portrait's folder",
        )
    # A delivery's proof holds copies of records: each render counts once.
    found = {one for path in sorted(folder.rglob("*.record.json")) for one in _of(path)}
    return tuple(sorted(found, key=lambda one: (one.own, one.made, one.shot), reverse=True))


def _of(path: Path) -> Iterator[KnownRender]:
    try:
        record = read_json(path)
    except (OSError, DamagedDocument) as error:
        _log.warning("%s is left out: %s", path, error)
        return
    mark = record.get("mark") if isinstance(record, dict) else None
    if not isinstance(mark, dict):
        return
    yield from _named(path, record, mark.get("payload"), own=True)
    taken = mark.get("taken_over")
    for one in taken if isinstance(taken, list) else ():
        if isinstance(one, dict):
            yield from _named(path, record, one.get("payload"), own=False)


def _named(
    path: Path, record: Mapping[str, Any], payload: object, *, own: bool
) -> Iterator[KnownRender]:
    if not (isinstance(payload, str) and len(payload) == 8 and set(payload) <= _HEX):
        return
    version = record.get("version")
    numbered = isinstance(version, int) and not isinstance(version, bool)
    yield KnownRender(
        str(record.get("shot") or path.name.removesuffix(".record.json")),
        f"v{version:03d}" if numbered else "",
        str(record.get("language", "")),
        str(record.get("made", "")),
        int(payload, 16),
        _span(record.get("frames")),
        own,
    )


def _span(frames: object) -> tuple[int, int] | None:
    if not isinstance(frames, dict):
        return None
    first, stop = frames.get("first"), frames.get("stop")
    whole = all(isinstance(n, int) and not isinstance(n, bool) for n in (first, stop))
    return (first, stop) if whole and first < stop <= first + 10_000_000 else None  # type: ignore[operator, return-value]
