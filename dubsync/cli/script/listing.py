"""`dubsync script`: list a dub script, or convert it to another format."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.tables import loss_line, losses_json, table
from dubsync.cli.verb import (
    DONE,
    AnsweringPath,
    as_json_option,
    file_path,
    print_json,
    printable,
    verb,
)
from dubsync.core.plural import counted
from dubsync.core.script import marked_text

if TYPE_CHECKING:
    from dubsync.core.script import Script
    from dubsync.core.timeline.losses import LossReport

SCHEMA = "dubsync.script/1"
FORMATS = ("dapt", "csv", "tsv", "xlsx", "srt")
_WIDEST = 60  #: characters of a line's text in the table


@click.command(short_help="List a dub script, or convert it.")
@click.argument("file", type=file_path)
@click.option("--rate", default="", help="Frame rate of the timecode, if FILE does not state it.")
@click.option("--drop", is_flag=True, help="The timecode is drop-frame, if FILE does not state it.")
@click.option("--start", default="", metavar="TC", help="Timecode of the programme's first frame.")
@click.option("--language", default="", metavar="TAG", help="Language of the dub, such as de-DE.")
@click.option(
    "--map", "maps", multiple=True, metavar="FIELD=COLUMN",
    help="Column of a cue sheet by header, letter or number; repeatable.",
)  # fmt: skip
@click.option(
    "--to", nargs=2, type=(click.Choice(FORMATS), AnsweringPath(path_type=Path)),
    metavar="FORMAT OUT", help="Write OUT in FORMAT: " + ", ".join(FORMATS) + ".",
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
    """List the lines of the dub script FILE.

    DAPT, TTML, WebVTT, SRT, EBU STL, a cue sheet, a rythmo band (.detx) or Pro Tools text.
    """
    from dubsync.core.timeline.timecode import parse_rate
    from dubsync.editorial.script.cue_columns import parse_maps
    from dubsync.service.script.convert import read_script, write_script
    from dubsync.service.settings.project_file import checked_language

    frame_rate = parse_rate(rate) if rate else None
    result = read_script(
        file, frame_rate, drop=drop, language=checked_language(language) if language else "",
        columns=parse_maps(maps), start=_start(start, frame_rate, drop),
    )  # fmt: skip
    lost = write_script(result, to[0], to[1]) if to else None
    if as_json:
        body = script_json(result)
        if to and lost is not None:
            body["written"] = {"file": str(to[1]), "format": to[0], "losses": losses_json(lost)}
        print_json(SCHEMA, body)
        return DONE
    click.echo(script_text(result))
    if to and lost is not None:
        click.echo(f"Written as {to[0]}: {to[1]}")
        _print_losses(lost)
    return DONE


def _start(text: str, rate: Fraction | None, drop: bool) -> Fraction | None:
    """Record time of the programme's first frame, seconds.  Raises SettingsError."""
    from dubsync.core.errors import SettingsError
    from dubsync.core.timeline.timecode import Timecode

    if not text:
        return None
    if rate is None:
        raise SettingsError("--start is timecode, which needs a frame rate", hint="add --rate")
    return Fraction(Timecode.parse(text, rate, drop=drop or None).frame) / rate


def script_json(result: Script) -> dict[str, Any]:
    """The body of `dubsync.script/1`."""
    return {
        "file": result.path,
        "format": result.format,
        "kind": result.kind,
        "language": result.language,
        "original_language": result.original_language,
        "rate": None if result.rate is None else str(result.rate),
        "drop": result.drop,
        "start": None if result.start is None else _time(result.start, result),
        "from_start": result.from_start,
        "characters": list(result.characters),
        "lines": [
            {
                "number": line.number,
                "character": line.character,
                "in": _time(line.start, result),
                "out": _time(line.stop, result),
                "start_s": float(line.start),
                "stop_s": float(line.stop),
                "text": line.text,
                "original": line.original,
                "language": line.language or result.language,
                "on_screen": line.on_screen,
                "performer": line.performer,
                "reason": line.reason,
                "notes": line.notes,
                "unchecked": line.unchecked,
                "represents": line.represents,
                "marks": [{"s": float(m.time), "lips": m.lips} for m in line.marks],
                "where": line.where,
            }
            for line in result.lines
        ],
        "untimed": [
            {
                "number": line.number,
                "character": line.character,
                "in": None if line.begin is None else _time(line.begin, result),
                "text": line.text,
                "original": line.original,
                "language": line.language or result.language,
                "on_screen": line.on_screen,
                "where": line.where,
            }
            for line in result.untimed
        ],
        "losses": losses_json(result.losses),
    }


def script_text(result: Script) -> str:
    """A table of lines, and the conversion notes."""
    rows = [
        (
            line.number or "-",
            _time(line.start, result),
            _time(line.stop, result),
            line.character or "-",
            (line.on_screen or "-").replace("_", "/"),
            _short(marked_text(line)),
            _short(line.original, 30),
        )
        for line in result.lines
    ]
    rows += [
        (
            line.number or "-",
            "-" if line.begin is None else _time(line.begin, result),
            "-",
            line.character or "-",
            (line.on_screen or "-").replace("_", "/"),
            _short(line.text),
            _short(line.original, 30),
        )
        for line in result.untimed
    ]
    head = ("cue", "in", "out", "character", "on screen", "text", "original")
    spoken = f" in {result.language}" if result.language else ""
    source = f", from {result.original_language}" if result.original_language else ""
    rate = f", {result.rate} fps{' drop' * result.drop}" if result.rate else ""
    counts = ", counted from the first frame" if result.from_start and result.start is None else ""
    untimed = f" (and {len(result.untimed)} without an end or times)" if result.untimed else ""
    machine = sum(line.unchecked for line in result.lines)
    unchecked = f", {counted(machine, 'machine-made line')} unchecked" if machine else ""
    marked = sum(len(line.marks) for line in result.lines)
    marks = f", {counted(marked, 'lip mark')}" if marked else ""
    parts = [
        f"{result.path}: {result.format}, {counted(len(result.lines), 'line')}{untimed} of "
        f"{counted(len(result.characters), 'character')}{spoken}{source}{rate}{counts}{marks}"
        f"{unchecked}",
        table(head, rows),
    ]
    if len(result.losses):
        parts += ["Conversion notes:", *map(loss_line, result.losses)]
    return printable("\n".join(parts))


def _print_losses(lost: LossReport) -> None:
    for loss in lost:
        click.echo(printable(loss_line(loss)))


def _short(text: str, widest: int = _WIDEST) -> str:
    one = text.replace("\n", " / ")
    return one if len(one) <= widest else one[: widest - 1] + "\u2026"


def _time(seconds: Fraction, result: Script) -> str:
    """Timecode where the script's record times and rate are known, else seconds."""
    from dubsync.core.timeline.probed import frame_text

    if result.rate is None or (result.from_start and result.start is None):
        return f"{float(seconds):.3f}"
    return frame_text(seconds * result.rate, result.rate, result.drop)
