"""Facts of a model for its record: what it was learnt from, and who agreed to that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dubsync.core.progress import Progress
from dubsync.core.steps import Actor
from dubsync.service.consent.take_training import TakeTraining
from dubsync.service.reel.models import training_record

if TYPE_CHECKING:
    from dubsync.service.reel.reel import Reel


def training_facts(
    reel: Reel, actor: Actor, asked: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """The record of the actor, learnt or trained as `asked`; see `training_record`.

    Raises:
        ConsentMissing: nobody agreed to it.
    """
    seen = reel.seen(actor.character, progress)
    taught_by = reel.taught_by(actor.character, progress)
    shots = [shot for shot in taught_by.turnover.shots if shot.name in seen]
    return training_record(
        actor,
        performer=reel.performers[actor.character],
        language=reel.language,
        consents=[reel.train_consent(actor.character)],
        plates=[
            {"name": shot.plate.name, "sha256": reel.store.plate_digest(shot.plate),
             "frames": [[t.frames.start, t.frames.stop] for t in seen[shot.name]]}
            for shot in shots
        ],
        settings=reel.settings,
        asked=asked,
        engine=reel.engine.version,
    )  # fmt: skip


def speaking_style_facts(
    reel: Reel, actor: Actor, take_training: TakeTraining, progress: Progress
) -> dict[str, Any]:
    """The record of the actor's speaking style, and of the takes it was trained on."""
    record, agreed = training_facts(reel, actor, {}, progress), take_training.consent
    return record | {
        "voice_actor": take_training.voice_actor,
        "takes": [
            {"name": take.name, "sha256": reel.store.file_digest(Path(take.path))}
            for take in take_training.takes
        ],
        "consent": [
            *record["consent"],
            {"id": agreed.id, "sha256": agreed.digest, "basis": agreed.basis},
        ],
    }
