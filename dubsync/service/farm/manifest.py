"""shots.json: the tasks of a job by number, and what a machine must have to do them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import msgspec

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import SettingsError

FILE = "shots.json"
SCHEMA: Literal["dubsync.farm_shots/1"] = "dubsync.farm_shots/1"


@dataclass(frozen=True, slots=True)
class FarmTask:
    """One task of a job: its id among the reel's tasks ("shot:SH010"), and the step it is in."""

    task: str
    step: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What shots.json says.

    dubsync   version of dubsync that wrote it, and must do it: another one makes other renders
    language  of the dub
    house     fingerprint of the key that must sign; "": none
    without   shots that the job leaves as they are, because they were blocked when it was made
    tasks     by number
    """

    schema: Literal["dubsync.farm_shots/1"]
    dubsync: str
    reel: str
    language: str
    house: str
    without: tuple[str, ...]
    tasks: tuple[FarmTask, ...]


def manifest_text(manifest: Manifest) -> str:
    """The file's text; a line for each task."""
    head = {key: value for key, value in asdict(manifest).items() if key != "tasks"}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    tasks = [f"    {json.dumps(asdict(task))}" for task in manifest.tasks]
    return "{\n" + ",\n".join([*lines, '  "tasks": [\n' + ",\n".join(tasks) + "\n  ]"]) + "\n}\n"


def read_manifest(file: Path) -> Manifest:
    """The manifest in `file`.

    Raises:
        SettingsError: it cannot be read, or is no shots.json of a dubsync job.
    """
    hint = "give the shots.json that dubsync submit wrote into the job's bundle"
    try:
        return msgspec.convert(read_json(file), Manifest)
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}", hint=hint) from error
    except (DamagedDocument, msgspec.ValidationError) as error:
        raise SettingsError(
            f"{file} is not the list of a job's tasks: {error}", hint=hint
        ) from error
