"""What editors and farms rely on: the tasks of a reel, in order, each done by itself and once."""

import pytest

from dubsync.core.errors import SettingsError
from dubsync.core.progress import silent
from dubsync.service.project import Project
from dubsync.service.tasks import run_reel
from dubsync.service.tasks.do_task import do_task
from dubsync.service.tasks.list_tasks import reel_tasks, task_of
from dubsync.service.tasks.time_left import TimeLeft


def done(reel, name):
    """The task in a project that is opened anew, as in a process of its own."""
    project = Project.open(reel)
    return do_task(project, task_of(project, name))


def test_a_shot_waits_for_its_own_actors_and_an_actor_for_every_look(reel):
    tasks = {task.id: task for task in reel_tasks(Project.open(reel))}
    assert list(tasks) == [
        "look:a", "look:b", "learn:ELISE", "learn:MARC", "shot:a", "shot:b", "finish",
    ]  # fmt: skip
    assert tasks["learn:MARC"].waits_for == ("look:a", "look:b")
    assert tasks["shot:b"].waits_for == ("learn:MARC",)
    assert tasks["finish"].waits_for == ("shot:a", "shot:b")
    assert tasks["look:a"].frames == tasks["shot:a"].frames > 0


def test_the_time_left_of_a_run_counts_its_report_and_delivery(reel, monkeypatch):
    counted = []

    class Counted(TimeLeft):
        def __init__(self, tasks, jobs):
            counted[:] = [task.id for task in tasks]
            super().__init__(tasks, jobs)

    monkeypatch.setattr(run_reel, "TimeLeft", Counted)
    monkeypatch.setattr(run_reel.Pool, "run", lambda pool, waiting, shown, noted: None)
    project = Project.open(reel)
    run_reel.run_tasks(project, ("look", "learn", "shot"), 2, after=("finish",))
    assert counted == [task.id for task in reel_tasks(project)]


def test_tasks_are_listed_without_an_engine(reel, engine):
    reel_tasks(Project.open(reel))
    assert engine.ASKED == []


def test_a_task_that_is_not_there_is_refused_with_those_that_are(reel):
    with pytest.raises(SettingsError) as refused:
        task_of(Project.open(reel), "shot:c")
    assert "a, b" in refused.value.hint


@pytest.mark.parametrize("name", ["shot", "finish:a", "", "draw:a"])
def test_a_name_of_no_task_is_refused_with_the_forms(reel, name):
    with pytest.raises(SettingsError) as refused:
        task_of(Project.open(reel), name)
    assert "learn:CHARACTER" in refused.value.hint


def test_a_look_that_stands_is_not_made_again(reel, engine):
    assert done(reel, "look:a").status == "done"
    asked = list(engine.ASKED)
    assert done(reel, "look:a").status == "unchanged"
    assert engine.ASKED == asked == [("track", "a")]


def test_an_actor_is_learnt_once_and_only_their_shots_teach_it(reel, engine):
    done(reel, "look:a")
    done(reel, "look:b")
    assert done(reel, "learn:MARC").status == "done"
    assert done(reel, "learn:MARC").status == "unchanged"
    learnt = [asked for asked in engine.ASKED if asked[0] == "learn"]
    assert learnt == [("learn", "MARC", ["b.mov"])]


def test_what_nobody_allows_is_blocked_with_the_reason(reel):
    for record in (reel / "consent").glob("marc*"):
        record.unlink()
    assert done(reel, "shot:b").status == "blocked"
    result = done(reel, "learn:MARC")
    assert (result.status, result.ended_well) == ("skipped", True)


def test_a_process_holds_no_motion_of_a_shot_that_is_done(reel):
    project = Project.open(reel)
    for name in ("look:a", "look:b", "learn:ELISE", "shot:a", "shot:b"):
        assert do_task(project, task_of(project, name)).ended_well
    assert not project.reel.look(silent)._plans
