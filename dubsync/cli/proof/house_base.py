"""`dubsync base`: teach a base of the house on its consented actors, and list those there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.progress import shown
from dubsync.cli.proof.signs import unlock
from dubsync.cli.tables import table
from dubsync.cli.verb import DONE, as_json_option, engines_option, folder_path, print_json, verb
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.service.teaching.teach_base import BaseResult

SCHEMA = "dubsync.base/1"
ACTIONS = ("teach", "list")


@click.command(short_help="Teach a base of the house on its consented actors.")
@click.argument("action", type=click.Choice(ACTIONS), metavar="ACTION")
@click.argument("reels", nargs=-1, type=folder_path, metavar="[REEL]...")
@click.option("--name", default="house", metavar="NAME", show_default=True,
              help="teach: name of the base; each teaching is a new version of it.")  # fmt: skip
@click.option("--minutes", type=click.FloatRange(0.1, 10_000), default=20.0, show_default=True,
              help="teach: at most.")  # fmt: skip
@click.option("--steps", type=click.IntRange(0, 1_000_000), default=0,
              help="teach: exactly this many, without a time limit.")  # fmt: skip
@engines_option
@as_json_option
@verb
def base(
    action: str, reels: Sequence[Path], name: str, minutes: float, steps: int, as_json: bool
) -> int:
    """Teach what the house's actors start from, in place of the base that ships.

    \b
    dubsync base teach REEL...      on every actor of REEL... whose consent allows house_base
    dubsync base list               bases on this machine

    A base is signed with the key of the house, versioned, and kept in your settings folder (or
    where DUBSYNC_BASES points), never in a project.  A project uses it once its dubsync.toml says
    so: base = "NAME/v001" under [engine].  When a performer withdraws consent, the bases taught on
    them are refused.
    """
    if action == "list":
        if reels:
            raise click.UsageError("dubsync base list takes no REEL")
        return _list(as_json)
    if not reels:
        raise click.UsageError("dubsync base teach needs a REEL at least")
    from dubsync.service.project import Project
    from dubsync.service.teaching.teach_base import teach_house_base

    unlock()
    projects = [Project.open(reel) for reel in reels]
    with shown() as progress:
        taught = teach_house_base(projects, name, minutes=minutes, steps=steps, progress=progress)
    if as_json:
        print_json(SCHEMA, {"taught": asdict(taught)})
    else:
        click.echo(_said(taught))
    return DONE


def _said(taught: BaseResult) -> str:
    facts: Mapping[str, Any] = taught.card["facts"]
    lines = [f"Taught {taught.name} on {counted(facts['actors'], 'actor')}: {taught.folder}"]
    if facts["held_out_loss"]:
        before, after = facts["held_out_loss"]
        lines.append(f"Held-out frames: loss {before} as shipped, {after} now.")
    speech = facts["speech"]
    if "held_out_correlation" in speech:
        before, after = speech["held_out_correlation"]
        lines.append(
            f"Held-out speech: mouths alike by {before} as shipped, {after} taught; "
            f"the head that is kept is the one that {'was taught' if after > before else 'ships'}."
        )
    lines += [f"Left out: {one.character} of {one.reel}: {one.why}" for one in taught.left_out]
    lines.append(f'To use it: base = "{taught.name}" under [engine] in dubsync.toml.')
    return "\n".join(lines)


def _list(as_json: bool) -> int:
    from dubsync.service.house_base.kept import kept_bases

    every = list(kept_bases())
    if as_json:
        listed = [
            {"name": one.name, "made": one.card.get("made"), "house": one.card.get("house"),
             "facts": one.card.get("facts"), "refused": one.refused}
            for one in every
        ]  # fmt: skip
        print_json(SCHEMA, {"bases": listed})
    elif every:
        rows = [
            (one.name, str(one.card.get("made", "")), str(one.card.get("house", "unreadable")),
             f"used no more: {one.refused}" if one.refused else "")
            for one in every
        ]  # fmt: skip
        click.echo(table(("base", "made", "house", ""), rows))
    else:
        click.echo("There is no base on this machine: dubsync base teach REEL")
    return DONE
