"""The job template: Open Job Description 2023-09 (Template Schemas), with TASK_CHUNKING."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dubsync.service.farm.manifest import FILE
from dubsync.service.farm.steps import FarmStep
from dubsync.service.tasks.task import Kind

#: Seconds that a chunk of tasks should take, where no size of chunks is asked for.
CHUNK_S = 900
#: Seconds between SIGTERM and SIGKILL: a task stops between two frames, seldom after 10 s.
NOTIFY_S = 120
#: Longest names of jobs (JobName) and texts that describe one.
LONGEST_NAME = 128
#: Kinds of tasks that are faster on a GPU.
_ON_GPU: tuple[Kind, ...] = ("learn", "shot")

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FarmOptions:
    """What the user asks of the farm.

    chunk  tasks in one chunk; 0: as many as take about CHUNK_S, found by the scheduler
    gpu    whether actors and shots need a machine with a GPU
    keys   folder of the house's keys on the farm's machines; "": each machine's own
    """

    chunk: int = 0
    gpu: bool = False
    keys: str = ""


def job_template(
    reel: str, language: str, steps: tuple[FarmStep, ...], options: FarmOptions
) -> Table:
    """The template of a job that does `steps`.

    No path and no name of the project is in it but the job's and the steps' own: shots are numbers
    in shots.json.
    """
    environments = [_keys_environment()] if options.keys else []
    return {
        "specificationVersion": "jobtemplate-2023-09",
        "extensions": ["TASK_CHUNKING"],
        "name": _job_name(reel, language),
        "description": "Lips of a dubbed reel: actors learnt, shots rendered and checked, the "
        "corrected cut delivered.  Every task may be stopped and done again.",
        "parameterDefinitions": _parameters(options),
        **({"jobEnvironments": environments} if environments else {}),
        "steps": [_step(step, options) for step in steps],
    }


def _job_name(reel: str, language: str) -> str:
    """Plain text: a name that held {{ }} would be an expression."""
    plain = "".join(c if c.isprintable() and c not in "{}" else " " for c in reel)
    words = " ".join(plain.split())[: LONGEST_NAME - len(language) - 9]
    return " ".join(["dubsync", *words.split(), language])


def _parameters(options: FarmOptions) -> list[Table]:
    folder = {"type": "PATH", "objectType": "DIRECTORY", "dataFlow": "NONE"}
    found: list[Table] = [
        {"name": "Project", **folder, "description": "The project's folder, on a share that every "
         "machine sees.",
         "userInterface": {"control": "CHOOSE_DIRECTORY", "label": "Project"}},
        {"name": "Shots", "type": "PATH", "objectType": "FILE", "dataFlow": "IN", "default": FILE,
         "description": "The job's tasks, by number.",
         "userInterface": {"control": "CHOOSE_INPUT_FILE", "label": "Tasks"}},
        {"name": "Dubsync", "type": "STRING", "default": "dubsync", "minLength": 1,
         "description": "The program on the farm's machines: a name on their PATH, or a path."},
    ]  # fmt: skip
    if options.keys:
        found.append(
            {"name": "Keys", **folder, "description": "The folder of the house's keys on the "
             "farm's machines (DUBSYNC_KEYS).  Keys are never part of a job.",
             "userInterface": {"control": "CHOOSE_DIRECTORY", "label": "Keys"}}
        )  # fmt: skip
    return found


def _keys_environment() -> Table:
    return {"name": "Keys", "variables": {"DUBSYNC_KEYS": "{{Param.Keys}}"}}


def _step(step: FarmStep, options: FarmOptions) -> Table:
    run = {
        "command": "{{Param.Dubsync}}",
        "args": [
            "farm-task", "{{Param.Project}}", "{{Param.Shots}}", "{{Task.Param.Tasks}}",
            "--paths", "{{Session.PathMappingRulesFile}}",
        ],
        "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": NOTIFY_S},
    }  # fmt: skip
    needed = _host(step, options)
    waits = [{"dependsOn": name} for name in step.waits_for]
    return {
        "name": step.name,
        **({"dependencies": waits} if waits else {}),
        **({"hostRequirements": {"amounts": needed}} if needed else {}),
        "parameterSpace": {"taskParameterDefinitions": [_numbers(step, options)]},
        "script": {"actions": {"onRun": run}},
    }


def _numbers(step: FarmStep, options: FarmOptions) -> Table:
    adaptive = {} if options.chunk else {"targetRuntimeSeconds": CHUNK_S}
    return {
        "name": "Tasks",
        "type": "CHUNK[INT]",
        "range": step.range,
        "chunks": {"defaultTaskCount": options.chunk or 1, **adaptive,
                   "rangeConstraint": "CONTIGUOUS"},
    }  # fmt: skip


def _host(step: FarmStep, options: FarmOptions) -> list[Table]:
    amounts: list[Table] = [{"name": "amount.worker.memory", "min": memory_mib(step)}]
    if options.gpu and step.kind in _ON_GPU:
        amounts.append({"name": "amount.worker.gpu", "min": 1})
    return amounts


def memory_mib(step: FarmStep) -> int:
    """Memory that the step's largest picture needs, MiB, in whole GiB."""
    pixels = max((task.pixels for task in step.tasks), default=0)
    return 1024 * (2 + pixels // 4_000_000)
