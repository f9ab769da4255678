"""What a reel's length costs besides its pictures: one shot's cost must not grow with the reel.

    python -m benchmarks.reel.length FINISHED WORK [--times 1,5]

FINISHED is a long reel, or a short one, that was run.  It is repeated in the folder WORK: the same
events again and again, with renders, looks and pages in place by hard links, so that nothing is
drawn.  Measured, in CPU seconds, in a process of its own each: opening, listing the tasks, who is
who, status, a check and a delivery.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.media.sound.stem import read_sound
from dubsync.service.project import Project
from dubsync.service.tasks.list_tasks import reel_tasks
from dubsync.service.tasks.memory import taken

_TIMES = re.compile(r"(\d\d):(\d\d):(\d\d):(\d\d)")
RATE = 25
STAGES = ("open", "tasks", "look", "status", "shot", "plan", "check", "deliver")


def repeated(finished: Path, folder: Path, times: int) -> Path:
    """The reel `finished`, `times` over, in `folder`; sounds and looks are known there already."""
    folder.mkdir(parents=True)
    for name in ("plates", "consent"):
        (folder / name).symlink_to((finished / name).resolve())
    (folder / "dubsync.toml").write_text((finished / "dubsync.toml").read_text())
    text = (finished / "long.edl").read_text()
    head, _, events = text.partition("\n\n")
    length = _length(events)
    parts = [_later(events, n, n * length) for n in range(times)]
    (folder / "long.edl").write_text(head + "\n\n" + "".join(parts))
    (folder / "dub").mkdir()
    for dub in (finished / "dub").iterdir():
        _repeat_sound(dub, folder / "dub" / dub.name, length, times)
    shutil.copytree(finished / ".dubsync", folder / ".dubsync", copy_function=os.link,
                    ignore=shutil.ignore_patterns("digests.json", "states", "results"))  # fmt: skip
    return folder


def stage(folder: Path, name: str) -> dict[str, Any]:
    """CPU seconds and peak memory of one stage, in this process."""
    project = Project.open(folder)
    steps: dict[str, Callable[[], object]] = {
        "open": lambda: project.turnover(),
        "tasks": lambda: reel_tasks(project),
        "look": lambda: project.reel.look(lambda step: None),
        "status": lambda: project.status(),
        "shot": lambda: _one_shot(project),
        "plan": lambda: [project.reel.look(lambda step: None).plan(shot).render_key
                         for shot in project.reel.turnover.shots],
        "check": lambda: project.check(),
        "deliver": lambda: project.deliver(allow_missing=True),
    }  # fmt: skip
    if name != "open":
        project.turnover()
    began, wall = time.process_time(), time.monotonic()
    steps[name]()
    return {
        "cpu": round(time.process_time() - began, 2), "wall": round(time.monotonic() - wall, 2),
        "shots": len(project.intake.turnover.shots),
        "memory_mb": taken()[1] >> 20,
    }  # fmt: skip


def _one_shot(project: Project) -> None:
    """Plan the middle shot of the reel, with what is heard in it."""
    shots = project.reel.turnover.shots
    shot = shots[len(shots) // 2]
    assert project.reel.look(lambda step: None).plan(shot).render_key


def main() -> None:
    """Measure every length, and print a row a stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("finished", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--times", default="1,5")
    parser.add_argument("--stages", default=",".join(STAGES))
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(stage(asked.work, asked.one)))
        return
    for times in map(int, asked.times.split(",")):
        folder = asked.work / f"times_{times}"
        if not folder.is_dir():
            repeated(asked.finished, folder, times)
        for name in asked.stages.split(","):
            command = [sys.executable, "-m", "benchmarks.reel.length", str(asked.finished),
                       str(folder), "--one", name]  # fmt: skip
            ended = subprocess.run(command, capture_output=True, text=True)
            said = ended.stdout.strip().splitlines()
            print(times, name, said[-1] if said else ended.stderr[-300:], flush=True)


def _length(events: str) -> int:
    """Frames from the first record frame to the last."""
    found = [_frames(match) for match in _TIMES.finditer(events)]
    return max(found[3::4]) - min(found[2::4])


def _later(events: str, again: int, frames: int) -> str:
    """The events, numbered on and moved on the record by so many frames."""
    count = len(set(re.findall(r"^(\d{3,})  ", events, re.M)))
    result = []
    for line in events.splitlines():
        times = list(_TIMES.finditer(line))
        if len(times) == 4:
            for match in reversed(times[2:]):
                moved = _frames(match) + frames
                line = line[: match.start()] + _timecode(moved) + line[match.end() :]
            line = f"{int(line[:3]) + again * count:06d}{line[3:]}"
        result.append(line)
    return "\n".join(result) + "\n"


def _frames(match: re.Match[str]) -> int:
    hours, minutes, seconds, frames = map(int, match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * RATE + frames


def _timecode(frames: int) -> str:
    seconds, rest = divmod(frames, RATE)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}"


def _repeat_sound(dub: Path, to: Path, frames: int, times: int) -> None:
    from benchmarks.reel.make import SOUND_RATE, write_wav

    samples = np.asarray(read_sound(dub, rate=SOUND_RATE).samples, np.float32).reshape(-1)
    whole = np.zeros(frames * SOUND_RATE // RATE, np.float32)
    whole[: len(samples)] = samples[: len(whole)]
    write_wav(to, np.tile(whole, times))


if __name__ == "__main__":
    main()
