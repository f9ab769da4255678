"""`dubsync clean`: delete what nobody needs any more, after a look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.disk.one_run import runs_alone
from dubsync.cli.proof.signs import unlocks
from dubsync.cli.tables import table
from dubsync.cli.verb import DONE, as_json_option, folder_path, print_json, printable, verb

if TYPE_CHECKING:
    from dubsync.service.space.clean import CleanPlan, Item, Kind

#: Most rows of what stays that are printed; --json has all.
_MOST = 12


@click.command(short_help="Delete what nobody needs any more, after a preview.")
@click.argument("reel", type=folder_path)
@click.option("--yes", is_flag=True, help="Delete; without it nothing is deleted.")
@click.option("--keep", default=1, type=click.IntRange(1), metavar="N",
              help="Versions of each shot that stay, the newest N.  [default: 1]")  # fmt: skip
@click.option("--versions", is_flag=True, help="Media of older versions.")
@click.option("--proxies", is_flag=True, help="Small pictures for the desk.")
@click.option("--models", is_flag=True, help="Models that a newer one has replaced.")
@click.option("--caches", is_flag=True, help="Analyses, which the next run makes again.")
@as_json_option
@verb
@unlocks
@runs_alone("clean")
def clean(
    reel: Path, yes: bool, keep: int, versions: bool, proxies: bool, models: bool, caches: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Show what of REEL can go and why, and what stays and why; --yes deletes it.

    Without a kind: older versions, proxies, and what killed runs left over.  A version stays that
    is the newest, approved, delivered, or named in a cut; of one that goes, the record stays, and
    the ledger says when its media were deleted.
    """
    from dubsync.service.project import Project
    from dubsync.service.space import clean as space

    project = Project.open(reel)
    named: dict[Kind, bool] = {
        "versions": versions, "proxies": proxies, "models": models, "caches": caches,
    }  # fmt: skip
    kinds = tuple(kind for kind, wanted in named.items() if wanted) or space.USUAL
    plan = space.plan_clean(project, kinds, newest=keep)
    freed = space.clean(project, plan) if yes else 0
    if as_json:
        print_json("dubsync.clean/1", {
            "goes": [asdict(one) for one in plan.goes],
            "stays": [asdict(one) for one in plan.stays],
            "bytes": plan.bytes, "deleted_bytes": freed, "deleted": yes,
        })  # fmt: skip
    else:
        click.echo(clean_text(plan, done=yes))
    return DONE


def clean_text(plan: CleanPlan, *, done: bool) -> str:
    """What goes, what stays, and how much that is."""
    from dubsync.media.files.cannot_write import size

    if not plan.goes:
        lines = ["Nothing can go."]
    else:
        lines = ["Deleted:" if done else "Would go:", _rows(plan.goes)]
        sums = ", ".join(f"{kind} {size(count)}" for kind, count in _sums(plan.goes).items())
        lines.append(f"{size(plan.bytes)} in all: {sums}.")
    if plan.stays:
        lines += ["Stays:", _rows(plan.stays[:_MOST])]
        if more := len(plan.stays) - _MOST if len(plan.stays) > _MOST else 0:
            lines.append(f"and {more} more.")
    if plan.goes and not done:
        lines.append("Nothing was deleted.  Delete it: dubsync clean REEL --yes")
    return printable("\n".join(lines))


def _rows(items: Sequence[Item]) -> str:
    from dubsync.media.files.cannot_write import size

    rows = [(one.kind, one.what, size(one.bytes), one.why) for one in items]
    return table(("kind", "what", "size", "why"), rows)


def _sums(items: Sequence[Item]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in items:
        found[one.kind] = found.get(one.kind, 0) + one.bytes
    return found
