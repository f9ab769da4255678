"""`dubsync approve` and `dubsync reject`: judge one version of a shot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.progress import shown
from dubsync.cli.proof.signs import unlocks
from dubsync.cli.verb import as_json_option, engines_option, folder_path, printable, verb

if TYPE_CHECKING:
    from dubsync.core.note import Judgement
    from dubsync.service.project import Project

by_option = click.option(
    "--by", default="", metavar="NAME",
    help="Who says so; default: $DUBSYNC_AUTHOR, or an id of the user.",
)  # fmt: skip


@click.command(short_help="Approve a version of a shot.")
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.argument("version", default="", metavar="[vNNN]")
@by_option
@click.option("--why", default="", metavar="TEXT", help="A remark.")
@click.option("--undo", is_flag=True, help="Take back the last judgement of SHOT instead.")
@first_option
@engines_option
@as_json_option
@verb
@unlocks
def approve(
    reel: Path, shot: str, version: str, by: str, why: str, undo: bool,
    languages: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Approve version vNNN of SHOT (default: the newest).

    Its files are compared with its record first.  Once anything is approved, `dubsync deliver`
    delivers what is approved, and lists what is not.  Each language is judged for itself.
    """
    from dubsync.service.judge import Judging
    from dubsync.service.project import Project

    if undo and (version or why):
        raise click.UsageError("--undo takes back the last judgement: name no version and no --why")

    def work(project: Project, shots: Sequence[str]) -> Answer:
        if undo:
            return _answer(Judging(project).take_back(shots[0], by=by), "judgement taken back: ")
        with shown() as progress:
            said = Judging(project).approve(shots[0], version, by=by, why=why, progress=progress)
        return _answer(said)

    return in_each(
        Project.open(reel), languages, work, schema="dubsync.approve/1", as_json=as_json,
        shots=[shot], first=True,
    )  # fmt: skip


@click.command(short_help="Reject a version of a shot.")
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.argument("version", default="", metavar="[vNNN]")
@click.option("--why", required=True, metavar="TEXT", help="What is wrong.")
@by_option
@first_option
@engines_option
@as_json_option
@verb
@unlocks
def reject(
    reel: Path, shot: str, version: str, why: str, by: str, languages: tuple[str, ...],
    as_json: bool,
) -> int:  # fmt: skip
    """Reject version vNNN of SHOT (default: the newest).

    What is wrong on a single frame is said with `dubsync note`.
    """
    from dubsync.service.judge import Judging
    from dubsync.service.project import Project

    def work(project: Project, shots: Sequence[str]) -> Answer:
        with shown() as progress:
            said = Judging(project).reject(shots[0], version, why=why, by=by, progress=progress)
        return _answer(said)

    return in_each(
        Project.open(reel), languages, work, schema="dubsync.reject/1", as_json=as_json,
        shots=[shot], first=True,
    )  # fmt: skip


def _answer(said: Judgement, before: str = "") -> Answer:
    reason = f": {said.reason}" if said.reason else ""
    text = f"{said.shot} {said.version}: {before}{said.judged} by {said.by}{reason}"
    return Answer({**asdict(said), "taken_back": bool(before)}, printable(text))
