"""Whom a clip dubs, as `dubsync clip` prints it: which face, where, and which frames are left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dubsync.core.plural import counted
from dubsync.service.faces.people import Person
from dubsync.service.faces.recognition import frames_text

#: Runs of plate frames: first and last.
Runs = Sequence[tuple[int, int]]


def dubbed_json(dubbed: Sequence[Person], left: Runs, others: int) -> dict[str, Any]:
    """The keys of `dubsync.clip/1` that say whom it dubbed.

    Args:
        dubbed: the faces that follow the dub.
        left: frames in which they are not followed.
        others: how many more faces the clip plainly shows.
    """
    return {
        "dubbed": [
            {"number": person.number, "x": round(person.spot[0]), "y": round(person.spot[1]),
             "frame": person.spot[2], "frames": [list(run) for run in person.runs]}
            for person in dubbed
        ],
        "left_as_in_plate": [list(run) for run in left],
        "other_faces": others,
    }  # fmt: skip


def dubbed_text(dubbed: Sequence[Person], left: Runs, others: int) -> str:
    """The same as one or two lines of text."""
    faces = []
    for person in dubbed:
        x, y, frame = person.spot
        where = f"face {person.number} at {x:.0f},{y:.0f} in frame {frame}"
        faces.append(f"{where}, followed in frames {frames_text(person.runs)}")
    line = "Dubbed: " + "; ".join(faces)
    if others:
        line += f"; left alone: {counted(others, 'other face')}"
    if left:
        line += f"\nLeft as in the plate, since no face is followed there: {frames_text(left)}"
    return line
