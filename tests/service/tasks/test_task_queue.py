"""The queue of a reel's tasks, and the order of what editors wait for."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dubsync.service.tasks.memory import workers_that_fit
from dubsync.service.tasks.order import Waited, in_order
from dubsync.service.tasks.task import Task, TaskResult
from dubsync.service.tasks.task_queue import TaskQueue
from dubsync.service.tasks.time_left import TimeLeft, told

LOOKS = [Task("look", name, "de", frames=100, pixels=480 * 270) for name in "abc"]
LEARN = Task("learn", "E", "de", ("look:a", "look:b", "look:c"), 300)
SHOTS = [
    Task("shot", name, "de", ("learn:E",), frames=100, spoken=60, pixels=480 * 270)
    for name in "abc"
]
EVERY = (*LOOKS, LEARN, *SHOTS, Task("finish", "", "de", ("shot:a", "shot:b", "shot:c")))


def drained(queue):
    """The ids in order, each ended before the next is asked for."""
    order = []
    while (task := queue.next()) is not None:
        order.append(task.id)
        queue.ended(TaskResult(task, "done"))
    return order


def test_a_task_begins_when_those_it_waits_for_have_ended():
    queue = TaskQueue(EVERY)
    first, second, third = queue.next(), queue.next(), queue.next()
    assert [first.id, second.id, third.id] == ["look:a", "look:b", "look:c"]
    assert queue.next() is None
    queue.ended(TaskResult(first, "failed", "no frame decodes"))
    assert queue.next() is None
    queue.ended(TaskResult(second, "done"))
    queue.ended(TaskResult(third, "done"))
    assert drained(queue) == ["learn:E", "shot:a", "shot:b", "shot:c", "finish"]
    assert not queue.left


def test_a_task_whose_process_died_is_done_again_alone_and_then_fails():
    queue = TaskQueue(SHOTS)
    a, b = queue.next(), queue.next()
    assert queue.died(b, "signal 9") is None
    assert queue.next() is None, "others run, and it is done alone"
    queue.ended(TaskResult(a, "done"))
    assert queue.next() == b
    assert queue.next() is None, "it is done alone"
    result = queue.died(b, "signal 9")
    assert (result.status, "died twice: signal 9" in result.reason) == ("failed", True)
    assert drained(queue) == ["shot:c"]


@given(st.permutations(EVERY), st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("abc")))
def test_whatever_the_order_every_task_is_done_once_after_those_it_waits_for(tasks, bad, noted):
    order = drained(TaskQueue(in_order(tasks, Waited(frozenset(bad), frozenset(noted)))))
    assert sorted(order) == sorted(task.id for task in EVERY)
    at = {name: n for n, name in enumerate(order)}
    assert all(at[task.id] > at[one] for task in EVERY for one in task.waits_for)


def test_what_was_rejected_comes_first_then_what_has_open_notes_then_record_order():
    tasks = in_order(EVERY, Waited(frozenset("c"), frozenset("b")))
    assert [task.name for task in tasks if task.kind == "shot"] == ["c", "b", "a"]


@given(st.integers(1, 64), st.integers(1, 10**10), st.integers(0, 10**12))
def test_workers_fit_into_memory_and_one_always_runs(wanted, each, memory):
    fits = workers_that_fit(wanted, each, memory)
    assert 1 <= fits <= wanted
    assert fits == 1 or fits * each <= memory


def test_the_time_left_follows_what_was_measured():
    left = TimeLeft(EVERY, jobs=1)
    before = left.seconds()
    for task in LOOKS:
        left.ended(TaskResult(task, "done", seconds=4 * left.cost(task)))
    rest = [task for task in EVERY if task.kind != "look"]
    meant = sum(left.cost(task) for task in rest)
    assert before < left.seconds() < 4 * meant, "a slow machine is slow at other kinds too"
    left.ended(TaskResult(LEARN, "unchanged"))
    for n, task in enumerate(SHOTS[:2]):
        left.ended(TaskResult(task, "done", seconds=50.0 + n))
    assert left.seconds() > 45


def test_more_jobs_take_less_time_but_never_less_than_the_longest_task():
    one, two, many = (TimeLeft(SHOTS, jobs).seconds() for jobs in (1, 2, 50))
    assert one > two > many >= TimeLeft(SHOTS[:1], 50).seconds() * 0.999


def test_a_larger_face_is_longer_to_draw():
    small, large = TimeLeft(SHOTS, 1), TimeLeft(SHOTS, 1)
    for left, side in ((small, 60.0), (large, 600.0)):
        for task in LOOKS:
            left.ended(TaskResult(task, "unchanged", face_px=side))
    assert large.seconds() > 2 * small.seconds()
    assert small.cost(replace(SHOTS[0], spoken=0)) < small.cost(SHOTS[0])


def test_the_time_left_is_told_in_words():
    said = [told(seconds) for seconds in (2, 100, 1200, 20000)]
    assert said == ["about 1 s left", "about 1 min 40 s left", "about 20 min left",
                    "about 5.6 h left"]  # fmt: skip
