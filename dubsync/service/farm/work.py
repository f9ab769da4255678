"""Does tasks of a job on one of its machines, and refuses a machine whose renders would differ."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from dubsync.core.errors import HouseKeyError, SettingsError
from dubsync.core.farm.path_map import PathMap
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.version import __version__
from dubsync.service.farm.int_range import parse_range
from dubsync.service.farm.manifest import Manifest, read_manifest
from dubsync.service.keys.house_key import house_key
from dubsync.service.project import Project
from dubsync.service.settings.project_file import read_project_file
from dubsync.service.store.folder import BUSY
from dubsync.service.tasks.do_task import do_task
from dubsync.service.tasks.list_tasks import reel_tasks
from dubsync.service.tasks.task import Task, TaskResult

#: Seconds between two looks at what another machine does, and for which its end is waited for.
LOOK_S, PATIENCE_S = 15, 3600.0


@dataclass(frozen=True, slots=True)
class FarmWork:
    """Some tasks of a job, ready to be done here."""

    project: Project
    tasks: tuple[Task, ...]
    allow_missing: bool

    def do(self, task: Task, progress: Progress = silent) -> TaskResult:
        """Do one of the tasks; an error is a result.  Raises Cancelled.

        A scheduler that lost sight of a machine gives its task to another: where the first one is
        still at it, its end is waited for.
        """
        until = time.monotonic() + PATIENCE_S
        while True:
            result = do_task(self.project, task, progress, allow_missing=self.allow_missing)
            if not is_busy(result) or time.monotonic() >= until:
                return result
            for second in range(LOOK_S):
                progress(Step("wait for another machine", task.name, second, LOOK_S, unit=""))
                time.sleep(1)


def is_busy(result: TaskResult) -> bool:
    """Whether it failed because another process does the same task."""
    return result.status == "failed" and result.reason.startswith(BUSY)


def open_work(
    folder: Path, shots: Path, numbers: str, paths: PathMap, progress: Progress = silent
) -> FarmWork:
    """The tasks with those numbers in the job of `shots` (shots.json), in the project in `folder`.

    Args:
        numbers: as a scheduler gives them for a chunk: "0-3", "7".
        paths: where this machine has the folders that the project names.

    Raises:
        SettingsError: the numbers are not the job's, the reel has no such task any more, or this
            machine has another version of dubsync.
        HouseKeyError: this machine signs with another key than the job's, or with none.
        DubsyncError: the turnover cannot be made.
    """
    manifest = read_manifest(shots)
    wanted = parse_range(numbers, len(manifest.tasks))
    check_machine(manifest)
    project = Project(read_project_file(folder, paths)).into(manifest.language)
    known = {task.id: task for task in reel_tasks(project, progress)}
    ids = [manifest.tasks[number].task for number in wanted]
    gone = [one for one in ids if one not in known]
    if gone:
        raise SettingsError(
            f"the reel has no task {gone[0]!r}: the cut or the dub changed after the job was made",
            hint="make a new job: dubsync submit REEL",
        )
    return FarmWork(project, tuple(known[one] for one in ids), bool(manifest.without))


def check_machine(manifest: Manifest) -> None:
    """Refuse a machine on which the same inputs would make other renders.

    Raises:
        SettingsError: it has another version of dubsync.
        HouseKeyError: it signs and marks with another key, or with none, or alone with one.
    """
    if manifest.dubsync != __version__:
        raise SettingsError(
            f"this machine has dubsync {__version__}, and the job was made by {manifest.dubsync}: "
            "its renders would differ",
            hint="install the same version on every machine, or make a new job: dubsync submit",
        )
    key = house_key()
    here = key.fingerprint if key else ""
    if here != manifest.house:
        raise HouseKeyError(
            f"this machine signs with {_named(here)}, and the job was made with "
            f"{_named(manifest.house)}: its renders would carry another mark",
            hint="put the house's keys on the farm's machines and name their folder: "
            "dubsync submit REEL --keys FOLDER, or DUBSYNC_KEYS on each machine",
        )


def _named(fingerprint: str) -> str:
    return f"the key {fingerprint[:16]}" if fingerprint else "no key"
