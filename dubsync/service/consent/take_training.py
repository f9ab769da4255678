"""Selects the takes from which a character's speaking style may be learnt.

The speaking style drives lines without a take.  It may be learnt from a take where dubsync.toml
names the voice actor in it and a consent record covers learning from them; any other take only
drives its own line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dubsync.core.errors import ConsentMissing
from dubsync.core.shot import ProjectWarning, Take
from dubsync.service.consent.records import TRAIN_MODEL, ConsentRecord, require
from dubsync.service.consent.scope import VOICE, Where

#: Whose part is asked for.
PART = Where(role=VOICE)


@dataclass(frozen=True, slots=True)
class TakeTraining:
    """The takes for one character's speaking style, the voice actor in them, and their consent."""

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
    """Character -> takes for their speaking style; warnings where consent is missing.

    Args:
        voice_actors: character -> performer id of their voice actor in `language`, where named.
    """
    result: dict[str, TakeTraining] = {}
    warnings = []
    for character, voice_actor in voice_actors.items():
        own = tuple(take for take in takes if take.character == character)
        if not own:
            continue
        try:
            consent = require(consents, voice_actor, TRAIN_MODEL, language, day, PART)
            result[character] = TakeTraining(voice_actor, own, consent)
        except ConsentMissing as error:
            message = f"the takes of {character} are used for their own lines only: {error}"
            warnings.append(ProjectWarning(character, message, error.hint))
    return result, tuple(warnings)
