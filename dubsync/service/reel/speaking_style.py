"""How a dub's sound moves each actor's mouth, learnt once for a language from plates and takes.

.dubsync/dictions/CHARACTER/KEY/    diction.safetensors, and the record that says whose it is
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from dubsync.core.digest import digest
from dubsync.core.errors import DubsyncError
from dubsync.core.progress import Progress, Step
from dubsync.core.steps import Actor, Diction, FilmedTake
from dubsync.media.probe import probe_plate
from dubsync.service.consent.take_training import Teaching
from dubsync.service.reel.models import write_training_record
from dubsync.service.reel.training_facts import diction_facts

if TYPE_CHECKING:
    from dubsync.service.reel.reel import Reel

_log = logging.getLogger(__name__)


def diction_key(reel: Reel, character: str, progress: Progress) -> str:
    """Digest of all that the character's diction depends on; "" where no take teaches."""
    found = reel.teaching.get(character)
    if found is None:
        return ""
    takes = sorted(reel.store.file_digest(Path(take.path)) for take in found.takes)
    return digest("diction", reel.engine.version, reel.actor_key(character, progress), takes)[:32]


def diction(reel: Reel, actor: Actor, progress: Progress) -> Diction | None:
    """How the dub's sound moves the mouth of `actor`; None: as the actor was learnt.

    Raises:
        NoFace, EngineError: as learning an actor does.
    """
    found = reel.teaching.get(actor.character)
    if found is None:
        return None
    key = diction_key(reel, actor.character, progress)
    kind = f"dictions/{actor.character}/{key}"
    kept = reel.store.kept_arrays(kind, "diction")
    if kept is not None:
        return Diction(kept)
    lessons = _lessons(reel, found, progress)
    if not lessons:
        return None
    progress(Step("diction", actor.character, 0, 1))
    learnt = reel.engine.diction(actor, reel.footage(actor.character, progress), lessons)
    progress(Step("diction", actor.character, 1, 1))
    if learnt is None:
        return None
    # Before what was learnt: it must be found when consent is withdrawn.
    write_training_record(reel.store.derived / kind, diction_facts(reel, actor, found, progress))
    return Diction(reel.store.arrays(kind, "diction", lambda: learnt.arrays))


def _lessons(reel: Reel, found: Teaching, progress: Progress) -> list[FilmedTake]:
    """The takes as they were filmed, without those that show no face."""
    lessons = []
    for take in found.takes:
        try:
            plate = probe_plate(Path(take.path))
            track = reel.eye.voice_actor(plate, progress=progress)
            heard = reel.ear.said_over(plate, track.frames)
        except DubsyncError as error:  # the shot of its own line says it, too
            _log.warning("take %s teaches nothing: %s", take.name, error)
            continue
        if heard is not None:
            lessons.append(FilmedTake(take.name, track, heard))
    return lessons
