"""How a dub's sound moves each actor's mouth, learnt once for a language from plates and takes.

.dubsync/speaking_styles/CHARACTER/KEY/    speaking_style.safetensors and its record
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from dubsync.core.digest import digest
from dubsync.core.errors import DubsyncError
from dubsync.core.progress import Progress, Step
from dubsync.core.steps import Actor, FilmedTake, SpeakingStyle
from dubsync.media.probe import probe_plate
from dubsync.service.consent.take_training import TakeTraining
from dubsync.service.reel.models import write_training_record
from dubsync.service.reel.training_facts import speaking_style_facts

if TYPE_CHECKING:
    from dubsync.service.reel.reel import Reel

_log = logging.getLogger(__name__)


def speaking_style_key(reel: Reel, character: str, progress: Progress) -> str:
    """Digest of all that the character's speaking style depends on; "" where no take teaches."""
    result = reel.take_training.get(character)
    if result is None:
        return ""
    takes = sorted(reel.store.file_digest(Path(take.path)) for take in result.takes)
    return digest(
        "speaking_style", reel.engine.version, reel.actor_key(character, progress), takes
    )[:32]


def speaking_style(reel: Reel, actor: Actor, progress: Progress) -> SpeakingStyle | None:
    """How the dub's sound moves the mouth of `actor`; None: as the actor was learnt.

    Raises:
        NoFace, EngineError: as learning an actor does.
    """
    result = reel.take_training.get(actor.character)
    if result is None:
        return None
    key = speaking_style_key(reel, actor.character, progress)
    kind = f"speaking_styles/{actor.character}/{key}"
    kept = reel.store.kept_arrays(kind, "speaking_style")
    if kept is not None:
        return SpeakingStyle(kept)
    lessons = _lessons(reel, result, progress)
    if not lessons:
        return None
    progress(Step("speaking_style", actor.character, 0, 1))
    learnt = reel.engine.speaking_style(actor, reel.footage(actor.character, progress), lessons)
    progress(Step("speaking_style", actor.character, 1, 1))
    if learnt is None:
        return None
    # Before what was learnt: it must be found when consent is withdrawn.
    write_training_record(
        reel.store.derived / kind, speaking_style_facts(reel, actor, result, progress)
    )
    return SpeakingStyle(reel.store.arrays(kind, "speaking_style", lambda: learnt.arrays))


def _lessons(reel: Reel, result: TakeTraining, progress: Progress) -> list[FilmedTake]:
    """The takes as they were filmed, without those that show no face."""
    lessons = []
    for take in result.takes:
        try:
            plate = probe_plate(Path(take.path))
            track = reel.face_tracks.voice_actor(plate, progress=progress)
            heard = reel.audio_analysis.plate_audio(plate, track.frames)
        except DubsyncError as error:  # the shot of its own line says it, too
            _log.warning("take %s teaches nothing: %s", take.name, error)
            continue
        if heard is not None:
            lessons.append(FilmedTake(take.name, track, heard))
    return lessons
