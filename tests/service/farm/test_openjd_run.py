"""`openjd run` does a job for real: each task in a process of its own, step after step."""

import json
import re
import subprocess
import sys
from pathlib import Path

from dubsync.service.farm.bundle import write_bundle
from dubsync.service.farm.template import FarmOptions
from dubsync.service.project import Project
from tests.service.reel_making import ENGINE

ROOT = Path(__file__).parents[3]


def program(folder):
    """A `dubsync` as a farm's machine has it, which trusts the engine of these tests."""
    path = folder / "dubsync"
    path.write_text(
        f'#!/bin/sh\nverb="$1"\nshift\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m dubsync '
        f'"$verb" --allow-engine {ENGINE} "$@"\n'
    )
    path.chmod(0o755)
    return path


def openjd(folder, *arguments):
    return subprocess.run(
        [Path(sys.executable).with_name("openjd"), "run", folder / "template.json", *arguments],
        capture_output=True, text=True,
    )  # fmt: skip


def test_openjd_does_a_job_on_another_machine_s_paths(reel, tmp_path):
    (reel / "consent" / "marc-d.toml").unlink()
    made = write_bundle(Project.open(reel), FarmOptions(), allow_missing=True)
    rules = {"version": "pathmapping-1.0", "path_mapping_rules": [
        {"source_path_format": "POSIX", "source_path": "/studio", "destination_path": str(tmp_path)}
    ]}  # fmt: skip
    ran = openjd(
        made.folder, "-p", "Project=/studio/REEL", "-p", f"Dubsync={program(tmp_path)}",
        "--path-mapping-rules", json.dumps(rules), "--step", "Shots_ELISE", "--run-dependencies",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    ended = re.findall(r"openjd_status: (\S+) (done|unchanged|failed|blocked)", ran.stdout)
    assert ended == [("look:a", "done"), ("learn:ELISE", "done"), ("shot:a", "done")]
    assert (reel / "renders" / "a" / "v001").is_dir()
