"""Facts of a model for its record: what it was learnt from, and who consented to that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dubsync.core.steps import Actor
from dubsync.service.consent.take_training import TakeTraining
from dubsync.service.reel.footage import SeenIn
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.models import training_record


def training_facts(
    reel: ReelInputs, shots: Sequence[SeenIn], actor: Actor, options: Mapping[str, Any]
) -> dict[str, Any]:
    """The record of the actor; see `training_record`.

    Args:
        shots: the shots that the actor was learnt from.
        options: minutes, size and steps of its training; empty for one that is only learnt.

    Raises:
        ConsentMissing: no consent record covers training on the performer.
    """
    return training_record(
        actor,
        performer=reel.performers[actor.character],
        language=reel.language,
        consents=[reel.train_consent(actor.character)],
        plates=[
            {"name": one.shot.plate.name, "sha256": reel.store.plate_digest(one.shot.plate),
             "frames": [[t.frames.start, t.frames.stop] for t in one.tracks]}
            for one in shots
        ],
        settings=reel.settings,
        options=options,
        engine=reel.engine.version,
    )  # fmt: skip


def speaking_style_facts(
    reel: ReelInputs, shots: Sequence[SeenIn], actor: Actor, take_training: TakeTraining
) -> dict[str, Any]:
    """The record of the actor's speaking style, and of the takes it was trained on."""
    record = training_facts(reel, shots, actor, {})
    consent = reel.take_consent(actor.character) or take_training.consent
    return record | {
        "voice_actor": take_training.voice_actor,
        "takes": [
            {"name": take.name, "sha256": reel.store.file_digest(Path(take.path))}
            for take in take_training.takes
        ],
        "consent": [
            *record["consent"],
            {"id": consent.id, "sha256": consent.digest, "basis": consent.basis},
        ],
    }
