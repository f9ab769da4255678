"""Reads the newest QC report of a project again, without measuring or writing anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from dubsync.core.errors import MissingMedia
from dubsync.core.result import Finding, QCReport
from dubsync.service.store.folder import Store


@dataclass(frozen=True, slots=True)
class _Row:
    """A finding in the JSON report; see `qc.report`."""

    character: str
    measure: str
    value: float | None
    unit: str
    limit: str
    verdict: Literal["pass", "review", "fail", "not measured"]
    note: str = ""
    frames: tuple[int, int] | None = None
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class _Shot:
    name: str
    verdict: Literal["pass", "review", "fail"]
    findings: tuple[_Row, ...]


@dataclass(frozen=True, slots=True)
class _Left:
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Document:
    schema: Literal["dubsync.qc/1"]
    shots: tuple[_Shot, ...]
    blocked: tuple[_Left, ...] = field(default=())
    failed: tuple[_Left, ...] = field(default=())


def newest_report(store: Store) -> QCReport:
    """The newest report that can be read, as `check_reel` returned it.

    Raises:
        MissingMedia: there is none.
    """
    for folder in store.versions("reports"):
        for path in sorted(folder.glob("*.json")):
            try:
                document = msgspec.json.decode(path.read_bytes(), type=_Document)
            except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
                continue  # another file of the same folder, or a damaged one: an older one counts
            return _report(document, path)
    raise MissingMedia(
        "the project has no QC report yet", hint="measure its renders: dubsync check REEL"
    )


def _report(document: _Document, path: Path) -> QCReport:
    findings = tuple(
        Finding(
            shot.name, row.character, row.measure, row.value, row.unit, row.limit, row.verdict,
            row.note, row.frames, row.message, row.remedy,
        )
        for shot in document.shots
        for row in shot.findings
    )  # fmt: skip
    html = path.with_suffix(".html")
    return QCReport(
        findings,
        str(html) if html.is_file() else "",
        str(path),
        {shot.name: shot.verdict for shot in document.shots},
        tuple((left.name, left.reason) for left in (*document.blocked, *document.failed)),
    )
