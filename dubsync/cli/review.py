"""`dubsync review`: a strip and a movie of one shot, or the movie of the reel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.progress import shown
from dubsync.cli.verb import as_json_option, engines_option, folder_path, verb
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.reel_movie.movie import ReelReview
    from dubsync.service.review.shot import Review


@click.command(short_help="Make a strip and a movie of one shot, or the movie of the reel.")
@click.argument("reel", type=folder_path)
@click.argument("shot", required=False, default="")
@click.option("--plate-beside", is_flag=True, help="Show the plate beside the render in the movie.")
@click.option("--watermark", default="", metavar="TEXT",
              help="Text across every picture of the reel's movie.")  # fmt: skip
@first_option
@engines_option
@as_json_option
@verb
def review(
    reel: Path, shot: str, plate_beside: bool, watermark: str, languages: tuple[str, ...],
    as_json: bool,
) -> int:  # fmt: skip
    """Draw a strip of SHOT over time (mouths, waveform, phones, curves), and a movie with the dub.

    They show the newest render, or, before the first render, the plate and the target mouth.

    Without SHOT: one H.264 movie of the whole reel with the dub, burn-ins and a chapter for each
    shot. Shots without a render show the plate; missing ones are slates that say why.
    """
    from dubsync.service.project import Project

    if shot and watermark:
        raise click.UsageError("--watermark is for the movie of the reel: leave SHOT out")

    def of_shot(project: Project, shots: Sequence[str]) -> Answer:
        with shown() as progress:
            made = project.review(shots[0], plate_beside=plate_beside, progress=progress)
        return Answer(asdict(made), _text(made))

    def of_reel(project: Project, _: Sequence[str]) -> Answer:
        from dubsync.service.reel_movie.movie import review_reel

        with shown() as progress:
            made = review_reel(
                project, plate_beside=plate_beside, watermark=watermark, progress=progress
            )
        return Answer(asdict(made), _reel_text(made))

    return in_each(
        Project.open(reel), languages, of_shot if shot else of_reel,
        schema="dubsync.review/1" if shot else "dubsync.reel_review/1", as_json=as_json,
        shots=[shot] if shot else (), first=True,
    )  # fmt: skip


def _reel_text(made: ReelReview) -> str:
    lines = [f"Movie: {made.movie}"]
    kinds = [one.shows for one in made.chapters if one.number or one.shows != "black"]
    told = [(kinds.count("render"), "rendered"), (kinds.count("plate"), "as the plate")]
    text = ", ".join(f"{n} {what}" for n, what in told if n)
    slates = kinds.count("slate")
    text += f"{', ' if text else ''}{counted(slates, 'slate')}" if slates else ""
    lines.append(f"{counted(len(kinds), 'chapter')}: {text}.")
    lines += [f"{one.record}  {one.number} {one.shot}: {one.state}" for one in made.chapters
              if one.shows == "slate"]  # fmt: skip
    return "\n".join([*lines, *(f"Simplified: {what}." for what in made.simplified)])


def _text(made: Review) -> str:
    lines = [f"{name}: {path}" for name, path in made.strips.items()] + [f"Movie: {made.movie}"]
    if made.render is None:
        lines.append("Not rendered yet: the movie shows the plate.")
    elif made.stale:
        lines.append(f"v{made.render:03d} is stale: its inputs or settings have changed since.")
    return "\n".join(lines)
