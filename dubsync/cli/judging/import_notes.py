"""`dubsync notes-from`: take the answers that an editor gave in the editing system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.verb import as_json_option, file_path, folder_path, printable, verb
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.core.note import NotesRead
    from dubsync.service.project import Project


@click.command("notes-from", short_help="Take answers to notes from the markers of a cut.")
@click.argument("reel", type=folder_path)
@click.argument("file", type=file_path)
@click.option("--by", default="", metavar="NAME",
              help="Who answered in the editing system; default: editor.")  # fmt: skip
@first_option
@as_json_option
@verb
def notes_from(reel: Path, file: Path, by: str, languages: tuple[str, ...], as_json: bool) -> int:
    """Read the markers of FILE, a cut or a list of markers that came back from an editing system.

    An editor answers a note by FIX, CREATIVE INTENT or BEST POSSIBLE in its marker, with or
    without words after it, or by its colour (blue, green, magenta).  A marker that was moved moves
    its note; a new marker on a dubbed shot becomes a new note.  What cannot be taken is listed.
    """
    from dubsync.service.project import Project

    def work(project: Project, shots: Sequence[str]) -> Answer:
        from dubsync.service.notes_from import notes_from as take

        read = take(project, file, by=by)
        return Answer({"file": str(file), **asdict(read)}, _text(read))

    return in_each(
        Project.open(reel), languages, work, schema="dubsync.notes_from/1", as_json=as_json,
        first=True,
    )  # fmt: skip


def _text(read: NotesRead) -> str:
    counts = (
        f"{counted(len(read.answered), 'note')} answered",
        f"{len(read.moved)} moved",
        counted(len(read.added), "new note"),
    )
    lines = [", ".join(counts) + "."]
    for note in read.answered:
        reply = f": {note.reply}" if note.reply else ""
        lines.append(f"  {note.name} {note.shot}: {note.answer}, severity {note.severity}{reply}")
    lines += [f"  {note.name} {note.shot}: now at plate frame {note.frame}" for note in read.moved]
    lines += [f"  {n.name} {n.shot}: new, by {n.author}: {n.text}" for n in read.added]
    for stray in read.unknown:
        place = " ".join(filter(None, (stray.at, stray.where)))
        lines.append(f"  not taken ({place}): {stray.why}: {stray.name or stray.comment!r}")
    if read.missing:
        lines.append(f"  no marker in the file: {', '.join(read.missing)}")
    return printable("\n".join(lines))
