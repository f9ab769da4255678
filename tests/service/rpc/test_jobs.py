"""Jobs render in processes of their own: one at a time, cancelled cleanly, never lost."""

from __future__ import annotations

import queue
import sys

import pytest

from dubsync.core.errors import SettingsError
from dubsync.service.rpc.jobs import Jobs

#: A render that tells of one shot, then does as the reel's name says.
RENDER = """
import json, sys
shots = json.loads(sys.stdin.readline())
def say(**told): print(json.dumps(told), flush=True)
say(step={"shot": shots[0], "step": "render", "done": 1, "of": 2})
print("a library prints")
how = sys.argv[1]
if how == "die": sys.exit(7)
for name in shots:
    bad = how == "bad" and name == "b"
    say(result={"name": name, "status": "failed" if bad else "done", "message": "", "hint": ""})
    if how == "wait" and sys.stdin.readline() == "":
        say(end={"state": "cancelled"}); sys.exit()
say(end={"state": "done"})
"""


@pytest.fixture
def told():
    return queue.Queue()


@pytest.fixture
def jobs(told):
    made = Jobs(
        lambda method, params: told.put((method, params)),
        lambda work: [{"name": name, "status": one["status"]} for name, one in work.told.items()],
        program=(sys.executable, "-S", "-E", "-c", RENDER),
    )  # fmt: skip
    yield made
    made.close()


def ends(told):
    """The next `finished`, and the notifications before it."""
    before = []
    while (method := (got := told.get(timeout=20))[0]) != "finished":
        before.append(got)
    assert method == "finished"
    return got[1], before


def test_a_job_tells_its_progress_and_its_end(jobs, told):
    number = jobs.add("done", "", ["a", "b"])
    end, before = ends(told)
    assert (end["job"], end["state"], len(end["shots"])) == (number, "done", 2)
    assert before[0] == ("progress", {"job": number, "shot": "a", "step": "render", "done": 1,
                                      "of": 2, "shots_done": 0, "shots": 2})  # fmt: skip


def test_a_job_with_a_shot_that_failed_has_failed(jobs, told):
    jobs.add("bad", "", ["a", "b"])
    assert ends(told)[0]["state"] == "failed"


def test_a_render_that_dies_is_told_with_what_to_try(jobs, told):
    jobs.add("die", "", ["a"])
    end, _ = ends(told)
    assert end["state"] == "failed" and "code 7" in end["message"] and "again" in end["hint"]


def test_a_cancelled_job_keeps_what_is_finished_and_the_next_one_runs(jobs, told):
    first, second = jobs.add("wait", "", ["a", "b"]), jobs.add("done", "", ["c"])
    while told.get(timeout=20)[0] != "progress":
        pass
    jobs.cancel(first)
    end, _ = ends(told)
    assert (end["job"], end["state"]) == (first, "cancelled")
    assert [shot["name"] for shot in end["shots"]] == ["a"]
    assert ends(told)[0]["job"] == second


def test_a_job_that_waits_can_be_cancelled_and_an_unknown_one_is_refused(jobs, told):
    first, second = jobs.add("wait", "", ["a"]), jobs.add("wait", "", ["b"])
    jobs.cancel(second)
    jobs.cancel(first)
    assert {ends(told)[0]["state"] for _ in "12"} == {"cancelled"}
    with pytest.raises(SettingsError, match="no job"):
        jobs.cancel("99")


def test_closing_stops_the_running_job_cleanly(jobs, told):
    jobs.add("wait", "", ["a", "b"])
    while told.get(timeout=20)[0] != "progress":
        pass
    jobs.close()
    assert ends(told)[0]["state"] == "cancelled"
