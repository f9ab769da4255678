"""`dubsync status`: what is done, what is not and why, and what the next run will take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.disk.usage import show_space
from dubsync.cli.languages import Answer, in_each, languages_option
from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, engines_option, folder_path, printable, verb
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.status.next_run import NextRun
    from dubsync.service.status.status import ReelStatus


@click.command(short_help="Show which shots are approved, stale or blocked, and why.")
@click.argument("reel", type=folder_path)
@click.option("--space", is_flag=True, help="Show what takes the space on disk instead.")
@languages_option
@engines_option
@as_json_option
@verb
def status(reel: Path, space: bool, languages: Sequence[str], as_json: bool) -> int:
    """Show the state of every shot, why it is so, and what the next run will take.

    todo, rendered (not yet checked), pending review (checked, to be judged), approved, rejected,
    stale (an input changed since), blocked, offline (no plate), skipped (keeps the plate).

    Nothing is analysed or rendered, so an archived project can be looked at.  Times and
    sizes are those of this project's renders so far.
    """
    from dubsync.service.project import Project

    if space:
        return show_space(Project.open(reel), as_json=as_json)

    def work(project: Project, _: Sequence[str]) -> Answer:
        from dubsync.service.overview import overview, rows_json
        from dubsync.service.status.status import status_json

        with shown() as progress:
            result = project.status(progress=progress)
        rows = {"rows": rows_json(overview(project))} if as_json else {}
        return Answer(status_json(result) | rows, _text(result))

    schema = "dubsync.status/2"
    return in_each(Project.open(reel), languages, work, schema=schema, as_json=as_json)


def _text(result: ReelStatus) -> str:
    from dubsync.service.turnover.plate_spaces import spaces_text

    rows = [
        (shot.name, shot.state, shot.version or "-", "; ".join(shot.reasons) or "-")
        for shot in result.shots
    ]
    lines = [table(("shot", "state", "render", "why"), rows)]
    lines.append(", ".join(f"{count} {state}" for state, count in result.counts.items()) + ".")
    hints = dict.fromkeys(shot.hint for shot in result.shots if shot.hint)
    lines += [f"  Try: {hint}" for hint in hints]
    lines += spaces_text(result.colours)
    lines += [f"{name}: {how}." for name, how in result.read]
    lines += [f"To be deleted: {due}; dubsync consent REEL --purge" for due in result.due]
    lines.append(_next(result.next_run))
    if not result.can_be_written:
        lines.append("The project cannot be written: it can be looked at, not rendered.")
    return printable("\n".join(lines))


def _next(run: NextRun) -> str:
    """What the next run takes, in a sentence for each kind of work."""
    if not run.shots:
        return "Next run: nothing to render."
    first = f"Next run: {counted(len(run.shots), 'shot')}, {counted(run.frames, 'frame')}"
    if run.seconds is None:
        first += "; how long that takes is known after the first render."
    else:
        first += f"; about {_duration(run.seconds)} to render, as the last {run.measured} renders."
    parts = [first]
    if run.analyse:
        parts.append(f"{counted(run.analyse, 'frame')} of plates to analyse first.")
    if run.train:
        parts.append(f"{', '.join(run.train)} to train: {run.train_minutes:g} min each at most.")
    size = f"{_size(run.disk_bytes)} of disk, {_size(run.free_bytes)} free"
    parts.append(f"About {size}.")
    if run.disk_bytes > run.free_bytes:
        parts.append("That does not fit: free some space first.")
    return "\n".join(parts)


def _duration(seconds: float) -> str:
    """Seconds under two minutes, minutes under two hours, then hours.

    >>> _duration(95.2), _duration(600), _duration(9000)
    ('95 s', '10 min', '2.5 h')
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _size(number: int) -> str:
    """Bytes in decimal units, as disks are sold.

    >>> _size(15_000_000), _size(2_400_000_000)
    ('15 MB', '2.4 GB')
    """
    return f"{number / 1e9:.1f} GB" if number >= 1e9 else f"{number / 1e6:.0f} MB"
