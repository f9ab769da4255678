"""`dubsync script`: what a dub script says, and the same in another format."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.tables import loss_line, losses_json, table
from dubsync.cli.verb import DONE, as_json_option, file_path, print_json, printable, verb

if TYPE_CHECKING:
    from dubsync.core.script import Script
    from dubsync.core.timeline.losses import LossReport

SCHEMA = "dubsync.script/1"
FORMATS = ("dapt", "csv", "tsv", "xlsx", "srt")
_WIDEST = 60  #: characters of a line's text in the table


@click.command()
@click.argument("file", type=file_path)
@click.option("--rate", default="", help="Frame rate of timecode in a file that does not say.")
@click.option("--drop", is_flag=True, help="Its timecode drops, though the file cannot say so.")
@click.option("--start", default="", metavar="TC", help="Timecode of the programme's first frame.")
@click.option("--language", default="", metavar="TAG", help="The dub's language, as de-DE.")
@click.option(
    "--map", "maps", multiple=True, metavar="FIELD=COLUMN",
    help="A cue sheet's column, by its head, letter or number.  Again for each.",
)  # fmt: skip
@click.option(
    "--to", nargs=2, type=(click.Choice(FORMATS), click.Path(path_type=Path)),
    metavar="FORMAT OUT", help="Write it as FORMAT (" + ", ".join(FORMATS) + ") at OUT.",
)  # fmt: skip
@as_json_option
@verb
def script(
    file: Path,
    rate: str,
    drop: bool,
    start: str,
    language: str,
    maps: tuple[str, ...],
    to: tuple[str, Path] | None,
    as_json: bool,
) -> int:
    """Say what the dub script FILE holds: DAPT, TTML, a cue sheet, SRT or Pro Tools text."""
    from dubsync.core.timeline.timecode import parse_rate
    from dubsync.editorial.script.cue_columns import parse_maps
    from dubsync.service.script.convert import read_script, write_script
    from dubsync.service.settings.project_file import checked_language

    asked = parse_rate(rate) if rate else None
    found = read_script(
        file, asked, drop=drop, language=checked_language(language) if language else "",
        columns=parse_maps(maps), start=_start(start, asked, drop),
    )  # fmt: skip
    lost = write_script(found, to[0], to[1]) if to else None
    if as_json:
        body = script_json(found)
        if to and lost is not None:
            body["written"] = {"file": str(to[1]), "format": to[0], "losses": losses_json(lost)}
        print_json(SCHEMA, body)
        return DONE
    click.echo(script_text(found))
    if to and lost is not None:
        click.echo(f"Written as {to[0]}: {to[1]}")
        _tell(lost)
    return DONE


def _start(text: str, rate: Fraction | None, drop: bool) -> Fraction | None:
    """Record time of the programme's first frame, seconds.  Raises SettingsError."""
    from dubsync.core.errors import SettingsError
    from dubsync.core.timeline.timecode import Timecode

    if not text:
        return None
    if rate is None:
        raise SettingsError("--start is timecode, and counts at --rate", hint="give both")
    return Fraction(Timecode.parse(text, rate, drop=drop or None).frame) / rate


def script_json(found: Script) -> dict[str, Any]:
    """The body of `dubsync.script/1`."""
    return {
        "file": found.path,
        "format": found.format,
        "kind": found.kind,
        "language": found.language,
        "original_language": found.original_language,
        "rate": None if found.rate is None else str(found.rate),
        "drop": found.drop,
        "start": None if found.start is None else _time(found.start, found),
        "from_start": found.from_start,
        "characters": list(found.characters),
        "lines": [
            {
                "number": line.number,
                "character": line.character,
                "in": _time(line.start, found),
                "out": _time(line.stop, found),
                "start_s": float(line.start),
                "stop_s": float(line.stop),
                "text": line.text,
                "original": line.original,
                "language": line.language or found.language,
                "on_screen": line.on_screen,
                "performer": line.performer,
                "reason": line.reason,
                "notes": line.notes,
                "represents": line.represents,
                "where": line.where,
            }
            for line in found.lines
        ],
        "losses": losses_json(found.losses),
    }


def script_text(found: Script) -> str:
    """A table of lines, and what of the script is odd."""
    rows = [
        (
            line.number or "-",
            _time(line.start, found),
            _time(line.stop, found),
            line.character or "-",
            (line.on_screen or "-").replace("_", "/"),
            _short(line.text),
            _short(line.original, 30),
        )
        for line in found.lines
    ]
    head = ("cue", "in", "out", "character", "screen", "text", "original")
    spoken = f" in {found.language}" if found.language else ""
    source = f", from {found.original_language}" if found.original_language else ""
    rate = f", {found.rate} fps{' drop' * found.drop}" if found.rate else ""
    counts = ", counted from the first frame" if found.from_start and found.start is None else ""
    parts = [
        f"{found.path}: {found.format}, {len(found.lines)} lines of "
        f"{len(found.characters)} characters{spoken}{source}{rate}{counts}",
        table(head, rows),
    ]
    if len(found.losses):
        parts += ["Losses:", *map(loss_line, found.losses)]
    return printable("\n".join(parts))


def _tell(lost: LossReport) -> None:
    for loss in lost:
        click.echo(printable(loss_line(loss)))


def _short(text: str, widest: int = _WIDEST) -> str:
    one = text.replace("\n", " / ")
    return one if len(one) <= widest else one[: widest - 1] + "\u2026"


def _time(seconds: Fraction, found: Script) -> str:
    """Timecode where the script's record times and rate are known, else seconds."""
    from dubsync.core.timeline.probed import frame_text

    if found.rate is None or (found.from_start and found.start is None):
        return f"{float(seconds):.3f}"
    return frame_text(seconds * found.rate, found.rate, found.drop)
