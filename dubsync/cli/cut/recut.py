"""`dubsync recut`: update a project to a new cut and keep everything that is still valid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import (
    DONE,
    FAILED,
    as_json_option,
    engines_option,
    file_path,
    folder_path,
    print_json,
    verb,
)

if TYPE_CHECKING:
    from dubsync.service.recut.report import Recut


@click.command(short_help="Update a project to a new cut.")
@click.argument("reel", type=folder_path)
@click.argument("new_cut", type=file_path, required=False)
@click.option("--timeline", default="", help="Name of the timeline, if NEW_CUT has several.")
@click.option("--dry-run", is_flag=True, help="Only report what would be done.")
@click.option("--no-render", is_flag=True, help="Do not render; run `dubsync sync` later.")
@click.option("--relearn", is_flag=True, help="Learn actors again; every frame is rendered again.")
@click.option("--undo", is_flag=True, help="Undo the last recut.")
@engines_option
@as_json_option
@verb
def recut(
    reel: Path, new_cut: Path | None, timeline: str, dry_run: bool, no_render: bool, relearn: bool,
    undo: bool, as_json: bool,
) -> int:  # fmt: skip
    """Update REEL to NEW_CUT.

    Tweaks, face assignments, actors and unchanged frames are kept; only new frames are rendered.
    Shots are matched by media and source frames.  Stems stay aligned to the old cut (dub_cut in
    dubsync.toml) until you supply new ones.
    """
    from dubsync.service.recut import recut as recutting
    from dubsync.service.recut.report import recut_json

    if undo:
        if new_cut is not None or timeline or dry_run or no_render or relearn:
            raise click.UsageError("--undo cannot be combined with other options")
        version = recutting.undo(reel)
        if as_json:
            print_json("dubsync.recut/1", {"undone": str(version)})
        else:
            click.echo(f"Undone: the project was restored from {version}. Renders are kept.")
        return DONE
    if new_cut is None:
        raise click.UsageError("name the new cut, or use --undo")
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
    """A table of shots with their changes and reused frames, and what to do next."""
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
    head = ("shot", "old name", "change", "status", "kept", "blended", "rendered", "reason")
    frames = result.frames()
    lines = [
        table(head, rows),
        f"{frames['kept']} frames kept, {frames['faded']} blended into new frames, "
        f"{frames['rendered']} rendered",
    ]
    lines += [f"Removed: {name}" for name in result.removed]
    if result.version:
        lines.append(f"Backup: {result.version}   (dubsync recut REEL --undo restores it)")
        if result.dub_cut:
            lines.append(
                f"The stems are still aligned to {result.dub_cut}. When you supply stems for the "
                "new cut, remove dub_cut from dubsync.toml."
            )
    else:
        lines.append("Dry run: nothing was changed.")
    return "\n".join(lines)
