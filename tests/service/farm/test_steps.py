"""A farm starts a shot as soon as its own actors are ready, whatever the people are called."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import SettingsError
from dubsync.service.farm.int_range import parse_range
from dubsync.service.farm.step_names import LONGEST, step_name
from dubsync.service.farm.steps import farm_steps
from dubsync.service.tasks.task import Task

people = st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=6, unique=True)
casts = st.lists(st.sets(st.integers(0, 5), max_size=3), min_size=1, max_size=12)


def tasks(who, casts):
    """A reel's tasks: `casts` are the people in each shot, by their place in `who`."""
    shown = [sorted({who[n % len(who)] for n in cast}) for cast in casts]
    looks = [Task("look", f"s{n}", "it") for n in range(len(shown))]
    ids = tuple(look.id for look in looks)
    known = sorted({name for cast in shown for name in cast})
    learns = [Task("learn", name, "it", ids) for name in known]
    shots = [
        Task("shot", f"s{n}", "it", tuple(f"learn:{name}" for name in cast) or (f"look:s{n}",))
        for n, cast in enumerate(shown)
    ]
    return [*looks, *learns, *shots, Task("finish", "", "it", tuple(s.id for s in shots))]


@settings(max_examples=30)
@given(people, casts, st.sampled_from([2, 3, 90]))
def test_each_task_is_in_one_step_whose_name_a_template_can_hold(who, casts, most):
    made = farm_steps(every := tasks(who, casts), most)
    numbered = [task for step in made for task in step.tasks]
    assert sorted(task.id for task in numbered) == sorted(task.id for task in every)
    total = len(every)
    ranges = [number for step in made for number in parse_range(step.range, total)]
    assert ranges == list(range(total))
    assert len({step.name.casefold() for step in made}) == len(made)
    assert all(re.fullmatch(r"[A-Za-z0-9_]{1,64}", step.name) for step in made)


@settings(max_examples=30)
@given(people, casts, st.sampled_from([2, 3, 90]))
def test_a_step_waits_for_what_its_tasks_wait_for_and_only_for_earlier_steps(who, casts, most):
    made = farm_steps(tasks(who, casts), most)
    step_of = {task.id: step.name for step in made for task in step.tasks}
    before = set()
    for step in made:
        assert set(step.waits_for) <= before
        wanted = {step_of[one] for task in step.tasks for one in task.waits_for}
        assert wanted == set(step.waits_for)
        before.add(step.name)


def test_shots_of_two_actors_are_a_step_of_their_own():
    made = {step.name: step for step in farm_steps(tasks(["ELISE", "MARC"], [{0}, {1}, {0, 1}]))}
    assert made["Shots_ELISE"].waits_for == ("Learn_ELISE",)
    assert made["Shots_ELISE_MARC"].waits_for == ("Learn_ELISE", "Learn_MARC")
    assert made["Finish"].waits_for == ("Shots_ELISE", "Shots_MARC", "Shots_ELISE_MARC")


def test_a_crowd_stays_below_the_limit_and_the_largest_parts_keep_their_own_steps():
    who = [f"P{n}" for n in range(200)]
    made = farm_steps(tasks(who, [{n} for n in range(200)] + [{0}] * 5))
    assert len(made) <= 2 * 90 + 2
    assert "Shots_P0" in {step.name for step in made}


@pytest.mark.parametrize("name", ["{{Param.Keys}}", "../../etc", "a\nb", "Élise", "李", "X" * 200])
def test_a_hostile_name_becomes_a_plain_one(name):
    made = step_name("Learn", [name], [])
    assert re.fullmatch(r"Learn[A-Za-z0-9_]*", made)
    assert len(made) <= LONGEST


def test_two_people_never_share_a_name():
    first = step_name("Learn", ["Élise"], [])
    assert step_name("Learn", ["Elise"], [first]) != first
    assert step_name("Learn", ["李"], []) != step_name("Learn", ["王"], [])


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("3", (3,)), ("3-3", (3,)), ("0-4", (0, 1, 2, 3, 4)), ("5,0-4:2", (0, 2, 4, 5))],
)
def test_a_task_takes_any_range_that_a_scheduler_makes(text, numbers):
    assert parse_range(text, 6) == numbers


@pytest.mark.parametrize("text", ["", "6", "0-6", "4-2", "a", "0-4:0", "-1", "1;2"])
def test_what_is_no_range_of_the_job_is_refused(text):
    with pytest.raises(SettingsError):
        parse_range(text, 6)
