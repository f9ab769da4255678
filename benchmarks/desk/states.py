"""The states of a long reel's shots: how soon a desk knows them when nothing changed.

    python -m benchmarks.desk --part states [--shots 500] [--reel FOLDER] [--allow-engine NAME]

Without FOLDER a reel of gray plates is made, and rendered by the engine double of the tests, which
draws nothing: that takes some 3 s a shot.  Then a third of its shots are approved.  CPU time is
given too: it does not count what other programs take.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import wave
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np

from dubsync.core.timeline.timecode import Timecode
from dubsync.service.judge import Judging
from dubsync.service.plugins import allow_engine
from dubsync.service.project import Project
from tests.service.reel_making import ENGINE, make_reel
from tests.service.test_bad_input import HEAD, event, movie
from tests.speech.speech_synthesis import talk

RATE, EACH, SHOWN = Fraction(24), 40, 38  #: frames a second, a shot's share of the reel, in the cut


def long_reel(folder: Path, shots: int) -> Path:
    """A project of `shots` shots, ELISE's and MARC's in turn, each with a plate of its own."""
    reel, cut = make_reel(folder, date.today()), HEAD
    for old in (folder / "plates").iterdir():
        old.unlink()
    for n in range(shots):
        name, start, at = f"{'ab'[n % 2]}{n:03d}.mov", (600 + n) * 60 * 24, 86400 + n * EACH
        movie(folder / "plates" / name, start=_tc(start))
        cut += event(n + 1, name, f"{_tc(start + 10)} {_tc(start + 10 + SHOWN)}",
                     f"{_tc(at)} {_tc(at + SHOWN)}")  # fmt: skip
    (folder / "cut.edl").write_text(cut)
    for who in (0, 1):
        _stem(folder / f"{'em'[who]}.wav", shots, who)
    return reel


def _stem(path: Path, shots: int, who: int) -> None:
    """Speech in every second shot, beginning with the first or the second."""
    at = np.arange(round((shots * EACH / 24 + 2) * 48000)) / 48000 * 24
    speaks = (at % EACH < 30) & ((at // EACH).astype(int) % 2 == who)
    voice = np.resize(talk(5.0, 48000), len(at))
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 48000, len(at), "NONE", ""))
        out.writeframes((0.2 * voice * speaks * 32767).astype("<i2").tobytes())


def _tc(frame: int) -> str:
    return str(Timecode(frame, RATE))


def measured(reel: Path) -> dict[str, float]:
    """Seconds, and CPU seconds, of each thing that a desk asks."""
    Project.open(reel).status()
    result: dict[str, float] = {}
    judging = Judging(Project.open(reel), with_engine=False)

    def ask(name: str, asked: Callable[[], object]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        asked()
        result[f"{name} s"] = round(time.perf_counter() - wall, 3)
        result[f"{name} cpu s"] = round(time.process_time() - cpu, 3)

    ask("turnover opened", judging.project.turnover)
    ask("states, first asked", judging.known_states)
    ask("states, asked again", judging.known_states)
    names = [shot.name for shot in judging.project.turnover().shots]
    rendered = [name for name in names if judging.project.store.latest("renders", name)]
    for name in rendered[::3]:
        judging.approve(name, by="the benchmark")
    ask("states worked out after a third is approved", Judging(judging.project).states)
    ask("states, asked again then", Judging(judging.project).known_states)
    return {"shots": len(names), **result}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reel", type=Path)
    parser.add_argument("--shots", type=int, default=500)
    parser.add_argument("--allow-engine", default=ENGINE)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    allow_engine(chosen.allow_engine)
    with tempfile.TemporaryDirectory() as aside:
        made = chosen.reel or long_reel(Path(aside), chosen.shots)
        if chosen.reel is None:
            Project.open(made).sync()
        figures = measured(made)
    print(
        json.dumps(figures) if chosen.json else "\n".join(f"{k}: {v}" for k, v in figures.items())
    )
