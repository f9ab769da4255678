"""`dubsync review`: a strip and a movie of one shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.progress import shown
from dubsync.cli.verb import as_json_option, engines_option, folder_path, verb

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.review.shot import Review


@click.command(short_help="Make a strip and a movie of one shot.")
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.option("--plate-beside", is_flag=True, help="Show the plate beside the render in the movie.")
@first_option
@engines_option
@as_json_option
@verb
def review(
    reel: Path, shot: str, plate_beside: bool, languages: tuple[str, ...], as_json: bool
) -> int:
    """Draw a strip of SHOT over time (mouths, waveform, phones, curves), and a movie with the dub.

    They show the newest render, or, before the first render, the plate and the target mouth.
    """
    from dubsync.service.project import Project

    def work(project: Project, shots: Sequence[str]) -> Answer:
        with shown() as progress:
            made = project.review(shots[0], plate_beside=plate_beside, progress=progress)
        return Answer(asdict(made), _text(made))

    return in_each(
        Project.open(reel), languages, work, schema="dubsync.review/1", as_json=as_json,
        shots=[shot], first=True,
    )  # fmt: skip


def _text(made: Review) -> str:
    lines = [f"{name}: {path}" for name, path in made.strips.items()] + [f"Movie: {made.movie}"]
    if made.render is None:
        lines.append("Not rendered yet: the movie shows the plate.")
    elif made.stale:
        lines.append(f"v{made.render:03d} is stale: its inputs or settings have changed since.")
    return "\n".join(lines)
