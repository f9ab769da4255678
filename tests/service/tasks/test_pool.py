"""Several processes do one reel: what editors rely on when one dies, or the user stops them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from dubsync.core.errors import Cancelled, DubsyncError
from dubsync.service.project import Project
from dubsync.service.tasks import memory
from dubsync.service.tasks import pool as pool_of
from dubsync.service.tasks.pool import Pool
from dubsync.service.tasks.run_reel import run_reel
from dubsync.service.tasks.task import Task
from dubsync.service.tasks.task_queue import TaskQueue
from tests.service.reel_making import ENGINE, fresh_reel

#: A worker that dies over shot:a each time, over shot:b once, and does the rest.
DOUBLE = """
import json, os, signal, sys
from pathlib import Path
from dataclasses import asdict
from dubsync.service.tasks.task import Task, TaskResult, parse_id
here = Path(sys.argv[-2] if sys.argv[-1].isdigit() else sys.argv[-1])
for line in sys.stdin:
    name = json.loads(line)["task"]
    print(json.dumps({"step": {"name": "render", "shot": name, "done": 1, "total": 2,
                               "note": "", "unit": "frames", "lane": 0}}), flush=True)
    died = here / f"died_{name.replace(':', '_')}"
    if name == "shot:a" or (name == "shot:b" and not died.exists()):
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    kind, shot = parse_id(name)
    done = asdict(TaskResult(Task(kind, shot, "de"), "done"))
    print(json.dumps({"result": done, "memory": [1000, 2000]}), flush=True)
"""


def worker_double(tmp_path: Path) -> str:
    """The path of an interpreter that runs DOUBLE, whatever module it is asked for."""
    script = tmp_path / "double.py"
    script.write_text(DOUBLE)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$3" "$4"\n')
    python.chmod(0o755)
    return str(python)


def test_a_task_whose_process_is_killed_is_done_again_once_and_the_others_go_on(tmp_path):
    tasks = [Task("shot", name, "de") for name in "abcd"]
    steps, results = [], {}
    with Pool(tmp_path, 2, python=worker_double(tmp_path)) as pool:
        pool.run(TaskQueue(tasks), steps.append, lambda one: results.update({one.task.id: one}))
    assert {name: one.status for name, one in results.items()} == {
        "shot:a": "failed", "shot:b": "done", "shot:c": "done", "shot:d": "done",
    }  # fmt: skip
    assert "signal 9" in results["shot:a"].reason
    assert pool.held.each == 2000
    assert {step.lane for step in steps if step.name} == {1, 2}


def test_no_more_workers_are_started_than_fit_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(pool_of, "ASSUMED", 10**9)
    monkeypatch.setattr(memory, "free", lambda: 3 * 10**9)
    tasks = [Task("shot", name, "de") for name in "cdefgh"]
    with Pool(tmp_path, 64, python=worker_double(tmp_path)) as pool:
        pool._begin(TaskQueue(tasks))
        assert (pool.held.workers, pool.held.bound) == (2, True)


def test_a_machine_that_can_start_no_process_says_so(tmp_path):
    with (
        pytest.raises(DubsyncError, match="no worker process can be started") as refused,
        Pool(tmp_path, 2, python=str(tmp_path / "absent")) as pool,
    ):
        pool.run(TaskQueue([Task("shot", "c", "de")]), lambda step: None, lambda one: None)
    assert refused.value.hint


def test_ctrl_c_ends_every_worker(tmp_path):
    def cancelled(step):
        if step.name:
            raise Cancelled

    before = children(os.getpid())  # other tests of this process may have left some
    with (
        pytest.raises(Cancelled),
        Pool(tmp_path, 2, python=worker_double(tmp_path)) as pool,
    ):
        pool.run(TaskQueue([Task("shot", "c", "de")]), cancelled, lambda one: None)
    until = time.monotonic() + 10  # a busy machine takes its time to end a process
    while set(children(os.getpid())) - set(before) and time.monotonic() < until:
        time.sleep(0.05)
    assert not set(children(os.getpid())) - set(before)


def children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(one) for one in (task / "children").read_text().split()]
    return found


def digests(reel: Path) -> dict[str, list[str]]:
    records = sorted(reel.glob("renders/*/v*/*.record.json"))
    return {path.parent.parent.name: json.loads(path.read_text())["frame_digests"]
            for path in records}  # fmt: skip


def test_a_real_run_that_is_killed_goes_on_and_makes_the_same_pictures(tmp_path, engine):
    home = tmp_path / "dubs never heard"
    home.mkdir()
    reel = fresh_reel(home, date.today())
    command = [sys.executable, "-m", "dubsync", "run", str(reel), "--jobs", "2", "--json",
               "--allow-engine", ENGINE]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stderr is not None
        steps = (line for line in run.stderr if '"name": "render"' in line)
        next(steps)
        workers = children(run.pid)
        run.send_signal(signal.SIGKILL)
    assert workers, "renders are made in processes of their own"
    until = time.monotonic() + 10
    while any(Path(f"/proc/{one}/cmdline").exists() for one in workers):
        assert time.monotonic() < until, "workers outlive their parent"
        time.sleep(0.05)

    results, heard = [], shutil.ignore_patterns("renders", "tracks", "actors", "pages", "results")
    alone = shutil.copytree(reel.parent, tmp_path / "alone", ignore=heard) / reel.name
    done = run_reel(Project.open(reel), 1, allow_missing=True, finished=results.append)

    assert {one.status for one in results} <= {"done", "unchanged"}
    assert done.report is not None and done.delivery is not None
    assert not list(reel.glob("renders/*/.making-*"))
    Project.open(alone).sync()
    assert digests(reel) == digests(alone) != {}
