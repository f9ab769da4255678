"""`dubsync cutdiff`: the change list between two cuts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.tables import table
from dubsync.cli.verb import DONE, as_json_option, file_path, print_json, verb

if TYPE_CHECKING:
    from dubsync.core.timeline.change import ChangeList


@click.command(short_help="List the changes between two cuts.")
@click.argument("old", type=file_path)
@click.argument("new", type=file_path)
@click.option("--rate", default="", help="Frame rate of EDLs, which do not state it (24000/1001).")
@click.option("--csv", "csv_path", type=file_path, help="Also write the list as CSV.")
@click.option("--html", "html_path", type=file_path, help="Also write a printable HTML page.")
@click.option("--all", "every", is_flag=True, help="List every unchanged event in its own row.")
@click.option("--old-timeline", default="", help="Name of OLD's timeline, if it has several.")
@click.option("--new-timeline", default="", help="Name of NEW's timeline, if it has several.")
@as_json_option
@verb
def cutdiff(
    old: Path, new: Path, rate: str, csv_path: Path | None, html_path: Path | None, every: bool,
    old_timeline: str, new_timeline: str, as_json: bool,
) -> int:  # fmt: skip
    """List the changes from the cut OLD to the cut NEW, event by event.

    Events are matched by media and source frames, never by name; the two files may have different
    formats.  Numbers are record frames: + is later or longer, - is earlier or shorter.
    """
    from dubsync.core.timeline.change_rows import list_data
    from dubsync.core.timeline.timecode import parse_rate
    from dubsync.service.recut.cutdiff import cut_difference, write_list

    result = cut_difference(
        old, new, rate=parse_rate(rate) if rate else None, timelines=(old_timeline, new_timeline)
    )
    write_list(result, csv_path=csv_path, html_path=html_path)
    written = {name: str(path) for name, path in (("csv", csv_path), ("html", html_path)) if path}
    if as_json:
        print_json("dubsync.cutdiff/1", {**list_data(result), "written": written})
        return DONE
    click.echo(cutdiff_text(result, every=every))
    for path in written.values():
        click.echo(f"Written: {path}")
    return DONE


def cutdiff_text(result: ChangeList, *, every: bool = False) -> str:
    """The list as a table; events that only moved together share a row."""
    from dubsync.core.timeline.change_rows import rows

    lines = [
        (
            row.events[0] or "-", row.events[1] or "-", row.name[:40], row.first.words,
            row.record[0] or "-", row.record[1] or "-", row.first.dub,
        )
        for row in rows(result.changes, every=every)
    ]  # fmt: skip
    head = ("old", "new", "clip", "change", "old record", "new record", "dub")
    totals = ", ".join(f"{n} {kind}" for kind, n in result.totals.items())
    fresh = sum(change.fresh for change in result.changes)
    parts = [table(head, lines), f"{totals}; {fresh} source frames that are not in the old cut"]
    for side, losses in zip(("old", "new"), result.losses, strict=True):
        if losses:
            parts.append(f"{len(losses)} conversion notes for the {side} cut: see dubsync probe")
    return "\n".join(parts)
