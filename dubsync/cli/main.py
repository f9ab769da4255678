"""The `dubsync` command: one verb per stage, each a thin call on service.

service (and with it av, torch and the rest) is imported inside the verbs: `dubsync --help` must
answer at once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite, nan
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli import tables
from dubsync.cli.consent import consent
from dubsync.cli.coverage import coverage
from dubsync.cli.cutdiff import cutdiff
from dubsync.cli.deliver import deliver
from dubsync.cli.languages import Answer, dubbed_in, in_each, languages_option
from dubsync.cli.new import new
from dubsync.cli.probe import probe
from dubsync.cli.progress import shown
from dubsync.cli.recut import recut
from dubsync.cli.review import review
from dubsync.cli.script import script
from dubsync.cli.triage import triage
from dubsync.cli.turnover import turnover
from dubsync.cli.tweak import tweak
from dubsync.cli.verb import (
    DONE,
    FAILED,
    QC_FAILED,
    as_json_option,
    file_path,
    folder_path,
    print_json,
    verb,
)
from dubsync.core.version import __version__

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.reel.reel import ShotResult

RENDERERS = ("auto", "actor", "warp", "plate")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dubsync")
@click.option("-v", "--verbose", is_flag=True, help="Say what is done, on stderr.")
def main(verbose: bool) -> None:
    """Fit the picture of a film to its dub.

    A reel:   dubsync new, turnover, run      One clip:   dubsync clip
    """
    if verbose:
        import logging

        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")


main.add_command(consent)
main.add_command(coverage)
main.add_command(deliver)
main.add_command(cutdiff)
main.add_command(new)
main.add_command(probe)
main.add_command(tweak)
main.add_command(recut)
main.add_command(review)
main.add_command(script)
main.add_command(triage)
main.add_command(turnover)


@main.command()
@click.argument("reel", type=folder_path)
@click.argument("characters", nargs=-1)
@click.option("--minutes", type=click.FloatRange(0, min_open=True),
              help="At most, for each; default: engine.train_minutes.")  # fmt: skip
@click.option("--size", default=0, type=click.IntRange(0, 1024),
              help="Side of the face crop, pixels; 0: the face's own.")  # fmt: skip
@click.option("--steps", default=0, type=click.IntRange(0),
              help="Exactly so many, whatever the time: the record's number gives that network "
              "again, on the same device.")  # fmt: skip
@as_json_option
@verb
def train(
    reel: Path, characters: Sequence[str], minutes: float | None, size: int, steps: int,
    as_json: bool,
) -> int:  # fmt: skip
    """Learn each CHARACTER (default: all) from the reel's plates, and train a renderer for them."""
    from dubsync.service.project import Project

    with shown() as progress:
        trained = Project.open(reel).train(
            characters, minutes=minutes, size=size, steps=steps, progress=progress
        )
    rows = tables.trained_json(trained)
    if as_json:
        print_json("dubsync.train/1", {"characters": rows})
    else:
        click.echo(tables.trained_text(rows))
    return FAILED if any(row["status"] == "failed" for row in rows) else DONE


@main.command()
@click.argument("reel", type=folder_path)
@click.argument("shots", nargs=-1)
@click.option("--face", multiple=True, metavar="[CHARACTER=]X,Y",
              help="A point on the character's face, plate pixels; needs one SHOT.")  # fmt: skip
@click.option("--renderer", default="", type=click.Choice(["", *RENDERERS]), show_choices=False,
              metavar="|".join(RENDERERS),
              help="What is to draw SHOTS, from now on; plate leaves them alone.")  # fmt: skip
@languages_option
@as_json_option
@verb
def sync(
    reel: Path, shots: Sequence[str], face: Sequence[str], renderer: str,
    languages: Sequence[str], as_json: bool,
) -> int:  # fmt: skip
    """Render SHOTS (default: every shot whose inputs changed)."""
    from dubsync.service.project import Project

    opened = Project.open(reel)
    if face:
        _point(opened, shots, face, languages)
    if renderer:
        _draw_with(opened, shots, renderer, languages)

    def ask(project: Project, shots: Sequence[str]) -> Answer:
        with shown() as progress:
            results = project.sync(shots, progress=progress, finished=_tell)
        rows = {"shots": tables.shots_json(results)}
        return Answer(rows, tables.shots_text(results), _shots_code(results))

    return in_each(opened, languages, ask, schema="dubsync.sync/1", as_json=as_json, shots=shots)


@main.command()
@click.argument("reel", type=folder_path)
@click.argument("shots", nargs=-1)
@languages_option
@as_json_option
@verb
def check(reel: Path, shots: Sequence[str], languages: Sequence[str], as_json: bool) -> int:
    """Measure what was rendered; write the report."""
    from dubsync.service.project import Project

    def ask(project: Project, shots: Sequence[str]) -> Answer:
        with shown() as progress:
            report = project.check(shots, progress=progress)
        code = QC_FAILED if report.failed else DONE
        return Answer(tables.report_json(report), tables.report_text(report), code)

    schema, opened = "dubsync.check/1", Project.open(reel)
    return in_each(opened, languages, ask, schema=schema, as_json=as_json, shots=shots)


@main.command()
@click.argument("reel", type=folder_path)
@languages_option
@as_json_option
@verb
def run(reel: Path, languages: Sequence[str], as_json: bool) -> int:
    """Turnover, train, sync, check and deliver the whole reel."""
    from dubsync.service.project import Project

    def ask(project: Project, _: Sequence[str]) -> Answer:
        with shown() as progress:
            result = project.run(progress=progress, finished=_tell)
        found, code = project.turnover(), _shots_code(result.shots)
        if not code and result.report and result.report.failed:
            code = QC_FAILED
        return Answer(tables.run_json(found, result), tables.run_text(found, result), code)

    schema = "dubsync.run/1"
    return in_each(Project.open(reel), languages, ask, schema=schema, as_json=as_json)


@main.command()
@click.argument("video", type=file_path)
@click.option("--dub", type=file_path, help="The dubbed sound, from the clip's first frame.")
@click.option("--take", type=file_path, help="A filmed take of the voice actor.")
@click.option("--consent", type=file_path, help="The performer's consent record.")
@click.option("-o", "--out", type=file_path, required=True, help="Movie to write: .mov or .mkv.")
@click.option("--face", default="", metavar="X,Y", help="A point on the face to sync.")
@click.option("--language", default="", help="Language of the dub, BCP-47.")
@as_json_option
@verb
def clip(
    video: Path, dub: Path | None, take: Path | None, consent: Path | None, out: Path,
    face: str, language: str, as_json: bool,
) -> int:  # fmt: skip
    """Sync one clip, without a timeline: VIDEO follows a dub, a take, or both."""
    from dubsync.service.clip import sync_clip

    with shown() as progress:
        made = sync_clip(
            video, dub=dub, take=take, consent=consent, out=out,
            face=_xy(face) if face else None, language=language, progress=progress,
        )  # fmt: skip
    if as_json:
        print_json("dubsync.clip/1", tables.clip_json(made))
    else:
        click.echo(tables.clip_text(made))
    return _shots_code([made.shot]) or (QC_FAILED if made.report and made.report.failed else DONE)


@main.command()
@click.argument("video", type=file_path)
@click.option("--renderer", default="warp", show_default=True,
              type=click.Choice(["warp", "actor"]))  # fmt: skip
@click.option(
    "--minutes",
    default=5.0,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Time that each trained renderer is given.",
)
@click.option("--size", default=256, show_default=True, type=click.IntRange(64, 1024),
              help="Side of the square that is cut round the face, pixels.")  # fmt: skip
@click.option("--split", default=0.8, show_default=True, type=click.FloatRange(0.1, 0.95),
              help="Share of the clip that teaches.")  # fmt: skip
@click.option("--peers", is_flag=True, help="Also judge the previous second and a plain U-Net.")
@click.option(
    "--held-out", type=file_path, help="Another clip of the face: VIDEO teaches, it judges."
)
@click.option("--frames", default=0, type=click.IntRange(0), help="Teach from N frames alone.")
@click.option("--drive", type=click.Choice(["audio"]),
              help="Also measure how well sound alone moves the mouth.")  # fmt: skip
@click.option("-o", "--out", type=folder_path, help="Folder for frames and strip.")
@as_json_option
@verb
def evaluate(
    video: Path, renderer: str, minutes: float, size: int, split: float, peers: bool,
    held_out: Path | None, frames: int, drive: str | None, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Measure renderers on a clip: the first part teaches, the rest is re-rendered."""
    from dubsync.service.evaluate.drive import driving
    from dubsync.service.evaluate.evaluate import evaluate as measure

    folder = out or Path(f"{video.stem}_evaluate")
    with shown() as progress:
        figures = measure(
            video, renderer=renderer, size=size, split=split, minutes=minutes, peers=peers,
            held_out=held_out, frames=frames, out=folder, progress=progress,
        )  # fmt: skip
        if drive:
            moved = driving(video, split=split, held_out=held_out, progress=progress)
            figures = {**figures, "drive": moved}
    if as_json:
        click.echo(json.dumps(figures))
    else:
        click.echo(tables.evaluation_text(figures))
        for name, value in figures.get("drive", {}).items():
            click.echo(f"drive {name.replace('_', ' ')}: {'-' if value is None else value}")


def _tell(result: ShotResult) -> None:
    """One line on stderr as each shot ends."""
    click.echo(tables.shot_line(result), err=True)


def _shots_code(results: Sequence[ShotResult]) -> int:
    return FAILED if any(r.status in ("failed", "blocked") for r in results) else DONE


def _draw_with(
    project: Project, shots: Sequence[str], renderer: str, languages: Sequence[str]
) -> None:
    """Remembered for every language, unless some are named."""
    if not shots:
        raise click.UsageError("--renderer needs SHOTS; engine.renderer in dubsync.toml is for all")
    for shot in shots:
        if not languages or "all" in languages:
            _dubbed_into(project, shot, ()).draw_with(shot, renderer)
            continue
        for one in project.into_each(languages):
            one.draw_with(shot, renderer, alone=True)


def _dubbed_into(project: Project, shot: str, languages: Sequence[str]) -> Project:
    """The project in the first language in which the shot is dubbed; else in the first."""
    every = project.into_each(languages)
    return next((one for one in every if dubbed_in(one, shot)), every[0])


def _point(
    project: Project, shots: Sequence[str], faces: Sequence[str], languages: Sequence[str]
) -> None:
    if len(shots) != 1:
        raise click.UsageError("--face needs exactly one SHOT")
    project = _dubbed_into(project, shots[0], languages)
    for face in faces:
        who, equals, point = face.rpartition("=")
        if not equals:
            characters = project.reel.shot(shots[0]).characters
            if len(characters) != 1:
                raise click.UsageError(f"say whose: --face {' or '.join(characters)}={point}")
            who = characters[0]
        project.point(shots[0], who, _xy(point))


def _xy(text: str) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        x = y = nan
    if not (isfinite(x) and isfinite(y)):
        raise click.UsageError(f"{text!r} is not X,Y in pixels")
    return x, y
