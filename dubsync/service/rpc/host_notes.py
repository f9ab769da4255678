"""Notes as markers of a host: listed with their record frames, and taken from markers once.

notes/host_markers.json    the host's marker -> the note that was made of it
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import SettingsError
from dubsync.core.note import Note, Severity
from dubsync.core.shot import Shot
from dubsync.editorial.notes.colours import colour_of, known_colour
from dubsync.editorial.notes.record_frames import record_of
from dubsync.service.judging.note_store import FOLDER, NoteStore
from dubsync.service.project import Project
from dubsync.service.rpc.asked import AddNote
from dubsync.service.store.atomic_write import write_whole

MARKERS = "host_markers.json"
#: A marker's colour -> how much its note matters; see editorial.notes.colours.
_SEVERITY: dict[str, Severity] = {"red": 1, "yellow": 2, "cyan": 3}


def notes_of(project: Project) -> list[dict[str, Any]]:
    """Every note of the reel as the protocol tells it."""
    shots = {shot.name: shot for shot in project.turnover().shots}
    markers = {name: marker for marker, name in _markers(project).items()}
    return [_plain(note, shots, markers) for note in _store(project).all()]


def add_note(project: Project, said: AddNote) -> dict[str, Any]:
    """Keep what a reviewer or a marker says; one with a known `host_id` changes its note.

    Raises:
        SettingsError: no such shot or frame, or no text.
        DeliveryError: it cannot be written.
    """
    shots = {shot.name: shot for shot in project.turnover().shots}
    shot, frame = _place(said, list(shots.values()))
    store, markers = _store(project), _markers(project)
    severity = _SEVERITY.get(known_colour(said.colour), 2)
    known = markers.get(said.host_id, "") if said.host_id else ""
    if known in {note.name for note in store.all()}:

        def moved(note: Note) -> Note:
            return replace(note, text=said.text, shot=shot.name, frame=frame, severity=severity)

        note = store.amend(known, moved, said.author)
    else:
        newest = project.store.latest("renders", shot.name)
        version = newest.name if newest else ""
        note = store.add(
            Note("", shot.name, frame, said.text, said.author, severity, version=version)
        )
        if said.host_id:
            _keep(project, {**markers, said.host_id: note.name})
    return _plain(note, shots, {name: marker for marker, name in _markers(project).items()})


def _place(said: AddNote, shots: list[Shot]) -> tuple[Shot, int]:
    """The shot and its plate frame that a note is about."""
    if (said.frame is None) == (said.record is None):
        raise SettingsError("a note needs either a plate frame or a record frame",
                            hint="give frame with shot, or record")  # fmt: skip
    if said.shot and said.shot not in {shot.name for shot in shots}:
        raise SettingsError(f"the reel has no shot {said.shot!r}", hint="open the reel again")
    for shot in shots:
        if said.shot not in ("", shot.name):
            continue
        if said.record is not None and said.record in shot.record:
            return shot, shot.plate_frame(said.record)
        if said.frame is not None and said.shot and said.frame in shot.plate.frames:
            return shot, said.frame
    at = f"record frame {said.record}" if said.record is not None else f"plate frame {said.frame}"
    raise SettingsError(
        f"no shot of the reel shows {at}", hint="set the marker over a clip whose shot is dubbed"
    )


def _plain(note: Note, shots: dict[str, Shot], markers: dict[str, str]) -> dict[str, Any]:
    shot = shots.get(note.shot)
    return {
        "name": note.name,
        "shot": note.shot,
        "frame": note.frame,
        "record": record_of(shot, note.frame) if shot else None,
        "text": note.text,
        "colour": colour_of(note),
        "author": note.author,
        "done": note.answer != "open",
        "created": note.made,
        "host_id": markers.get(note.name, ""),
    }


def _store(project: Project) -> NoteStore:
    return NoteStore(project.file.folder, project.store.layout)


def _path(project: Project) -> Path:
    return project.file.folder / FOLDER / MARKERS


def _markers(project: Project) -> dict[str, str]:
    """Marker of a host -> note; a damaged file counts as empty, and markers are taken again."""
    try:
        found = read_json(_path(project))
    except (OSError, DamagedDocument):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _keep(project: Project, markers: dict[str, str]) -> None:
    write_whole(_path(project), json.dumps(markers, indent=1) + "\n")
