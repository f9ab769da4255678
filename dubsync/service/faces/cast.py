"""Which face is which character, on evidence only; what is not shown by any is asked.

Evidence is a person's answer, another language's casting, the same face alone in shots in which the
character alone speaks, or being heard to speak the character's lines (evidence.py).  A face is
never given to a character for want of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dubsync.core.face import SAME_FACE, FaceTrack
from dubsync.core.shot import ProjectWarning, Shot, Turnover
from dubsync.core.sound.av_sync import Speaking
from dubsync.service.faces.answers import Answers, Earlier, Pointed, checked, read_answers
from dubsync.service.faces.evidence import ShotEvidence, claims_of, decided
from dubsync.service.faces.identities import Identity, identities, may_be_one
from dubsync.service.faces.people import Person, everyone_in, plainly_seen
from dubsync.service.faces.questions import Asking, off_screen_here, taken

#: Lead in distance that a face needs over the next one of its shot to be a character's.
MARGIN = 0.06


@dataclass(frozen=True, slots=True)
class Casting:
    """Whose face is whose in a reel.

    tracks    shot name -> character -> their face tracks
    warnings  shot name -> faces that are not decided (blocking), and lines whose speaker is unseen
    people    shot name -> every person found in it, passers-by among them
    """

    tracks: Mapping[str, Mapping[str, tuple[FaceTrack, ...]]]
    warnings: Mapping[str, tuple[ProjectWarning, ...]] = field(default_factory=dict)
    people: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)

    def owner(self, person: Person) -> str:
        """The character whose face `person` is; "" if it is nobody's."""
        for character, tracks in self.tracks.get(person.shot, {}).items():
            if any(track is own for track in tracks for own in person.tracks):
                return character
        return ""


def cast(
    shots: Sequence[Shot],
    tracks: Mapping[str, Sequence[FaceTrack]],
    pointed: Pointed,
    heard: Mapping[str, Speaking | None] | None = None,
    earlier: Earlier | None = None,
    *,
    performers: Mapping[str, str] | None = None,
    asking: Asking | None = None,
) -> Casting:
    """Give each dubbed character of each shot its face.

    Args:
        shots: the reel's shots.
        tracks: shot name -> every face found in it; shots that could not be tracked are absent.
        pointed: shot name -> character -> where a person pointed at that character's face.
        heard: shot name -> which of its `tracks`, in their order, speaks in the plate's own sound.
        earlier: shot name -> character -> their tracks in other languages; a character who was
            found there has the same face here.
        performers: character -> performer; the characters of one performer have one face.  Without
            it each character has a performer of their own.
        asking: the words of the questions; None: those of a reel.

    Returns:
        A Casting.  A face that is not decided is a blocking warning that says how to answer.
    """
    asking = asking or Asking()
    evidence = [_evidence(shot, tracks[shot.name], (heard or {}).get(shot.name))
                for shot in shots if shot.name in tracks]  # fmt: skip
    answers = read_answers(evidence, pointed, earlier or {}, asking)
    characters = [*(c for shot in shots for c in shot.characters),
                  *(one.character for one in answers.given)]  # fmt: skip
    performer = {c: (performers or {}).get(c, c) for c in characters}
    named = {one.person for one in answers.given}
    known = identities(
        {one.shot.name: [p for p in one.everyone if p in one.people or p in named]
         for one in evidence}
    )  # fmt: skip
    claims = claims_of(evidence, known, performer)
    dubbed = {performer[c] for one in evidence for c in one.shot.characters}
    sole, maybe = len(known) == 1 and len(dubbed) == 1, may_be_one(known)
    shown = decided(claims, {}, sole=sole, maybe=maybe)
    answers, fixed = checked(answers, known, shown, performer, asking)
    decision = decided(claims, fixed, sole=sole, maybe=maybe)
    reel = _Reel(known, claims, decision, answers, performer, asking)
    cast_shots = [(one.shot.name, reel.cast(one)) for one in evidence]
    return Casting(
        {name: {c: _tracks(people) for c, people in chosen.items()}
         for name, (chosen, _) in cast_shots},
        {name: tuple(warnings) for name, (_, warnings) in cast_shots},
        {one.shot.name: one.everyone for one in evidence},
    )  # fmt: skip


def with_face_warnings(
    turnover: Turnover, warnings: Mapping[str, tuple[ProjectWarning, ...]]
) -> Turnover:
    """The turnover with a casting's questions and notes among the warnings of its shots."""
    shots = (
        replace(shot, warnings=(*shot.warnings, *warnings.get(shot.name, ())))
        for shot in turnover.shots
    )
    return replace(turnover, shots=tuple(shots))


def _evidence(shot: Shot, tracks: Sequence[FaceTrack], speaking: Speaking | None) -> ShotEvidence:
    everyone = everyone_in(shot, tracks)
    return ShotEvidence(shot, everyone, plainly_seen(shot, everyone), tracks, speaking)


def _tracks(people: Sequence[Person]) -> tuple[FaceTrack, ...]:
    tracks = (track for person in people for track in person.tracks)
    return tuple(sorted(tracks, key=lambda track: track.frames.start))


@dataclass(frozen=True, slots=True, eq=False)
class _Reel:
    """What is known of the whole reel when its shots are cast one by one.

    known      its people
    claims     (performer, number in `known`) -> shots that speak for it
    decision   performer -> number in `known`
    performer  character -> performer
    """

    known: Sequence[Identity]
    claims: Mapping[tuple[str, int], float]
    decision: Mapping[str, int]
    answers: Answers
    performer: Mapping[str, str]
    asking: Asking

    def cast(self, one: ShotEvidence) -> tuple[dict[str, tuple[Person, ...]], list[ProjectWarning]]:
        """Character -> their people in one shot; and its warnings."""
        shot, chosen, warnings = one.shot, {}, []
        for character in shot.characters:
            failed = self.answers.failed.get((shot.name, character))
            given = self.answers.of(shot.name, character)
            if failed is not None:
                warnings.append(failed)
            elif given:
                chosen[character] = given
        for character in (c for c in shot.characters if c not in chosen):
            if (shot.name, character) in self.answers.failed:
                continue
            taken_people = [p for people in chosen.values() for p in people]
            person, warning = self._face(one, character, taken_people)
            if person is not None:
                chosen[character] = (person,)
            if warning is not None:
                warnings.append(warning)
        twice = [c for c in chosen if self._shared(c, chosen)]
        warnings += [taken(shot.name, c, chosen[c][0]) for c in twice[1:]]
        return {c: people for c, people in chosen.items() if c not in twice[1:]}, warnings

    def _shared(self, character: str, chosen: Mapping[str, tuple[Person, ...]]) -> bool:
        """Whether another character of the shot has one of `character`'s faces."""
        return any(person in people for person in chosen[character]
                   for other, people in chosen.items() if other != character)  # fmt: skip

    def _face(
        self, one: ShotEvidence, character: str, gone: Sequence[Person]
    ) -> tuple[Person | None, ProjectWarning | None]:
        """The character's face in one shot, or a warning; both None cannot be.

        Args:
            gone: people that are other characters of the shot by an answer.
        """
        name, who = one.shot.name, self.performer[character]
        free = [p for p in one.people if p not in gone]
        number = self.decision.get(who)
        if not one.people:
            return None, self.asking.no_face(name, character, blocking=number is None)
        mine = [p for p in free if number is not None and self.known[number].holds(p)]
        if mine:
            rival = self._rival(mine[0], free)
            if rival is None:
                return mine[0], None
            return None, self.asking.which(name, character, [mine[0], rival])
        open_people = [p for p in free if self._owner(p) is None]
        if number is not None:
            maybe = [p for p in open_people if self.known[number].maybe(p)]
            heard = one.speaker(character, maybe)
            if heard is not None and len(maybe) == 1:
                return heard, None
            if maybe:
                return None, self.asking.unsure(name, character, maybe)
            return None, off_screen_here(name, character)
        if not open_people:
            return None, off_screen_here(name, character)
        rivals = [c for c in one.shot.characters
                  if c != character and self.performer[c] not in self.decision]  # fmt: skip
        if rivals and len(open_people) == 1:
            return None, self.asking.rivals(name, character, rivals, open_people)
        return None, self.asking.which(name, character, open_people)

    def _rival(self, person: Person, people: Sequence[Person]) -> Person | None:
        """Another person of the shot who looks nearly as much like `person`'s identity."""
        number = next(n for n, identity in enumerate(self.known) if identity.holds(person))
        faces = [face for face in self.known[number].faces if face.shot != person.shot]
        if not faces:
            return None
        apart = self.known[number].apart
        others = [p for p in people if p is not person and apart(p) - apart(person) < MARGIN
                  and apart(p) <= SAME_FACE + MARGIN]  # fmt: skip
        return min(others, key=apart, default=None)

    def _owner(self, person: Person) -> str | None:
        """The performer whose face `person` is."""
        return next((who for who, n in self.decision.items() if self.known[n].holds(person)), None)
