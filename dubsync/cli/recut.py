"""`dubsync recut`: a project goes over to a new cut, and keeps all that still holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import DONE, FAILED, as_json_option, file_path, folder_path, print_json, verb

if TYPE_CHECKING:
    from dubsync.service.recut.report import Recut


@click.command()
@click.argument("reel", type=folder_path)
@click.argument("new_cut", type=file_path, required=False)
@click.option("--timeline", default="", help="Which timeline, of a new cut's file with several.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--no-render", is_flag=True, help="Go over to the cut; leave rendering to sync.")
@click.option("--relearn", is_flag=True, help="Learn actors again: every frame is then anew.")
@click.option("--undo", is_flag=True, help="Take the last recut back.")
@as_json_option
@verb
def recut(
    reel: Path, new_cut: Path | None, timeline: str, dry_run: bool, no_render: bool, relearn: bool,
    undo: bool, as_json: bool,
) -> int:  # fmt: skip
    """Take REEL over to NEW_CUT: keep tweaks, answers, actors and frames; render what is new.

    Shots are matched by media and source frames.  The dub goes on to be heard where it was laid
    against the old cut (dub_cut in dubsync.toml), until stems against the new one come.
    """
    from dubsync.service.recut import recut as recutting
    from dubsync.service.recut.report import recut_json

    if undo:
        if new_cut is not None or timeline or dry_run or no_render or relearn:
            raise click.UsageError("--undo stands alone")
        version = recutting.undo(reel)
        if as_json:
            print_json("dubsync.recut/1", {"undone": str(version)})
        else:
            click.echo(f"Undone: the project is as {version} kept it.  Renders stay.")
        return DONE
    if new_cut is None:
        raise click.UsageError("say the new cut, or --undo")
    with shown() as progress:
        result = recutting.recut(
            reel, new_cut, timeline=timeline, dry_run=dry_run, render=not no_render,
            relearn=relearn, progress=progress,
        )  # fmt: skip
    if as_json:
        print_json("dubsync.recut/1", recut_json(result))
    else:
        click.echo(recut_text(result))
    return FAILED if any(shot.status in ("failed", "blocked") for shot in result.shots) else DONE


def recut_text(result: Recut) -> str:
    """Each shot with what changed and what is kept of it, and what to do next."""
    several = len({shot.language for shot in result.shots}) > 1
    rows = [
        (
            f"{shot.shot} ({shot.language})" if several else shot.shot,
            shot.was if shot.was != shot.shot else "", shot.change, shot.status,
            *((shot.kept, shot.faded, shot.rendered) if not shot.reason else ("-", "-", "-")),
            shot.reason,
        )
        for shot in result.shots
    ]  # fmt: skip
    head = ("shot", "was", "change", "", "kept", "faded", "rendered", "")
    frames = result.frames()
    lines = [
        table(head, rows),
        f"{frames['kept']} frames kept, {frames['faded']} faded into new ones, "
        f"{frames['rendered']} rendered",
    ]
    lines += [f"Removed: {name}" for name in result.removed]
    if result.version:
        lines.append(f"As it was: {result.version}   (dubsync recut REEL --undo)")
        if result.dub_cut:
            lines.append(
                f"The dub is heard where it was laid against {result.dub_cut}.  Once it is "
                "laid against the new cut, take dub_cut out of dubsync.toml."
            )
    else:
        lines.append("Nothing was changed: a dry run.")
    return "\n".join(lines)
