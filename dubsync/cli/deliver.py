"""`dubsync deliver`: write the corrected cut in the formats that editorial needs."""

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


@click.command(short_help="Write the corrected cut for editorial.")
@click.argument("reel", type=folder_path)
@click.option("--as", "formats", default="", metavar="FORMAT,...",
              help=f"Any of {', '.join(DELIVERED)}; default: otio, edl and the format of the "
                   "original cut.")  # fmt: skip
@click.option("--strict", is_flag=True,
              help="Write nothing if a format would lose anything; exit code 3.")  # fmt: skip
@languages_option
@as_json_option
@verb
def deliver(reel: Path, formats: str, strict: bool, languages: Sequence[str], as_json: bool) -> int:
    """Write the corrected cut, read it back, and report what each format cannot hold.

    Corrected clips are on their own track above the clips they replace.  In an EDL and in the
    master .otio they take the place of those clips, with the plate as a second reference.
    """
    from dubsync.service.project import Project

    wanted = tuple(dict.fromkeys(f.strip().lower() for f in formats.split(",") if f.strip()))

    def work(project: Project, _: Sequence[str]) -> Answer:
        try:
            delivery = project.deliver(formats=wanted, strict=strict)
        except LossyDelivery as refused:
            lines = [f"Error: {refused}", *(f"  lost: {loss}" for loss in refused.losses)]
            body = {"error": str(refused), "hint": refused.hint, "losses": list(refused.losses)}
            return Answer(body, "\n".join([*lines, f"  Try: {refused.hint}"]), QC_FAILED)
        return Answer(asdict(delivery), tables.delivery_text(delivery))

    schema = "dubsync.deliver/1"
    return in_each(Project.open(reel), languages, work, schema=schema, as_json=as_json)
