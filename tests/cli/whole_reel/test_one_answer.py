"""`run` says the same of a reel, and ends alike, in one process and in several."""

import json
import re
import shutil
from datetime import date
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.service.project import Project
from dubsync.service.tasks import memory
from dubsync.service.tasks.run_reel import _trained
from dubsync.service.tasks.task import Task, TaskResult
from tests.service.reel_making import ENGINE, make_reel
from tests.service.test_bad_input import HEAD, event, movie

#: Of what differs from run to run: times, and how long things took.
TIMES = re.compile(r'("(?:made|date|seconds|sha256|digest|seal|at)": )("[^"]*"|[0-9.]+)')


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """A reel with a shot that renders, and others refused, failing, undubbed and without plate."""
    home = tmp_path_factory.mktemp("mixed")
    reel = make_reel(home, date.today())
    for name in "cd":
        movie(home / "plates" / f"{name}.mov", start=f"0{'abcd'.index(name) + 1}:00:00:00")
    cut = event(1, "a.mov", "01:00:00:10 01:00:01:00", "01:00:00:00 01:00:00:14")
    cut += event(2, "b.mov", "02:00:00:10 02:00:01:06", "01:00:02:00 01:00:02:20")
    cut += event(3, "c.mov", "03:00:00:10 03:00:01:00", "01:00:00:14 01:00:01:04")
    cut += event(4, "d.mov", "04:00:00:10 04:00:00:20", "01:00:01:04 01:00:01:14")
    cut += event(5, "e.mov", "05:00:00:10 05:00:01:04", "01:00:02:20 01:00:03:14")
    (home / "cut.edl").write_text(HEAD + cut)
    (reel / "consent" / "marc-d.toml").unlink()  # b is refused
    (reel / "renders").mkdir()
    (reel / "renders" / "c").write_text("no folder")  # c fails
    Project.open(reel).turnover()  # the dubs are heard once for both
    return home


def ran(mixed, folder, *options):
    """Exit code and answer of a run of a copy of the reel, without times and folders."""
    shutil.copytree(mixed, folder)
    arguments = ["run", str(folder / "REEL"), "--json", "--allow-engine", ENGINE, *options]
    ended = CliRunner().invoke(main, arguments)
    text = TIMES.sub(r"\1null", ended.stdout).replace(str(folder), "HOME")
    return ended.exit_code, json.loads(text)


def test_plain_and_with_jobs(mixed, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "workers_that_fit", lambda *asked: 1)  # one is as good as two
    plain = ran(mixed, tmp_path / "plain", "--allow-missing")
    several = ran(mixed, tmp_path / "several", "--allow-missing", "--jobs", "2")

    assert plain == several
    code, answer = plain
    assert code == 1
    assert {one["name"]: one["status"] for one in answer["shots"]} == {
        "a": "done", "b": "blocked", "c": "failed", "d": "skipped", "e": "failed",
    }  # fmt: skip
    assert answer["report"]["counts"] == {
        "shots": 4, "checked": 1, "pass": 0, "review": 0, "fail": 1,
    }  # fmt: skip
    assert answer["delivery"]["corrected"] == ["a"]


def learnt(who, status, made=""):
    return TaskResult(Task("learn", who, "fr-FR"), status, "too few frames", "film more", made)


def test_why_an_actor_was_not_trained_is_told_where_training_was_asked_for(tmp_path):
    shots = [SimpleNamespace(characters=("MARC",)), SimpleNamespace(characters=("ELISE", "MARC"))]
    reel = SimpleNamespace(turnover=SimpleNamespace(shots=shots))
    results = {who: learnt(who, how) for who, how in (("ELISE", "blocked"), ("MARC", "failed"))}
    told = []
    for minutes in (5.0, 0.0):
        settings = SimpleNamespace(engine=SimpleNamespace(train_minutes=minutes))
        project = SimpleNamespace(file=SimpleNamespace(settings=settings), reel=reel)
        told.append({who: why.hint for who, why in _trained(project, results).items()})
    assert told == [{"MARC": "film more", "ELISE": "film more"}, {}]
    assert list(told[0]) == ["MARC", "ELISE"]  # as a plain run: in order of the cut
