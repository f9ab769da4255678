"""`dubsync deliver`: write the corrected cut in the formats that editorial needs."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli import tables
from dubsync.cli.languages import Answer, dubbed_in, in_each, languages_option
from dubsync.cli.progress import shown
from dubsync.cli.proof.signs import signs
from dubsync.cli.verb import (
    FAILED,
    QC_FAILED,
    as_json_option,
    engines_option,
    folder_path,
    printable,
    verb,
)
from dubsync.core.edit.host import HOST_LABELS, NOT_VERIFIED
from dubsync.core.errors import DubsyncError, IncompleteDelivery, LossyDelivery, corrected_of
from dubsync.core.settings import HOST_NAMES
from dubsync.editorial.formats import DELIVERED

if TYPE_CHECKING:
    from dubsync.core.result import Delivery
    from dubsync.core.shot import Turnover
    from dubsync.service.project import Project
    from dubsync.service.run_result import RunResult

missing_option = click.option(
    "--allow-missing", is_flag=True,
    help="Deliver even if a shot that should be corrected is not.",
)  # fmt: skip


@click.command(short_help="Write the corrected cut for editorial.")
@click.argument("reel", type=folder_path)
@click.option("--as", "formats", default="", metavar="FORMAT,...",
              help=f"Any of {', '.join(DELIVERED)}; default: otio, edl, the format of the "
                   "original cut, and notes if there are any.")  # fmt: skip
@click.option("--for", "host", type=click.Choice(HOST_NAMES), default=None,
              help="Deliver this time for HOST: its formats, media that it opens.")  # fmt: skip
@click.option("--allow-offline", is_flag=True,
              help="Deliver even media that the host does not open.")  # fmt: skip
@click.option("--strict", is_flag=True,
              help="Write nothing if a shot is missing, or if a format would lose anything; for "
                   "that the exit code is 3.")  # fmt: skip
@missing_option
@click.option("--use", "used", multiple=True, metavar="SHOT=vNNN",
              help="Deliver this version of SHOT, whatever is approved; repeatable.")  # fmt: skip
@click.option("--unapproved", is_flag=True,
              help="Also deliver the newest renders of shots that are not approved.")  # fmt: skip
@click.option("--territory", default="", metavar="CODE,...",
              help="Where this delivery goes, as DE,AT; asked for where a consent record limits "
                   "it.")  # fmt: skip
@click.option("--media", default="", metavar="NAME,...",
              help="In what it is shown, as streaming,television.")  # fmt: skip
@languages_option
@engines_option
@as_json_option
@verb
@signs
def deliver(
    reel: Path, formats: str, host: str | None, allow_offline: bool, strict: bool,
    allow_missing: bool, used: Sequence[str], unapproved: bool, territory: str, media: str,
    languages: Sequence[str], as_json: bool,
) -> int:  # fmt: skip
    """Write the corrected cut, read it back, and report what each format cannot hold.

    Every render is read and verified first.  If one is missing, cut off, altered or stale, nothing
    is written, unless --allow-missing.

    Once a version is approved (dubsync approve), approved versions are delivered; shots without one
    keep their plates and are listed, unless --unapproved.

    Where dubsync.toml names edit media ([delivery] edit), they are made here once for each render,
    beside its master, and the cut points at them.  A cut is refused if the host that it is for does
    not open its media.

    Corrected clips are on their own track above the clips they replace.  In an EDL and in the
    master .otio they take the place of those clips, with the plate as a second reference.
    """
    from dubsync.service.judging.choice import Choice, parse_use
    from dubsync.service.project import Project

    opened = Project.open(reel)
    choice = Choice(parse_use(used), unapproved)
    elsewhere = {name for name in choice.use if any(dubbed_in(one, name)
                 for one in opened.into_each(languages))}  # fmt: skip
    wanted = tuple(dict.fromkeys(f.strip().lower() for f in formats.split(",") if f.strip()))

    def work(project: Project, _: Sequence[str]) -> Answer:
        mine = choice.on(name for name in choice.use
                         if name not in elsewhere or dubbed_in(project, name))  # fmt: skip
        try:
            with shown() as progress:
                delivery = project.deliver(
                    formats=wanted, strict=strict, allow_missing=allow_missing, choice=mine,
                    host=host or "", allow_offline=allow_offline, goes=(territory, media),
                    progress=progress,
                )  # fmt: skip
        except LossyDelivery as refused:
            lines = [f"Error: {refused}", *(f"  lost: {loss}" for loss in refused.losses)]
            body = {"error": str(refused), "hint": refused.hint, "losses": list(refused.losses)}
            return Answer(body, "\n".join([*lines, f"  Try: {refused.hint}"]), QC_FAILED)
        except IncompleteDelivery as refused:
            return Answer(refused_json(refused), refused_text(refused), FAILED)
        return Answer(delivery_json(delivery), delivery_text(delivery))

    schema = "dubsync.deliver/1"
    return in_each(opened, languages, work, schema=schema, as_json=as_json)


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """The body of `dubsync.deliver/1`."""
    lists = {
        "missing": _reasons(delivery.missing),
        "kept": _reasons(delivery.kept),
        "unapproved": _reasons(delivery.unapproved),
    }
    return {**asdict(delivery), **lists}


def refused_json(error: DubsyncError) -> dict[str, Any]:
    """A delivery that was refused, and the shots that are missing in it."""
    missing = error.missing if isinstance(error, IncompleteDelivery) else ()
    return {"error": str(error), "hint": error.hint, "kind": type(error).__name__,
            "missing": _reasons(missing)}  # fmt: skip


def _reasons(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "reason": why} for name, why in pairs]


def refused_text(error: DubsyncError) -> str:
    """Why nothing was delivered, and what to try."""
    return f"Error: {error}\n  Try: {error.hint}" if error.hint else f"Error: {error}"


def delivery_text(delivery: Delivery) -> str:
    """The files of the corrected cut, how many shots are corrected in it, and what was lost."""
    width = max((len(key) for key in delivery.files), default=0)
    lines = ["Corrected cut:"]
    lines += [f"  {key:<{width}}  {path}" for key, path in delivery.files.items()]
    lines += opening_lines(delivery)
    lines += [f"  lost: {loss}" for loss in delivery.losses]
    lacking = (*delivery.missing, *delivery.unapproved)
    if delivery.corrected or lacking:
        lines.append(corrected_of(len(delivery.corrected), lacking) + ".")
    if delivery.unapproved:
        lines.append(
            "Not approved, so the plate is kept: approve them, or dubsync deliver --unapproved."
        )
    if delivery.kept:
        kept = ", ".join(f"{shot} ({why})" for shot, why in delivery.kept)
        lines.append(f"Plate kept: {kept}.")
    if delivery.proof:
        folder = shlex.quote(str(Path(delivery.proof).parent))
        lines.append(f"Signed; who made what from what: {delivery.proof}")
        lines.append(f"  Check it, here or wherever it goes: dubsync verify {folder}")
    return printable("\n".join(lines))


def opening_lines(delivery: Delivery) -> list[str]:
    """Which hosts open each file with its media, and what to do for those that do not."""
    if not delivery.opens:
        return []
    names = HOST_LABELS
    width = max(map(len, delivery.opens))
    media = " and ".join(delivery.media)
    lines = [f"The corrected clips are {media}. They open in ({NOT_VERIFIED}):"]
    for key, hosts in delivery.opens.items():
        shown = ", ".join(names[host] for host in hosts) or "none of the hosts that dubsync knows"
        lines.append(f"  {key:<{width}}  {shown}")
    if delivery.unopened and not delivery.host:
        closed = ", ".join(names[host] for host in delivery.unopened)
        lines.append(f"  {media} would be offline in {closed}.")
        lines.append('  For a host: dubsync deliver REEL --for avid; always: host = "avid" under '
                     f"[delivery]. Hosts: {', '.join(HOST_NAMES)}.")  # fmt: skip
    return lines


def run_json(turnover: Turnover, result: RunResult) -> dict[str, Any]:
    """The body of `dubsync.run/1`."""
    return {
        "shots": tables.shots_json(result.shots),
        "report": tables.report_json(result.report) if result.report else None,
        "delivery": delivery_json(result.delivery) if result.delivery else None,
        "undelivered": refused_json(result.undelivered) if result.undelivered else None,
        "trained": tables.trained_json(result.trained),
        "warnings": [asdict(warning) for warning in tables.every_warning(turnover)],
    }


def run_text(turnover: Turnover, result: RunResult) -> str:
    """The result of a run as text."""
    parts = [tables.trained_text(tables.trained_json(result.trained))] if result.trained else []
    parts.append(tables.shots_text(result.shots))
    parts += [tables.warning_line(warning) for warning in turnover.warnings]
    if result.report:
        parts.append(tables.report_text(result.report, tables.plates_of(turnover)))
    if result.delivery:
        parts.append(delivery_text(result.delivery))
    if result.undelivered:
        parts.append(refused_text(result.undelivered))
    return "\n".join(parts)
