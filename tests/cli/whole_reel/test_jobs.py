"""Several jobs: what a terminal, a log and a program are shown of them, and what is refused."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from dubsync.cli import progress
from dubsync.cli.main import main
from dubsync.core.errors import DeliveryError
from dubsync.core.progress import Step
from dubsync.service.disk_space import needed
from dubsync.service.project import Project
from dubsync.service.tasks import run_reel
from tests.service.reel_making import make_reel

STEPS = (
    Step("render", "SH010", 1, 90, lane=1),
    Step("render", "SH020", 1, 50, lane=2),
    Step("reel", "", 3, 12, "about 2 min left", "tasks"),
    Step("render", "SH010", 90, 90, lane=1),
)


def test_a_log_names_the_process_of_each_line(capsys):
    with progress.shown() as show:
        for step in STEPS:
            show(step)
    assert capsys.readouterr().err.splitlines() == [
        "[1] render SH010 1/90", "[2] render SH020 1/50", "reel  3/12 about 2 min left",
        "[1] render SH010 90/90",
    ]  # fmt: skip


def test_a_program_reads_each_step_as_an_object(capsys):
    with progress.shown(events=True) as show:
        for step in STEPS:
            show(step)
    read = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(one["name"], one["lane"], one["done"]) for one in read] == [
        ("render", 1, 1), ("render", 2, 1), ("reel", 0, 3), ("render", 1, 90),
    ]  # fmt: skip
    assert {one["schema"] for one in read} == {"dubsync.progress/1"}


def test_a_terminal_has_a_line_for_each_process():
    bars = progress._Bars()
    for step in STEPS:
        bars.show(step)
    shown = [task.description for task in bars._bars.tasks]
    bars.close()
    assert shown == ["render SH010", "render SH020", "reel "]


@pytest.mark.parametrize("verb", ["run", "sync"])
def test_dubs_are_heard_by_several_before_the_space_is_counted(monkeypatch, tmp_path, verb):
    told = []
    reel = make_reel(tmp_path, date.today())
    monkeypatch.setattr(
        run_reel, "hear_dubs", lambda project, jobs, progress, then: told.append(jobs)
    )
    monkeypatch.setattr(Project, "turnover", lambda project, progress: told.append("read"))

    def full(need, folder):
        told.append("space")
        raise DeliveryError("the disk is too small")

    monkeypatch.setattr(needed, "needed", lambda reel, names: None)
    monkeypatch.setattr(needed, "refuse_short", full)
    monkeypatch.setattr(Project, "unlooked", None)
    ended = CliRunner().invoke(main, [verb, str(reel), "--jobs", "2"])
    assert (ended.exit_code, told) == (1, [2, "read", "space"])


@pytest.mark.parametrize("asked", ["0", "-1", "many", "1.5"])
def test_a_number_of_jobs_that_is_none_is_refused_before_any_work(asked):
    ended = CliRunner().invoke(main, ["run", "REEL", f"--jobs={asked}"])
    assert ended.exit_code == 2
    assert "number from 1, or auto" in ended.output
