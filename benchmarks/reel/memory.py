"""How much memory a worker holds from shot to shot: it must not grow with the reel.

    python -m benchmarks.reel.memory REEL WORK [--shots 16] [--again 1]

REEL was looked at and its actors were learnt.  It is copied to the folder WORK without its renders.
One worker, as `run --jobs` starts it, renders and checks every n-th shot there, so that all
characters come; then the same shots once more, the renders deleted: what it holds at the end of
both rounds is compared.  Nothing is written to REEL.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.reel.watched import held
from dubsync.service.project import Project
from dubsync.service.tasks.list_tasks import reel_tasks
from dubsync.service.tasks.task import Task

#: Folders of what was made of a shot: deleted, so that it is made again.
MADE = ("renders", ".dubsync/pages", ".dubsync/results", ".dubsync/frames", ".dubsync/proofs")


def copied(reel: Path, work: Path) -> Path:
    """The reel in `work`, without what was rendered."""
    shutil.copytree(reel, work, ignore=shutil.ignore_patterns("renders", "reports", "delivery"))
    return work


def measured(reel: Path, shots: int, rounds: int) -> list[list[tuple[str, int, int]]]:
    """For each round and shot: its name, and the worker's VmRSS and VmHWM after it in MB."""
    tasks = [task for task in reel_tasks(Project.open(reel)) if task.kind == "shot"]
    chosen = [tasks[n * len(tasks) // shots] for n in range(min(shots, len(tasks)))]
    module = "dubsync.service.tasks.worker"
    worker = subprocess.Popen(
        [sys.executable, "-m", module, str(reel), str(os.getpid())],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found = []
    for n in range(rounds):
        for name in MADE:
            shutil.rmtree(reel / name, ignore_errors=True)
        rows = []
        for task in chosen:
            status = _done(worker, task)
            rows.append((task.name, *held(worker.pid)))
            print(n + 1, *rows[-1], status, flush=True)
        found.append(rows)
    assert worker.stdin is not None
    worker.stdin.close()
    worker.wait()
    return found


def _done(worker: subprocess.Popen[str], task: Task) -> str:
    """Have the worker do a task, and wait for it; how it ended."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(json.dumps({"task": task.id, "language": task.language}) + "\n")
    worker.stdin.flush()
    for line in worker.stdout:
        if "result" in (said := json.loads(line)):
            return f"{said['result']['status']} {said['result']['seconds']:.0f} s"
    raise SystemExit(f"the worker died over {task.id}")


def main() -> None:
    """Measure, and print MB after each shot and what the second round added."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reel", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--shots", default=16, type=int)
    parser.add_argument("--again", default=1, type=int)
    asked = parser.parse_args()
    work = asked.work if asked.work.is_dir() else copied(asked.reel, asked.work)
    rounds = measured(work, asked.shots, 1 + asked.again)
    ends = [rows[-1][1] for rows in rounds]
    print(json.dumps({
        "first": rounds[0][0][1], "ends": ends, "most": max(row[2] for row in rounds[-1]),
        "highest_after_a_shot": [max(row[1] for row in rows) for rows in rounds],
        "added_by_the_last_round": ends[-1] - ends[0],
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
