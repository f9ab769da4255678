"""`dubsync status --space`: what takes the space of a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from dubsync.cli.tables import table
from dubsync.cli.verb import print_json, printable

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.space.usage import Use

_BAR = 24  #: characters of the longest bar


def show_space(project: Project, *, as_json: bool) -> int:
    """Print what takes the space, the largest first, and what can be done about it."""
    import shutil

    from dubsync.service.space.usage import usage

    uses, free = usage(project), shutil.disk_usage(project.file.folder).free
    if as_json:
        print_json("dubsync.space/1", {
            "rows": [asdict(one) for one in uses],
            "bytes": sum(one.bytes for one in uses), "free_bytes": free,
        })  # fmt: skip
    else:
        click.echo(space_text(uses, free))
    return 0


def space_text(uses: Sequence[Use], free: int) -> str:
    """A table with a bar for each row, as long as its share of the largest."""
    from dubsync.media.files.cannot_write import size

    most, total = max((one.bytes for one in uses), default=1) or 1, sum(u.bytes for u in uses)
    rows = [
        (one.what, size(one.bytes), f"{100 * one.bytes / (total or 1):.0f} %",
         "#" * max(1, round(_BAR * one.bytes / most)), one.remedy or "-")
        for one in uses if one.bytes
    ]  # fmt: skip
    head = ("what", "size", "share", "", "what can be done")
    return printable("\n".join([
        table(head, rows), f"{size(total)} in all; {size(free)} are free on this disk.",
        "What can go: dubsync clean REEL (it shows first, and deletes only with --yes)",
    ]))  # fmt: skip
