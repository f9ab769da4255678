"""Whom `dubsync clip` dubbed: which faces, where, and which frames are left as in the plate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.service.clip import ClipResult


def dubbed_json(made: ClipResult) -> dict[str, Any]:
    """The keys of `dubsync.clip/1` that say whom it dubbed."""
    return {
        "dubbed": [
            {"number": person.number, "x": round(person.spot[0]), "y": round(person.spot[1]),
             "frame": person.spot[2], "frames": [list(run) for run in person.runs]}
            for person in made.dubbed
        ],
        "left_as_in_plate": [list(run) for run in made.left],
        "other_faces": made.others,
    }  # fmt: skip


def dubbed_text(made: ClipResult) -> str:
    """The same as one or two lines of text."""
    from dubsync.service.faces.recognition import frames_text

    faces = []
    for person in made.dubbed:
        x, y, frame = person.spot
        where = f"face {person.number} at {x:.0f},{y:.0f} in frame {frame}"
        faces.append(f"{where}, followed in frames {frames_text(person.runs)}")
    line = "Dubbed: " + "; ".join(faces)
    if made.others:
        line += f"; left alone: {counted(made.others, 'other face')}"
    if made.left:
        line += f"\nLeft as in the plate, since no face is followed there: {frames_text(made.left)}"
    return line
