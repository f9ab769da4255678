"""Writes the bundle of a job: the files that Deadline Cloud and `openjd run` read.

template.json            the job
parameter_values.json    where the project is on this machine
asset_references.json    what the job reads and writes, for path mapping and attached files
shots.json               the job's tasks, by number
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dubsync.core.errors import EngineError
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Shot
from dubsync.core.version import __version__
from dubsync.service.farm.assets import asset_references
from dubsync.service.farm.manifest import FILE, SCHEMA, FarmTask, Manifest, manifest_text
from dubsync.service.farm.steps import FarmStep, farm_steps
from dubsync.service.farm.template import FarmOptions, Table, job_template
from dubsync.service.keys.house_key import house_key
from dubsync.service.project import Project
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import NewVersion
from dubsync.service.tasks.list_tasks import reel_tasks
from dubsync.service.tasks.task import Task

FOLDER = "farm"  #: of the project's folder


@dataclass(frozen=True, slots=True)
class Bundle:
    """A job as it was written.

    folder    of its files
    steps     in order
    without   (shot, reason) of those that the job leaves as they are
    house     fingerprint of the key that must sign; "": none
    """

    folder: Path
    steps: tuple[FarmStep, ...]
    without: tuple[tuple[str, str], ...]
    house: str

    @property
    def tasks(self) -> int:
        """Number of tasks in all steps."""
        return sum(len(step.tasks) for step in self.steps)


def write_bundle(
    project: Project,
    options: FarmOptions,
    *,
    allow_missing: bool = False,
    progress: Progress = silent,
) -> Bundle:
    """Write a job that does the project's reel in its language; a new version each time.

    Consent is asked for here, and again by every task.

    Args:
        allow_missing: make a job although some shots are blocked; it delivers without them.

    Raises:
        EngineError: shots are blocked, by lacking consent too, and that is not allowed, or all are.
        DubsyncError: the turnover cannot be made.
    """
    turnover = project.turnover(progress=progress)
    blocked = [shot for shot in turnover.shots if shot.blocked]
    if blocked and (not allow_missing or len(blocked) == len(turnover.shots)):
        raise _refused(blocked, len(turnover.shots))
    names = {shot.name for shot in blocked}
    tasks = _without(reel_tasks(project, progress), names)
    key = house_key()
    house = key.fingerprint if key else ""
    steps = farm_steps(tasks)
    manifest = Manifest(
        SCHEMA, __version__, project.file.name, project.language, house, tuple(sorted(names)),
        tuple(FarmTask(task.id, step.name) for step in steps for task in step.tasks),
    )  # fmt: skip
    files = {
        "template.json": _json(job_template(project.file.name, project.language, steps, options)),
        "parameter_values.json": _json(_values(project.file.folder, options)),
        "asset_references.json": _json(asset_references(project, turnover)),
        FILE: manifest_text(manifest),
    }
    with NewVersion(project.store, FOLDER, project.language) as version:
        for name, text in files.items():
            write_whole(version.folder / name, text)
    return Bundle(version.final, steps, tuple((s.name, _reason(s)) for s in blocked), house)


def _without(tasks: Sequence[Task], shots: set[str]) -> tuple[Task, ...]:
    """The tasks but those of `shots`, and of actors whom no other shot waits for."""
    renders = [task for task in tasks if task.kind == "shot" and task.name not in shots]
    wanted = {one for task in renders for one in task.waits_for}
    kept = [
        task
        for task in tasks
        if task.kind == "finish"
        or (task.id in wanted if task.kind == "learn" else task.name not in shots)
    ]
    ids = {task.id for task in kept}
    return tuple(
        replace(task, waits_for=tuple(one for one in task.waits_for if one in ids)) for task in kept
    )


def _refused(blocked: Sequence[Shot], of: int) -> EngineError:
    told = "; ".join(f"{shot.name}: {_reason(shot)}" for shot in blocked[:5])
    more = f" and {len(blocked) - 5} more" if len(blocked) > 5 else ""
    hint = next((w.hint for shot in blocked for w in shot.warnings if w.blocking and w.hint), "")
    if len(blocked) < of:
        hint += ("; or " if hint else "") + "submit the others alone: --allow-missing"
    return EngineError(f"{len(blocked)} of {of} shots cannot be rendered: {told}{more}", hint=hint)


def _reason(shot: Shot) -> str:
    return next(warning.message for warning in shot.warnings if warning.blocking)


def _values(folder: Path, options: FarmOptions) -> Table:
    values = [{"name": "Project", "value": str(folder)}]
    if options.keys:
        values.append({"name": "Keys", "value": options.keys})
    return {"parameterValues": values}


def _json(table: Table) -> str:
    return json.dumps(table, indent=1) + "\n"
