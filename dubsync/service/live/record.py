"""The record of a live run: who was shown, by whose consent, from what, and what was measured."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.errors import DeliveryError
from dubsync.core.settings import ProofSettings
from dubsync.core.version import __version__
from dubsync.service.credentials.statement import of_drawn
from dubsync.service.credentials.write import sign_movie
from dubsync.service.keys.house_key import house_key
from dubsync.service.ledger.signed_text import signed_record
from dubsync.service.live.figures import LiveFigures
from dubsync.service.live.parts import Driver
from dubsync.service.live.subject import ShownPerson
from dubsync.service.render.record_form import sealed
from dubsync.service.store.atomic_write import write_whole

SCHEMA = "dubsync.live_record/1"


def record_path(out: Path | None, asked: Path | None, folder: Path, now: datetime) -> Path:
    """Where the record goes: as asked, beside the movie, or into `folder` by the time.

    Raises:
        DeliveryError: something is there already.
    """
    beside = out.with_name(f"{out.name}.record.json") if out else None
    path = asked or beside or folder / f"live_{now:%Y-%m-%d_%H%M%S}.record.json"
    if path.exists():
        raise DeliveryError(f"{path} exists, and dubsync does not overwrite records",
                            hint="choose another name")  # fmt: skip
    return path


#: A mark takes longer to draw than a live picture may.
UNMARKED = "live pictures are not marked"


def write_live_record(
    path: Path,
    person: ShownPerson,
    driver: Driver,
    shown_on: Mapping[str, str],
    out: Path | None,
    figures: LiveFigures | None,
) -> dict[str, Any]:
    """Write the record, sealed and signed where there is a key, and return it.

    With a key the movie gets credentials beside it.

    Consent records are named by id and digest only, as in a render's record.

    Args:
        shown_on: sink -> its device or file name.
        out: the movie that was written, if one was.

    Raises:
        DeliveryError: it cannot be written.
    """
    record = signed_record(sealed({
        "schema": SCHEMA,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "synthetic_media": person.made,
        "subject": person.subject.kind,
        "inputs": [dict(given) for given in person.inputs],
        "driver": _driver(driver),
        "consent": [{"id": c.id, "sha256": c.digest, "basis": c.basis} for c in person.consents],
        "shown_on": dict(shown_on),
        "output": _output(out) if out else None,
        "figures": asdict(figures) if figures else None,
        "mark": {"off_reason": UNMARKED},
        "versions": {"dubsync": __version__, "python": platform.python_version()},
    }), house_key())  # fmt: skip
    write_whole(path, json.dumps(record, indent=2, sort_keys=True) + "\n")
    if out:
        says = partial(of_drawn, record, file_digest(path), out.name, "live")
        sign_movie(out, ProofSettings(), says)
    return record


def _driver(driver: Driver) -> dict[str, str]:
    if driver.movie is None:
        return {"camera": driver.camera}
    return {"movie": driver.movie.name, "sha256": file_digest(driver.movie)}


def _output(out: Path) -> dict[str, Any]:
    return {"file": out.name, "bytes": out.stat().st_size, "sha256": file_digest(out)}
