"""Triage scores as `dubsync triage` kept them: reports/triage/vNNN/triage.json."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from dubsync.service.store.folder import Store

SCHEMA = "dubsync.triage/1"
NAME = "triage.json"
#: Most versions that are read to find every shot's score.
MOST_READ = 12


@dataclass(frozen=True, slots=True)
class KeptScores:
    """Shot -> its score, 0 to 100, of the newest triage that scored it.

    version  the newest triage, "v002"; "": none
    made     when, in seconds since 1970; 0: none
    """

    scores: dict[str, float] = field(default_factory=dict)
    version: str = ""
    made: float = 0.0


@dataclass(frozen=True, slots=True)
class _Shot:
    shot: str
    score: float


@dataclass(frozen=True, slots=True)
class _Document:
    schema: Literal["dubsync.triage/1"]
    shots: tuple[_Shot, ...]


class KeptTriage:
    """The scores of one project; a file is read once."""

    def __init__(self) -> None:
        self._read: dict[tuple[Path, int], dict[str, float]] = {}

    def newest(self, store: Store, names: Collection[str]) -> KeptScores:
        """The scores of the shots `names`; a shot's is that of its worst face."""
        scores: dict[str, float] = {}
        version, made, lacking = "", 0.0, set(names)
        for folder in store.versions("reports", "triage")[:MOST_READ]:
            try:
                stat = (folder / NAME).stat()
            except OSError:
                continue  # of a dubsync that kept the picture alone
            found = self._in(folder / NAME, stat.st_mtime_ns)
            scores |= {shot: score for shot, score in found.items() if shot in lacking}
            lacking -= found.keys()
            if not version:
                version, made = folder.name, stat.st_mtime
            if not lacking:
                break
        return KeptScores(scores, version, made)

    def _in(self, path: Path, changed: int) -> dict[str, float]:
        key = path, changed
        if key not in self._read:
            self._read[key] = _scores(path)
        return self._read[key]


def kept(body: dict[str, Any]) -> bytes:
    """The body of `dubsync triage --json` as the file that is kept."""
    return msgspec.json.format(msgspec.json.encode({"schema": SCHEMA, **body}), indent=2) + b"\n"


def _scores(path: Path) -> dict[str, float]:
    """Shot -> the score of its worst face; nothing where the file is damaged."""
    try:
        document = msgspec.json.decode(path.read_bytes(), type=_Document)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}
    result: dict[str, float] = {}
    for one in document.shots:
        result[one.shot] = max(one.score, result.get(one.shot, 0.0))
    return result
