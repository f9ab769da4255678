"""Evidence of whose face is whose: how much of a performer's speech each person may have spoken.

A claim counts shots.  A shot in which one character alone speaks, and one face alone is plainly
seen, claims that face for that character: fully where the speech lasts FULL_S, half where the lips
rest meanwhile, and not at all where the plate's own sound comes from nobody on screen.  A face that
is heard to speak the character's lines counts HEARD shots.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.face import FaceTrack
from dubsync.core.shot import Shot
from dubsync.core.sound.av_sync import Speaking
from dubsync.service.faces.identities import Identity
from dubsync.service.faces.people import Person
from dubsync.service.faces.plate_sound import OFF_SCREEN, at_rest, heard_in

#: Seconds of a character's own speech from which a shot counts fully.
FULL_S = 0.6
#: Mean probability of speaking, over a character's lines, from which a face is heard to speak them;
#: its lead over the next face; the fewest seconds of lines; and what it counts, in shots.
SPEAKS, SPEAKS_MORE, SPEAKS_S, HEARD = 0.6, 0.3, 0.4, 2.0
#: What a shot counts in which the lips rest.
RESTING = 0.5
#: Claims, in shots: enough for a face; enough for one that nobody else claims; and the most that a
#: rival may have, as a share.
CERTAIN, UNRIVALLED, RIVAL = 1.5, 0.9, 0.5

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ShotEvidence:
    """What one shot shows and lets hear.

    everyone  its people, passers-by among them
    people    the people plainly seen
    tracks    every track of the shot, in the order of `speaking`
    speaking  which of `tracks` speaks in the plate's own sound; None: unknown
    """

    shot: Shot
    everyone: tuple[Person, ...]
    people: tuple[Person, ...]
    tracks: Sequence[FaceTrack]
    speaking: Speaking | None

    def alone(self, character: str) -> Flags:
        """(T,) where `character` alone speaks, in frames of `shot.render` that the cut shows."""
        lines = [over for line, over in heard_in(self.shot, character) if line.on_screen != "off"]
        over = np.any(lines, axis=0) if lines else np.zeros(len(self.shot.render), bool)
        first = self.shot.source.start - self.shot.render.start
        shown = np.zeros(len(over), bool)
        shown[first : first + len(self.shot.source)] = True
        return np.asarray(over & shown, bool)

    def seconds(self, over: Flags) -> float:
        return float(over.sum()) / float(self.shot.render.rate)

    def speaker(self, character: str, people: Sequence[Person]) -> Person | None:
        """Who of `people` is heard to speak `character`'s lines; None if that is not clear."""
        over = self.alone(character)
        if self.speaking is None or not people or self.seconds(over) < SPEAKS_S:
            return None
        chances = np.array([self._chance(person, over, self.speaking) for person in people])
        best = int(chances.argmax())
        rival = float(np.delete(chances, best).max(initial=0.0))
        plain = chances[best] >= SPEAKS and chances[best] - rival >= SPEAKS_MORE
        return people[best] if plain else None

    def _chance(self, person: Person, over: Flags, speaking: Speaking) -> float:
        rows = [n for n, track in enumerate(self.tracks) if any(track is t for t in person.tracks)]
        return float(speaking.faces[rows][:, over].max(axis=0).mean())

    def _off_screen(self, over: Flags) -> bool:
        if self.speaking is None or not over.any():
            return False
        return float(np.mean(self.speaking.off_screen[over])) >= OFF_SCREEN

    def claims(self) -> Iterator[tuple[str, Person, float]]:
        """Each character, a person who may be theirs, and how much the shot counts for that."""
        spoken = {c: over for c in self.shot.characters if (over := self.alone(c)).any()}
        for character, over in spoken.items():
            share = min(1.0, self.seconds(over) / FULL_S)
            speaker = self.speaker(character, self.people)
            if speaker is not None:
                yield character, speaker, HEARD * share
            elif len(self.people) == 1 and len(spoken) == 1 and not self._off_screen(over):
                (person,) = self.people
                resting = at_rest(self.shot, person.tracks, over)
                yield character, person, share * (RESTING if resting else 1)


def decided(
    claims: Mapping[tuple[str, int], float],
    fixed: Mapping[str, int],
    *,
    sole: bool,
    maybe: Container[tuple[int, int]] = (),
) -> dict[str, int]:
    """Performer -> their identity, where the evidence is enough; the strongest claims first.

    Args:
        claims: (performer, identity) -> shots that speak for it.
        fixed: performers whose identity a person named.
        sole: whether the reel has one performer and one person: any claim is then enough.
        maybe: pairs of identities that may be one person: a performer's claims to both are no
            rivals.
    """
    result = dict(fixed)
    left = {pair: claim for pair, claim in claims.items()
            if pair[0] not in fixed and pair[1] not in fixed.values() and claim > 0}  # fmt: skip
    while left:
        pair = max(left, key=lambda key: left[key])
        claim = left[pair]
        rivals = [other for key, other in left.items()
                  if key != pair and (key[0] == pair[0] or key[1] == pair[1])
                  and not (key[0] == pair[0] and (key[1], pair[1]) in maybe)]  # fmt: skip
        rival = max(rivals, default=0.0)
        enough = claim >= CERTAIN and rival <= RIVAL * claim
        if enough or (claim >= UNRIVALLED and not rivals) or (sole and not rivals):
            result[pair[0]] = pair[1]
        # Otherwise both stay open: neither is given to another for want of this one.
        left = {k: v for k, v in left.items() if k[0] != pair[0] and k[1] != pair[1]}
    return result


def claims_of(
    shots: Sequence[ShotEvidence], known: Sequence[Identity], performer: Mapping[str, str]
) -> dict[tuple[str, int], float]:
    """(performer, number of the identity) -> shots that speak for it.

    Args:
        performer: character -> performer.
    """
    result: dict[tuple[str, int], float] = {}
    for one in shots:
        for character, person, claim in one.claims():
            identity = next((n for n, who in enumerate(known) if who.holds(person)), None)
            if identity is not None:
                pair = performer[character], identity
                result[pair] = result.get(pair, 0.0) + claim
    return result
