"""Live: pictures a second, time from captured to shown, and what was dropped.

    python -m benchmarks.live [--seconds N] [--alone] [--subject NAME ...] [--sink none] [--json]

A driver's movie plays at its own rate into the real pipeline of processes; the picture is 480 lines
high and is written into a movie while it is drawn.  A frame counts as captured when it was due, and
as shown when the encoder has it.  --alone gives the pipeline real-time priority (SCHED_RR), as if
nothing else ran on the machine; without it the machine is measured as it is.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from dubsync.core.driven.live import LiveSubject
from dubsync.core.settings import EngineSettings
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.track.landmarker import Landmarker
from dubsync.service.live.figures import LiveFigures
from dubsync.service.live.parts import Driver
from dubsync.service.live.run import LiveRun, Sink, run_until
from dubsync.service.live.session import LiveSession
from dubsync.service.live.sinks import into_movie

SHARED = Path(__file__).parents[2] / "shared"
DRIVER = SHARED / "takes" / "woman_lipsync_15s.mp4"
STILLS = ("obama_official.jpg", "mona_lisa_painting.jpg", "einstein_old_photo.jpg")
GAZE = "gaze"
#: Pictures a second on two cores, and most milliseconds from captured to shown.
LEAST_RATE, MOST_MS = 15.0, 150.0


def subject_of(name: str) -> LiveSubject:
    """The photograph of that name, the learnt head in that folder, or the driver's own gaze."""
    if name == GAZE:
        return LiveSubject("gaze")
    if Path(name).is_dir():
        return LiveSubject("head", head=Path(name))
    picture = cv2.imread(str(SHARED / "portraits" / name))
    if picture is None:
        raise click.ClickException(f"no {SHARED / 'portraits' / name} beside this checkout")
    rgb = np.ascontiguousarray(picture[..., ::-1])
    (face, *_) = Landmarker().find(rgb_frame(rgb))
    return LiveSubject("still", (rgb,), (face.points,))


def measure(name: str, seconds: float, sink: str) -> LiveFigures | None:
    """The figures of one subject."""
    driver = Driver(movie=DRIVER)
    with ExitStack() as opened:
        sinks: list[Sink] = []
        if sink == "movie":
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            sinks.append(opened.enter_context(into_movie(folder / "live.mov", driver, "synthetic")))
        session = opened.enter_context(LiveSession(driver, subject_of(name), EngineSettings()))
        run_until(LiveRun(session, sinks, lambda: None), lambda: False, lambda line: None, seconds)
        return session.figures()


def table(rows: Sequence[tuple[str, LiveFigures]]) -> Table:
    shown = Table(title="Live, 480 lines")
    for name in ("subject", "a second", "dropped", "latency ms", "95 %", "follow ms", "95 %",
                 "draw ms", "95 %", "wait ms"):  # fmt: skip
        shown.add_column(name, justify="left" if name == "subject" else "right")
    for name, one in rows:
        share = one.dropped / (one.shown + one.dropped)
        spreads = (one.latency, one.follow, one.draw)
        both = [f"{value:.0f}" for spread in spreads for value in (spread.median, spread.most)]
        shown.add_row(name, f"{one.rate:.1f}", f"{share:.0%}", *both, f"{one.wait.median:.0f}")
    return shown


@click.command()
@click.option("--seconds", default=12.0, help="Of each subject.")
@click.option("--alone", is_flag=True, help="With real-time priority over other work; needs root.")
@click.option(
    "--subject",
    "subjects",
    multiple=True,
    help="A photograph's name, gaze, or the folder of a learnt head.",
)
@click.option("--sink", type=click.Choice(["movie", "none"]), default="movie", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def main(
    seconds: float, alone: bool, subjects: tuple[str, ...], sink: str, as_json: bool
) -> None:  # fmt: skip
    """Measure the live pipeline; exit 3 where a target is missed."""
    load = os.getloadavg()[0]
    if alone:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
    rows = []
    for name in subjects or (*STILLS, GAZE):
        figures = measure(name, seconds, sink)
        if figures is None:
            raise click.ClickException(f"{name}: no picture was shown in {seconds:.0f} s")
        rows.append((Path(name).stem, figures))
    passed = all(one.rate >= LEAST_RATE and one.latency.median <= MOST_MS for _, one in rows)
    if as_json:
        result: dict[str, Any] = {name: asdict(one) for name, one in rows}
        click.echo(json.dumps({"subjects": result, "load": load, "passed": passed}))
    else:
        console = Console(width=110)
        console.print(table(rows))
        how = "real-time priority" if alone else "as the machine is"
        console.print(f"{os.cpu_count()} cores; load {load:.1f} before; {how}")
    raise SystemExit(0 if passed else 3)


if __name__ == "__main__":
    main()
