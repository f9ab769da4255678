"""Hands the corrected cut over: verifies the renders, and delivers them if they are complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dubsync.core.edit.host import MediaKind, is_deep
from dubsync.core.errors import IncompleteDelivery
from dubsync.core.progress import Progress
from dubsync.core.result import Delivery
from dubsync.service.consent.records import ConsentRecord
from dubsync.service.delivery import UNRENDERED, Folders, check_formats, deliver
from dubsync.service.edit_media.choice import (
    EditChoice,
    edit_choice,
    master_kind,
    media_kinds,
    opened_by,
    refuse_unopened,
    unopened_by,
)
from dubsync.service.edit_media.with_edit import with_edit_media
from dubsync.service.judging.choice import CHOSEN, Choice
from dubsync.service.judging.note_store import NoteStore
from dubsync.service.reel.reel import Reel
from dubsync.service.render.counted_uses import note_delivery
from dubsync.service.render.deliverable import Deliverable, consented, deliverable, still_allowed
from dubsync.service.verification.write_delivery_proof import DeliveryProof


def hand_over(
    reel: Reel,
    *,
    name: str,
    report: str,
    formats: Sequence[str],
    strict: bool,
    allow_missing: bool,
    choice: Choice = CHOSEN,
    host: str = "",
    allow_offline: bool = False,
    goes: tuple[str, str] = ("", ""),
    progress: Progress,
) -> Delivery:
    """Deliver the reel, with its notes as markers; see `delivery.deliver` and `render.deliverable`.

    Args:
        strict: write nothing if a shot is missing or not approved, whatever `allow_missing` says,
            or if a format would lose something.
        allow_missing: deliver even if a shot that should be corrected is not.
        host: the host that this delivery is for, whatever the settings say; "": theirs.
        allow_offline: deliver even media that the host does not open.
        goes: territory and media of this delivery, whatever the settings say; "": theirs.

    Raises:
        SettingsError: an unknown format, host, territory or medium.
        IncompleteDelivery: a shot is missing, or its edit media cannot be made, and that is not
            allowed; nothing is written, but the edit media that were made are kept.
        HostCannotOpen: the host does not open the media, and that is not allowed.
        ConsentMissing: consent was withdrawn while the files were written; none appears.
        DeliveryError: as `delivery.deliver`.
    """
    check_formats(formats)
    notes = NoteStore(reel.store.folder, reel.store.layout).all()
    if formats and set(formats) <= UNRENDERED:
        return deliver(reel, (), name=name, report=report, formats=formats, strict=strict,
                       notes=notes)  # fmt: skip
    reel = reel.going_to(*goes)
    ready = deliverable(reel, progress, choice, places=True)
    _refuse_incomplete(ready, strict=strict, allow_missing=allow_missing)
    cut_for = EditChoice() if set(formats) == {"vfx"} else _choice(reel, ready, host)
    kinds = media_kinds(ready.corrected, cut_for)
    if not allow_offline:
        forms = [one.shot.plate.format for one in ready.corrected]
        refuse_unopened(cut_for, kinds, deep=any(map(is_deep, forms)))
    ready = _with_edit_media(reel, ready, cut_for, progress)
    _refuse_incomplete(ready, strict=strict, allow_missing=allow_missing)
    allowed: list[ConsentRecord] = []
    proof = DeliveryProof(reel, ready.corrected)
    delivery = deliver(
        reel, ready.corrected, name=name, report=report, formats=formats, strict=strict,
        notes=notes, beside=cut_for.formats,
        allowed=lambda: allowed.extend(still_allowed(reel, ready)),
        folders=_vfx(reel, ready, progress) if "vfx" in formats else None, signed=proof.write,
    )  # fmt: skip
    note_delivery(reel, allowed, folder_of(delivery))
    return replace(_told(delivery, ready, cut_for, kinds), proof=proof.entered())


def _with_edit_media(
    reel: Reel, ready: Deliverable, cut_for: EditChoice, progress: Progress
) -> Deliverable:
    """What can be delivered, with the edit media that the cut points at."""
    corrected, failed = with_edit_media(
        reel.store, ready.corrected, cut_for.media, progress, lambda one: consented(reel, one),
        reel.settings.proof,
    )  # fmt: skip
    return replace(ready, corrected=corrected, missing=(*ready.missing, *failed))


def folder_of(delivery: Delivery) -> Path:
    """The version folder of a delivery."""
    return Path(next(iter(delivery.files.values()))).parent


def _told(
    delivery: Delivery, ready: Deliverable, cut_for: EditChoice, kinds: Sequence[MediaKind]
) -> Delivery:
    """The delivery with what is said of its shots and its media."""
    return replace(
        delivery,
        missing=ready.missing,
        kept=ready.kept,
        unapproved=ready.unapproved,
        versions={one.shot.name: f"v{one.version:03d}" for one in ready.corrected},
        host=cut_for.host.name if cut_for.host else "",
        media=tuple(kind.label for kind in kinds),
        opens=opened_by(delivery.files, kinds),
        unopened=unopened_by(kinds),
        edit={one.shot.name: one.edit.picture for one in ready.corrected if one.edit},
    )


def _choice(reel: Reel, ready: Deliverable, host: str) -> EditChoice:
    masters = tuple(dict.fromkeys(map(master_kind, ready.corrected)))
    forms = [one.shot.plate.format for one in ready.corrected]
    return edit_choice(reel.settings.delivery, masters, forms, once_for=host)


def _refuse_incomplete(ready: Deliverable, *, strict: bool, allow_missing: bool) -> None:
    """Raise IncompleteDelivery if a shot is missing, and that is not allowed."""
    lacking = (*ready.missing, *ready.unapproved)
    refused = ready.missing and not allow_missing
    if lacking and (strict or refused or not ready.corrected):
        raise IncompleteDelivery(len(ready.corrected), lacking, bool(ready.unapproved))


def _vfx(reel: Reel, ready: Deliverable, progress: Progress) -> Folders:
    """Writes the VFX turnover of the corrected shots."""
    from dubsync.service.vfx_turnover.turnover import write_turnover

    def write(into: Path, stem: str) -> tuple[Mapping[str, str], Sequence[str]]:
        made = write_turnover(reel, ready.corrected, into, f"{stem}_vfx", progress)
        return made.files, made.losses

    return write
