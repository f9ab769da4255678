"""`dubsync task`: list the tasks of a reel, or do one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.progress import shown
from dubsync.cli.proof.signs import unlock
from dubsync.cli.tables import table
from dubsync.cli.verb import (
    DONE,
    FAILED,
    as_json_option,
    engines_option,
    folder_path,
    print_json,
    printable,
    verb,
)

if TYPE_CHECKING:
    from dubsync.service.tasks.task import Task, TaskResult


@click.command(short_help="List the tasks of a reel, or do one.", hidden=True)
@click.argument("reel", type=folder_path)
@click.argument("name", default="", metavar="[KIND[:NAME]]")
@click.option("--language", default="", metavar="TAG",
              help="Language of the dub; default: the project's first.")  # fmt: skip
@engines_option
@as_json_option
@verb
def task(reel: Path, name: str, language: str, as_json: bool) -> int:
    """Do one task of REEL: look:SHOT, learn:CHARACTER, shot:SHOT or finish.

    Without a task: list them all, with what each waits for.  A task is done in a process, or on a
    machine, of its own that sees the same folder; what is done already is not done again.
    """
    from dubsync.service.project import Project
    from dubsync.service.tasks.do_task import do_task
    from dubsync.service.tasks.list_tasks import reel_tasks, task_of

    opened = Project.open(reel)
    project = opened.into(language) if language else opened
    with shown() as progress:
        if not name:
            listed = reel_tasks(project, progress)
        else:
            unlock()
            result = do_task(project, task_of(project, name, progress), progress)
    if not name:
        if as_json:
            print_json("dubsync.tasks/1", {"tasks": [task_json(one) for one in listed]})
        else:
            click.echo(_listed(listed))
        return DONE
    if as_json:
        print_json("dubsync.task/1", result_json(result))
    else:
        click.echo(result_line(result))
    return DONE if result.ended_well else FAILED


def task_json(task: Task) -> dict[str, Any]:
    """A task as `dubsync task --json` lists it."""
    return {"id": task.id, **asdict(task)}


def result_json(result: TaskResult) -> dict[str, Any]:
    """The body of `dubsync.task/1`."""
    return {**asdict(result), "task": task_json(result.task)}


def result_line(result: TaskResult) -> str:
    """How a task ended, in a line; and what to try, in a second."""
    text = f"{result.task.id}: {result.status}"
    if result.reason:
        text += f": {result.reason}"
    if result.hint:
        text += f"\n  Try: {result.hint}"
    return printable(text)


def _listed(tasks: Sequence[Task]) -> str:
    rows = [(one.id, str(one.frames or "-"), _waits(one.waits_for)) for one in tasks]
    return printable(table(("task", "frames", "waits for"), rows))


def _waits(ids: Sequence[str]) -> str:
    """The first ones by name, and how many more."""
    if len(ids) <= 3:
        return ", ".join(ids) or "-"
    return f"{', '.join(ids[:2])} and {len(ids) - 2} more"
