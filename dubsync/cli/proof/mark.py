"""`dubsync mark find`: read the invisible mark from any copy of a render."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from dubsync.cli.progress import shown
from dubsync.cli.verb import (
    DONE,
    USAGE,
    AnsweringPath,
    as_json_option,
    folder_path,
    print_json,
    printable,
    verb,
)

#: Exit codes: found; looked, and not found; could not look (as for a wrong command line).
FOUND, NOT_FOUND, NOT_LOOKED = DONE, 1, USAGE


@click.group(short_help="Read the invisible mark of drawn pixels.")
def mark() -> None:
    """Read the invisible mark that drawn pixels carry."""


@mark.command(short_help="Find the house's mark in a copy.")
@click.argument("file", type=AnsweringPath(path_type=Path))
@click.option("--reel", type=folder_path,
              help="A reel, or a clip's OUT.dubsync: says which render it is, and compares poor "
              "copies with the clean faces that are kept there.")  # fmt: skip
@click.option("--marker", default="", metavar="NAME",
              help="An installed marker other than dubsync's own.")  # fmt: skip
@as_json_option
@partial(verb, refused=NOT_LOOKED)
def find(file: Path, reel: Path | None, marker: str, as_json: bool) -> int:
    """Find the mark of this machine's house in FILE, a movie or an image sequence.

    FILE may be re-encoded, scaled, cropped or of another speed: its faces are followed, and read
    with every key that the house has here.  Ends with 0 where a mark is found, 1 where none is, and
    2 where FILE could not be looked at.
    """
    from dubsync.service.find_mark.find_mark import find_mark
    from dubsync.service.find_mark.found import report_json, report_text

    with shown() as progress:
        report = find_mark(file, reel=reel, marker=marker, progress=progress)
    if as_json:
        print_json("dubsync.mark/1", report_json(report))
    else:
        click.echo(printable(report_text(report)))
    return FOUND if report.found else NOT_FOUND
