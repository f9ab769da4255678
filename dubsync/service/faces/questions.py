"""How questions about faces are worded, and what answers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dubsync.core.face import Point
from dubsync.core.plural import counted
from dubsync.core.shot import ProjectWarning
from dubsync.service.faces.people import Person


@dataclass(frozen=True, slots=True)
class Asking:
    """The words for a reel, or for a clip, which knows no shots, lines and characters.

    picture  path of the picture of the numbered faces, as messages name it
    clip     whether it is a clip
    """

    picture: str = "faces.png"
    clip: bool = False

    def option(self, shot: str, character: str, number: int) -> str:
        """The option that names face `number`."""
        return f"--face {number}" if self.clip else f"--face {shot}:{character}={number}"

    def which(self, shot: str, character: str, people: Sequence[Person]) -> ProjectWarning:
        """Several faces, and no evidence of which it is."""
        if self.clip:
            message = f"{counted(len(people), 'face')} are seen: which is to be dubbed?"
        elif len(people) == 1:
            message = f"is face {people[0].number} {character}? nothing shows it yet"
        else:
            message = f"which of {len(people)} faces is {character}?"
        return self._asked(shot, character, message, people)

    def unsure(self, shot: str, character: str, people: Sequence[Person]) -> ProjectWarning:
        """Faces that may be the character's, but do not look enough like it."""
        seen = " or ".join(f"face {person.number}" for person in people)
        message = f"is {seen} {character}? it looks only a little like {character} elsewhere"
        return self._asked(shot, character, message, people)

    def rivals(
        self, shot: str, character: str, others: Sequence[str], people: Sequence[Person]
    ) -> ProjectWarning:
        """One face, and lines of several characters over it."""
        names = " or ".join((character, *others))
        message = f"is face {people[0].number} {names}? they all speak over it"
        return self._asked(shot, character, message, people)

    def _asked(
        self, shot: str, character: str, message: str, people: Sequence[Person]
    ) -> ProjectWarning:
        options = " or ".join(self.option(shot, character, p.number) for p in people)
        hint = f"answer with {options}; the faces are numbered in {self.picture}"
        return ProjectWarning(shot, message, hint, blocking=True)

    def swapped(
        self, shot: str, character: str, person: Person, other: str, theirs: Person
    ) -> ProjectWarning:
        """`character` was given the face that is `other`'s elsewhere."""
        return ProjectWarning(
            shot,
            f"face {person.number}, which you gave to {character}, is {other}'s face in "
            f"{theirs.shot}",
            f"if it is {character}, point at {other}'s own face too: "
            f"--face {theirs.shot}:{other}=N; else answer again: "
            f"--face {shot}:{character}=N (numbered in {self.picture}); if {character} is not in "
            "this shot, delete that line in faces.toml",
            blocking=True,
        )

    def unlike(self, shot: str, character: str, person: Person, elsewhere: str) -> ProjectWarning:
        """`character` was given faces that are not one person's."""
        if self.clip:
            return ProjectWarning(
                shot, f"face {person.number} does not look like the other face that you gave",
                f"give the faces of one person only; they are numbered in {self.picture}",
                blocking=True,
            )  # fmt: skip
        return ProjectWarning(
            shot,
            f"face {person.number}, which you gave to {character}, does not look like "
            f"{character}'s face in {elsewhere}",
            f"answer again: --face {shot}:{character}=N (numbered in {self.picture}); an actor is "
            "never learnt from two people: another look of the same person (age, mask) needs a "
            "character of its own",
            blocking=True,
        )

    def at_once(self, shot: str, character: str, people: Sequence[Person]) -> ProjectWarning:
        """Faces named as one character's that are in view together."""
        numbers = " and ".join(str(person.number) for person in people)
        message = f"faces {numbers} are in view at the same time: they are two people"
        return self._asked(shot, character, message, people)

    def no_face(self, shot: str, character: str, *, blocking: bool) -> ProjectWarning:
        """No face is plainly seen."""
        if self.clip:
            return ProjectWarning(
                shot, "no face is found in the clip",
                "check that the picture is upright, and that a face of at least 24 pixels is seen "
                "whole for 3 frames or more",
                blocking=blocking,
            )  # fmt: skip
        return ProjectWarning(
            shot, f"no face found for {character}",
            "check the plate; if no face is in it, write OFF for the line in the script, or give "
            f"the shot its own picture: dubsync sync REEL {shot} --renderer plate",
            blocking=blocking,
        )  # fmt: skip

    def not_at(
        self, shot: str, character: str, point: Point, people: Sequence[Person]
    ) -> ProjectWarning:
        """A point or a number that names no face; `people`: those that can be named."""
        what = (f"no face {point[0]:.0f}" if len(point) == 1 else
                f"no face at {point[0]:.0f},{point[1]:.0f}")  # fmt: skip
        message = what if self.clip else f"{what} for {character}"
        if people:
            return self._asked(shot, character, message, people)
        return ProjectWarning(
            shot, message, f"give a number from {self.picture}, or a point on the face, in plate "
            "pixels", blocking=True,
        )  # fmt: skip

    def several_at(
        self, shot: str, character: str, point: Point, people: Sequence[Person]
    ) -> ProjectWarning:
        """A point on which several faces lie, one after another."""
        numbers = " and ".join(str(person.number) for person in people)
        message = (
            f"faces {numbers} are both seen at {point[0]:.0f},{point[1]:.0f}, one after another"
        )
        return self._asked(shot, character, message, people)


def off_screen_here(shot: str, character: str) -> ProjectWarning:
    """The character speaks, but every face seen here is someone else's."""
    return ProjectWarning(
        shot,
        f"{character} speaks, but is not among the faces seen here, so no mouth follows that",
        "right if the line is off screen, or reaches over from the shot before or after; if a "
        f"face is {character}'s, point at it: --face {shot}:{character}=N",
    )


def taken(shot: str, character: str, person: Person) -> ProjectWarning:
    """Two characters with one face in one shot."""
    return ProjectWarning(
        shot,
        f"face {person.number} cannot be two characters in one shot; {character} is one of them",
        f"answer again: --face {shot}:{character}=N",
        blocking=True,
    )
