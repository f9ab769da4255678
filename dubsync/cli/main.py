"""The `dubsync` command: one verb per stage, each a thin call on service.

service (and with it av, torch and the rest) is imported inside the verbs: `dubsync --help` must
answer at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from dubsync import __version__
from dubsync.cli import tables
from dubsync.cli.progress import shown
from dubsync.core.errors import Cancelled, DubsyncError

if TYPE_CHECKING:
    from dubsync.service.reel import ShotResult

DONE, FAILED, USAGE, QC_FAILED, CANCELLED = 0, 1, 2, 3, 130

_file = click.Path(path_type=Path, dir_okay=False)
_folder = click.Path(path_type=Path, file_okay=False)
_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")


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


def verb(function: Callable[..., int | None]) -> Callable[..., None]:
    """`function` as a verb: refusals become a message, a hint and exit code 1; Ctrl-C is 130."""

    @wraps(function)
    def run(*args: Any, **options: Any) -> None:
        try:
            code = function(*args, **options)
        except DubsyncError as error:
            _refuse(error, as_json=bool(options.get("as_json")))
        except (Cancelled, KeyboardInterrupt):
            click.echo("Stopped.  What was finished is kept; run it again to go on.", err=True)
            sys.exit(CANCELLED)
        sys.exit(code or DONE)

    return run


@main.command()
@click.argument("reel", type=_folder)
@click.option("--cut", type=_file, required=True, help="The edit: .otio or CMX3600 .edl.")
@click.option("--media", type=_folder, multiple=True, required=True, help="Folder of plates.")
@click.option("--dub", multiple=True, required=True, metavar="CHARACTER=STEM", help="Dub stem.")
@click.option("--takes", type=_folder, multiple=True, help="Folder of voice actors' takes.")
@click.option("--language", required=True, help="Language of the dub, BCP-47 (fr-FR).")
@click.option("--performer", multiple=True, metavar="CHARACTER=ID", help="Who plays whom.")
@click.option("--consent", type=_file, multiple=True, help="Consent record to copy in.")
@click.option("--rate", default="", help="Frame rate of an EDL (24000/1001).")
@click.option("--handles", type=click.IntRange(0), default=8, help="Frames beyond each cut.")
@_as_json
@verb
def new(
    reel: Path, cut: Path, media: Sequence[Path], dub: Sequence[str], takes: Sequence[Path],
    language: str, performer: Sequence[str], consent: Sequence[Path], rate: str, handles: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Make the folder REEL a project over a cut, its plates and its dub."""
    from dubsync.core.settings import Settings
    from dubsync.core.timecode import parse_rate
    from dubsync.service.project import new_project

    project = new_project(
        reel,
        cut=cut,
        media=media,
        dubs={who: Path(path) for who, path in _pairs(dub, "--dub")},
        takes=takes,
        language=language,
        performers=dict(_pairs(performer, "--performer")),
        consent=consent,
        settings=Settings(handles=handles),
        rate=parse_rate(rate) if rate else None,
    )
    consents = project.reel_consents()
    if as_json:
        _print_json("dubsync.new/1", {"project": str(project.file.folder), "consent": consents})
    else:
        click.echo(f"{project.file.folder / 'dubsync.toml'} is written.")
        for who in (who for who, given in consents.items() if not given):
            click.echo(f"No consent for {who} yet: fill in consent/{who}.toml.example.")


@main.command()
@click.argument("reel", type=_folder)
@_as_json
@verb
def turnover(reel: Path, as_json: bool) -> None:
    """List the shots found, who speaks in each, and every doubt."""
    from dubsync.service.project import Project

    found = Project.open(reel).turnover()
    if as_json:
        _print_json("dubsync.turnover/1", tables.turnover_json(found))
    else:
        click.echo(tables.turnover_text(found))


@main.command()
@click.argument("reel", type=_folder)
@click.argument("characters", nargs=-1)
@_as_json
@verb
def train(reel: Path, characters: Sequence[str], as_json: bool) -> int:
    """Learn each CHARACTER (default: all) from the reel's own plates."""
    from dubsync.service.project import Project

    with shown() as progress:
        learnt = Project.open(reel).train(characters, progress=progress)
    rows = [
        {"character": who, "status": "failed", "reason": str(actor), "hint": actor.hint}
        if isinstance(actor, DubsyncError)
        else {"character": who, "status": "done", "actor": actor.digest}
        for who, actor in learnt.items()
    ]
    if as_json:
        _print_json("dubsync.train/1", {"characters": rows})
    else:
        click.echo(tables.trained_text(rows))
    return FAILED if any(row["status"] == "failed" for row in rows) else DONE


@main.command()
@click.argument("reel", type=_folder)
@click.argument("shots", nargs=-1)
@click.option("--face", multiple=True, metavar="[CHARACTER=]X,Y",
              help="A point on the character's face, plate pixels; needs one SHOT.")  # fmt: skip
@_as_json
@verb
def sync(reel: Path, shots: Sequence[str], face: Sequence[str], as_json: bool) -> int:
    """Render SHOTS (default: every shot whose inputs changed)."""
    from dubsync.service.project import Project

    project = Project.open(reel)
    if face:
        _point(project, shots, face)
    with shown() as progress:
        results = project.sync(shots, progress=progress, finished=_tell)
    if as_json:
        _print_json("dubsync.sync/1", {"shots": tables.shots_json(results)})
    else:
        click.echo(tables.shots_text(results))
    return _shots_code(results)


@main.command()
@click.argument("reel", type=_folder)
@click.argument("shots", nargs=-1)
@_as_json
@verb
def check(reel: Path, shots: Sequence[str], as_json: bool) -> int:
    """Measure what was rendered; write the report."""
    from dubsync.service.project import Project

    with shown() as progress:
        report = Project.open(reel).check(shots, progress=progress)
    if as_json:
        _print_json("dubsync.check/1", tables.report_json(report))
    else:
        click.echo(tables.report_text(report))
    return QC_FAILED if report.failed else DONE


@main.command()
@click.argument("reel", type=_folder)
@_as_json
@verb
def deliver(reel: Path, as_json: bool) -> None:
    """Write the corrected cut: .otio and EDL."""
    from dubsync.service.project import Project

    delivery = Project.open(reel).deliver()
    if as_json:
        _print_json("dubsync.deliver/1", asdict(delivery))
    else:
        click.echo(tables.delivery_text(delivery))


@main.command()
@click.argument("reel", type=_folder)
@_as_json
@verb
def run(reel: Path, as_json: bool) -> int:
    """Turnover, train, sync, check and deliver the whole reel."""
    from dubsync.service.project import Project

    project = Project.open(reel)
    with shown() as progress:
        result = project.run(progress=progress, finished=_tell)
    if as_json:
        _print_json("dubsync.run/1", tables.run_json(project.turnover(), result))
    else:
        click.echo(tables.run_text(project.turnover(), result))
    code = _shots_code(result.shots)
    return QC_FAILED if not code and result.report and result.report.failed else code


@main.command()
@click.argument("video", type=_file)
@click.option("--dub", type=_file, help="The dubbed sound, from the clip's first frame.")
@click.option("--take", type=_file, help="A filmed take of the voice actor.")
@click.option("--consent", type=_file, help="The performer's consent record.")
@click.option("-o", "--out", type=_file, required=True, help="Movie to write: .mov or .mkv.")
@click.option("--face", default="", metavar="X,Y", help="A point on the face to sync.")
@click.option("--language", default="", help="Language of the dub, BCP-47.")
@_as_json
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
        _print_json("dubsync.clip/1", tables.clip_json(made))
    else:
        click.echo(tables.clip_text(made))
    return _shots_code([made.shot]) or (QC_FAILED if made.report and made.report.failed else DONE)


@main.command()
@click.argument("video", type=_file)
@click.option("--renderer", default="warp", show_default=True, type=click.Choice(["warp"]))
@click.option("--size", default=256, show_default=True, type=click.IntRange(64, 1024))
@click.option("--split", default=0.8, show_default=True, type=click.FloatRange(0.1, 0.95))
@click.option("-o", "--out", type=_folder, help="Folder for frames and strip.")
@_as_json
@verb
def evaluate(
    video: Path, renderer: str, size: int, split: float, out: Path | None, as_json: bool
) -> None:
    """Measure a renderer on a clip: the first part teaches, the rest is re-rendered."""
    from dubsync.service.evaluate import evaluate as measure

    folder = out or Path(f"{video.stem}_evaluate")
    with shown() as progress:
        figures = measure(
            video, renderer=renderer, size=size, split=split, out=folder, progress=progress
        )
    if as_json:
        click.echo(json.dumps(figures))
    else:
        click.echo(tables.evaluation_text(figures))


def _tell(result: ShotResult) -> None:
    """One line on stderr as each shot ends."""
    click.echo(tables.shot_line(result), err=True)


def _shots_code(results: Sequence[ShotResult]) -> int:
    return FAILED if any(r.status in ("failed", "blocked") for r in results) else DONE


def _point(project: Any, shots: Sequence[str], faces: Sequence[str]) -> None:
    if len(shots) != 1:
        raise click.UsageError("--face needs exactly one SHOT")
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
        raise click.UsageError(f"{text!r} is not X,Y in pixels") from None
    return x, y


def _pairs(values: Sequence[str], option: str) -> list[tuple[str, str]]:
    pairs = [value.partition("=") for value in values]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise click.UsageError(f"{option} is written CHARACTER=VALUE")
    if len({name for name, _, _ in pairs}) < len(pairs):
        raise click.UsageError(f"{option} names a character twice")
    return [(name, value) for name, _, value in pairs]


def _print_json(schema: str, body: dict[str, Any]) -> None:
    click.echo(json.dumps({"schema": schema, **body}))


def _refuse(error: DubsyncError, *, as_json: bool) -> NoReturn:
    if as_json:
        _print_json("dubsync.error/1", {"error": str(error), "hint": error.hint,
                                        "kind": type(error).__name__})  # fmt: skip
    click.echo(f"Error: {error}", err=True)
    if error.hint:
        click.echo(f"  Try: {error.hint}", err=True)
    sys.exit(FAILED)
