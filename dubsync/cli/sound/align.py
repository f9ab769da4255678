"""`dubsync align`: bring dub lines into the original's rhythm, or a guide's, as new audio."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import DONE, FAILED, as_json_option, folder_path, verb

if TYPE_CHECKING:
    from dubsync.core.timeline.timecode import Clock
    from dubsync.service.align.results import Alignment
    from dubsync.service.project import Project


@click.command(short_help="Align dub lines to the original's rhythm, as new audio.")
@click.argument("reel", type=folder_path)
@click.argument("lines", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Align every line.")
@click.option("--to", required=True, metavar="original|FILE",
              help="original: the plates' own sound; FILE: the original's dialogue, or a guide.",
)  # fmt: skip
@first_option
@as_json_option
@verb
def align(
    reel: Path, lines: tuple[str, ...], every: bool, to: str, languages: tuple[str, ...],
    as_json: bool,
) -> int:  # fmt: skip
    """Align LINES of the dub to the rhythm of the original, or of a guide.

    The pitch stays.  The tempo of speech changes by at most 12 %, up and down; pauses between
    phrases are cut or padded, never stretched.  Guides with the same words are followed sound by
    sound; with other words, by phrases, syllables and closed lips.

    The stem stays as it is.  A new one is written beside it, STEM_aligned_v001.wav, with the same
    format and timecode, and a chart of each line.  It is used only when dubsync.toml names it;
    the command prints the line to write.

    It also prints how many ms each phrase still begins and ends late (-: early).  EBU R37 allows
    -40 to +60 ms.

    A FILE with timecode or a 2-pop is on the cut's clock; without, it begins with the cut or,
    if it is shorter, is one line.
    """
    from dubsync.service.project import Project

    if bool(lines) == every:
        raise click.UsageError("name the LINES to align, or use --all")

    def work(project: Project, _: Sequence[str]) -> Answer:
        from dubsync.service.align.in_project import align_in_project
        from dubsync.service.align.told import alignment_json

        with shown() as progress:
            made, clock = align_in_project(
                project.file, project.intake, project.store, lines, to, progress
            )
        failed = any(result.status == "failed" for result in made.lines)
        text = _text(made, clock)
        return Answer(alignment_json(made, clock), text, FAILED if failed else DONE)

    return in_each(
        Project.open(reel),
        languages,
        work,
        schema="dubsync.align/1",
        as_json=as_json,
        first=True,
    )


def _text(made: Alignment, clock: Clock) -> str:
    """What is out of sync before and after, notes on each line, and how to use the new stems."""
    from dubsync.service.align.told import HEAD, line_notes, phrase_rows

    rows = [row for result in made.lines for row in phrase_rows(result, clock)]
    parts = [table(HEAD, rows)] if rows else []
    parts += [note for result in made.lines for note in line_notes(result)]
    parts += [f"Note: {note}" for note in made.notes]
    for stem in made.stems:
        parts += ["", f"Written for {stem.character}: {stem.written}",
                  "Not used yet. To use it, write in dubsync.toml:", stem.use]  # fmt: skip
    charts = [result.chart for result in made.lines if result.chart]
    if charts:
        folders = dict.fromkeys(str(Path(path).parent) for path in charts)
        parts += [f"Charts: {folder}" for folder in folders]
    return "\n".join(parts)
