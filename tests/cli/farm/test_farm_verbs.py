"""What a render farm reads of a task: lines of Open Job Description, and the exit code."""

import json
import os
import re
import signal

import pytest
from click.testing import CliRunner

from dubsync.cli.farm import openjd_progress
from dubsync.cli.farm.openjd_progress import OpenJDProgress, stoppable
from dubsync.cli.main import main
from dubsync.core.errors import Cancelled
from dubsync.core.progress import Step


def run(*arguments):
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def shots(reel):
    """The shots.json of a job for the reel."""
    answer = run("submit", reel, "--chunk", 2, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)["folder"] + "/shots.json"


def test_submit_tells_the_steps_and_how_to_hand_the_job_in(reel):
    text = run("submit", reel).stdout
    assert re.search(r"Shots_ELISE +1 +Learn_ELISE", text)
    assert f"deadline bundle submit {reel}/farm/fr-FR/v001" in text
    assert "openjd run" in text


def test_a_task_tells_its_progress_to_the_end(reel, shots):
    answer = run("farm-task", reel, shots, "0-1")
    assert answer.exit_code == 0
    told = [float(one) for one in re.findall(r"^openjd_progress: (.*)$", answer.stdout, re.M)]
    assert told == sorted(told)
    assert told[-1] == 100
    assert "openjd_status: look:b done\n" in answer.stdout


def test_a_shot_that_nobody_allows_lets_the_others_go_on_and_the_last_task_fails(reel, shots):
    for record in (reel / "consent").glob("marc*"):
        record.unlink()
    answer = run("farm-task", reel, shots, "5")
    assert answer.exit_code == 0
    assert re.search(r"^openjd_status: shot:b blocked: .*consent.*Try: ", answer.stdout, re.M)
    answer = run("farm-task", reel, shots, "6")
    assert answer.exit_code == 1
    assert re.search(r"^openjd_fail: finish failed: ", answer.stdout, re.M)


def test_a_task_that_cannot_begin_fails_with_the_reason_and_the_remedy(reel, shots):
    answer = run("farm-task", reel, shots, "99")
    assert answer.exit_code == 1
    assert re.search(r"^openjd_fail: '99' is not in this job.*Try: write", answer.stdout, re.M)


def test_sigterm_stops_the_work_at_its_next_report():
    progress = OpenJDProgress()
    with stoppable(progress):
        progress(Step("render", "a", 1, 9))
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Cancelled):
            progress(Step("render", "a", 2, 9))


def test_a_name_cannot_write_a_line_of_its_own(capsys):
    openjd_progress.status("a\nopenjd_fail: never\r\x1b[2J")
    assert capsys.readouterr().out == "openjd_status: a openjd_fail: never  [2J\n"


def test_the_last_task_counts_its_shots(capsys):
    progress = OpenJDProgress()
    progress.begin("finish", 4)
    for shot in "abcd":
        progress(Step("check", shot, 5, 5))
    told = re.findall(r"openjd_progress: (.*)", capsys.readouterr().out)
    assert told == ["17.5", "35.0", "52.5", "70.0"]
