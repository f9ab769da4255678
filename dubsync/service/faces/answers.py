"""The faces that a person named, or that another language's casting has; checked for swaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dubsync.core.face import FaceTrack, Point
from dubsync.core.shot import ProjectWarning
from dubsync.service.faces.evidence import ShotEvidence
from dubsync.service.faces.identities import Identity
from dubsync.service.faces.people import Person, people_at, together
from dubsync.service.faces.questions import Asking

#: Shot name -> character -> where a person pointed at their face.
Pointed = Mapping[str, Mapping[str, Sequence[Point]]]
#: Shot name -> character -> their tracks in another language.
Earlier = Mapping[str, Mapping[str, tuple[FaceTrack, ...]]]


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """One face that was named as a character's; `pointed`: by a person, not by another language."""

    shot: str
    character: str
    person: Person
    pointed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Faces that were named, and what is wrong with the others.

    given   the faces
    failed  (shot, character) -> the question that the answer leaves
    """

    given: tuple[Given, ...]
    failed: Mapping[tuple[str, str], ProjectWarning] = field(default_factory=dict)

    def of(self, shot: str, character: str) -> tuple[Person, ...]:
        """The people that were named as `character` in `shot`."""
        return tuple(
            one.person for one in self.given if (one.shot, one.character) == (shot, character)
        )


def read_answers(
    shots: Sequence[ShotEvidence], pointed: Pointed, earlier: Earlier, asking: Asking
) -> Answers:
    """The faces that points and other languages name; a point on no face is a question."""
    given: list[Given] = []
    failed: dict[tuple[str, str], ProjectWarning] = {}
    for one in shots:
        name = one.shot.name
        for character, points in pointed.get(name, {}).items():
            for point in points:
                people = people_at(point, one.everyone)
                if not people:
                    failed[name, character] = asking.not_at(name, character, point, one.people)
                elif len(people) > 1:
                    failed[name, character] = asking.several_at(name, character, point, people)
                else:
                    given.append(Given(name, character, people[0], True))
        for character, tracks in earlier.get(name, {}).items():
            if character not in pointed.get(name, {}):
                given += [Given(name, character, person, False)
                          for person in _same(one.everyone, tracks)]  # fmt: skip
    kept = tuple(one for one in given if (one.shot, one.character) not in failed)
    return Answers(kept, failed)


def _same(people: Sequence[Person], tracks: Sequence[FaceTrack]) -> Iterator[Person]:
    """Those of `people` with a run that begins and ends as one of `tracks`, of the same number."""
    runs = {(track.face, track.frames) for track in tracks}
    return (p for p in people if any((t.face, t.frames) in runs for t in p.tracks))


def checked(
    answers: Answers,
    known: Sequence[Identity],
    shown: Mapping[str, int],
    performer: Mapping[str, str],
    asking: Asking,
) -> tuple[Answers, dict[str, int]]:
    """The answers without swaps, and performer -> the number of the identity that they name.

    A face that is named as one character's, and is another's on the evidence of the reel or by
    another answer, is a question; so is one unlike the other faces named as that character's.

    Args:
        known: the people of the reel.
        shown: performer -> the number of their identity, on the evidence alone.
        performer: character -> performer.
    """
    failed = dict(answers.failed)
    fixed: dict[str, int] = {}
    for who in dict.fromkeys(performer[one.character] for one in answers.given):
        numbers = [_identity(known, one.person) for one in answers.given
                   if performer[one.character] == who]  # fmt: skip
        fixed[who] = max(numbers, key=numbers.count)
    for one in answers.given:
        who = performer[one.character]
        number = _identity(known, one.person)
        at_once = [
            other
            for other in answers.of(one.shot, one.character)
            if other is not one.person and together(other, one.person)
        ]
        if at_once:
            failed[one.shot, one.character] = asking.at_once(
                one.shot, one.character, (one.person, *at_once)
            )
        elif number != fixed[who] and not known[fixed[who]].maybe(one.person):
            other = next(g for g in answers.given if performer[g.character] == who
                         and _identity(known, g.person) == fixed[who])  # fmt: skip
            failed[one.shot, one.character] = asking.unlike(
                one.shot, one.character, one.person, other.shot
            )
        elif (rival := _owner(number, who, shown, fixed, performer)) is not None:
            theirs = next(iter(p for p in known[number].faces if p.shot != one.shot), one.person)
            failed[one.shot, one.character] = asking.swapped(
                one.shot, one.character, one.person, rival, theirs
            )
    kept = tuple(one for one in answers.given if (one.shot, one.character) not in failed)
    named = {performer[one.character] for one in kept}
    return Answers(kept, failed), {who: n for who, n in fixed.items() if who in named}


def _owner(
    number: int,
    who: str,
    shown: Mapping[str, int],
    fixed: Mapping[str, int],
    performer: Mapping[str, str],
) -> str | None:
    """A character of another performer whose face identity `number` is already; None: nobody.

    By an earlier answer; or on evidence, where that performer has no other face by an answer.
    """
    character = {one: name for name, one in performer.items()}
    for other, theirs in fixed.items():
        if other == who:
            break  # answers are in the order of the shots: the first one holds
        if theirs == number:
            return character[other]
    for other, theirs in shown.items():
        if theirs == number and other not in (who, *fixed):
            return character[other]
    return None


def _identity(known: Sequence[Identity], person: Person) -> int:
    return next(n for n, identity in enumerate(known) if identity.holds(person))
