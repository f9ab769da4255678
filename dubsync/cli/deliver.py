"""`dubsync deliver`: the corrected cut, in the formats that editorial asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli import tables
from dubsync.cli.languages import Answer, in_each, languages_option
from dubsync.cli.verb import QC_FAILED, as_json_option, folder_path, verb
from dubsync.core.errors import LossyDelivery
from dubsync.editorial.formats import DELIVERED

if TYPE_CHECKING:
    from dubsync.service.project import Project


@click.command()
@click.argument("reel", type=folder_path)
@click.option("--as", "formats", default="", metavar="FORMAT,...",
              help=f"Of {', '.join(DELIVERED)}; default: otio, edl and the format that the cut "
                   "came in.")  # fmt: skip
@click.option("--strict", is_flag=True,
              help="Write nothing that loses what the cut holds; exit code 3.")  # fmt: skip
@languages_option
@as_json_option
@verb
def deliver(reel: Path, formats: str, strict: bool, languages: Sequence[str], as_json: bool) -> int:
    """Write the corrected cut, read it back, and say what each format could not hold.

    Corrected clips lie on a track of their own above what they replace; in an EDL and in the
    master .otio they stand in its place, and the plate is named beside them.
    """
    from dubsync.service.project import Project

    wanted = tuple(dict.fromkeys(f.strip().lower() for f in formats.split(",") if f.strip()))

    def ask(project: Project, _: Sequence[str]) -> Answer:
        try:
            delivery = project.deliver(formats=wanted, strict=strict)
        except LossyDelivery as refused:
            told = [f"Refused: {refused}", *(f"  lost: {loss}" for loss in refused.losses)]
            body = {"error": str(refused), "hint": refused.hint, "losses": list(refused.losses)}
            return Answer(body, "\n".join([*told, f"  Try: {refused.hint}"]), QC_FAILED)
        return Answer(asdict(delivery), tables.delivery_text(delivery))

    schema = "dubsync.deliver/1"
    return in_each(Project.open(reel), languages, ask, schema=schema, as_json=as_json)
