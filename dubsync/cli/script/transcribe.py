"""`dubsync transcribe`: a machine-made script of the dub, to correct."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.languages import Answer, in_each, languages_option
from dubsync.cli.progress import shown
from dubsync.cli.tables import warning_line
from dubsync.cli.verb import as_json_option, engines_option, file_path, folder_path, verb
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.transcribe import MachineScript


@click.command(short_help="Write a machine-made script of the dub, to correct.")
@click.argument("reel", type=folder_path)
@click.option("--model", type=folder_path, required=True, metavar="FOLDER",
              help="Folder of a Whisper model for faster-whisper.  Nothing is downloaded.",
)  # fmt: skip
@click.option("-o", "--out", type=file_path,
              help="Sheet to write: .xlsx, .csv or .tsv; default: NAME_TAG_machine.xlsx in REEL.",
)  # fmt: skip
@languages_option
@engines_option
@as_json_option
@verb
def transcribe(
    reel: Path, model: Path, out: Path | None, languages: Sequence[str], as_json: bool
) -> int:
    """Write the words that a Whisper model hears in the dub, as a cue sheet to correct.

    Each line has its character, times, words and a note that marks it as machine-made; a word that
    the model is unsure of has (?) after it.  Correct the sheet and name it as the project's script.
    """
    from dubsync.service.project import Project

    opened = Project.open(reel)
    if out is not None and len(opened.into_each(languages)) > 1:
        raise click.UsageError("-o needs one --language: a sheet holds one language")

    def work(project: Project, _: Sequence[str]) -> Answer:
        from dubsync.service.transcribe import transcribe as write

        with shown() as progress:
            made = write(project, model, out, progress=progress)
        return Answer(_json(made), _text(made, project))

    schema = "dubsync.transcribe/1"
    return in_each(opened, languages, work, schema=schema, as_json=as_json)


def _json(made: MachineScript) -> dict[str, Any]:
    """The body of `dubsync.transcribe/1`."""
    return {
        "file": str(made.path),
        "model": made.model,
        "lines": len(made.script.lines),
        "characters": list(made.script.characters),
        "unsure_words": made.unsure,
        "lines_without_words": made.unheard,
        "warnings": [{"about": w.about, "message": w.message, "hint": w.hint}
                     for w in made.warnings],
    }  # fmt: skip


def _text(made: MachineScript, project: Project) -> str:
    from dubsync.service.settings.project_text import quoted

    where = "[project]"
    if project.language != project.whole.language:
        where = f"[languages.{project.language}]"
    shown_path = project.file.shown(made.path.resolve())
    lines = [
        f"Written: {made.path}",
        f"{counted(len(made.script.lines), 'line')} of "
        f"{counted(len(made.script.characters), 'character')}, "
        f"{counted(made.unsure, 'unsure word')}, "
        f"{counted(made.unheard, 'line')} without words; model {made.model[:12]}",
        "The words are machine-made.  Correct them, or clear the note of a line that is right; "
        "then name it in dubsync.toml:",
        f"  {where}",
        f"  script = {quoted(str(shown_path))}",
    ]
    return "\n".join([*lines, *map(warning_line, made.warnings)])
