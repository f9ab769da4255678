"""`dubsync consent`: consent records, the models and renders that depend on them, withdrawal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from dubsync.cli.proof.signs import unlocks
from dubsync.cli.verb import (
    DONE,
    FAILED,
    as_json_option,
    file_path,
    folder_path,
    print_json,
    verb,
)
from dubsync.core.plural import counted


@click.command(short_help="List consent records, or withdraw consent.")
@click.argument("reel", type=folder_path, required=False)
@click.argument("performer", default="")
@click.option("--form", metavar="NAME",
              help="Write the form of a consent record for performer NAME, to fill in: into REEL, "
                   "else into this folder.")  # fmt: skip
@click.option("--operation", "operations", multiple=True, metavar="NAME",
              help="An operation to write into the form; several are allowed.  Default: those of a "
                   "dub.")  # fmt: skip
@click.option("--basis", default="consent", metavar="BASIS",
              help="The basis to write into the form.  public-domain and owned are for works, such "
                   "as paintings.")  # fmt: skip
@click.option("--add", type=file_path, metavar="FILE",
              help="Copy this record into REEL.")  # fmt: skip
@click.option("--withdraw", is_flag=True, help="Withdraw PERFORMER's consent.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@as_json_option
@verb
@unlocks
def consent(
    reel: Path | None, performer: str, form: str | None, operations: Sequence[str], basis: str,
    add: Path | None, withdraw: bool, yes: bool, as_json: bool,
) -> int:  # fmt: skip
    """List consent records, and the models and renders that depend on each.

    --withdraw deactivates PERFORMER's records and deletes their models.  The performer is then no
    longer trained, rendered or delivered.  Existing renders and reviews are listed and kept, for
    you to decide; tweaks contain only numbers and are kept.
    """
    from dubsync.service.project import Project
    from dubsync.service.withdrawal import dependents_json, one_performer

    if form:
        if performer or withdraw:
            raise click.UsageError("--form NAME takes no PERFORMER and no --withdraw")
        return _write_form(form, reel, operations, basis, as_json)
    if operations or basis != "consent":
        raise click.UsageError("--operation and --basis are for --form NAME")
    if reel is None:
        raise click.UsageError("name the REEL, or write a form with --form NAME")
    if add is not None:
        from dubsync.service.consent.add_record import add_record

        add_record(Project.open(reel).file.folder, add)
    if withdraw and not performer:
        raise click.UsageError("--withdraw needs a PERFORMER")
    if withdraw and as_json and not yes:
        raise click.UsageError("--withdraw --json needs --yes")
    project = Project.open(reel)
    every = project.consents()
    chosen = [one_performer(every, performer)] if performer else list(every)
    listed = [dependents_json(theirs) for theirs in chosen]
    set_aside: list[str] = []
    if not as_json:
        click.echo(_listed(listed))
    if withdraw:
        if not yes and not click.confirm(_question(listed[0])):
            click.echo("Nothing was changed.", err=True)
            return FAILED
        set_aside = [str(path) for path in project.withdraw(chosen[0])]
    if as_json:
        print_json("dubsync.consent/1", {"performers": listed, "withdrawn": withdraw,
                                          "set_aside": set_aside})  # fmt: skip
    elif withdraw:
        click.echo(_done(listed[0], set_aside))
    return DONE


def _write_form(
    name: str, reel: Path | None, operations: Sequence[str], basis: str, as_json: bool
) -> int:
    """Write the form into the project's consent/ folder, or into the current folder."""
    from dubsync.service.consent.form import new_form
    from dubsync.service.consent.operations import PORTRAIT
    from dubsync.service.consent.records import OF_WORKS

    if reel is None:
        path = new_form(name, Path(), operations=operations, basis=basis)
        to = "portrait" if basis in OF_WORKS or PORTRAIT in operations else "clip"
        then = f"Fill in {path}, then give it to dubsync {to} with --consent {path}."
    else:
        from dubsync.service.settings.project_file import read_project_file
        from dubsync.service.withdrawal import form_for

        path = form_for(read_project_file(reel), name, operations, basis)
        then = f"Fill in {path}, then rename it so that it ends in .toml."
    if as_json:
        print_json("dubsync.consent/1", {"form": str(path)})
    else:
        click.echo(then)
    return DONE


def _listed(performers: Sequence[Mapping[str, Any]]) -> str:
    """Each performer: records, models and renders."""
    lines: list[str] = []
    for theirs in performers:
        roles = [*theirs["characters"], *(f"dubs {name}" for name in theirs["dubs"])]
        lines.append(f"{theirs['performer']} ({', '.join(roles) or 'no character in this reel'})")
        for r in theirs["records"]:
            until = f"revoked on {r['revoked']}" if r["revoked"] else f"until {r['valid_until']}"
            lines.append(f"  record  {r['id']}: {', '.join(r['operations'])}; "
                         f"{', '.join(r['languages'])}; {r['basis']}; {until}")  # fmt: skip
        lines += [f"  record  {name}: withdrawn" for name in theirs["withdrawn"]]
        if not theirs["records"] and not theirs["withdrawn"]:
            lines.append("  no record")
        elif theirs["not_allowed"]:
            lines.append(f"  not allowed: {', '.join(theirs['not_allowed'])}")
        lines += [f"  model   {m['kind']}, {m['character']}: {m['folder']}"
                  for m in theirs["models"]]  # fmt: skip
        lines += [f"  render  {r['shot']} {r['version']}: {r['folder']}" for r in theirs["renders"]]
        lines += [f"  review  {folder}" for folder in theirs["reviews"]]
        lines += [f"  base    {name}: taught on them" for name in theirs["bases"]]
    return "\n".join(lines)


def _question(theirs: Mapping[str, Any]) -> str:
    """The question to confirm a withdrawal."""
    return (
        f"Withdraw {counted(len(theirs['records']), 'record')} of {theirs['performer']} and delete "
        f"{counted(len(theirs['models']), 'model')}?"
    )


def _done(theirs: Mapping[str, Any], set_aside: Sequence[str]) -> str:
    """What was done, and what remains for a person to decide."""
    lines = [f"Record moved to: {path}" for path in set_aside]
    lines.append(f"Deleted: {counted(len(theirs['models']), 'model')}.")
    left = [counted(len(theirs[f"{kind}s"]), kind) for kind in ("render", "review")
            if theirs[f"{kind}s"]]  # fmt: skip
    if theirs["bases"]:
        lines.append(f"Used no more: {', '.join(theirs['bases'])}, taught on them.")
    if left:
        lines.append(f"Kept, for you to decide: {' and '.join(left)}.")
    return "\n".join(lines)
