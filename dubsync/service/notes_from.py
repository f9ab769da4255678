"""Takes the notes of a cut or list that came back from an editing system into the project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dubsync.core.note import Note, NotesRead, StrayMarker
from dubsync.editorial.notes.read_back import NOBODY, read_notes
from dubsync.editorial.probe import probe_cut
from dubsync.service.judging.note_store import NoteStore
from dubsync.service.project import Project


def notes_from(project: Project, path: Path, *, by: str = "") -> NotesRead:
    """Read the markers of a file, and keep the answers, moves and new notes that they hold.

    Args:
        path: a cut or a list of markers in any format that `probe` reads.
        by: who answered; "": "editor".  A new note has the author whom its marker names, if any.

    Returns:
        What was read; notes as they are kept now, new ones with their names.

    Raises:
        MissingMedia: no such file.
        TurnoverError: it has no markers, or is of another rate.
        SettingsError: a note of the project is damaged.
        DeliveryError: a note cannot be written; those before it are kept.

    Example:
        >>> read = notes_from(Project.open(Path("REEL_1")), Path("cut.fcpxml"))  # doctest: +SKIP
        >>> [(note.name, note.answer) for note in read.answered]  # doctest: +SKIP
        [('N0007', 'best possible')]
    """
    store = NoteStore(project.file.folder, project.store.layout)
    turnover = project.turnover()
    known = {note.name: note for note in store.all()}
    read = read_notes(probe_cut(path, turnover.cut.rate), tuple(known.values()), turnover)
    read = _without_stale(read, store)
    kept = {
        new.name: store.amend(new.name, _Change(known[new.name], new, by or NOBODY), by or NOBODY)
        for new in (*read.answered, *read.moved)
    }
    return replace(
        read,
        answered=tuple(kept[note.name] for note in read.answered),
        moved=tuple(kept[note.name] for note in read.moved),
        added=tuple(store.add(_by(note, by)) for note in read.added),
    )


def _without_stale(read: NotesRead, store: NoteStore) -> NotesRead:
    """`read` without answers that a note had before another one: the file is older than that."""
    answered, unknown = [], list(read.unknown)
    for note in read.answered:
        said = note.answer, note.reply
        past = [(old.answer, old.reply) for old, _, _ in store.history(note.name)]
        if note.answer == "open" or said not in past or past[-1] == said:
            answered.append(note)
            continue
        why = f"{note.name} was answered so before its present answer, which is kept"
        unknown.append(StrayMarker(note.name, f"{note.answer}: {note.reply}", "", "", why))
    return replace(read, answered=tuple(answered), unknown=tuple(unknown))


class _Change:
    """What the host changed of a note, for whatever the project has of it by now."""

    def __init__(self, before: Note, after: Note, by: str) -> None:
        self.before, self.after, self.by = before, after, by

    def __call__(self, note: Note) -> Note:
        before, after = self.before, self.after
        if after.frame != before.frame:
            note = replace(note, frame=after.frame)
        if after.severity != before.severity:
            note = replace(note, severity=after.severity)
        if (after.answer, after.reply) != (before.answer, before.reply):
            by = "" if (after.answer, after.reply) == ("open", "") else self.by
            note = replace(note, answer=after.answer, reply=after.reply, answered_by=by)
        return note


def _by(note: Note, by: str) -> Note:
    """A new note; its author is `by` where its marker names none."""
    return replace(note, author=by) if by and note.author == NOBODY else note
