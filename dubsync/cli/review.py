"""`dubsync review`: one shot to look at and listen to."""

from __future__ import annotations

from pathlib import Path

import click

from dubsync.cli.progress import shown
from dubsync.cli.verb import DONE, as_json_option, folder_path, print_json, verb


@click.command()
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.option("--plate-beside", is_flag=True, help="The movie shows the plate beside the render.")
@as_json_option
@verb
def review(reel: Path, shot: str, plate_beside: bool, as_json: bool) -> int:
    """Draw SHOT over time (mouths, waveform, phones, curves), and a movie of it with the dub.

    The newest render is shown; where there is none, the plate and what it will be asked.
    """
    from dataclasses import asdict

    from dubsync.service.project import Project

    with shown() as progress:
        made = Project.open(reel).review(shot, plate_beside=plate_beside, progress=progress)
    if as_json:
        print_json("dubsync.review/1", asdict(made))
        return DONE
    for who, path in made.strips.items():
        click.echo(f"{who}: {path}")
    click.echo(f"Movie: {made.movie}")
    if made.render is None:
        click.echo("Not rendered yet: the plate is shown.")
    elif made.stale:
        click.echo(f"v{made.render:03d} is stale: its inputs or settings have changed since.")
    return DONE
