"""Hands the corrected cut over: verifies the renders, and delivers them if they are complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dubsync.core.errors import IncompleteDelivery
from dubsync.core.progress import Progress
from dubsync.core.result import Delivery
from dubsync.service.delivery import UNRENDERED, Folders, check_formats, deliver
from dubsync.service.judging.choice import CHOSEN, Choice
from dubsync.service.judging.note_store import NoteStore
from dubsync.service.reel.reel import Reel
from dubsync.service.render.deliverable import Deliverable, deliverable, still_allowed


def hand_over(
    reel: Reel,
    *,
    name: str,
    report: str,
    formats: Sequence[str],
    strict: bool,
    allow_missing: bool,
    choice: Choice = CHOSEN,
    progress: Progress,
) -> Delivery:
    """Deliver the reel, with its notes as markers; see `delivery.deliver` and `render.deliverable`.

    Args:
        strict: write nothing if a shot is missing or not approved, whatever `allow_missing` says,
            or if a format would lose something.
        allow_missing: deliver even if a shot that should be corrected is not.

    Raises:
        SettingsError: an unknown format.
        IncompleteDelivery: a shot is missing, and that is not allowed; nothing is written.
        ConsentMissing: consent was withdrawn while the files were written; none appears.
        DeliveryError: as `delivery.deliver`.
    """
    check_formats(formats)
    notes = NoteStore(reel.store.folder, reel.store.layout).all()
    if formats and set(formats) <= UNRENDERED:
        return deliver(reel, (), name=name, report=report, formats=formats, strict=strict,
                       notes=notes)  # fmt: skip
    ready = deliverable(reel, progress, choice)
    lacking = (*ready.missing, *ready.unapproved)
    refused = ready.missing and not allow_missing
    if lacking and (strict or refused or not ready.corrected):
        raise IncompleteDelivery(len(ready.corrected), lacking, bool(ready.unapproved))
    delivery = deliver(
        reel, ready.corrected, name=name, report=report, formats=formats, strict=strict,
        notes=notes, allowed=lambda: still_allowed(reel, ready),
        folders=_vfx(reel, ready, progress) if "vfx" in formats else None,
    )  # fmt: skip
    versions = {one.shot.name: f"v{one.version:03d}" for one in ready.corrected}
    return replace(delivery, missing=ready.missing, kept=ready.kept, unapproved=ready.unapproved,
                   versions=versions)  # fmt: skip


def _vfx(reel: Reel, ready: Deliverable, progress: Progress) -> Folders:
    """Writes the VFX turnover of the corrected shots."""
    from dubsync.service.vfx_turnover.turnover import write_turnover

    def write(into: Path, stem: str) -> tuple[Mapping[str, str], Sequence[str]]:
        made = write_turnover(reel, ready.corrected, into, f"{stem}_vfx", progress)
        return made.files, made.losses

    return write
