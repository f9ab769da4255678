"""Counts the uses of consent records that allow only some: renders made, deliveries made.

A render is one version of one shot; a delivery is one version of a delivery.  They are written into
the records' folder (`consent.uses`), after they were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from dubsync.core.shot import Shot
from dubsync.service.consent.records import LIP_REENACT, ConsentRecord
from dubsync.service.consent.scope import Counted, Where
from dubsync.service.consent.uses import FILE, use_line
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.store.atomic_write import write_whole


def may_be_drawn(reel: ReelInputs, shot: Shot) -> tuple[ConsentRecord, ...]:
    """The records that allow one more render of the shot.  Raises ConsentMissing: none is left."""
    return reel.consent(shot, LIP_REENACT, Where(new="renders"))


def note_render(reel: ReelInputs, allowed: Sequence[ConsentRecord], version: Path) -> None:
    """Count one render.

    Args:
        allowed: the records that allowed it, as `may_be_drawn` gave them.
        version: its folder.

    Raises:
        DeliveryError: the uses cannot be written.
    """
    _note(reel, allowed, "renders", version)


def note_delivery(reel: ReelInputs, allowed: Sequence[ConsentRecord], version: Path) -> None:
    """Count one delivery; otherwise as `note_render`."""
    _note(reel, allowed, "deliveries", version)


def _note(reel: ReelInputs, allowed: Sequence[ConsentRecord], kind: Counted, version: Path) -> None:
    limited = dict.fromkeys(one.id for one in allowed if one.scope.most(kind) is not None)
    if not limited:
        return
    made = datetime.now(UTC).isoformat(timespec="seconds")
    home = reel.store.folder.resolve()
    where = version.resolve()
    what = (where.relative_to(home) if where.is_relative_to(home) else Path(where.name)).as_posix()
    path = reel.consents.folder / FILE
    with FileLock(reel.store.derived / "uses.lock"):
        old = path.read_text("utf-8") if path.is_file() else ""
        lines = [use_line(record, kind, what, made) for record in limited]
        write_whole(path, old + "".join(f"{line}\n" for line in lines))
