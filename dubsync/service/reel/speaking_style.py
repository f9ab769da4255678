"""Learns how a dub's sound moves an actor's mouth: once per language, from plates and takes.

.dubsync/speaking_styles/CHARACTER/KEY/    speaking_style.safetensors and its record
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from dubsync.core.digest import digest
from dubsync.core.errors import ConsentMissing, DubsyncError
from dubsync.core.progress import Progress, Step
from dubsync.core.steps import Actor, FilmedTake, SpeakingStyle
from dubsync.service.consent.take_training import TakeTraining
from dubsync.service.faces.consented_face import Seen, require_one_person
from dubsync.service.reel.footage import SeenIn, footage_of
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.models import write_training_record
from dubsync.service.reel.training_facts import speaking_style_facts

_log = logging.getLogger(__name__)


def speaking_style_key(reel: ReelInputs, character: str, actor_key: str) -> str:
    """Digest of everything that the speaking style depends on; "" if no take trains it."""
    result = reel.take_training.get(character)
    if result is None:
        return ""
    takes = sorted(reel.store.file_digest(Path(take.path)) for take in result.takes)
    return digest("speaking_style", reel.engine.version, actor_key, takes)[:32]


def speaking_style(
    reel: ReelInputs, shots: Sequence[SeenIn], actor: Actor, key: str, progress: Progress
) -> SpeakingStyle | None:
    """How the dub's sound moves the mouth of `actor`; None: as the actor was learnt.

    Args:
        shots: the shots that the actor was learnt from.
        key: see `speaking_style_key`.

    Raises:
        ConsentMissing: the performer's or the voice actor's was withdrawn.
        NoFace, EngineError: as learning an actor does.
    """
    result = reel.take_training.get(actor.character)
    if result is None:
        return None
    kind = f"speaking_styles/{actor.character}/{key}"
    reel.take_consent(actor.character)
    kept = reel.store.kept_arrays(kind, "speaking_style")
    if kept is not None:
        return SpeakingStyle(kept)
    takes = _filmed(reel, result, progress)
    if not takes:
        return None
    progress(Step("speaking style", actor.character, 0, 1))
    footage = footage_of(shots, reel.audio_analysis, reel.in_front, reel.face_tracks, progress)
    learnt = reel.engine.speaking_style(actor, footage, takes)
    progress(Step("speaking style", actor.character, 1, 1))
    if learnt is None:
        return None
    # The record is written before the arrays: withdrawal of consent finds the model by it.
    record = speaking_style_facts(reel, shots, actor, result)
    write_training_record(reel.store.derived / kind, record)
    arrays = reel.store.arrays(kind, "speaking_style", lambda: learnt.arrays)
    try:
        reel.take_consent(actor.character)
    except ConsentMissing:  # withdrawn while it was written, so that the withdrawal missed it
        shutil.rmtree(reel.store.derived / kind, ignore_errors=True)
        raise
    return SpeakingStyle(arrays)


def _filmed(reel: ReelInputs, result: TakeTraining, progress: Progress) -> list[FilmedTake]:
    """The takes as they were filmed, without those that show no face or have no sound.

    Raises:
        NotTheirFace: one shows another person than the voice actor who consented, or than others.
    """
    filmed, seen = [], []
    for take in result.takes:
        try:
            track = reel.face_tracks.voice_actor(take.plate, progress=progress)
            audio = reel.audio_analysis.plate_audio(take.plate, track.frames)
        except DubsyncError as error:  # the shot with its line has a warning about it, too
            _log.warning("no speaking style is learnt from take %s: %s", take.name, error)
            continue
        if audio is not None:
            filmed.append(FilmedTake(take.name, track, audio))
            seen.append(Seen(f"take {take.name}", (track,), take.plate))
    reel.require_their_face(result.voice_actor, seen)
    require_one_person(seen, reel.pictured)
    return filmed
