"""Checks one shot: measures its newest render, once for as long as nothing changes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dubsync.core.digest import digest
from dubsync.core.errors import ConsentMissing, DubsyncError
from dubsync.core.progress import Progress
from dubsync.core.result import RenderedShot, Status
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.version import __version__
from dubsync.service.fault import bounded
from dubsync.service.qc.coverage.of_shot import shot_coverage
from dubsync.service.qc.kept_pages import CheckedShot, KeptPages
from dubsync.service.qc.measure import measure_shot
from dubsync.service.qc.moments.by_moment import ByMoment
from dubsync.service.qc.read_shot import ReadShot
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.behind_heads import behind_of
from dubsync.service.render.mouth_sources import mouths_lines
from dubsync.service.render.provenance import (
    mouths_in,
    redrawn_from,
    redrawn_words,
)
from dubsync.service.render.record_form import SEAL
from dubsync.service.render.sync import newest, stays_plate
from dubsync.service.render.verify_render import verified
from dubsync.service.tweaks.commands import slip_ms, spoken_by_hand

_log = logging.getLogger(__name__)
#: Increase when what is measured, or how, changes; kept pages are measured again then.
PAGES_VERSION = 1


class NotChecked(Exception):
    """There is nothing to measure in this shot; the message says why."""

    def __init__(self, status: Status, why: str) -> None:
        super().__init__(why)
        self.status = status


def checked_shot(
    reel: Reel,
    shot: Shot,
    result: ShotResult | None,
    progress: Progress,
    seen: ReadShot | None = None,
) -> CheckedShot:
    """What the check finds in the shot's newest render: measured now, or kept from before.

    Args:
        result: of the shot in this run, which says why it has no render.
        seen: what a pass over the files of `result.rendered` showed; None: they are read now.

    Raises:
        NotChecked: there is nothing to measure, or it cannot be measured.
    """
    refused = stays_plate(reel, shot) or reel.refusal(shot)
    if refused is not None:
        raise NotChecked(refused.status, refused.reason)
    folder = newest(reel, shot)
    if folder is None:
        if result is None:
            raise NotChecked("failed", "it has no finished render: sync it first")
        status = result.status if result.status in ("blocked", "skipped") else "failed"
        raise NotChecked(status, result.reason)
    try:
        watched = reel.watching(progress, shot)
        return bounded(lambda: _measured(reel, shot, folder, result, watched, seen))
    except ConsentMissing as error:
        raise NotChecked("blocked", str(error)) from error
    except DubsyncError as error:
        _log.info("shot %s cannot be checked", shot.name, exc_info=True)
        raise NotChecked("failed", f"it is rendered, but cannot be checked: {error}") from error


def _measured(
    reel: Reel,
    shot: Shot,
    folder: Path,
    result: ShotResult | None,
    progress: Progress,
    seen: ReadShot | None,
) -> CheckedShot:
    """Of a render whose files are what its record says.  Raises DubsyncError if not."""
    rendered, record = verified(reel, shot, folder, progress)
    plan, kept = reel.look(progress).plan(shot), KeptPages(reel.store)
    key = _page_key(reel, plan, record)
    stale = _stale(plan, record, result)
    if (found := kept.get(shot.name, key)) is not None:
        return replace(found, warning=stale)
    parts = plan.driven(progress).parts
    characters = dict.fromkeys(part.character for part in parts)
    at = ByMoment(shot, rendered.frames)
    page = measure_shot(
        rendered,
        parts,
        {
            w: reel.audio_analysis.dub_audio(
                reel.stem(w, shot), at.shot, at.frames, spoken_by_hand(record, w)
            )
            for w in characters
        },
        engine=reel.engine,
        settings=reel.settings.qc,
        folder=reports_of(reel) / "v001",  # any: they are all as deep
        exact=record["settings"]["delivery"]["picture"] == "lossless",
        slip_ms={name: slip_ms(record, name, rendered.frames) for name in characters},
        behind=behind_of(record, rendered.frames),
        facts=_facts(record),
        progress=progress,
        seen=seen if stale is None and _is_of(seen, rendered, result) else None,
    )
    found = CheckedShot(page, shot_coverage(shot, parts, reel.engine))
    kept.keep(shot.name, key, found)
    return replace(found, warning=stale)


def _is_of(seen: ReadShot | None, rendered: RenderedShot, result: ShotResult | None) -> bool:
    """Whether the files that were seen are those of the render that is checked."""
    made = result.rendered if result is not None else None
    return (
        seen is not None
        and seen.whole
        and made is not None
        and (made.record, made.frames) == (rendered.record, seen.frames)
    )


def _page_key(reel: Reel, plan: ShotPlan, record: Mapping[str, Any]) -> str:
    """Digest of what the page depends on: the render, its record, the inputs now, the limits."""
    return digest(
        "page", __version__, PAGES_VERSION, reel.engine.version, record["version"], record[SEAL],
        plan.render_key, reel.settings.qc,
    )  # fmt: skip


def reports_of(reel: Reel) -> Path:
    """The folder in which versions of the reel's report are written."""
    return reel.store.home("reports")


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
