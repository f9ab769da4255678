"""Which takes may teach how a dub's sound moves a mouth, where no take drives it.

A take teaches where dubsync.toml names the voice actor in it and a consent record covers learning
from them; else it only drives its own line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dubsync.core.errors import ConsentMissing
from dubsync.core.shot import ProjectWarning, Take
from dubsync.service.consent.records import TRAIN_MODEL, ConsentRecord, require


@dataclass(frozen=True, slots=True)
class TakeTraining:
    """What may teach one actor's speaking style: the takes, whose they are, and what allows it."""

    voice_actor: str
    takes: tuple[Take, ...]
    consent: ConsentRecord


def take_training(
    voice_actors: Mapping[str, str],
    takes: Sequence[Take],
    consents: Sequence[ConsentRecord],
    language: str,
    day: date,
) -> tuple[dict[str, TakeTraining], tuple[ProjectWarning, ...]]:
    """Character -> takes that train their speaking style; warnings where consent is missing.

    Args:
        voice_actors: character -> performer id of who dubs them into `language`, where named.
    """
    result: dict[str, TakeTraining] = {}
    warnings = []
    for character, voice_actor in voice_actors.items():
        theirs = tuple(take for take in takes if take.character == character)
        if not theirs:
            continue
        try:
            agreed = require(consents, voice_actor, TRAIN_MODEL, language, day)
            result[character] = TakeTraining(voice_actor, theirs, agreed)
        except ConsentMissing as error:
            message = f"the takes of {character} teach nothing beyond their own lines: {error}"
            warnings.append(ProjectWarning(character, message, error.hint))
    return result, tuple(warnings)
