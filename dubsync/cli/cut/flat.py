"""`dubsync cut`: find the cuts of a flat reel that came without a list."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.progress import shown
from dubsync.cli.tables import loss_line, losses_json, table
from dubsync.cli.verb import as_json_option, file_path, print_json, printable, verb
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.core.timeline.found_joins import FoundJoin
    from dubsync.service.flat_reel.cut_flat import FlatReel


@click.command(short_help="Find the cuts of a flat reel that has no list.")
@click.argument("reel", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=file_path, required=True,
              help="The list to write: .edl, .otio, .fcpxml, .xml, .aaf, .mlt or "
              ".kdenlive.")  # fmt: skip
@click.option("--no-sheet", is_flag=True, help="Do not draw contact sheets.")
@as_json_option
@verb
def cut(reel: Path, out: Path, no_sheet: bool, as_json: bool) -> None:
    """Find the cuts, dissolves and fades of REEL, a movie or an image sequence.

    The list plays REEL itself, at its own timecode, so that REEL is the plate of every event.
    OUT_sheet_01.jpg and so on show the first, middle and last frame of each event,
    OUT_doubts_01.jpg each doubtful join large.
    """
    from dubsync.service.flat_reel.cut_flat import cut_flat

    with shown() as progress:
        found = cut_flat(reel, out, sheets=not no_sheet, progress=progress)
    if as_json:
        print_json("dubsync.cut/1", _json(found))
    else:
        click.echo(printable(_text(found)))


def _json(found: FlatReel) -> dict[str, Any]:
    """The body of `dubsync.cut/1`."""
    plate = found.plate
    return {
        "reel": plate.path,
        "out": str(found.out),
        "rate": str(plate.frames.rate),
        "start": plate.frames.start,
        "frames": len(plate.frames),
        "timecode": plate.has_timecode,
        "events": [list(event) for event in found.events],
        "joins": [
            {
                "kind": join.kind, "start": join.start, "stop": join.stop,
                "timecode": _timecode(found, join.start), "sure": join.sure,
                "listed": join.listed, "why": join.why,
            }
            for join in found.joins
        ],
        "sheets": [str(path) for path in found.sheets],
        "losses": losses_json(found.losses),
    }  # fmt: skip


def _text(found: FlatReel) -> str:
    listed = [join for join in found.joins if join.listed]
    kinds = Counter(join.kind for join in listed)
    counts = ", ".join(counted(kinds[kind], kind) for kind in sorted(kinds)) or "no cut"
    lines = [f"{found.out}: {counted(len(found.events), 'event')}; {counts}"]
    if found.doubtful:
        lines.append(f"Look at {counted(len(found.doubtful), 'doubtful join')}:")
        lines.append(table(("record", "join", "", "why"), [_row(found, j) for j in found.doubtful]))
    if found.sheets:
        lines.append("Contact sheets: " + ", ".join(str(path) for path in found.sheets))
    lines += [loss_line(loss) for loss in found.losses]
    if not found.plate.has_timecode:
        lines.append("The reel states no timecode: record time counts from 0.")
    lines.append(
        f"Then: dubsync new REEL --cut {found.out} --media {Path(found.plate.path).parent} "
        "--handles 0 --dub CHARACTER=STEM.wav --language TAG"
    )
    return "\n".join(lines)


def _row(found: FlatReel, join: FoundJoin) -> tuple[str, str, str, str]:
    place = _timecode(found, join.start)
    if join.frames:
        place += f" to {_timecode(found, join.stop)}"
    return place, join.kind, "in the list" if join.listed else "not in the list", join.why


def _timecode(found: FlatReel, frame: int) -> str:
    from dubsync.service.flat_reel.cut_flat import timecode_of

    return timecode_of(found.plate, frame)
