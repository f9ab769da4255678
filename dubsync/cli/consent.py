"""`dubsync consent`: consent records, what depends on them, countersigning, withdrawal, purging."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from dubsync.service.project import Project


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
@click.option("--countersign", is_flag=True,
              help="Sign the records with the house's key, as they stand.")  # fmt: skip
@click.option("--withdraw", is_flag=True, help="Withdraw PERFORMER's consent.")
@click.option("--purge", is_flag=True,
              help="Delete what is past a record's delete_after, and print a receipt.")  # fmt: skip
@click.option("--renders", is_flag=True,
              help="With --purge: also the renders and reviews that show them.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@as_json_option
@verb
@unlocks
def consent(
    reel: Path | None, performer: str, form: str | None, operations: Sequence[str], basis: str,
    add: Path | None, countersign: bool, withdraw: bool, purge: bool, renders: bool, yes: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """List consent records, and the models and renders that depend on each.

    --withdraw deactivates PERFORMER's records and deletes their models.  The performer is then no
    longer trained, rendered or delivered.  Existing renders and reviews are listed and kept, for
    you to decide, and so are the deliveries that left the house; tweaks contain only numbers and
    are kept.

    --purge deletes what a record's delete_after says must be gone: models, face tracks and every
    other cache that may show or sound like the performer.
    """
    from dubsync.service.project import Project
    from dubsync.service.withdrawal import dependents_json, one_performer

    if sum((bool(form), countersign, withdraw, purge)) > 1 or (form and performer):
        raise click.UsageError("choose one: --form NAME (without PERFORMER), --countersign, "
                               "--withdraw or --purge")  # fmt: skip
    if renders and not purge:
        raise click.UsageError("--renders is for --purge")
    if form:
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
    if (withdraw or purge) and as_json and not yes:
        raise click.UsageError("--withdraw and --purge need --yes with --json")
    project = Project.open(reel)
    if countersign:
        return _countersign(project, performer, as_json)
    if purge:
        return _purge(project, performer, renders, yes, as_json)
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


def _countersign(project: Project, performer: str, as_json: bool) -> int:
    """Countersign the records, and say what is wrong with countersignatures that there are."""
    from dubsync.service.consent.countersign import countersign, countersigning_faults
    from dubsync.service.keys.house_key import house_key
    from dubsync.service.keys.houses import trusted_houses
    from dubsync.service.ledger.read_ledger import read_ledger

    folder = project.file.folder
    made = countersign(folder, house_key(), performer)
    faults = countersigning_faults(folder, read_ledger(folder), trusted_houses())
    if as_json:
        print_json("dubsync.consent/1", {
            "countersigned": [{"id": one.record.id, "sha256": one.record.digest,
                               "file": str(one.file), "again": one.again} for one in made],
            "faults": faults,
        })  # fmt: skip
    else:
        for one in made:
            again = ", an edited text" if one.again else ""
            click.echo(f"Countersigned {one.record.id}{again}: {one.file}")
        if not made:
            click.echo("Every record is countersigned as it stands.")
        for fault in faults.values():
            click.echo(f"Warning: {fault}", err=True)
    return FAILED if faults else DONE


def _purge(project: Project, performer: str, renders: bool, yes: bool, as_json: bool) -> int:
    """Delete what is due, after asking, and print the receipt."""
    from datetime import date

    from dubsync.service.keys.house_key import house_key
    from dubsync.service.purge.purge import purge, to_purge
    from dubsync.service.store.one_run import OneRun

    due = to_purge(project.whole, project.store, date.today(), performer=performer,
                   renders=renders)  # fmt: skip
    if not due.paths:
        past = f" {', '.join(one.id for one in due.records)} left nothing." if due.records else ""
        if as_json:
            print_json("dubsync.consent/1", {"records": [one.id for one in due.records],
                                             "deleted": [], "receipt": None})  # fmt: skip
        else:
            click.echo(f"Nothing is past its delete_after.{past}")
        return DONE
    if not as_json:
        for one in due.records:
            click.echo(f"{one.id}: to be deleted after {one.retention.delete_after}")
        for path in due.paths:
            click.echo(f"  {path}")
    if not yes and not click.confirm(f"Delete {counted(len(due.paths), 'path')} for good?"):
        click.echo("Nothing was changed.", err=True)
        return FAILED
    with OneRun(project.file.folder, "consent --purge"):
        receipt = purge(project.whole, due, house_key())
    if as_json:
        print_json("dubsync.consent/1", {
            "records": list(receipt.records), "made": receipt.made, "signed": receipt.signed,
            "deleted": [asdict(one) for one in receipt.deleted], "receipt": str(receipt.file),
        })  # fmt: skip
        return DONE
    for gone in receipt.deleted:
        click.echo(f"Deleted {gone.what}: {counted(gone.files, 'file')}, {gone.bytes:,} bytes, "
                   f"SHA-256 {gone.sha256}")  # fmt: skip
    click.echo(f"Receipt{'' if receipt.signed else ' (not signed)'}, {receipt.made}: "
               f"{receipt.file}")  # fmt: skip
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
            lines += [f"          {text}" for text in _further(r)]
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
        lines += [f"  left the house  {text}" for text in map(_delivery, theirs["deliveries"])]
    return "\n".join(lines)


def _further(r: Mapping[str, Any]) -> list[str]:
    """What a record limits, who signed it for whom, what proves it, and what is wrong with it."""
    told = list(r["limits"])
    if r["capacity"] != "performer":
        told.append(f"signed by the {r['capacity']}{' of a minor' if r['minor'] else ''}")
    if r["retention_until"]:
        told.append(f"what was learnt is used until {r['retention_until']}")
    if r["delete_after"]:
        told.append(f"to be deleted after {r['delete_after']}")
    if r["evidence"]:
        told.append(f"evidence {', '.join(r['evidence'])}")
    told.append(f"face {r['face']}" if r["face"] else "no picture says who this is")
    lines = ["; ".join(told)]
    return [*lines, f"does not count: it {r['fault']}"] if r["fault"] else lines


def _delivery(one: Mapping[str, Any]) -> str:
    """One delivery that holds a performer: where, which shots, when, and its proof's digest."""
    shots = ", ".join(f"{shot} {version}" for shot, version in one["shots"])
    made = f", {one['made'][:10]}" if one["made"] else ""
    proof = f", proof {one['sha256']}" if one["sha256"] else ", without a proof"
    return f"{one['folder']}: {shots}{made}{proof}{'' if one['there'] else ', deleted here'}"


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
    if theirs["deliveries"]:
        from dubsync.service.ledger.left_the_house import WHAT_TO_DO

        lines += [f"Left the house: {_delivery(one)}" for one in theirs["deliveries"]]
        lines.append(WHAT_TO_DO)
    return "\n".join(lines)
