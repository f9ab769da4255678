"""`dubsync cutdiff`: the change list between two cuts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.tables import table
from dubsync.cli.verb import DONE, as_json_option, file_path, print_json, verb

if TYPE_CHECKING:
    from dubsync.core.timeline.change import ChangeList


@click.command()
@click.argument("old", type=file_path)
@click.argument("new", type=file_path)
@click.option("--rate", default="", help="Frame rate of lists that do not say (24000/1001).")
@click.option("--csv", "csv_path", type=file_path, help="Also write the list as CSV.")
@click.option("--html", "html_path", type=file_path, help="Also write a page to print.")
@click.option("--all", "every", is_flag=True, help="A row for every event that is the same, too.")
@click.option("--old-timeline", default="", help="Which timeline of OLD, where it holds several.")
@click.option("--new-timeline", default="", help="Which timeline of NEW.")
@as_json_option
@verb
def cutdiff(
    old: Path, new: Path, rate: str, csv_path: Path | None, html_path: Path | None, every: bool,
    old_timeline: str, new_timeline: str, as_json: bool,
) -> int:  # fmt: skip
    """List what became of every event of the cut OLD in the cut NEW.

    Events are matched by media and source frames, never by name; the two may be of different
    formats.  Frames count as the record does, + later or longer, - earlier or shorter.
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
    """The list as a table: events that only moved together stand in one row."""
    from dubsync.core.timeline.change_rows import rows

    lines = [
        (
            row.events[0] or "-", row.events[1] or "-", row.name[:40], row.first.words,
            row.record[0] or "-", row.record[1] or "-", row.first.dub,
        )
        for row in rows(result.changes, every=every)
    ]  # fmt: skip
    head = ("old", "new", "clip", "change", "record, old", "record, new", "dub")
    totals = ", ".join(f"{n} {kind}" for kind, n in result.totals.items())
    fresh = sum(change.fresh for change in result.changes)
    parts = [table(head, lines), f"{totals}; {fresh} source frames not seen before"]
    for side, losses in zip(("old", "new"), result.losses, strict=True):
        if losses:
            parts.append(f"{len(losses)} odd or lost in the {side} cut: dubsync probe tells")
    return "\n".join(parts)
