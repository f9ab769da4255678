"""The findings on each shot, from the newest QC report that lists it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from dubsync.core.errors import MissingMedia
from dubsync.core.result import Finding, QCReport
from dubsync.service.qc.newest_report import report_in
from dubsync.service.store.folder import Store

#: Most reports that are read to find every shot.
MOST_READ = 8
_WORST = {"fail": 0, "review": 1, "not measured": 2, "pass": 3}


class NewestFindings:
    """The findings of one project; a report is read once."""

    def __init__(self) -> None:
        self._read: dict[tuple[Path, int], dict[str, tuple[Finding, ...]]] = {}

    def of(self, store: Store, names: Collection[str]) -> dict[str, tuple[Finding, ...]]:
        """Shot -> its findings, worst first; shots that no report lists are left out."""
        result: dict[str, tuple[Finding, ...]] = {}
        lacking = set(names)
        for folder in store.versions("reports")[:MOST_READ]:
            found = self._in(folder)
            result |= {shot: findings for shot, findings in found.items() if shot in lacking}
            lacking -= found.keys()
            if not lacking:
                break
        return result

    def _in(self, folder: Path) -> dict[str, tuple[Finding, ...]]:
        try:
            key = folder, folder.stat().st_mtime_ns
            if key not in self._read:
                self._read[key] = _by_shot(report_in(folder))
            return self._read[key]
        except (OSError, MissingMedia):
            return {}  # an older report counts


def _by_shot(report: QCReport) -> dict[str, tuple[Finding, ...]]:
    found: dict[str, list[Finding]] = {shot: [] for shot in report.verdicts}
    for finding in report.findings:
        found.setdefault(finding.shot, []).append(finding)
    return {
        shot: tuple(sorted(findings, key=lambda one: _WORST[one.verdict]))
        for shot, findings in found.items()
    }
