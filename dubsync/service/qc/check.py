"""Checks the renders: measures every shot and writes one report for the reel."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from dubsync.core.progress import Progress
from dubsync.core.result import QCReport
from dubsync.core.version import __version__
from dubsync.qc.report import Map, ReelPage, ShotPage, report_html, report_json
from dubsync.service.qc.check_shot import NotChecked, checked_shot
from dubsync.service.qc.coverage.drawn_map import coverage_lines, coverage_png
from dubsync.service.qc.coverage.of_reel import Covering, coverage_json
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.records.faults import ProofFaults, proof_faults
from dubsync.service.render.sync import stays_plate, warnings_of
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import NewVersion

_log = logging.getLogger(__name__)


def check_reel(
    reel: Reel,
    names: Sequence[str],
    *,
    name: str,
    results: Sequence[ShotResult] = (),
    progress: Progress,
) -> QCReport:
    """Measure the newest render of each named shot and write the next version of the report.

    The report is reports/vNNN/NAME_LANGUAGE_vNNN.html and .json.  A shot that cannot be measured
    is listed there with the reason; it does not stop the others.

    Args:
        reel: the reel.
        names: shots to check.
        name: the project's name, for the report's heading and file names.
        results: the shots' results in this run, which say why one has no render.
        progress: called as stage "check".

    Raises:
        DeliveryError: the report cannot be written.
    """
    faults = proof_faults(reel.store.folder)
    faults.refuse()
    with NewVersion(reel.store, "reports") as version:
        whole = _reel_page(reel, names, name, results, faults, progress)
        stem = f"{_safe(name)}_{reel.language}_{version.name}"
        write_whole(version.folder / f"{stem}.json", report_json(whole))
        write_whole(version.folder / f"{stem}.html", report_html(whole))
    return QCReport(
        whole.findings,
        str(version.final / f"{stem}.html"),
        str(version.final / f"{stem}.json"),
        {page.name: page.verdict for page in whole.shots},
        (*whole.blocked, *whole.failed),
        {page.name: page.contacts for page in whole.shots},
        {page.name: page.version for page in whole.shots},
    )


def _reel_page(
    reel: Reel,
    names: Sequence[str],
    name: str,
    results: Sequence[ShotResult],
    faults: ProofFaults,
    progress: Progress,
) -> ReelPage:
    """The report's contents: a page for each shot that was measured, reasons for the others."""
    pages: list[ShotPage] = []
    lists: dict[str, list[tuple[str, str]]] = {"blocked": [], "failed": [], "skipped": []}
    warnings, covering = list(warnings_of(reel)), Covering(reel)
    known = {result.name: result for result in results}
    for shot in (reel.shot(wanted) for wanted in names):
        fault = faults.of(shot.name, reel.language)
        if fault is not None and not stays_plate(reel, shot):
            lists["failed"].append((shot.name, f"it cannot be checked: {fault}"))
            continue
        try:
            found = checked_shot(reel, shot, known.get(shot.name), progress)
        except NotChecked as why:
            lists[why.status].append((shot.name, str(why)))
            continue
        covering.put(found.coverage)
        pages.append(found.page)
        warnings += [found.warning] if found.warning else []
    pages = _still_allowed(reel, pages, lists["blocked"])
    whole_reel = {shot.name for shot in reel.turnover.shots} <= set(names)
    for event, reason in reel.turnover.skipped:
        unlinked = event.name in reel.turnover.unlinked
        if whole_reel or not unlinked:
            lists["failed" if unlinked else "skipped"].append((event.name, reason))
    return ReelPage(
        project=name,
        language=reel.language,
        date=datetime.now(UTC).isoformat(timespec="minutes"),
        shots=tuple(pages),
        versions=(("dubsync", __version__),),
        skipped=tuple(lists["skipped"]),
        blocked=tuple(lists["blocked"]),
        failed=tuple(lists["failed"]),
        warnings=tuple(dict.fromkeys(warnings)),
        maps=_maps(covering, {who for page in pages for who in page.characters}),
    )


def _still_allowed(
    reel: Reel, pages: Sequence[ShotPage], blocked: list[tuple[str, str]]
) -> list[ShotPage]:
    """The pages of shots that may still be shown; the others are added to `blocked`."""
    kept = []
    for page in pages:
        refused = reel.refusal(reel.shot(page.name))
        if refused is None:
            kept.append(page)
        else:  # consent was withdrawn while a later shot was measured
            blocked.append((page.name, refused.reason))
    return kept


def _maps(covering: Covering, shown: Collection[str]) -> tuple[Map, ...]:
    """The coverage map of each character in `shown`."""
    return tuple(
        Map(result.character, result.sentence, tuple(coverage_lines(result)), coverage_png(result),
            coverage_json(result))
        for result in covering.found() if result.character in shown
    )  # fmt: skip


def _safe(name: str) -> str:
    """`name` as part of a file name: shortened, and without separators."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._")[:50] or "reel"
