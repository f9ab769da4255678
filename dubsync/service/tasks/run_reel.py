"""Runs a whole reel, or one verb of it, in several processes at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dubsync.core.errors import DubsyncError, SettingsError
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.result import QCReport
from dubsync.core.shot import Shot
from dubsync.service.project import Project
from dubsync.service.reel.models import read_model
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.provenance import rendered_from, whole_record
from dubsync.service.render.sync import skipped
from dubsync.service.run_result import RunResult, Trained, run_result
from dubsync.service.tasks.kept_results import kept_results
from dubsync.service.tasks.list_tasks import dubs_to_hear, reel_tasks
from dubsync.service.tasks.order import in_order, waited_for
from dubsync.service.tasks.pool import Held, Pool
from dubsync.service.tasks.task import Kind, Task, TaskResult
from dubsync.service.tasks.task_queue import TaskQueue
from dubsync.service.tasks.time_left import TimeLeft, told

Finished = Callable[[ShotResult], None]
#: Fewer pictures than this are rendered in one process: to start others takes longer.
SMALL = 400


def jobs_of(project: Project, asked: str, progress: Progress) -> int:
    """How many tasks to do at once, as asked for: a number, or "auto".

    "auto": one for each core; 1 where a reel is so short that starting others takes longer.

    Raises:
        SettingsError: it is neither "auto" nor a number from 1.
    """
    if asked == "auto":
        cores = _cores()
        if cores == 1 or len(dubs_to_hear(project)) > 1:
            return cores
        tasks = reel_tasks(project, progress)
        little = sum(task.frames for task in tasks if task.kind == "look") < SMALL
        return 1 if little else cores
    if not asked.isdigit() or int(asked) < 1:
        raise SettingsError(f"--jobs {asked!r} is no number of jobs",
                            hint="write a number from 1, or auto")  # fmt: skip
    return int(asked)


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a reel's tasks: id -> its result; and what the workers held.

    left  tells how long what comes after them takes; `later` are those tasks
    """

    results: Mapping[str, TaskResult] = field(default_factory=dict)
    held: Held = Held()
    left: TimeLeft | None = None
    later: tuple[Task, ...] = ()


def run_tasks(
    project: Project,
    kinds: Sequence[Kind],
    jobs: int,
    *,
    names: Sequence[str] = (),
    after: Sequence[Kind] = (),
    progress: Progress = silent,
    finished: Finished = lambda result: None,
) -> Ran:
    """Do the reel's tasks of some kinds, in as many processes.

    Args:
        kinds: "sync" or "check": the shots' tasks are that part alone.
        names: shots; none: all.
        after: what the caller does itself when these are done, for the time left.
        finished: called with each shot's result.

    Raises:
        DubsyncError: the turnover cannot be made, or no process be started.
    """
    with Pool(project.store.folder, jobs, paths=project.file.paths) as pool:
        _hear(pool, project, jobs, progress, (*kinds, *after))
        listed = reel_tasks(project, progress)
        tasks, later = chosen(listed, kinds, names), chosen(listed, after, ())
        shots = {shot.name: shot for shot in project.intake.turnover.shots}
        ordered = in_order(tasks, waited_for(project, list(shots)))

        def ended(result: TaskResult) -> None:
            if result.task.kind in ("shot", "sync"):
                finished(shot_result(project, shots[result.task.name], result))

        left = TimeLeft((*ordered, *later), jobs)
        results = _done_by(pool, ordered, left, progress, ended)
    return Ran(results, pool.held, left, tuple(later))


def hear_dubs(
    project: Project, jobs: int, progress: Progress = silent, then: Sequence[Kind] = ()
) -> None:
    """Hear every dub that is not heard yet, in as many processes; a turnover needs them all.

    Args:
        then: kinds of the tasks that follow, for the time left.
    """
    if dubs_to_hear(project):
        with Pool(project.store.folder, jobs, paths=project.file.paths) as pool:
            _hear(pool, project, jobs, progress, then)


def _hear(
    pool: Pool, project: Project, jobs: int, progress: Progress, then: Sequence[Kind]
) -> None:
    if dubs := dubs_to_hear(project):
        _done_by(pool, dubs, TimeLeft(dubs, jobs, then), progress, lambda result: None)


def _finishing(ran: Ran, progress: Progress) -> Progress:
    """`progress` of what comes after the tasks, with how long it takes."""
    left, count = ran.left, len(ran.results)
    if left is None:
        return progress
    for task in ran.later:
        left.began(task)
    last = ""

    def shown(step: Step) -> None:
        nonlocal last
        progress(step)
        note = told(left.seconds())
        if note != last:
            last = note
            progress(Step("reel", "", count, count, note, "tasks"))

    return shown


def _done_by(
    pool: Pool, tasks: Sequence[Task], left: TimeLeft, progress: Progress,
    ended: Callable[[TaskResult], None],
) -> Mapping[str, TaskResult]:  # fmt: skip
    """Have the pool do the tasks, and tell how many are done and how long the others take."""
    waiting = TaskQueue(tasks)

    def shown(step: Step) -> None:
        for task in waiting.running:
            left.began(task)
        if step.name:
            progress(step)
        done = len(waiting.results)
        note, held = told(left.seconds()), pool.held
        if held.bound:
            note += f"; memory for {held.workers} at once, up to {held.each / 1e9:.1f} GB each"
        progress(Step("reel", "", done, len(tasks), note, "tasks"))

    def noted(result: TaskResult) -> None:
        left.ended(result)
        ended(result)

    pool.run(waiting, shown, noted)
    return waiting.results


def chosen(tasks: Sequence[Task], kinds: Sequence[Kind], names: Sequence[str]) -> list[Task]:
    """The tasks of `kinds`, those of shots only of `names`; what one waits for beyond is left out.

    Looks and actors are of the whole reel, whatever is rendered: they decide who is who.
    """
    result = []
    for task in tasks:
        if task.kind == "shot":
            part = next((kind for kind in kinds if kind in ("shot", "sync", "check")), None)
            if part is None or (names and task.name not in names):
                continue
            task = replace(task, kind=part)
        elif task.kind not in kinds:
            continue
        result.append(task)
    return result


def shot_result(project: Project, shot: Shot, result: TaskResult) -> ShotResult:
    """The result of a shot that another process rendered, as a sync of this one would give it."""
    reel = project.reel
    kept = kept_results(reel, [shot]).get(shot.name)
    warnings = kept.warnings if kept else shot.warnings
    folder = Path(result.made) if result.made else None
    if folder is not None and kept is not None:
        rendered = rendered_from(folder, shot, whole_record(folder))
        return ShotResult(shot.name, kept.status, kept.reason, kept.hint, rendered, warnings)
    return ShotResult(shot.name, result.status, result.reason, result.hint, None, warnings)


def run_reel(
    project: Project,
    jobs: int,
    *,
    allow_missing: bool = False,
    progress: Progress = silent,
    finished: Finished = lambda result: None,
) -> RunResult:
    """`Project.run` in several processes: the same files, and the same bits of every picture."""
    found: list[ShotResult] = []

    def noted(result: ShotResult) -> None:
        found.append(result)
        finished(result)

    ran = run_tasks(project, ("look", "learn", "shot"), jobs, after=("finish",),
                    progress=progress, finished=noted)  # fmt: skip
    shown = _finishing(ran, progress)
    shots = (*_by_cut(project, found), *skipped(project.reel))
    return run_result(
        shots, _trained(project, ran.results),
        lambda: project.check(results=shots, progress=shown),
        lambda page: project.deliver(report=page, allow_missing=allow_missing, progress=shown),
    )  # fmt: skip


def sync_reel(
    project: Project, jobs: int, names: Sequence[str] = (), *, progress: Progress = silent,
    finished: Finished = lambda result: None,
) -> tuple[ShotResult, ...]:  # fmt: skip
    """`Project.sync` in several processes."""
    found: list[ShotResult] = []

    def noted(result: ShotResult) -> None:
        found.append(result)
        finished(result)

    for name in names:
        project.unlooked.shot(name)  # raises for one that there is not
    run_tasks(project, ("look", "learn", "sync"), jobs, names=names, progress=progress,
              finished=noted)  # fmt: skip
    return (*_by_cut(project, found), *(() if names else skipped(project.reel)))


def check_reel_in_parallel(
    project: Project, jobs: int, names: Sequence[str] = (), *, progress: Progress = silent
) -> QCReport:
    """`Project.check` in several processes: they measure the shots, and this one reports."""
    for name in names:
        project.unlooked.shot(name)
    run_tasks(project, ("look", "check"), jobs, names=names, progress=progress)
    return project.check(names, progress=progress)


def _by_cut(project: Project, found: Sequence[ShotResult]) -> list[ShotResult]:
    """The results in the order of the cut."""
    number = {shot.name: n for n, shot in enumerate(project.reel.turnover.shots)}
    return sorted(found, key=lambda result: number[result.name])


def _trained(project: Project, results: Mapping[str, TaskResult]) -> dict[str, Trained]:
    """The trainings that were made, and why others were not, where any was asked for.

    An actor that cannot be learnt is told by its shots.
    """
    trained: dict[str, Trained] = {}
    if project.file.settings.engine.train_minutes <= 0:
        return trained
    learnt = {one.task.name: one for one in results.values() if one.task.kind == "learn"}
    people = (who for shot in project.reel.turnover.shots for who in shot.characters)
    for who in dict.fromkeys(people):
        result = learnt.get(who)
        if result is None:
            continue
        if result.status in ("failed", "blocked"):
            trained[who] = DubsyncError(result.reason, hint=result.hint)
        elif "trained" in Path(result.made).parts:
            trained[who] = read_model("trained", who, Path(result.made))
    return trained


def _cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1
