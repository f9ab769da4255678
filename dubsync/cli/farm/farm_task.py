"""`dubsync farm-task`: what a render farm calls on its machines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.farm.openjd_progress import OpenJDProgress, fail, status, stoppable
from dubsync.cli.proof.signs import unlock
from dubsync.cli.verb import CANCELLED, DONE, FAILED, engines_option, file_path, folder_path
from dubsync.core.errors import Cancelled, DubsyncError

if TYPE_CHECKING:
    from dubsync.service.farm.work import FarmWork
    from dubsync.service.tasks.task import TaskResult


@click.command("farm-task", short_help="Do tasks of a job on a farm's machine.", hidden=True)
@click.argument("reel", type=folder_path)
@click.argument("shots", type=file_path)
@click.argument("numbers")
@click.option("--paths", type=file_path, default=None,
              help="Path mapping rules of the session, as Open Job Description writes "
              "them.")  # fmt: skip
@engines_option
def farm_task(reel: Path, shots: Path, numbers: str, paths: Path | None) -> None:
    """Do the tasks NUMBERS ("0-3") of the job in SHOTS (shots.json) for the project REEL.

    Progress and messages are lines of Open Job Description.  A task that is done is not done again.
    The exit code is 0 also if a shot could not be rendered: the others must go on, and the job's
    last task says so and fails.
    """
    sys.exit(_done(reel, shots, numbers, paths))


def _done(reel: Path, shots: Path, numbers: str, paths: Path | None) -> int:
    """The exit code, after everything was done or refused."""
    from dubsync.core.farm.path_map import UNMAPPED
    from dubsync.service.farm.path_rules import read_path_rules
    from dubsync.service.farm.work import is_busy, open_work

    progress = OpenJDProgress()
    try:
        with stoppable(progress):
            unlock()
            mapped = read_path_rules(paths) if paths else UNMAPPED
            work = open_work(reel, shots, numbers, mapped, progress)
            results = _each(work, progress)
    except DubsyncError as error:
        fail(_sentence(str(error), error.hint))
        return FAILED
    except (Cancelled, KeyboardInterrupt):
        status("stopped: what is finished is kept, and the task goes on from there")
        return CANCELLED
    undone = [result for result in results if not result.ended_well]
    for result in undone:
        if result.task.kind == "finish" or is_busy(result):
            fail(_ended(result))
            return FAILED
    if undone and len(results) > 1:  # the last message is the one that monitors keep
        names = ", ".join(result.task.id for result in undone)
        status(f"{len(undone)} of {len(results)} tasks not done: {names}")
    return DONE


def _each(work: FarmWork, progress: OpenJDProgress) -> list[TaskResult]:
    progress.expect(len(work.tasks))
    results = []
    for task in work.tasks:
        progress.begin(task.kind, len(task.waits_for) if task.kind == "finish" else 1)
        results.append(work.do(task, progress))
        progress.end()
        status(_ended(results[-1]))
    return results


def _ended(result: TaskResult) -> str:
    reason = f": {result.reason}" if result.reason else ""
    return _sentence(f"{result.task.id} {result.status}{reason}", result.hint)


def _sentence(message: str, hint: str) -> str:
    return f"{message}.  Try: {hint}" if hint else message
