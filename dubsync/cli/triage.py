"""`dubsync triage`: rank the shots before anything is rendered."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.languages import Answer, in_each, languages_option
from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, engines_option, folder_path, verb

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.qc.triage import Triage


@click.command(short_help="Rank shots by visible mismatch, before rendering.")
@click.argument("reel", type=folder_path)
@click.argument("shots", nargs=-1)
@languages_option
@engines_option
@as_json_option
@verb
def triage(reel: Path, shots: tuple[str, ...], languages: tuple[str, ...], as_json: bool) -> int:
    """Rank SHOTS (default: all) by how visibly the original mouth disagrees with the dub.

    Nothing is rendered.  Score 0 to 100: 100 means a large, frontal face that clearly does not
    match the dub.  Small faces and close matches score low.

    Below the table: poses and expressions that tweaks ask for beyond the actor's footage.
    """
    from dubsync.service.project import Project

    def work(project: Project, shots: Sequence[str]) -> Answer:
        from dubsync.service.qc.triage import triage_json

        with shown() as progress:
            result = project.triage(shots, progress=progress)
        return Answer(triage_json(result), _text(result))

    schema, opened = "dubsync.triage/1", Project.open(reel)
    return in_each(opened, languages, work, schema=schema, as_json=as_json, shots=shots)


def _text(result: Triage) -> str:
    rows = [
        (f"{face.found.score:.0f}", face.shot, face.character, face.advice, face.record,
         "; ".join(face.found.reasons) or "-")
        for face in result.faces
    ]  # fmt: skip
    lines = [table(("score", "shot", "character", "advice", "worst at (record)", "reasons"), rows)]
    lines += [f"{one.shot} {one.character}: {one.said}: {one.one.helps}"
              for face in result.faces for one in face.beyond]  # fmt: skip
    lines += [f"{shot}: skipped: {why}" for shot, why in result.left_out.items()]
    return "\n".join([*lines, f"Picture: {result.picture}"])
