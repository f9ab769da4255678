"""Drive: does the mouth follow the take, and does sound alone move it as the actor's own speech
did?

    python -m benchmarks.drive [--part take|sound] [--only TABLE]... [--clips NAME,NAME]
                               [--kept FOLDER] [--json FILE] [--means]
                               [--motion-only] [--seconds N]

Take drive: see take.py.  Sound drive: tables

    strangers  people never seen: a whole clip, a head that was taught without the person
    actors     an actor who was learnt from other speech: another clip, or a clip's last fifth
    folds      whole clips, each quarter by an actor learnt from the other three
    curve      by seconds of the actor's speech learnt from
    level      the same sound softer and louder
    said       real lips where the words say m, b or p (needs dubsync[script])
    stems      time and memory of long stems

Each without the rules for lips and pauses and with all; the product of 2026-11-22 to 29 beside
(before_whisper.json).  Every head is trained without the person measured.  Public clips are out of
sync, so the offset of each is removed (benchmarks/offsets.py).  The truth is smoothed by 0.8
frames.  Intervals are the middle 80 % of 400 resamplings of 1 s blocks.  What figures mean:
figures.py.

Quick, for work on the rules: --only strangers --clips newsman,braids --means.  Tracks and heads are
kept in FOLDER; heads are trained again (1 or 2 minutes each) where what they depend on changed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.drive.before import BEFORE, Measured, before
from benchmarks.drive.goals import goals
from benchmarks.drive.kept_heads import TalksWithHeads
from benchmarks.drive.level import level_rows
from benchmarks.drive.said import said_rows
from benchmarks.drive.sound import TABLES
from benchmarks.drive.stems import stem_rows
from benchmarks.drive.tables import goal_table, level_table, said_table, stem_table, tables
from benchmarks.drive.take import TAKES, TARGETS, TakeRow, take_rows, take_table

ONLY = (*TABLES, "level", "said", "stems")


def sound_part(kept: Path, only: Sequence[str], named: Sequence[str]) -> Measured:
    """The wanted tables, of clips whose name contains one of `named`; all if there is none."""
    clips = TalksWithHeads(kept)

    def wanted(name: str) -> bool:
        return not named or any(part in name for part in named)

    rows = []
    for table, rows_of in TABLES.items():
        if table in only:
            rows += list(rows_of(clips, wanted))
            click.echo(table, err=True)
    levels = tuple(level_rows(clips)) if "level" in only else ()
    stems = tuple(stem_rows(kept)) if "stems" in only else ()
    said = tuple(said_rows(clips)) if "said" in only else ()
    return Measured(tuple(rows), levels, stems, said)


def take_part(seconds: float, render: bool) -> list[TakeRow]:
    """Every take on every target."""
    rows: list[TakeRow] = []
    for target in TARGETS:
        for take in TAKES:
            rows += take_rows(take, target, seconds, render=render)
            click.echo(f"{Path(take).stem} on {Path(target).stem}", err=True)
    return rows


@click.command()
@click.option("--part", type=click.Choice(["take", "sound"]), help="Only this part.")
@click.option("--only", multiple=True, type=click.Choice(ONLY), help="Only these sound tables.")
@click.option("--clips", default="", help="Only clips whose names contain one of these.")
@click.option("--kept", type=click.Path(path_type=Path), default=Path("sound_head_kept"),
              help="Tracks and heads are kept here.")  # fmt: skip
@click.option(
    "--json", "written", type=click.Path(path_type=Path), help="Also write all rows here."
)
@click.option("--means", "only_means", is_flag=True, help="Tables of means and goals only.")
@click.option("--motion-only", is_flag=True, help="Takes: do not render and track again.")
@click.option("--seconds", default=8.0, help="Of each take, at most.")
def main(
    part: str | None, only: tuple[str, ...], clips: str, kept: Path, written: Path | None,
    only_means: bool, motion_only: bool, seconds: float,
) -> None:  # fmt: skip
    """Measure both drives; exit 3 where a goal is missed."""
    named = tuple(filter(None, clips.split(",")))
    takes = [] if part == "sound" or only or named else take_part(seconds, not motion_only)
    sounds = Measured() if part == "take" else sound_part(kept, only or ONLY, named)
    reached = list(goals(takes, sounds.rows, sounds.stems))
    old = before() if BEFORE.is_file() else Measured()
    shown: list[Table] = [take_table(takes)] if takes else []
    shown += tables(sounds.rows, old.rows, only_means=only_means)
    shown += [level_table(sounds.levels, old.levels)] if sounds.levels else []
    shown += [said_table(sounds.said)] if sounds.said else []
    shown += [stem_table(sounds.stems, old.stems)] if sounds.stems else []
    console = Console(width=200)
    for table in (*shown, goal_table(reached)):
        console.print(table)
    if written:
        result = {"goals": [asdict(goal) for goal in reached], **sounds.document(),
                  "takes": [asdict(row) for row in takes]}  # fmt: skip
        written.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    raise SystemExit(0 if all(goal.met for goal in reached) else 3)


if __name__ == "__main__":
    main()
