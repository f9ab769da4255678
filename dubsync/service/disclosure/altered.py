"""Which performers were altered in which shots, from the records of what is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.proof.disclosure import PARTS, Altered, Part
from dubsync.core.result import RenderedShot
from dubsync.service.judging.judgement_store import JudgementStore, last_on
from dubsync.service.render.provenance import redrawn_from, whole_record


def altered_in(rendered: RenderedShot, judgements: JudgementStore) -> Altered:
    """What the record of one verified render says was altered.

    Raises:
        DeliveryError: its record is damaged.
        SettingsError: a file of judgements is damaged.
    """
    path = Path(rendered.record)
    shot, record = rendered.shot, whole_record(path.parent)
    judged = last_on(judgements.of(shot.name), rendered.version)
    return Altered(
        shot=shot.name,
        track=shot.event.track,
        version=f"v{rendered.version:03d}",
        parts={name: _part(record, name) for name in sorted(record["actors"])},
        source=shot.source,
        record=shot.record,
        frames=rendered.frames_changed,
        approved=judged is not None and judged.judgement.judged == "approved",
        digest=file_digest(path),
    )


def _part(record: Mapping[str, Any], character: str) -> Part:
    """The most that was altered of a character in any frame."""
    table = record.get("redrawn", {}).get(character)
    regions = redrawn_from(table).regions if table else ()
    return next((part for part in reversed(PARTS) if part in regions), "mouth")


def most_altered(altered: tuple[Altered, ...]) -> Part:
    """The most that was altered of anybody."""
    parts = {part for one in altered for part in one.parts.values()}
    return max(parts, key=PARTS.index, default="mouth")
