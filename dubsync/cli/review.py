"""`dubsync review`: one shot to look at and listen to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.progress import shown
from dubsync.cli.verb import as_json_option, folder_path, verb

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.review.shot import Review


@click.command()
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.option("--plate-beside", is_flag=True, help="The movie shows the plate beside the render.")
@first_option
@as_json_option
@verb
def review(
    reel: Path, shot: str, plate_beside: bool, languages: tuple[str, ...], as_json: bool
) -> int:
    """Draw SHOT over time (mouths, waveform, phones, curves), and a movie of it with the dub.

    The newest render is shown; where there is none, the plate and what it will be asked.
    """
    from dubsync.service.project import Project

    def ask(project: Project, shots: Sequence[str]) -> Answer:
        with shown() as progress:
            made = project.review(shots[0], plate_beside=plate_beside, progress=progress)
        return Answer(asdict(made), _text(made))

    return in_each(
        Project.open(reel), languages, ask, schema="dubsync.review/1", as_json=as_json,
        shots=[shot], first=True,
    )  # fmt: skip


def _text(made: Review) -> str:
    lines = [f"{who}: {path}" for who, path in made.strips.items()] + [f"Movie: {made.movie}"]
    if made.render is None:
        lines.append("Not rendered yet: the plate is shown.")
    elif made.stale:
        lines.append(f"v{made.render:03d} is stale: its inputs or settings have changed since.")
    return "\n".join(lines)
