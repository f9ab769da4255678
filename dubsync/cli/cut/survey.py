"""`dubsync survey`: see what a new reel could be made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import AnsweringPath, as_json_option, folder_path, print_json, printable, verb

if TYPE_CHECKING:
    from dubsync.service.survey.linked_plates import CutLook
    from dubsync.service.survey.surroundings import Surroundings


@click.command(short_help="See what a new reel could be made of.")
@click.argument("path", type=AnsweringPath(path_type=Path))
@click.option("--media", type=folder_path, multiple=True,
              help="Folder of plates; default: the folders of movies around PATH.")  # fmt: skip
@click.option("--rate", default="", help="Frame rate of an EDL (24000/1001).")
@as_json_option
@verb
def survey(path: Path, media: Sequence[Path], rate: str, as_json: bool) -> None:
    """List what lies around PATH, a folder or a cut: plates, dubs, takes, scripts, consents.

    With one cut it also shows which plates the cut finds.  Nothing is written.
    """
    from dubsync.core.timeline.timecode import parse_rate
    from dubsync.service.survey.linked_plates import look_at_cut
    from dubsync.service.survey.surroundings import survey as survey_of
    from dubsync.service.survey.survey_json import survey_json

    around = survey_of(path)
    look = None
    if len(around.cuts) == 1:
        with shown() as progress:
            look = look_at_cut(
                around.cuts[0], media or around.media,
                rate=parse_rate(rate) if rate else None, progress=progress,
            )  # fmt: skip
    if as_json:
        print_json("dubsync.survey/1", survey_json(around, look))
    else:
        click.echo(printable("\n".join([*_files(around), *_plates(look)])))


def _files(around: Surroundings) -> list[str]:
    if around.project:
        return [f"{around.folder} is a dubsync project: dubsync status {around.folder}"]
    kinds = {
        "cut": around.cuts, "plates in": around.media, "takes in": around.takes,
        "script": around.scripts, "consent": around.consents,
    }  # fmt: skip
    lines = [f"{kind}: {path}" for kind, paths in kinds.items() for path in paths]
    lines += [
        f"dub{f' ({tag})' if tag else ''} of {name}: {path}"
        for tag, stems in around.dubs.items()
        for name, path in stems.items()
    ]
    if len(around.cuts) > 1:
        lines.append("Several cuts: name one of them to see which plates it finds.")
    return lines or [f"nothing that a reel could be made of in {around.folder}"]


def _plates(look: CutLook | None) -> list[str]:
    if look is None:
        return []
    rows = [
        (wanted.name, ", ".join(event.number for event in wanted.events),
         "found" if wanted.plate else "; ".join(w.message for w in wanted.warnings))
        for wanted in look.plates
    ]  # fmt: skip
    return [f"{look.found} of {len(look.plates)} plates found",
            table(("plate", "events", "state"), rows)]  # fmt: skip
