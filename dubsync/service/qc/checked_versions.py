"""Which version of each shot QC has measured last, and what it found; no picture is opened.

.dubsync/checked/LANGUAGE.json    what each report says of its shots, so that none is read twice
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import MissingMedia
from dubsync.service.qc.newest_report import report_in
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.store.folder import Store


@dataclass(frozen=True, slots=True)
class Checked:
    """What QC said of one version of a shot: its number, and the verdict."""

    version: int
    verdict: Literal["pass", "review", "fail"]


class CheckedVersions:
    """The versions that a project's QC reports measured, in the language of `store`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._path = store.derived / "checked" / f"{store.layout.language or 'only'}.json"
        self._reports: dict[str, dict[str, Checked]] = _kept(self._path)

    def newest(self) -> dict[str, Checked]:
        """Shot name -> what the newest report that lists it says."""
        folders = self._store.versions("reports")
        known = {str(folder.relative_to(self._store.folder)): folder for folder in folders}
        new = {name: _said(folder) for name, folder in known.items() if name not in self._reports}
        if new or self._reports.keys() - known.keys():
            old = {name: said for name, said in self._reports.items() if name in known}
            self._reports = old | new
            text = json.dumps(msgspec.to_builtins(self._reports))
            write_derived(self._path, text)
        result: dict[str, Checked] = {}
        for name in reversed(known):  # oldest first
            result |= self._reports[name]
        return result


def _said(folder: Path) -> dict[str, Checked]:
    try:
        report = report_in(folder)
    except MissingMedia:
        return {}
    return {
        shot: msgspec.convert({"version": report.checked[shot], "verdict": verdict}, Checked)
        for shot, verdict in report.verdicts.items()
    }


def _kept(path: Path) -> dict[str, dict[str, Checked]]:
    """What was kept; nothing where it is absent or damaged: the reports are read again then."""
    try:
        return msgspec.convert(read_json(path), dict[str, dict[str, Checked]])
    except (OSError, DamagedDocument, msgspec.ValidationError):
        return {}
