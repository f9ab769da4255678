"""`dubsync coverage`: what the footage lacks of what the dub wants, before anything is drawn."""

from __future__ import annotations

from pathlib import Path

import click

from dubsync.cli.progress import shown
from dubsync.cli.verb import DONE, as_json_option, folder_path, print_json, verb


@click.command()
@click.argument("reel", type=folder_path)
@click.argument("shots", nargs=-1)
@click.option("--all-plates", is_flag=True,
              help="Look through all plates there are for what lacks; slow.")  # fmt: skip
@as_json_option
@verb
def coverage(reel: Path, shots: tuple[str, ...], all_plates: bool, as_json: bool) -> int:
    """Map what each character's footage shows against what the dub of SHOTS wants of it."""
    from dubsync.service.coverage_map import coverage_text
    from dubsync.service.covering import coverage_json
    from dubsync.service.project import Project

    with shown() as progress:
        covered = Project.open(reel).coverage(shots, all_plates=all_plates, progress=progress)
    if as_json:
        rows = [
            coverage_json(found) | {"picture": covered.pictures[found.character]}
            for found in covered.characters
        ]
        print_json("dubsync.coverage/1", {
            "characters": rows, "left_out": covered.left_out, "unseen": list(covered.unseen),
        })  # fmt: skip
        return DONE
    for found in covered.characters:
        click.echo(coverage_text(found))
        click.echo(f"  Picture: {covered.pictures[found.character]}\n")
    for shot, why in covered.left_out.items():
        click.echo(f"{shot}: left out: {why}")
    if covered.unseen and any(found.missing for found in covered.characters):
        click.echo(f"Not looked at yet (--all-plates does): {', '.join(covered.unseen)}")
    return DONE
