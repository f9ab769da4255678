"""Workers of a machine on which folders have other names find the media that their parent finds."""

import io
import json
import shutil
import sys

from dubsync.core.farm.path_map import PathMap, PathRule
from dubsync.service.project import Project
from dubsync.service.settings.project_file import read_project_file
from dubsync.service.tasks import run_reel
from dubsync.service.tasks.pool import Pool
from dubsync.service.tasks.run_reel import run_tasks
from dubsync.service.tasks.worker import Worker

#: A worker that notes what it is asked, and says that it is done.
DOUBLE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from dubsync.service.tasks.task import Task, TaskResult, parse_id
for line in sys.stdin:
    asked = json.loads(line)
    with Path(sys.argv[1], "asked").open("a") as out:
        out.write(line)
    result = asdict(TaskResult(Task(*parse_id(asked["task"]), asked["language"]), "done"))
    print(json.dumps({"result": result, "memory": [1000, 2000]}), flush=True)
"""


def test_the_rules_of_the_machine_reach_every_worker(reel, tmp_path, engine, monkeypatch):
    toml, there = reel / "dubsync.toml", tmp_path / "there"
    toml.write_text(toml.read_text().replace("../", "/mnt/show/"))
    there.mkdir()
    for name in ("plates", "e.wav", "m.wav", "cut.edl"):
        shutil.move(tmp_path / name, there / name)
    script, python = tmp_path / "double.py", tmp_path / "python"
    script.write_text(DOUBLE)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "{tmp_path}"\n')
    python.chmod(0o755)
    monkeypatch.setattr(
        run_reel, "Pool", lambda *given, **more: Pool(*given, **more, python=str(python))
    )
    rules = PathMap((PathRule("/mnt/show", str(there)),))

    run_tasks(Project(read_project_file(reel, rules)), ("look",), 2)

    asked = (tmp_path / "asked").read_text().splitlines()
    assert sorted(json.loads(line)["task"] for line in asked) == ["look:a", "look:b"]
    output = io.StringIO()
    worker = Worker(reel, output)
    for line in (*asked, None):
        worker._asked.put(line)
    worker.run()
    said = [json.loads(line) for line in output.getvalue().splitlines()]
    assert [one["result"]["status"] for one in said if "result" in one] == ["done", "done"]
