"""The time left is right whatever the machine, and counts what no task has told of yet."""

from dataclasses import replace
from heapq import heappop, heappush
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.service.tasks.task import Task, TaskResult
from dubsync.service.tasks.task_queue import TaskQueue
from dubsync.service.tasks.time_left import RATE, TimeLeft

KINDS = ("look", "learn", "shot", "finish")
DUBS = tuple(Task("hear", who, "de", frames=600 * RATE) for who in "AB")


def reel(shots, frames=50):
    """Tasks of a reel of so many shots of three people."""
    names = [f"s{n}" for n in range(shots)]
    who = dict(zip(names, ("ABC"[n % 3] for n in range(shots)), strict=True))
    size = 480 * 270
    looks = tuple(Task("look", name, "de", (), frames, 40, size) for name in names)
    learns = tuple(
        Task("learn", one, "de", tuple(t.id for t in looks), frames * shots // 3, 0, size)
        for one in "ABC"
    )
    renders = tuple(Task("shot", n, "de", (f"learn:{who[n]}",), frames, 40, size) for n in names)
    return (*looks, *learns, *renders, Task("finish", "", "de", tuple(t.id for t in renders)))


def run(tasks, jobs, seconds):
    """(moment, what is said, what is true) at each task's end of a run on a machine like that."""
    now, told = [0.0], []
    left, queue, running = TimeLeft(tasks, jobs, clock=lambda: now[0]), TaskQueue(tasks), []
    while queue.left:
        while len(running) < jobs and (task := queue.next()):
            left.began(task)
            heappush(running, (now[0] + seconds(task), task.id, task))
        told.append((now[0], left.seconds()))
        ended, _, task = heappop(running)
        for share in (0.3, 0.7):  # between two ends
            middle = now[0] + share * (ended - now[0])
            before, now[0] = now[0], middle
            told.append((middle, left.seconds()))
            now[0] = before
        began, now[0] = now[0], ended
        queue.ended(result := TaskResult(task, "done", seconds=seconds(task)))
        assert began <= ended
        left.ended(result)
    return [(at, said, now[0] - at) for at, said in told]


@settings(max_examples=20)
@given(st.integers(1, 4), st.floats(0.2, 8), st.integers(0, 999))
def test_after_a_tenth_it_is_right_within_a_fifth_on_any_machine(jobs, slow, seed):
    """Tasks differ by a seventh either way, kinds by a twelfth, and workers take long to start."""
    dice, tasks = Random(seed), reel(40)
    model, first = TimeLeft(tasks, jobs), {task.id for task in tasks[:jobs]}
    kinds = {kind: dice.uniform(0.92, 1.08) for kind in KINDS}
    took = {
        task.id: slow * (model.cost(task) * kinds[task.kind] * dice.uniform(0.85, 1.15)
                         + 4.0 * (task.id in first))
        for task in tasks
    }  # fmt: skip
    told = run(tasks, jobs, lambda task: took[task.id])
    whole = told[0][2]
    for at, said, true in told:
        if at > whole / 10 and true > 0:
            assert abs(said - true) <= max(0.2 * true, 6.0 * slow), (at / whole, said, true)


def test_a_worker_that_is_slow_to_start_makes_no_slow_machine():
    tasks = reel(40)
    calm, starting = (TimeLeft(tasks, 2, clock=lambda: 0.0) for _ in range(2))
    for left, more in ((calm, 4.3), (starting, 4.3)):
        for n, task in enumerate(tasks[:12]):
            left.began(task)
            seconds = left.cost(task) + more * (n < 2)
            left.ended(TaskResult(task, "done", seconds=seconds))
    meant = TimeLeft(tasks[12:], 2, clock=lambda: 0.0).seconds()
    assert starting.seconds() == pytest.approx(meant, rel=0.05)


def test_while_dubs_are_heard_the_rest_of_the_run_is_counted():
    now = [0.0]
    hearing = TimeLeft(DUBS, 2, KINDS, lambda: now[0])
    alone = TimeLeft(DUBS, 2, (), lambda: now[0])
    assert hearing.seconds() > 3 * alone.seconds()
    said = {}
    for spoken in (6.0, 120.0):
        left = TimeLeft(DUBS, 2, KINDS, lambda: now[0])
        left.began(DUBS[0])
        left.ended(TaskResult(DUBS[0], "done", seconds=left.cost(DUBS[0]) + 4.3, spoken_s=spoken))
        said[spoken] = left.seconds()
    assert said[120.0] > 8 * said[6.0], "the other dub is taken to have as much speech"


def test_a_dub_without_speech_makes_no_shots():
    left = TimeLeft(DUBS, 2, KINDS, lambda: 0.0)
    for dub in DUBS:
        left.began(dub)
        left.ended(TaskResult(dub, "done", seconds=5.0, spoken_s=0.0))
    assert left.seconds() < 30


def test_one_long_task_at_the_end_is_waited_for_by_an_idle_worker():
    short, long = (
        Task("shot", "a", "de", (), 20, 20, 480 * 270),
        Task("shot", "b", "de", (), 2000, 2000, 480 * 270),
    )
    left = TimeLeft((short, long), 2, clock=lambda: 0.0)
    assert left.seconds() == left.cost(long)


def test_a_report_and_delivery_take_longer_the_more_shots_there_are():
    few, many = (TimeLeft(reel(shots)[-1:], 2, clock=lambda: 0.0).seconds() for shots in (5, 500))
    assert many > few + 20


def test_it_is_told_often_without_much_work():
    """Of a reel of 500 shots, in which every learning waits for every look."""
    left = TimeLeft(reel(500), 2)
    assert left.seconds() > 100


def test_a_training_takes_its_minutes_by_the_clock_on_a_slow_machine_too():
    plain = reel(6)
    trained = tuple(replace(t, trained=True, train_s=300.0 * (t.kind == "learn")) for t in plain)
    first, second = (TimeLeft(tasks, 3).seconds() for tasks in (plain, trained))
    assert first + 300 < second < first + 400
    many = tuple(replace(t, trained=True, train_s=300.0 * (t.kind == "learn")) for t in reel(40))
    told = run(many, 3, lambda t: t.train_s + 3 * TimeLeft((), 1).cost(t))
    late = [(said, true) for at, said, true in told if at > told[0][2] / 10]
    assert late and all(abs(said - true) < 0.2 * true + 12 for said, true in late)
