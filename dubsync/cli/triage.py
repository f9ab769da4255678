"""`dubsync triage`: which shots need work first, before anything is rendered."""

from __future__ import annotations

from pathlib import Path

import click

from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import DONE, as_json_option, folder_path, print_json, verb


@click.command()
@click.argument("reel", type=folder_path)
@click.argument("shots", nargs=-1)
@as_json_option
@verb
def triage(reel: Path, shots: tuple[str, ...], as_json: bool) -> int:
    """Rank SHOTS (default: all) by how badly the plate's mouth contradicts the dub.

    Nothing is rendered.  A score of 100 is a large face, straight on, that plainly speaks another
    language; what is hardly seen, or says nearly the same, comes last.
    """
    from dubsync.service.project import Project
    from dubsync.service.triage import triage_json

    with shown() as progress:
        found = Project.open(reel).triage(shots, progress=progress)
    if as_json:
        print_json("dubsync.triage/1", triage_json(found))
        return DONE
    rows = [
        (f"{face.found.score:.0f}", face.shot, face.character, face.advice, face.record,
         "; ".join(face.found.reasons) or "-")
        for face in found.faces
    ]  # fmt: skip
    click.echo(table(("score", "shot", "character", "", "worst at", "why"), rows))
    for shot, why in found.left_out.items():
        click.echo(f"{shot}: left out: {why}")
    click.echo(f"Picture: {found.picture}")
    return DONE
