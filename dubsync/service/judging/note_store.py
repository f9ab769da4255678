"""The notes of a project, stored as versions: notes/N0007/v001.json, never overwritten.

An answer writes a new version, so what was said before stays.  In a project of several languages
each has its own: notes/fr-FR/N0007/v001.json.  Names are unique in the project, whatever the
language: editors' markers carry them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import SettingsError
from dubsync.core.note import ANSWERS, Answer, Note
from dubsync.service.judging.author import author
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Layout
from dubsync.service.store.one_writer import OneWriter

FOLDER = "notes"  #: in the project's folder
SCHEMA: Literal["dubsync.note_version/1"] = "dubsync.note_version/1"
#: Most characters of a note's text, and of a reply.
LONGEST = 4000
_NAME = re.compile(r"N(\d{4,9})")
_VERSION = re.compile(r"v(\d{3,9})\.json")


@dataclass(frozen=True, slots=True)
class _File:
    """One version of a note; `by` wrote it, `made` says when."""

    schema: Literal["dubsync.note_version/1"]
    language: str
    by: str
    made: str
    withdrawn: bool
    note: Note


class NoteStore:
    """The notes of one project, in the language of `layout`."""

    def __init__(self, folder: Path, layout: Layout | None = None) -> None:
        self._root, self._layout = folder / FOLDER, layout or Layout()
        self._homes = self._layout.homes(folder, FOLDER)
        self._read_before: dict[tuple[Path, int, int], _File] = {}

    def all(self, shot: str = "") -> tuple[Note, ...]:
        """The notes on `shot` ("": on every shot) in the order they were made.

        Raises:
            SettingsError: a file is damaged.
        """
        newest = (self._newest(home) for home in self._own())
        kept = [file.note for file in newest if file is not None and not file.withdrawn]
        return tuple(note for note in kept if shot in ("", note.shot))

    def one(self, name: str) -> Note:
        """The note called `name`.  Raises SettingsError if there is none."""
        return self._file(name).note

    def history(self, name: str) -> tuple[tuple[Note, str, str], ...]:
        """(note, who wrote it so, when) of every version of a note, oldest first."""
        home = self._home(name)
        files = [self._read(path) for path in _versions(home)]
        return tuple((file.note, file.by, file.made) for file in files)

    def add(self, note: Note) -> Note:
        """Keep a new note; returns it with its name, its author and when it was made.

        Args:
            note: its `name` and `made` are not used: the store gives both.

        Raises:
            SettingsError: it has no text, no author or no such severity or answer.
            DeliveryError: it cannot be written.
        """
        made = _now()
        said = checked(replace(note, author=author(note.author), made=made))
        with OneWriter(self._root):
            number = max(self._numbers(), default=0) + 1
            said = replace(said, name=f"N{number:04d}")
            self._write(self._homes[0] / said.name, 1, said, said.author, made)
        return said

    def amend(self, name: str, amended: Callable[[Note], Note], by: str = "") -> Note:
        """Write a new version of a note; the note as it is when nothing changes.

        The note is read and written under one lock: of two processes that amend it at once, the
        second sees the first one's change.

        Raises:
            SettingsError: no note is called so, or what `amended` returns is not a note.
            DeliveryError: it cannot be written.
        """
        by = author(by)
        with OneWriter(self._root):
            file, home = self._file(name), self._home(name)
            note = checked(amended(file.note))
            kept = replace(note, name=file.note.name, made=file.note.made)
            if kept != file.note:
                self._write(home, _next(home), kept, by, _now())
        return kept

    def answer(self, name: str, answer: Answer, reply: str = "", by: str = "") -> Note:
        """Answer a note ("open" opens it again).  Raises as `amend`."""
        by = author(by)

        def answered(note: Note) -> Note:
            return replace(note, answer=answer, reply=reply, answered_by="" if opened else by)

        opened = answer == "open" and not reply
        return self.amend(name, answered, by)

    def take_back(self, name: str, by: str = "") -> Note:
        """Withdraw a note: it is listed no more; its files stay.  Raises as `amend`."""
        by = author(by)
        with OneWriter(self._root):
            file, home = self._file(name), self._home(name)
            self._write(home, _next(home), file.note, by, _now(), withdrawn=True)
        return file.note

    # -- files ---------------------------------------------------------------------------------

    def _write(
        self, home: Path, number: int, note: Note, by: str, made: str, *, withdrawn: bool = False
    ) -> None:
        file = _File(SCHEMA, self._layout.language, by, made, withdrawn, note)
        text = json.dumps(asdict(file), indent=2, ensure_ascii=False) + "\n"
        write_whole(home / f"v{number:03d}.json", text)

    def _file(self, name: str) -> _File:
        file = self._newest(self._home(name))
        if file is None or file.withdrawn:
            raise self._unknown(name)
        return file

    def _home(self, name: str) -> Path:
        """The folder of a note in this language."""
        if _NAME.fullmatch(name):
            for home in (parent / name for parent in self._homes):
                if home.is_dir() and self._newest(home) is not None:
                    return home
        raise self._unknown(name)

    def _unknown(self, name: str) -> SettingsError:
        known = ", ".join(note.name for note in self.all()[-8:])
        return SettingsError(f"no note is called {name!r}", hint=f"notes: {known or 'none'}")

    def _own(self) -> list[Path]:
        """The folders of notes that may be of this language, by number."""
        homes: dict[int, Path] = {}
        for parent in self._homes:
            for number, home in _notes_in(parent):
                homes.setdefault(number, home)
        return [homes[number] for number in sorted(homes)]

    def _numbers(self) -> Iterator[int]:
        """The number of every note in the project, of whatever language."""
        parents = [self._root]
        if self._root.is_dir():
            parents += [path for path in self._root.iterdir() if path.is_dir()]
        for parent in parents:
            yield from (number for number, _ in _notes_in(parent))

    def _newest(self, home: Path) -> _File | None:
        """The newest version of a note; None if it is another language's, or has none."""
        paths = _versions(home)
        file = self._read(paths[-1]) if paths else None
        wanted = ("", self._layout.language)
        return file if file and (not self._layout.language or file.language in wanted) else None

    def _read(self, path: Path) -> _File:
        try:
            stat = path.stat()
            key = path, stat.st_mtime_ns, stat.st_size
            file = self._read_before.get(key)
            if file is None:
                file = msgspec.convert(read_json(path), _File)
                if file.note.name != path.parent.name:
                    raise DamagedDocument(f"it is the note {file.note.name}")
                checked(file.note)
                self._read_before[key] = file
        except (OSError, DamagedDocument, msgspec.ValidationError, SettingsError) as error:
            raise SettingsError(
                f"{path} is not a dubsync note: {error}",
                hint="delete that file; the version before it is used then",
            ) from error
        return file


def checked(note: Note) -> Note:
    """The note with its text and reply trimmed.

    Raises:
        SettingsError: it has no text or too much, or no such severity or answer.
    """
    note = replace(note, text=note.text.strip(), reply=note.reply.strip())
    if not note.text:
        raise SettingsError("the note has no text", hint='say what is wrong: "lips open on the m"')
    if max(len(note.text), len(note.reply)) > LONGEST:
        raise SettingsError(f"a note has at most {LONGEST:,} characters", hint="write two notes")
    if note.severity not in (1, 2, 3):
        raise SettingsError(f"severity {note.severity} is not 1, 2 or 3",
                            hint="1 must be mended, 2 should be, 3 may stay")  # fmt: skip
    if note.answer not in ANSWERS:
        raise SettingsError(f"{note.answer!r} is no answer to a note",
                            hint="answers: " + ", ".join(ANSWERS))  # fmt: skip
    return note


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _notes_in(parent: Path) -> list[tuple[int, Path]]:
    if not parent.is_dir():
        return []
    named = ((_NAME.fullmatch(path.name), path) for path in parent.iterdir())
    return [(int(match.group(1)), path) for match, path in named if match]


def _versions(home: Path) -> list[Path]:
    """The files of a note, oldest first."""
    return [path for _, path in sorted(_numbered(home))]


def _next(home: Path) -> int:
    return max((number for number, _ in _numbered(home)), default=0) + 1


def _numbered(home: Path) -> list[tuple[int, Path]]:
    named = ((_VERSION.fullmatch(path.name), path) for path in home.iterdir())
    return [(int(match.group(1)), path) for match, path in named if match]
