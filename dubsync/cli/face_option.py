"""`--face`: which face is which character, by its number in faces.png or a point on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import click

from dubsync.cli.languages import dubbed_in
from dubsync.cli.progress import shown

if TYPE_CHECKING:
    from dubsync.core.face import Point
    from dubsync.service.project import Project

FORM = "[[SHOT:]CHARACTER=]N|X,Y[@FRAME]"
HELP = (
    "The character's face: its number N in faces.png, or a point on it in plate pixels, at a plate "
    "frame if faces follow one another there."
)


@dataclass(frozen=True, slots=True)
class FaceAnswer:
    """One `--face`; `shot` and `character` are "" where they are not named."""

    shot: str
    character: str
    point: Point


def parse_face(text: str) -> FaceAnswer:
    """`[[SHOT:]CHARACTER=]N`, or `X,Y` or `X,Y@FRAME` for N.  Raises UsageError."""
    left, equals, value = text.rpartition("=")
    shot, _, character = left.rpartition(":")
    if not equals and ":" in value:
        shot, _, value = value.rpartition(":")
    return FaceAnswer(shot, character, parse_point(value))


def parse_point(text: str) -> Point:
    """A number of faces.png, or `X,Y` or `X,Y@FRAME` in plate pixels.  Raises UsageError."""
    if text.isdecimal() and int(text) > 0:
        return (float(text),)
    where, at, frame = text.partition("@")
    try:
        x, y = (float(part) for part in where.split(","))
        point: Point = (x, y, float(int(frame))) if at else (x, y)
    except ValueError:
        point = ()
    if not point or not all(isfinite(v) for v in point):
        raise click.UsageError(
            f"{text!r} is neither the number of a face, nor X,Y in pixels, nor X,Y@FRAME; for "
            "N write the number in faces.png, or in the table of dubsync turnover --look"
        )
    return point


def answer_faces(
    project: Project, faces: Sequence[str], shots: Sequence[str], languages: Sequence[str]
) -> None:
    """Store the answers; several for one character of a shot are faces of one person.

    Args:
        shots: the shots that the command names; one `--face` may name its own.

    Raises:
        UsageError: no shot, or no character where the shot has several.
    """
    answers: dict[tuple[str, str], list[Point]] = {}
    where: dict[str, Project] = {}
    for face in faces:
        answer = parse_face(face)
        shot = answer.shot or (shots[0] if len(shots) == 1 else "")
        if not shot:
            raise click.UsageError(f"--face {face} needs its shot: --face SHOT:{face}")
        where[shot] = dubbed_into(project, shot, languages)
        character = answer.character
        if not character:
            characters = where[shot].reel.shot(shot).characters
            if len(characters) != 1:
                value = face.rpartition(":")[2]
                raise click.UsageError(
                    "name the character: "
                    + " or ".join(f"--face {shot}:{c}={value}" for c in characters)
                )
            character = characters[0]
        answers.setdefault((shot, character), []).append(answer.point)
    with shown() as progress:
        for (shot, character), points in answers.items():
            where[shot].point(shot, character, points, progress)


def dubbed_into(project: Project, shot: str, languages: Sequence[str]) -> Project:
    """The project in the first language in which the shot is dubbed, or in the first language."""
    every = project.into_each(languages)
    return next((one for one in every if dubbed_in(one, shot)), every[0])
