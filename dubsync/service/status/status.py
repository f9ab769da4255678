"""The state of every shot of a reel, without analysing or rendering anything."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dubsync.core.progress import Progress
from dubsync.core.reading.said import how_read
from dubsync.core.shot import Plate, ProjectWarning, Shot
from dubsync.service.consent.due import due_records, due_warnings, parts_of
from dubsync.service.judging.judgement_store import JudgementStore
from dubsync.service.qc.checked_versions import CheckedVersions
from dubsync.service.reel.looked import LookedReel
from dubsync.service.reel.reel import Reel
from dubsync.service.status.kept_states import ReelStates
from dubsync.service.status.next_run import NextRun, next_run
from dubsync.service.status.shot_state import (
    STATES,
    Reviewed,
    ShotStatus,
    lacking_analysis,
    shot_status,
    unrendered,
)
from dubsync.service.turnover.plate_spaces import PlateSpace, plate_spaces


@dataclass(frozen=True, slots=True)
class ReelStatus:
    """A reel in one language: its shots, and what the next run will take.

    can_be_written  False for an archived project on a read-only disk
    colours  the colour space of each plate, where the project manages colours
    read     (plate, how it is read) of each plate that is not read just as it is stored
    due      what must be deleted, because a consent record's delete_after is past
    """

    shots: tuple[ShotStatus, ...]
    next_run: NextRun
    can_be_written: bool
    colours: tuple[PlateSpace, ...] = ()
    due: tuple[str, ...] = ()
    read: tuple[tuple[str, str], ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many shots are in each state; states of no shot are left out."""
        return counts_of(self.shots)


def counts_of(shots: Sequence[ShotStatus]) -> dict[str, int]:
    """How many of `shots` are in each state, in the order of their way to delivery."""
    found = Counter(shot.state for shot in shots)
    return {state: found[state] for state in STATES if found[state]}


def reel_status(reel: Reel, media: Sequence[Path], progress: Progress) -> ReelStatus:
    """The status of a reel.  No plate is analysed, and no shot rendered.

    The shots' states are kept for those who ask again; see `ReelStates`.

    Args:
        media: the folders in which plates are looked for.
    """
    lacking = lacking_analysis(reel)
    looked = None if lacking else reel.look(progress)
    reviewed = reviewed_in(reel)
    shots = [shot_status(reel, looked, shot, reviewed) for shot in reel.turnover.shots]
    ReelStates(reel.store, media, lambda: reel).keep(reel, shots)
    pending = [shot for shot, status in zip(reel.turnover.shots, shots, strict=True)
               if status.to_render]  # fmt: skip
    analyse = sum(len(shot.render) for shot in {shot.name: shot for shot in lacking}.values())
    future = next_run(reel, pending, analyse=analyse, train=_to_train(reel, looked, pending))
    return ReelStatus(
        (*shots, *unrendered(reel)), future, os.access(reel.store.folder, os.W_OK),
        plate_spaces(reel.turnover), tuple(warning.message for warning in purges_due(reel)),
        plates_read([shot.plate for shot in reel.turnover.shots]),
    )  # fmt: skip


def plates_read(plates: Sequence[Plate]) -> tuple[tuple[str, str], ...]:
    """(name, how it is read) of each plate that is not read just as it is stored, once."""
    said = {plate.name: "; ".join(how_read(plate)) for plate in plates}
    return tuple((name, how) for name, how in said.items() if how)


def purges_due(reel: Reel) -> tuple[ProjectWarning, ...]:
    """What must be deleted today; see `service.purge.purge`."""
    parts, day = parts_of({**reel.voice_actors, **reel.performers}), date.today()
    return due_warnings(due_records(reel.store.folder, parts, day), day)


def reviewed_in(reel: Reel) -> Reviewed:
    """What people and QC said of the reel's renders up to now."""
    store = reel.store
    return Reviewed(JudgementStore(store.folder, store.layout), CheckedVersions(store).newest())


def status_json(status: ReelStatus) -> dict[str, Any]:
    """The body of `dubsync.status/2`."""
    return {
        "shots": [asdict(shot) for shot in status.shots],
        "counts": status.counts,
        "next_run": asdict(status.next_run),
        "can_be_written": status.can_be_written,
        "colours": [asdict(one) for one in status.colours],
        "due": list(status.due),
        "plates_read": dict(status.read),
    }


def _to_train(reel: Reel, looked: LookedReel | None, pending: Sequence[Shot]) -> list[str]:
    """The characters that `dubsync run` would train; before the analysis, all that may need it."""
    if reel.settings.engine.train_minutes <= 0:
        return []
    draws = [shot for shot in pending if reel.renderer_setting(shot) in ("auto", "actor")]
    characters = dict.fromkeys(name for shot in draws for name in shot.characters)
    if looked is None:
        return list(characters)
    return [
        name for name in characters
        if looked.actors.seen(name) and not looked.actors.trained(name)
    ]  # fmt: skip
