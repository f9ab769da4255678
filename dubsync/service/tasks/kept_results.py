"""How each shot's last sync ended, kept for the process that puts the report together.

.dubsync/results/LANGUAGE/SHOT.json
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dubsync.core.result import Status
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.store.folder import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A ShotResult without its render, which is on disk."""

    name: str
    status: Status
    reason: str
    hint: str
    warnings: tuple[ProjectWarning, ...]


def keep_result(store: Store, result: ShotResult) -> None:
    """Keep how the sync of a shot ended."""
    kept = _Kept(result.name, result.status, result.reason, result.hint, result.warnings)
    write_derived(_path(store, result.name), msgspec.json.encode(kept))


def kept_results(reel: Reel, shots: Sequence[Shot]) -> dict[str, ShotResult]:
    """Shot name -> how its last sync ended, without its render; of those that are kept."""
    result = {}
    for shot in shots:
        path = _path(reel.store, shot.name)
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            continue
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("%s is damaged (%s)", path, error)
            continue
        result[shot.name] = ShotResult(
            shot.name, kept.status, kept.reason, kept.hint, None, kept.warnings
        )
    return result


def _path(store: Store, shot: str) -> Path:
    return store.derived / "results" / (store.layout.language or "only") / f"{shot}.json"
