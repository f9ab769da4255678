"""Which takes may teach how a dub's sound moves a mouth, where no take drives it.

A take teaches where dubsync.toml names the voice actor in it and a consent record covers learning
from them; else it only drives its own line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dubsync.core.errors import ConsentMissing
from dubsync.core.shot import Doubt, Take
from dubsync.service.consent.records import ConsentRecord, require


@dataclass(frozen=True, slots=True)
class Teaching:
    """What may teach one actor's diction: the takes, whose they are, and what allows it."""

    voice_actor: str
    takes: tuple[Take, ...]
    consent: ConsentRecord


def teaching(
    voice_actors: Mapping[str, str],
    takes: Sequence[Take],
    consents: Sequence[ConsentRecord],
    language: str,
    day: date,
) -> tuple[dict[str, Teaching], tuple[Doubt, ...]]:
    """Character -> the takes that teach their diction; a doubt where the voice actor did not agree.

    Args:
        voice_actors: character -> performer id of who dubs them into `language`, where named.
    """
    found: dict[str, Teaching] = {}
    doubts = []
    for character, voice_actor in voice_actors.items():
        theirs = tuple(take for take in takes if take.character == character)
        if not theirs:
            continue
        try:
            agreed = require(consents, voice_actor, "train_model", language, day)
            found[character] = Teaching(voice_actor, theirs, agreed)
        except ConsentMissing as error:
            message = f"the takes of {character} teach nothing beyond their own lines: {error}"
            doubts.append(Doubt(character, message, error.hint))
    return found, tuple(doubts)
