"""The option --jobs, and progress of several processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from dubsync.cli.progress import shown

if TYPE_CHECKING:
    from dubsync.core.progress import Progress
    from dubsync.core.result import QCReport
    from dubsync.service.project import Project
    from dubsync.service.reel.shot_result import ShotResult
    from dubsync.service.run_result import RunResult
    from dubsync.service.tasks.task import Kind

    Finished = Callable[[ShotResult], None]


def _number(context: click.Context, option: click.Parameter, asked: str) -> str:
    if asked != "auto" and not (asked.isdigit() and int(asked) > 0):
        raise click.BadParameter("write a number from 1, or auto", context, option)
    return asked


jobs_option = click.option(
    "--jobs", default="1", metavar="N|auto", show_default=True, callback=_number,
    help="Work on N shots at once, each in a process of its own, as far as memory allows; auto: "
         "one for each core.  The pictures are the same.",
)  # fmt: skip


def read_turnover(
    project: Project, asked: str, progress: Progress, then: Sequence[Kind] = ()
) -> None:
    """Read the turnover, and hear its dubs in as many processes as --jobs says.

    Args:
        then: kinds of the tasks that follow, for the time left.

    Raises:
        DubsyncError: it cannot be read.
    """
    if jobs := _jobs(project, asked, progress):
        from dubsync.service.tasks.run_reel import hear_dubs

        hear_dubs(project, jobs, progress, then)
    project.turnover(progress=progress)


def synced(
    project: Project, names: Sequence[str], asked: str, progress: Progress, finished: Finished
) -> tuple[ShotResult, ...]:
    """The shots rendered, in as many processes as --jobs says."""
    if jobs := _jobs(project, asked, progress):
        from dubsync.service.tasks.run_reel import sync_reel

        return sync_reel(project, jobs, names, progress=progress, finished=finished)
    return project.sync(names, progress=progress, finished=finished)


def checked(project: Project, names: Sequence[str], asked: str, progress: Progress) -> QCReport:
    """The shots measured, in as many processes as --jobs says."""
    if jobs := _jobs(project, asked, progress):
        from dubsync.service.tasks.run_reel import check_reel_in_parallel

        return check_reel_in_parallel(project, jobs, names, progress=progress)
    return project.check(names, progress=progress)


def ran(
    project: Project, asked: str, allow_missing: bool, progress: Progress, finished: Finished
) -> RunResult:
    """The whole reel, in as many processes as --jobs says."""
    if jobs := _jobs(project, asked, progress):
        from dubsync.service.tasks.run_reel import run_reel

        return run_reel(project, jobs, allow_missing=allow_missing, progress=progress,
                        finished=finished)  # fmt: skip
    return project.run(allow_missing=allow_missing, progress=progress, finished=finished)


def _jobs(project: Project, asked: str, progress: Progress) -> int:
    """How many processes to use, as --jobs says: 0 for this one alone.

    Raises:
        SettingsError: it says no number.
    """
    if asked == "1":
        return 0
    from dubsync.service.tasks.run_reel import jobs_of

    jobs = jobs_of(project, asked, progress)
    return 0 if jobs == 1 else jobs


def shown_jobs(asked: str, *, as_json: bool) -> AbstractContextManager[Progress]:
    """`shown`; with several jobs and --json, as events on standard error."""
    return shown(events=as_json and asked != "1")
