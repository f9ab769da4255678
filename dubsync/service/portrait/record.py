"""The record beside a portrait: its photographs, its driver, the consent, and what was written."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.documents import read_json
from dubsync.core.learning.moving_still import StillMotion, StillReach
from dubsync.core.shot import ProjectWarning
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.version import __version__
from dubsync.media.credentials.manifest import Manifest
from dubsync.service.consent.records import ConsentRecord
from dubsync.service.credentials.statement import of_drawn
from dubsync.service.portrait.order import quality_mark, said
from dubsync.service.render.provenance import write_record
from dubsync.service.store.output_files import output_files

SCHEMA = "dubsync.portrait_record/1"


def made_by(stills: int) -> str:
    """The sentence that a portrait's file and record carry."""
    return f"synthetic: portrait made to move from {quality_mark(stills)} by dubsync"


def keep_record(
    path: Path,
    *,
    inputs: Sequence[tuple[str, Path]],
    consent: ConsentRecord,
    operation: str,
    language: str,
    frames: FrameRange,
    size: tuple[int, int],
    motion: StillMotion,
    reach: StillReach,
    stills: int,
    out: Path,
    engine: str,
    warnings: Sequence[ProjectWarning],
    follows: str,
    mark: Mapping[str, Any],
) -> None:
    """Write the record, sealed.  Names only: a path would tell of the machine.

    Args:
        inputs: (role, file) of every file that went in.
        operation: the operation that the consent allowed.
        out: the movie, or the printf pattern of the sequence.
        follows: "take", "dub" or the name of a reaction.
        mark: the entry "mark", or nothing.

    Raises:
        DeliveryError: it cannot be written.
    """
    write_record(path, {
        "schema": SCHEMA,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "synthetic_media": made_by(stills),
        "quality": {"mark": quality_mark(stills), "stills": stills},
        "performer": consent.performer,
        "language": language,
        "follows": follows,
        "inputs": [{"role": role, "name": file.name, "sha256": file_digest(file)}
                   for role, file in inputs],
        "consent": [_consent(consent, operation)],
        "frames": {"first": frames.start, "stop": frames.stop, "rate": str(frames.rate)},
        "size": list(size),
        "reach": asdict(reach),
        "held_still": int((~motion.seen).sum()),
        "warnings": said(warnings),
        **mark,
        "outputs": {"picture": _output(out)},
        "versions": {"dubsync": __version__, "engine": engine, "python": platform.python_version()},
    })  # fmt: skip


def said_of(record: Path, out: Path) -> Manifest:
    """What the credentials of a portrait say, by its record as it was written."""
    title = out.name.split("%", 1)[0].rstrip("._-")
    return of_drawn(read_json(record), file_digest(record), title, "portrait")


def _consent(record: ConsentRecord, operation: str) -> Mapping[str, Any]:
    """The record by id and digest; of a work what was declared, since it is nobody's paper."""
    named = {"id": record.id, "sha256": record.digest, "basis": record.basis,
             "operation": operation}  # fmt: skip
    if record.work is None:
        return named
    return {**named, "work": {**asdict(record.work), "said_by": record.signatory}}


def _output(out: Path) -> dict[str, Any]:
    files = output_files(out)
    digests = {file.name: file_digest(file) for file in files}
    sha: str | dict[str, str] = digests.get(out.name) or digests
    return {"file": out.name, "bytes": sum(f.stat().st_size for f in files), "sha256": sha}
