"""`dubsync live`: a person drives an actor or a photograph, at once."""

from __future__ import annotations

import importlib.util
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.face_option import parse_point
from dubsync.cli.progress import shown
from dubsync.cli.proof.signs import unlocks
from dubsync.cli.verb import (
    AnsweringPath,
    as_json_option,
    engines_option,
    file_path,
    print_json,
    verb,
)
from dubsync.core.errors import SettingsError

if TYPE_CHECKING:
    from dubsync.service.live.figures import LiveFigures
    from dubsync.service.live.parts import Driver
    from dubsync.service.live.run import LiveRun, Sink
    from dubsync.service.live.subject import ShownPerson

WINDOW, V4L2, FILE = "window", "v4l2", "file"


@click.command(short_help="Drive an actor or a photograph with your own face, at once.")
@click.argument("who", nargs=-1)
@click.option("--camera", default="", metavar="N", help="The camera that drives; default: 0.")
@click.option("--from", "movie", type=file_path, metavar="MOVIE",
              help="A movie that drives in place of a camera, at its own rate.")  # fmt: skip
@click.option("--to", "to", multiple=True, type=click.Choice([WINDOW, V4L2, FILE]),
              help="Where the picture goes; several are allowed.  Default: window.")  # fmt: skip
@click.option("-o", "--out", type=file_path, help="The movie of --to file, .mov or .mkv.")
@click.option("--device", type=AnsweringPath(path_type=Path), default=Path("/dev/video10"),
              show_default=True, help="The v4l2loopback device of --to v4l2.")  # fmt: skip
@click.option("--consent", type=file_path, metavar="RECORD",
              help="Consent record of who is shown.  For a character: in the reel.")  # fmt: skip
@click.option("--reel", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="The project whose character WHO is.")  # fmt: skip
@click.option("--language", default="", help="One of the project's languages; default: its first.")
@click.option("--gaze", type=click.Choice(["camera"]),
              help="Correct your own gaze: your picture, looking at the camera.")  # fmt: skip
@click.option("--face", metavar="N|X,Y",
              help="The face, where the first photograph shows several.")  # fmt: skip
@click.option("--whole", is_flag=True,
              help="Show the whole photograph, not its head and shoulders.")  # fmt: skip
@click.option("--seconds", default=0.0, type=click.FloatRange(0), help="End after so long.")
@click.option("--record", "record", type=file_path,
              help="Where the record goes; default: beside the movie, else here.")  # fmt: skip
@engines_option
@as_json_option
@verb
@unlocks
def live(
    who: Sequence[str], camera: str, movie: Path | None, to: Sequence[str], out: Path | None,
    device: Path, consent: Path | None, reel: Path | None, language: str, gaze: str | None,
    face: str | None, whole: bool, seconds: float, record: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Let the person at the camera drive WHO: photographs of one person, or a reel's character.

    The picture follows a moment later.  Look at the camera with your face at rest for the first
    second.  In the window, N takes the neutral face anew and Esc closes.
    """
    from dubsync.service.live.parts import Driver
    from dubsync.service.live.record import record_path, write_live_record
    from dubsync.service.live.sinks import check_places

    sinks = tuple(dict.fromkeys(to)) or ((FILE,) if out else (WINDOW,))
    _check(who, camera, movie, sinks, out, gaze, reel)
    driver = Driver(movie=movie) if movie else Driver(camera=camera or "0")
    check_places(out, device if V4L2 in sinks else None)
    path = record_path(out, record, Path(), datetime.now())
    person = _person(who, consent, reel, language, gaze, face, whole)
    for note in person.notes:
        click.echo(f"Note: {note}.", err=True)
    names = {WINDOW: "screen", V4L2: str(device), FILE: out.name if out else ""}
    figures = _driven(person, driver, sinks, out, device, seconds, ", ".join(who) or "gaze")
    write_live_record(path, person, driver, {sink: names[sink] for sink in sinks}, out, figures)
    _report(figures, out, path, as_json)
    return 0


def _check(
    who: Sequence[str], camera: str, movie: Path | None, sinks: Sequence[str], out: Path | None,
    gaze: str | None, reel: Path | None,
) -> None:  # fmt: skip
    """Refuse what does not go together, before anything is opened."""
    if camera and movie:
        raise click.UsageError("--camera or --from MOVIE, not both")
    if bool(who) == bool(gaze):
        raise click.UsageError("name WHO is driven, or --gaze camera for your own picture")
    if (FILE in sinks) != (out is not None):
        raise click.UsageError("--to file needs -o OUT, and -o OUT needs --to file")
    if reel is not None and len(who) != 1:
        raise click.UsageError("--reel REEL takes one character")
    if WINDOW in sinks and importlib.util.find_spec("PyQt5") is None:
        raise SettingsError(
            "the window is not installed",
            hint="pip install 'dubsync[desk]', or --to file -o OUT.mov, or --to v4l2",
        )


def _person(
    who: Sequence[str], consent: Path | None, reel: Path | None, language: str, gaze: str | None,
    face: str | None, whole: bool,
) -> ShownPerson:  # fmt: skip
    from dubsync.service.live.subject import open_character, open_own_gaze, open_photographs

    if gaze:
        return open_own_gaze(consent)
    if reel is not None:
        with shown() as progress:
            return open_character(reel, who[0], language, progress)
    point = parse_point(face) if face else None
    return open_photographs([Path(name) for name in who], consent, whole=whole, face=point)


def _driven(
    person: ShownPerson, driver: Driver, sinks: Sequence[str], out: Path | None, device: Path,
    seconds: float, title: str,
) -> LiveFigures | None:  # fmt: skip
    """Run until the driver's movie ends, the window is closed or Ctrl-C is pressed."""
    from dubsync.core.settings import EngineSettings
    from dubsync.service.live.run import LiveRun, run_until
    from dubsync.service.live.session import LiveSession
    from dubsync.service.live.sinks import into_movie, into_virtual_camera

    with ExitStack() as opened:
        stop = opened.enter_context(_interrupted())
        outputs: list[Sink] = []
        if out is not None:
            outputs.append(opened.enter_context(into_movie(out, driver, person.made)))
        if V4L2 in sinks:
            marked = person.subject.kind != "gaze"
            outputs.append(opened.enter_context(into_virtual_camera(device, marked=marked)))
        session = opened.enter_context(LiveSession(driver, person.subject, EngineSettings()))
        run = LiveRun(session, outputs, person.check)
        if WINDOW in sinks:
            _in_window(run, title, stop, seconds)
        else:
            run_until(run, stop, lambda line: click.echo(line, err=True), seconds)
        return session.figures()


def _in_window(run: LiveRun, title: str, stop: Callable[[], bool], seconds: float) -> None:
    from dubsync.desk.live.open_live import open_live

    open_live(run, title, stop, seconds)


@contextmanager
def _interrupted() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed: the run then ends, and its movie and record are finished.

    A second Ctrl-C ends the program at once.
    """
    pressed: list[int] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)

    before = {n: signal.signal(n, interrupt) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(pressed)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report(figures: LiveFigures | None, out: Path | None, record: Path, as_json: bool) -> None:
    if as_json:
        body: dict[str, Any] = {"out": str(out) if out else None, "record": str(record)}
        print_json("dubsync.live/1", body | {"figures": _plain(figures)})
        return
    if figures is None:
        click.echo("No picture was shown.", err=True)
    else:
        click.echo(
            f"{figures.shown} pictures shown in {figures.seconds:.1f} s: {figures.rate:.1f} a "
            f"second, {figures.dropped} dropped.  From captured to shown "
            f"{figures.latency.median:.0f} ms, 95 of 100 within {figures.latency.most:.0f} ms."
        )
    if out:
        click.echo(f"Movie: {out}")
    click.echo(f"Record: {record}")
    sys.stdout.flush()


def _plain(figures: LiveFigures | None) -> dict[str, Any] | None:
    from dataclasses import asdict

    return asdict(figures) if figures else None
