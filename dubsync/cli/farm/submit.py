"""`dubsync submit`: write a reel as a job for a render farm."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.deliver import missing_option
from dubsync.cli.languages import Answer, in_each, languages_option
from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, folder_path, printable, verb

if TYPE_CHECKING:
    from dubsync.service.farm.bundle import Bundle
    from dubsync.service.project import Project


@click.command(short_help="Write a reel as a job for a render farm.")
@click.argument("reel", type=folder_path)
@click.option("--chunk", default=0, type=click.IntRange(0, 1000), metavar="N",
              help="Do N shots at a time on a machine; 0: about fifteen minutes' "
              "worth.")  # fmt: skip
@click.option("--gpu", is_flag=True, help="Learn and render on machines with a GPU only.")
@click.option("--keys", default="", metavar="FOLDER",
              help="The folder of the house's keys on the farm's machines; default: each "
              "machine's own.  Keys are never part of a job.")  # fmt: skip
@missing_option
@languages_option
@as_json_option
@verb
def submit(
    reel: Path, chunk: int, gpu: bool, keys: str, allow_missing: bool, languages: Sequence[str],
    as_json: bool,
) -> int:  # fmt: skip
    """Write a job that does REEL on several machines: an Open Job Description bundle.

    Nothing is sent and nothing is rendered.  Deadline Cloud takes the folder as it is (deadline
    bundle submit FOLDER); openjd run does the job on this machine.

    Every machine must see the project's folder and have the same version of dubsync.
    """
    from dubsync.service.farm.bundle import write_bundle
    from dubsync.service.farm.template import FarmOptions
    from dubsync.service.project import Project

    options = FarmOptions(chunk, gpu, keys)

    def work(project: Project, _: Sequence[str]) -> Answer:
        with shown() as progress:
            made = write_bundle(project, options, allow_missing=allow_missing, progress=progress)
        return Answer(bundle_json(made), bundle_text(made, project.file.folder))

    return in_each(Project.open(reel), languages, work, schema="dubsync.submit/1", as_json=as_json)


def bundle_json(made: Bundle) -> dict[str, Any]:
    """The body of `dubsync.submit/1`."""
    return {
        "folder": str(made.folder),
        "steps": [
            {"name": step.name, "kind": step.kind, "tasks": [task.id for task in step.tasks],
             "waits_for": list(step.waits_for)}
            for step in made.steps
        ],
        "without": [{"name": name, "reason": reason} for name, reason in made.without],
        "house": made.house,
    }  # fmt: skip


def bundle_text(made: Bundle, project: Path) -> str:
    """The job's folder and steps, and how to hand it in."""
    rows = [(step.name, str(len(step.tasks)), ", ".join(step.waits_for) or "-")
            for step in made.steps]  # fmt: skip
    lines = [f"Job: {made.folder}", table(("step", "tasks", "waits for"), rows)]
    lines += [f"  ? {name} is left as it is: {reason}" for name, reason in made.without]
    if made.house:
        lines.append(f"Every machine must sign with the key {made.house[:16]}.")
    folder, home = shlex.quote(str(made.folder)), shlex.quote(f"Project={project}")
    template = shlex.quote(str(made.folder / "template.json"))
    lines += [
        f"To Deadline Cloud: deadline bundle submit {folder}",
        f"On this machine: openjd run {template} -p {home}",
    ]
    return printable("\n".join(lines))
