"""`dubsync coverage`: what the dub and its tweaks need and the footage lacks, before rendering."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.languages import Answer, in_each, languages_option
from dubsync.cli.progress import shown
from dubsync.cli.verb import as_json_option, engines_option, folder_path, verb

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.qc.coverage.drawn_map import ReelCoverage


@click.command(short_help="Report what the footage lacks.")
@click.argument("reel", type=folder_path)
@click.argument("shots", nargs=-1)
@click.option("--all-plates", is_flag=True,
              help="Search all plates for what is missing; slow.")  # fmt: skip
@languages_option
@engines_option
@as_json_option
@verb
def coverage(
    reel: Path, shots: tuple[str, ...], all_plates: bool, languages: tuple[str, ...], as_json: bool
) -> int:
    """Report what SHOTS (default: all) need but the footage lacks.

    Mouth shapes that the dub needs; poses and expressions that tweaks ask for.
    """
    from dubsync.service.project import Project

    def work(project: Project, shots: Sequence[str]) -> Answer:
        with shown() as progress:
            covered = project.coverage(shots, all_plates=all_plates, progress=progress)
        return Answer(_json(covered), _text(covered))

    schema, opened = "dubsync.coverage/1", Project.open(reel)
    return in_each(opened, languages, work, schema=schema, as_json=as_json, shots=shots)


def _json(covered: ReelCoverage) -> dict[str, Any]:
    from dubsync.service.qc.coverage.of_reel import coverage_json

    rows = [
        coverage_json(result) | {"picture": covered.pictures[result.character]}
        for result in covered.characters
    ]
    return {"characters": rows, "skipped": covered.left_out, "unseen": list(covered.unseen)}


def _text(covered: ReelCoverage) -> str:
    from dubsync.service.qc.coverage.drawn_map import coverage_text

    lines = []
    for result in covered.characters:
        lines += [coverage_text(result), f"  Picture: {covered.pictures[result.character]}\n"]
    lines += [f"{shot}: skipped: {why}" for shot, why in covered.left_out.items()]
    if covered.unseen and any(result.lacks for result in covered.characters):
        lines.append(f"Not searched (add --all-plates): {', '.join(covered.unseen)}")
    return "\n".join(lines)
