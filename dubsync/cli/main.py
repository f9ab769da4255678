"""The `dubsync` command: one verb per stage, each a thin call to `service`.

`service` (and with it av, torch and the rest) is imported inside the verbs, so that
`dubsync --help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli import tables
from dubsync.cli.carrying import presets
from dubsync.cli.consent import consent
from dubsync.cli.coverage import coverage
from dubsync.cli.cut.cutdiff import cutdiff
from dubsync.cli.cut.flat import cut
from dubsync.cli.cut.probe import probe
from dubsync.cli.cut.recut import recut
from dubsync.cli.cut.survey import survey
from dubsync.cli.deliver import deliver, missing_option, run_json, run_text
from dubsync.cli.desk import desk
from dubsync.cli.disk.clean import clean
from dubsync.cli.disk.one_run import runs_alone
from dubsync.cli.disk.space import refuse_short_of_space, space_option
from dubsync.cli.driven.live import live
from dubsync.cli.evaluating.evaluate import evaluate
from dubsync.cli.face_option import FORM, HELP, answer_faces, dubbed_into, parse_point
from dubsync.cli.farm.farm_task import farm_task
from dubsync.cli.farm.submit import submit
from dubsync.cli.hosts.plugins import plugins
from dubsync.cli.hosts.rpc import rpc
from dubsync.cli.judging.approve import approve, reject
from dubsync.cli.judging.import_notes import notes_from
from dubsync.cli.judging.note import note, notes
from dubsync.cli.judging.versions import versions
from dubsync.cli.languages import Answer, in_each, languages_option
from dubsync.cli.new import new
from dubsync.cli.portrait import portrait
from dubsync.cli.progress import shown
from dubsync.cli.proof.disclose import disclose
from dubsync.cli.proof.house_base import base
from dubsync.cli.proof.keys import keys
from dubsync.cli.proof.mark import mark
from dubsync.cli.proof.signs import signs
from dubsync.cli.proof.verify import verify
from dubsync.cli.review import review
from dubsync.cli.script.listing import script
from dubsync.cli.script.transcribe import transcribe
from dubsync.cli.shot.expressions import expressions
from dubsync.cli.shot.faces import faces
from dubsync.cli.shot.frames import curves, preview
from dubsync.cli.shot.landmarks import landmarks
from dubsync.cli.shot.matte import matte
from dubsync.cli.sound.align import align
from dubsync.cli.sound.words import words
from dubsync.cli.status import status
from dubsync.cli.triage import triage
from dubsync.cli.turnover import turnover
from dubsync.cli.tweak import tweak
from dubsync.cli.verb import (
    DONE,
    FAILED,
    QC_FAILED,
    as_json_option,
    engines_option,
    file_path,
    folder_path,
    print_json,
    verb,
)
from dubsync.cli.whole_reel.jobs import checked, jobs_option, ran, read_turnover, shown_jobs, synced
from dubsync.cli.whole_reel.task import task
from dubsync.core.version import __version__

if TYPE_CHECKING:
    from dubsync.core.progress import Progress
    from dubsync.core.result import QCReport
    from dubsync.service.project import Project
    from dubsync.service.reel.shot_result import ShotResult

RENDERERS = ("auto", "actor", "warp", "plate")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dubsync")
@click.option("-v", "--verbose", is_flag=True, help="Log every step to standard error.")
def main(verbose: bool) -> None:
    """Re-animate the lips in a film to match its dub.

    For a reel: dubsync new, turnover, run.  For a single clip: dubsync clip.
    """
    from dubsync.cli.fault import report_fault

    sys.excepthook = report_fault
    if verbose:
        import logging

        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")


for _command in (
    align, approve, base, clean, consent, coverage, curves, cut, cutdiff, deliver, desk, disclose,
    evaluate, expressions, faces, farm_task, keys, landmarks, live, mark, matte, new, note, notes,
    notes_from, plugins, portrait, presets, preview, probe, recut, reject, review, rpc, script,
    status, submit, survey, task, transcribe, triage, turnover, tweak, verify, versions, words,
):  # fmt: skip
    main.add_command(_command)


@main.command(short_help="Train neural renderers on the plates.")
@click.argument("reel", type=folder_path)
@click.argument("characters", nargs=-1)
@click.option("--minutes", type=click.FloatRange(0, min_open=True),
              help="Time limit per character; default: engine.train_minutes.")  # fmt: skip
@click.option("--size", default=0, type=click.IntRange(0, 1024),
              help="Side of the face crop in pixels; 0: as large as in the plates.")  # fmt: skip
@click.option("--steps", default=0, type=click.IntRange(0),
              help="Train for exactly N steps instead of a time limit.  The number from a training "
              "record reproduces that model on the same device.")  # fmt: skip
@engines_option
@as_json_option
@verb
@runs_alone("train")
def train(
    reel: Path, characters: Sequence[str], minutes: float | None, size: int, steps: int,
    as_json: bool,
) -> int:  # fmt: skip
    """Train a neural renderer for each CHARACTER (default: all) on the reel's plates.

    It is compared with the default (warping) renderer on held-out frames; sync then uses whichever
    scored better, per shot.
    """
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


@main.command(short_help="Render shots.")
@click.argument("reel", type=folder_path)
@click.argument("shots", nargs=-1)
@click.option("--face", multiple=True, metavar=FORM, help=HELP)
@click.option("--renderer", default="", type=click.Choice(["", *RENDERERS]), show_choices=False,
              metavar="|".join(RENDERERS),
              help="Renderer of SHOTS from now on; plate: keep the original picture.")  # fmt: skip
@click.option("--repair", is_flag=True,
              help="Render again only what the newest check found open: lips on m b p and f v, "
              "rounded lips.  Then check those shots again.")  # fmt: skip
@click.option("--draft", is_flag=True,
              help="Make drafts: DRAFT across their movies, and no delivery before "
              "approval.")  # fmt: skip
@space_option
@jobs_option
@languages_option
@engines_option
@as_json_option
@verb
@signs
@runs_alone("sync")
def sync(
    reel: Path, shots: Sequence[str], face: Sequence[str], renderer: str, repair: bool,
    draft: bool, ignore_space: bool, jobs: str, languages: Sequence[str], as_json: bool,
) -> int:  # fmt: skip
    """Render SHOTS (default: all shots whose inputs changed).

    --draft also writes a movie of each, with DRAFT across every picture.  A draft cannot be
    delivered before it is approved (dubsync approve); then the movie goes.
    """
    from dubsync.service.project import Project

    if repair and (face or renderer):
        raise click.UsageError("--repair cannot be combined with --face or --renderer")
    if repair and draft:
        raise click.UsageError("--repair cannot be combined with --draft")
    opened = Project.open(reel)
    if repair:
        return in_each(opened, languages, _repaired, schema="dubsync.sync/1", as_json=as_json,
                       shots=shots)  # fmt: skip
    if face:
        answer_faces(opened, face, shots, languages)
    if renderer:
        _draw_with(opened, shots, renderer, languages)

    def work(project: Project, shots: Sequence[str]) -> Answer:
        with shown_jobs(jobs, as_json=as_json) as progress:
            read_turnover(project, jobs, progress, ("look", "learn", "sync"))
            refuse_short_of_space(project, ignore=ignore_space or bool(shots))
            results = synced(project, shots, jobs, progress, _print_result)
            movies = _drafts(project, results, progress) if draft else {}
        rows = {"shots": tables.shots_json(results), **({"drafts": movies} if draft else {})}
        lines = [tables.shots_text(results), *(f"Draft: {movie}" for movie in movies.values())]
        return Answer(rows, "\n".join(lines), _shots_code(results))

    return in_each(opened, languages, work, schema="dubsync.sync/1", as_json=as_json, shots=shots)


@main.command(short_help="Measure renders and write the QC report.")
@click.argument("reel", type=folder_path)
@click.argument("shots", nargs=-1)
@click.option("--report-only", is_flag=True,
              help="Show the newest report again.  Nothing is measured or written.")  # fmt: skip
@jobs_option
@languages_option
@engines_option
@as_json_option
@verb
def check(
    reel: Path, shots: Sequence[str], report_only: bool, jobs: str, languages: Sequence[str],
    as_json: bool,
) -> int:  # fmt: skip
    """Measure the renders of SHOTS (default: all) and write the QC report."""
    from dubsync.service.project import Project
    from dubsync.service.qc.newest_report import newest_report
    from dubsync.service.repair import REPAIRED

    def work(project: Project, shots: Sequence[str]) -> Answer:
        if report_only:
            report = newest_report(project.store, shots)
        else:
            with shown_jobs(jobs, as_json=as_json) as progress:
                report = checked(project, shots, jobs, progress)
        plates = tables.plates_of(project.turnover())
        text = tables.report_text(report, plates)
        if any(
            c.met is False
            for found in report.contacts.values()
            for c in found
            if c.kind in REPAIRED
        ):
            text += "\nRender again only what is open: dubsync sync REEL --repair"
        return Answer(tables.report_json(report), text, _report_code(report))

    schema, opened = "dubsync.check/1", Project.open(reel)
    return in_each(opened, languages, work, schema=schema, as_json=as_json, shots=shots)


@main.command(short_help="Run all steps, from turnover to delivery.")
@click.argument("reel", type=folder_path)
@click.option("--face", multiple=True, metavar=FORM, help=HELP)
@missing_option
@space_option
@jobs_option
@languages_option
@engines_option
@as_json_option
@verb
@signs
@runs_alone("run")
def run(
    reel: Path, face: Sequence[str], allow_missing: bool, ignore_space: bool, jobs: str,
    languages: Sequence[str], as_json: bool,
) -> int:  # fmt: skip
    """Run turnover, train, sync, check and deliver for the whole reel.

    If a shot failed or is blocked, nothing is delivered, unless --allow-missing.  A disk that is
    too small for what is to be made is told before any work.
    """
    from dubsync.service.project import Project

    opened = Project.open(reel)
    answer_faces(opened, face, (), languages)

    def work(project: Project, _: Sequence[str]) -> Answer:
        with shown_jobs(jobs, as_json=as_json) as progress:
            read_turnover(project, jobs, progress, ("look", "learn", "shot", "finish"))
            refuse_short_of_space(project, ignore=ignore_space)
            result = ran(project, jobs, allow_missing, progress, _print_result)
        listed, code = project.turnover(), _shots_code(result.shots)
        if result.undelivered:
            code = FAILED
        elif not code and result.report:
            code = _report_code(result.report)
        return Answer(run_json(listed, result), run_text(listed, result), code)

    schema = "dubsync.run/1"
    return in_each(opened, languages, work, schema=schema, as_json=as_json)


@main.command(short_help="Sync a single clip without a timeline.")
@click.argument("video", type=file_path)
@click.option("--dub", type=file_path, help="The dub; starts at the clip's first frame.")
@click.option("--take", type=file_path, help="A filmed take of the voice actor.")
@click.option("--consent", type=file_path, help="The performer's consent record.")
@click.option("-o", "--out", type=file_path, required=True,
              help="Movie to write: .mov or .mkv (lossless master) or .mp4 (plays anywhere); "
              "the other is written beside it.")  # fmt: skip
@click.option("--face", multiple=True, metavar="N|X,Y[@FRAME]",
              help="The face to sync, where there are several: its number N in "
              "OUT.dubsync/faces.png, or a point on it.  Several are of one person.")  # fmt: skip
@click.option("--language", default="", help="Language of the dub, such as de-DE.")
@click.option("--dub-track", default=0, type=click.IntRange(0), metavar="N",
              help="Sound track of the dub, from 1; default: the one in the dub's language.",
)  # fmt: skip
@click.option("--dub-channel", default=0, type=click.IntRange(0), metavar="N",
              help="Channel by which the dub is heard, from 1; default: the dialogue channel.",
)  # fmt: skip
@click.option("--project", is_flag=True,
              help="Make OUT.dubsync a project, which tweak, run and desk open.")  # fmt: skip
@as_json_option
@verb
@signs
def clip(
    video: Path, dub: Path | None, take: Path | None, consent: Path | None, out: Path,
    face: Sequence[str], language: str, dub_track: int, dub_channel: int, project: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Sync the clip VIDEO, without a timeline, to a dub, a take, or both."""
    from dubsync.core.sound.tracks import SoundChoice
    from dubsync.service.clip import sync_clip

    with shown() as progress:
        made = sync_clip(
            video, dub=dub, take=take, consent=consent, out=out,
            faces=[parse_point(one) for one in face], language=language,
            heard=SoundChoice(dub_track, (dub_channel,) if dub_channel else ()),
            project=project, progress=progress,
            warned=lambda one: click.echo(f"  ? {one.about}: {one.message}", err=True),
        )  # fmt: skip
    if as_json:
        print_json("dubsync.clip/1", tables.clip_json(made))
    else:
        click.echo(tables.clip_text(made))
    return _shots_code([made.shot]) or (_report_code(made.report) if made.report else DONE)


def _drafts(project: Project, results: Sequence[ShotResult], progress: Progress) -> dict[str, str]:
    """Make drafts of what was rendered; shot -> movie."""
    from dubsync.service.review.draft_movie import write_drafts

    return write_drafts(project.reel, results, progress)


def _print_result(result: ShotResult) -> None:
    """Print one line on standard error when a shot is finished."""
    click.echo(tables.shot_line(result), err=True)


def _repaired(project: Project, shots: Sequence[str]) -> Answer:
    """The shots that were repaired, before and after, and those that were not, with the reason."""
    from dubsync.service.repair import repair_reel

    with shown() as progress:
        made = repair_reel(project, shots, progress=progress, finished=_print_result)
    rows = {
        "shots": tables.shots_json(made.shots),
        "repaired": [asdict(one) for one in made.repaired],
        "left": [{"name": name, "reason": reason} for name, reason in made.left],
        "report": tables.report_json(made.report) if made.report else None,
    }
    lines = [one.sentence for one in made.repaired]
    lines += [f"{name}: not repaired: {reason}" for name, reason in made.left]
    lines += [f"Report: {made.report.html}"] if made.report else []
    nothing = "The newest check found nothing open that a repair closes."
    code = _report_code(made.report) if made.report else DONE
    return Answer(rows, "\n".join(lines) or nothing, FAILED if made.left else code)


def _shots_code(results: Sequence[ShotResult]) -> int:
    return FAILED if any(r.status in ("failed", "blocked") for r in results) else DONE


def _report_code(report: QCReport) -> int:
    """FAILED if a shot could not be checked, QC_FAILED if one is out of limits."""
    return FAILED if report.unchecked else QC_FAILED if report.failed else DONE


def _draw_with(
    project: Project, shots: Sequence[str], renderer: str, languages: Sequence[str]
) -> None:
    """Store the renderer for all languages, or only for those that are named."""
    if not shots:
        raise click.UsageError(
            "--renderer needs SHOTS; to set it for all shots use engine.renderer in dubsync.toml"
        )
    for shot in shots:
        if not languages or "all" in languages:
            dubbed_into(project, shot, ()).draw_with(shot, renderer)
            continue
        for one in project.into_each(languages):
            one.draw_with(shot, renderer, alone=True)
