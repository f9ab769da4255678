"""Active speaker detection: how late is a clip's sound, and which face on screen does it come from?

    python -m benchmarks.speaking [--json] [--kept FOLDER] [--fit] [--part offsets|faces|debate]

Clips of ../shared/footage.  Every figure is on a person the filter was not fitted on: it is fitted
again without each of the taught (benchmarks.sound_head.TRAINED_ON); on the held-out clips neither
the filter nor a constant was fitted or chosen.  `--fit` writes the filter that ships, fitted on all
that are taught, and prints the constants.

Offsets.  The people of GRID were recorded in sync.  Known of the others: syncnet_example's
published offset, and how much later the sound lies in its two copies (the sound's own
cross-correlation, minus the delay of their frames' time stamps).  Shifted: every clip moved by -10
to +10 frames, against its own estimate unshifted.  Excerpts: the estimate from 2, 3 and 6 s of a
clip against the one from all of it; strangers: every mouth against every other person's sound.

Faces.  The debate: two people who talk at once for most of the clip, labelled in
debate_speakers.csv by a person who knew neither the method nor its results (how: its first lines).
Frames labelled unsure or nobody are left out.  "right": the likelier face is speaking; where both
are, either counts, so "always_left", naming the left face throughout, is the figure to beat.  By
the filter that ships: neither of the two is in it.
Pairs: two held-out clips side by side, the sound of one.  Turns: the sound of one, then of the
other, whose picture comes 0 to 3 frames late, as by another feed.  Off screen: a clip with the
sound of another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.speaking.clips import COPIES, ORIGINAL, Filters, Shelf
from benchmarks.speaking.faces import (
    debate_row,
    faces_summary,
    pair_rows,
    turn_rows,
    turns_summary,
)
from benchmarks.speaking.fitting import fit_all
from benchmarks.speaking.offsets import copies_rows, excerpt_rows, offset_rows, stranger_row

DEBATE = "debate_two_faces_001.avi"
LEAST_SHARE, LEAST_RIGHT = 0.9, 0.9


def table(title: str, rows: Sequence[Mapping[str, object]]) -> Table:
    """Rows of one shape as a table."""
    shown = Table(title=title)
    for name in rows[0]:
        shown.add_column(name, justify="left" if isinstance(rows[0][name], str) else "right")
    for row in rows:
        shown.add_row(*map(str, row.values()))
    return shown


def measure(shelf: Shelf, part: str | None) -> dict[str, object]:
    """Every figure, and whether the project's targets are met."""
    result: dict[str, object] = {}
    passed = []
    if part != "offsets":
        debate = debate_row(shelf.clip(DEBATE, "debate"))
        result["debate"] = debate
        passed.append(debate["speaking_right"] >= LEAST_RIGHT)
        passed.append(debate["speaking_right"] > debate["always_left"])
    if part == "debate":
        return {"passed": all(passed), **result}
    taught, held_out = shelf.taught(), shelf.held_out()
    filters = Filters(taught)
    for name, clips in (("taught", taught), ("held_out", held_out)):
        if part != "faces":
            rows = offset_rows(clips, filters)
            share = float(np.mean([row["shifted_within_a_frame"] for row in rows]))
            passed.append(share >= LEAST_SHARE)
            result |= {
                f"{name}_offsets": rows,
                f"{name}_shifted_within_a_frame": round(share, 3),
                f"{name}_excerpts": excerpt_rows(clips, filters),
                f"{name}_strangers": stranger_row(clips, [*taught, *held_out], filters),
            }
    if part != "offsets":
        result["pairs"] = faces_summary(list(pair_rows(held_out, filters)))
        result["turns"] = turns_summary(list(turn_rows(held_out, filters)))
    if part != "faces":
        original = shelf.clip(ORIGINAL, "syncnet")
        copies = copies_rows(original, [shelf.clip(n, "syncnet") for n in COPIES], filters)
        result["copies"] = copies
        passed.append(all(abs(row["off_frames"]) <= 0.5 for row in copies))
    return {"passed": all(passed), **result}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option("--kept", type=click.Path(file_okay=False, path_type=Path),
              help="Folder in which tracks are saved between runs.")  # fmt: skip
@click.option("--fit", is_flag=True, help="Fit the shipped filter and print the constants.")
@click.option("--part", type=click.Choice(["offsets", "faces", "debate"]), help="Only this.")
def main(as_json: bool, kept: Path | None, fit: bool, part: str | None) -> None:
    """Measure; exit 3 where a target is missed."""
    with TemporaryDirectory() as scratch:
        folder = kept or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        shelf = Shelf(folder)
        if fit:
            clips = shelf.taught()
            click.echo(json.dumps(fit_all(clips, Filters(clips)), indent=1))
            return
        result = measure(shelf, part)
    if as_json:
        click.echo(json.dumps(result, indent=1))
    else:
        console = Console(width=140)
        for name, rows in result.items():
            if isinstance(rows, list):
                console.print(table(name, rows))
            else:
                console.print(name, rows)
    raise SystemExit(0 if result["passed"] else 3)


if __name__ == "__main__":
    main()
