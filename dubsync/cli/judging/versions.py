"""`dubsync versions`: the renders of a shot, and how two of them differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, folder_path, printable, verb
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.versions.compare_versions import Comparison
    from dubsync.service.versions.list_versions import ShotVersion


@click.command(short_help="List the versions of a shot, or compare two.")
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.option("--compare", nargs=2, default=None, metavar="vNNN vNNN",
              help="Say how the second of these differs from the first.")  # fmt: skip
@click.option("-o", "--out", type=folder_path,
              help="Folder for a picture of both and their difference.")  # fmt: skip
@first_option
@as_json_option
@verb
def versions(
    reel: Path, shot: str, compare: tuple[str, str] | None, out: Path | None,
    languages: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """List the renders of SHOT: when and with what they were made, whole or not, and judged how.

    Deliver one of them with `dubsync deliver REEL --use SHOT=vNNN`.
    """
    from dubsync.service.judge import Judging
    from dubsync.service.project import Project

    if out and not compare:
        raise click.UsageError("-o is for the picture of --compare v001 v002")

    def work(project: Project, shots: Sequence[str]) -> Answer:
        judging = Judging(project)
        listed = judging.versions(shots[0])
        found = None
        if compare:
            with shown() as progress:
                found = judging.compare(shots[0], *compare, out=out, progress=progress)
        rows = [asdict(one) for one in listed]
        body = {"shot": shots[0], "versions": rows, "compared": asdict(found) if found else None}
        return Answer(body, compared_text(found) if found else _text(listed))

    return in_each(
        Project.open(reel), languages, work, schema="dubsync.versions/1", as_json=as_json,
        shots=[shot], first=True,
    )  # fmt: skip


def _text(listed: Sequence[ShotVersion]) -> str:
    if not listed:
        return "Not rendered yet."
    rows = [
        (
            one.version,
            one.made or "-",
            ", ".join(sorted(set((one.renderers or {}).values()))) or "-",
            f"{one.tweak}: {', '.join(one.request)}" if one.tweak else "-",
            one.checked or "-",
            f"{one.judgement.judged} by {one.judgement.by}" if one.judgement else "-",
            one.fault or "whole",
        )
        for one in listed
    ]
    head = ("version", "made", "renderer", "tweak", "QC", "judged", "files")
    lines = [table(head, rows)]
    approved = next((one.version for one in listed if one.approved), "")
    if approved:
        lines.append(f"Delivered as approved: {approved}.")
    return printable("\n".join(lines))


def compared_text(found: Comparison) -> str:
    """A comparison as text."""
    lines = [f"{found.shot}: {found.second} against {found.first}"]
    lines += [f"  input: {reason}" for reason in found.inputs] or ["  no input differs"]
    lines.append(f"  {found.differing} of {counted(found.compared, 'frame')} differ")
    lines += [
        f"  plate frames {run.first}..{run.last}: by {run.mean:.1f} of 255 on average, at most "
        f"{run.peak}; most in {run.worst}"
        for run in found.runs
    ]
    for version, spans in found.only.items():
        told = ", ".join(f"{first}..{last}" for first, last in spans)
        lines += [f"  only in {version}: plate frames {told}"] if told else []
    lines += [f"Picture: {found.picture}"] if found.picture else []
    return printable("\n".join(lines))
