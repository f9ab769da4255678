"""`dubsync faces`: every face of a reel, whose it is, and what waits for an answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, engines_option, folder_path, print_json, verb

if TYPE_CHECKING:
    from dubsync.service.seen_faces import SeenFaces


@click.command(short_help="List faces, whose they are, and open questions.")
@click.argument("reel", type=folder_path)
@click.option("--language", default="", help="One of the project's languages; default: its first.")
@engines_option
@as_json_option
@verb
def faces(reel: Path, language: str, as_json: bool) -> None:
    """List every face in every shot of REEL, with pictures in .dubsync/faces.

    Answer a question with --face SHOT:CHARACTER=N of turnover, sync or run.
    """
    from dubsync.service.project import Project
    from dubsync.service.seen_faces import seen_faces, seen_faces_json

    project = Project.open(reel)
    with shown() as progress:
        found = seen_faces(project.into(language) if language else project, progress=progress)
    if as_json:
        print_json("dubsync.faces/1", seen_faces_json(found))
    else:
        click.echo(_text(found))


def _text(found: SeenFaces) -> str:
    rows = [
        (face.shot, str(face.number), face.character or "-", str(face.frames),
         ", ".join(f"{name} {value:.2f}" for name, value in face.likeness.items()) or "-",
         face.picture or "-")
        for face in found.faces
    ]  # fmt: skip
    lines = [table(("shot", "face", "character", "frames", "likeness", "picture"), rows)]
    lines += [f"{asked.shot}: {asked.message}\n  {asked.hint}" for asked in found.questions]
    lines += [f"{shot}: {why}" for shot, why in found.failed.items()]
    return "\n".join(lines)
