"""`dubsync expressions`: the expressions that a character's footage shows, on a picture sheet."""

from __future__ import annotations

from pathlib import Path

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, engines_option, folder_path, verb


@click.command(short_help="Find expressions in the footage.")
@click.argument("reel", type=folder_path)
@click.argument("characters", nargs=-1)
@first_option
@engines_option
@as_json_option
@verb
def expressions(
    reel: Path, characters: tuple[str, ...], languages: tuple[str, ...], as_json: bool
) -> int:
    """Find named expressions in the footage of CHARACTERS (default: all): smile, angry, wink ...

    A picture sheet is written to reports/expressions/CHARACTER.png.  Pick one with
    `dubsync tweak REEL SHOT --like ELISE:angry`.

    Below it: the motion range, how far the footage shows head, eyes and expressions go.
    """
    from dubsync.service.project import Project
    from dubsync.service.reel.heads.seen_expressions import expressions_of
    from dubsync.service.shape.expressions import expressions_json, write_sheet
    from dubsync.service.shape.motion_ranges import motion_range, range_json

    def work(project: Project, _shots: object) -> Answer:
        with shown() as progress:
            found = expressions_of(project.reel, characters, progress)
            ranges = [motion_range(project.reel, one.character, progress) for one in found]
        body, parts = [], []
        for one, goes in zip(found, ranges, strict=True):
            path = write_sheet(project, one)
            body.append(expressions_json(one, path) | {"range": range_json(goes)})
            rows = [(e.name, f"{e.strength:.2f}", one.where(e)) for e in one.found]
            head = (one.character, "strength", "frame")
            limits = table(("motion range", "shown", "looks clean", "unit"), goes.rows())
            parts.append(f"{table(head, rows)}\n\nPicture: {path}\n\n{limits}\n({goes.said_of})")
        return Answer({"characters": body}, "\n\n".join(parts) or "No plate shows anybody.")

    return in_each(Project.open(reel), languages, work, schema="dubsync.expressions/1",
                   as_json=as_json, first=True)  # fmt: skip
