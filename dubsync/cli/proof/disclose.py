"""`dubsync disclose`: say what was altered, to viewers, machines and the cutting room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.deliver import missing_option, refused_json
from dubsync.cli.languages import Answer, dubbed_in, in_each, languages_option
from dubsync.cli.progress import shown
from dubsync.cli.proof.signs import signs
from dubsync.cli.verb import (
    FAILED,
    as_json_option,
    engines_option,
    folder_path,
    printable,
    verb,
)
from dubsync.core.errors import IncompleteDelivery
from dubsync.core.plural import counted
from dubsync.core.proof.disclosure import Disclosure

if TYPE_CHECKING:
    from dubsync.service.project import Project


HINT = "dubsync sync, then disclose again; or the other shots alone: --allow-missing"


@click.command(short_help="Say what was altered: credit, list, markers.")
@click.argument("reel", type=folder_path)
@click.option("--use", "used", multiple=True, metavar="SHOT=vNNN",
              help="Of this version of SHOT, whatever is approved; repeatable.")  # fmt: skip
@click.option("--unapproved", is_flag=True,
              help="Also the newest renders of shots that are not approved.")  # fmt: skip
@missing_option
@languages_option
@engines_option
@as_json_option
@verb
@signs
def disclose(
    reel: Path, used: Sequence[str], unapproved: bool, allow_missing: bool,
    languages: Sequence[str], as_json: bool,
) -> int:  # fmt: skip
    """Write what dubsync altered in REEL, for each language, into disclosure/.

    A credit in the language of the dub and in English; disclosure.json for machines; an EDL with a
    comment at each altered shot; markers for Media Composer and Resolve.  They tell of exactly the
    shots and versions that `dubsync deliver` would deliver.
    """
    from dubsync.service.disclosure.disclose import disclose as write_disclosure
    from dubsync.service.judging.choice import Choice, parse_use
    from dubsync.service.project import Project

    opened = Project.open(reel)
    choice = Choice(parse_use(used), unapproved)

    def work(project: Project, _: Sequence[str]) -> Answer:
        mine = choice.on(name for name in choice.use if dubbed_in(project, name))
        try:
            with shown() as progress:
                said = write_disclosure(
                    project.reel, project.file.cut.stem, progress, choice=mine,
                    allow_missing=allow_missing,
                )  # fmt: skip
        except IncompleteDelivery as refused:
            return Answer(refused_json(refused), f"Error: {refused}\n  Try: {HINT}", FAILED)
        return Answer(_json(said), _text(said))

    schema = "dubsync.disclose/1"
    return in_each(opened, languages, work, schema=schema, as_json=as_json)


def _json(said: Disclosure) -> dict[str, Any]:
    """The body of `dubsync.disclose/1`."""
    shots = [
        {"shot": one.shot, "version": one.version, "parts": dict(one.parts),
         "frames": one.frames, "approved": one.approved}
        for one in said.altered
    ]  # fmt: skip
    kept = [{"name": name, "reason": why} for name, why in said.kept]
    rest = {key: value for key, value in asdict(said).items() if key not in ("altered", "kept")}
    return {**rest, "altered": shots, "kept": kept}


def _text(said: Disclosure) -> str:
    """The credit, what was altered where, and the files."""
    lines = [*said.credit, "", f"Altered: {counted(len(said.altered), 'shot')}"]
    width = max((len(one.shot) for one in said.altered), default=0)
    for one in said.altered:
        state = "approved" if one.approved else "not approved by anybody"
        lines.append(f"  {one.shot:<{width}}  {one.version}  {one.words}; {state}")
    if said.kept:
        lines.append("Not altered: " + ", ".join(f"{shot} ({why})" for shot, why in said.kept))
    if len(said.credit) == 1 and not said.language.lower().startswith("en"):
        lines.append(f"dubsync has no credit in {said.language or 'the language of the dub'}: "
                     "translate the English one.")  # fmt: skip
    elif len(said.credit) > 1:
        lines.append("Have a native speaker read the credit before it is shown.")
    keys = max(map(len, said.files), default=0)
    lines += ["Written:", *(f"  {key:<{keys}}  {path}" for key, path in said.files.items())]
    lines += [f"  lost: {loss}" for loss in said.losses]
    return printable("\n".join(lines))
