"""Reads the newest QC report of a project again, without measuring or writing anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from dubsync.core.contact import Contact
from dubsync.core.errors import MissingMedia
from dubsync.core.result import Finding, QCReport
from dubsync.service.store.folder import Store


@dataclass(frozen=True, slots=True)
class _Shot:
    name: str
    verdict: Literal["pass", "review", "fail"]
    findings: tuple[dict[str, Any], ...]
    version: int = 0
    contacts: tuple[Contact, ...] | None = None  #: None: of a dubsync that did not judge them


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


def newest_report(store: Store, names: Sequence[str] = ()) -> QCReport:
    """The newest report that can be read, as `check_reel` returned it, on `names` (none: all).

    Raises:
        MissingMedia: there is none, or it does not list one of `names`.
    """
    report = _newest(store)
    listed = (*report.verdicts, *(shot for shot, _ in report.unchecked))
    if absent := [name for name in names if name not in listed]:
        raise MissingMedia(
            f"the newest QC report does not list {', '.join(absent)}",
            hint=f"it lists: {', '.join(listed) or 'no shot'}; measure others: dubsync check REEL",
        )
    return report.only(names)


def report_in(folder: Path) -> QCReport:
    """The report in one version folder of reports.  Raises MissingMedia if none can be read."""
    for path in sorted(folder.glob("*.json")):
        try:
            return _report(msgspec.json.decode(path.read_bytes(), type=_Document), path)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            continue  # another file of the same folder, or a damaged one
    raise MissingMedia(f"{folder} has no QC report", hint="measure again: dubsync check REEL")


def _newest(store: Store) -> QCReport:
    for folder in store.versions("reports"):
        try:
            return report_in(folder)
        except MissingMedia:
            continue  # an older one counts
    raise MissingMedia(
        "the project has no QC report yet", hint="measure its renders: dubsync check REEL"
    )


def _report(document: _Document, path: Path) -> QCReport:
    findings = tuple(
        msgspec.convert({**finding, "shot": shot.name}, Finding)
        for shot in document.shots
        for finding in shot.findings
    )
    html = path.with_suffix(".html")
    return QCReport(
        findings,
        str(html) if html.is_file() else "",
        str(path),
        {shot.name: shot.verdict for shot in document.shots},
        tuple((left.name, left.reason) for left in (*document.blocked, *document.failed)),
        {shot.name: shot.contacts for shot in document.shots if shot.contacts is not None},
        {shot.name: shot.version for shot in document.shots},
    )
