"""Checks the renders: measures every shot and writes one report for the reel."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dubsync.core.errors import ConsentMissing, DubsyncError
from dubsync.core.progress import Progress
from dubsync.core.result import QCReport
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.version import __version__
from dubsync.qc.report import Map, ReelPage, ShotPage, report_html, report_json
from dubsync.service.fault import bounded
from dubsync.service.qc.coverage import Covering, coverage_json
from dubsync.service.qc.coverage_map import coverage_lines, coverage_png
from dubsync.service.qc.measure import measure_shot
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.behind_heads import behind_of
from dubsync.service.render.mouth_sources import mouths_lines
from dubsync.service.render.provenance import mouths_in, redrawn_from, redrawn_words
from dubsync.service.render.records.faults import ProofFaults, proof_faults
from dubsync.service.render.sync import newest, stays_plate, warnings_of
from dubsync.service.render.verify_render import verified
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import NewVersion
from dubsync.service.tweaks.commands import slip_ms, spoken_by_hand

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
        whole = _reel_page(reel, names, name, results, version, faults, progress)
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
    version: NewVersion,
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
            page, warning = _page(reel, shot, known.get(shot.name), version, covering, progress)
        except _NotMade as why:
            lists[why.status].append((shot.name, str(why)))
            continue
        pages.append(page)
        warnings += [warning] if warning else []
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


class _NotMade(Exception):
    """There is nothing to measure in this shot; the message says why."""

    def __init__(self, status: str, why: str) -> None:
        super().__init__(why)
        self.status = status


def _page(
    reel: Reel,
    shot: Shot,
    result: ShotResult | None,
    version: NewVersion,
    covering: Covering,
    progress: Progress,
) -> tuple[ShotPage, ProjectWarning | None]:
    """The shot's page, and a warning if its render is older than its inputs."""
    refused = stays_plate(reel, shot) or reel.refusal(shot)
    if refused is not None:
        raise _NotMade(refused.status, refused.reason)
    folder = newest(reel, shot)
    if folder is None:
        if result is None:
            raise _NotMade("failed", "it has no finished render: sync it first")
        status = result.status if result.status in ("blocked", "skipped") else "failed"
        raise _NotMade(status, result.reason)
    try:
        return bounded(
            lambda: _measured(
                reel, shot, folder, result, version, covering, reel.watching(progress, shot)
            )
        )
    except ConsentMissing as error:
        raise _NotMade("blocked", str(error)) from error
    except DubsyncError as error:
        _log.info("shot %s cannot be checked", shot.name, exc_info=True)
        raise _NotMade("failed", f"it is rendered, but cannot be checked: {error}") from error


def _measured(
    reel: Reel,
    shot: Shot,
    folder: Path,
    result: ShotResult | None,
    version: NewVersion,
    covering: Covering,
    progress: Progress,
) -> tuple[ShotPage, ProjectWarning | None]:
    """The page of a render whose files are what its record says.  Raises DubsyncError if not."""
    rendered, record = verified(reel, shot, folder, progress)
    plan = reel.look(progress).plan(shot)
    parts = plan.driven(progress).parts
    covering.add(shot, parts)
    characters = dict.fromkeys(part.character for part in parts)
    page = measure_shot(
        rendered,
        parts,
        {
            w: reel.audio_analysis.dub_audio(
                reel.stem(w, shot), shot, rendered.frames, spoken_by_hand(record, w)
            )
            for w in characters
        },
        engine=reel.engine,
        settings=reel.settings.qc,
        folder=version.final,
        exact=record["settings"]["delivery"]["picture"] == "lossless",
        slip_ms={name: slip_ms(record, name, rendered.frames) for name in characters},
        behind=behind_of(record, rendered.frames),
        facts=_facts(record),
        progress=progress,
    )
    return page, _stale(plan, record, result)


def _stale(
    plan: ShotPlan, record: Mapping[str, Any], result: ShotResult | None
) -> ProjectWarning | None:
    """A warning if the checked render is not what a sync would make today."""
    shot = plan.shot
    if result is not None and result.status == "failed" and result.rendered is None:
        return ProjectWarning(
            shot.name,
            f"its last sync failed ({result.reason}); v{record['version']:03d} was checked",
            result.hint,
        )
    if record["key"] == plan.render_key:
        return None
    return ProjectWarning(
        shot.name,
        f"v{record['version']:03d} was checked, but its inputs or settings have changed since",
        "sync it again",
    )


def _facts(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, text) pairs from the shot's record, for the report."""
    proof, frames = record["proof"], record["frames"]
    return [
        ("made", str(record["made"])),
        ("source timecode", f"{frames['timecode']} at {frames['rate']} fps"),
        ("digest", str(record["key"])),
        *(
            (("mouth of " + line.split(":")[0], line.split(": ", 1)[1]))
            for line in mouths_lines(mouths_in(record))
        ),
        *(
            (f"drawn anew of {name}", redrawn_words(redrawn_from(one)))
            for name, one in record.get("redrawn", {}).items()
        ),
        ("consent", ", ".join(c["id"] for c in record["consent"]) or "none"),
        ("frames changed", f"{proof['frames_changed']} of {proof['frames']}"),
        ("plate outside the matte, SHA-256", str(proof["plate_outside_sha256"])),
        ("render outside the matte, SHA-256", str(proof["picture_outside_sha256"])),
        ("versions", ", ".join(f"{k} {v}" for k, v in record["versions"].items())),
    ]


def _safe(name: str) -> str:
    """`name` as part of a file name: shortened, and without separators."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._")[:50] or "reel"
