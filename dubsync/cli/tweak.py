"""`dubsync tweak`: an artist's say over one shot, keyed over its frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, folder_path, verb

if TYPE_CHECKING:
    from dubsync.core.tweak import Tweak
    from dubsync.service.project import Project
    from dubsync.service.tweaks.commands import Change, ShotTweaks


@click.command()
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.option("--set", "settings", multiple=True, metavar="CONTROL=VALUE[@WHERE]",
              help="WHERE: FIRST..LAST, one frame (a key), a line; default: throughout.",
)  # fmt: skip
@click.option("--clear", "cleared", multiple=True, metavar="CONTROL",
              help="Put a control back as if nobody had touched it.")  # fmt: skip
@click.option("--character", default="", help="Whose; default: everybody dubbed in SHOT.")
@click.option("--undo", "change", flag_value="undo", default="", help="Undo the last change.")
@click.option("--redo", "change", flag_value="redo", help="Do again what was undone.")
@click.option("--reset", "change", flag_value="reset", help="Put every control back.")
@click.option("--show", is_flag=True, help="List the controls there are, too.")
@first_option
@as_json_option
@verb
def tweak(
    reel: Path, shot: str, settings: tuple[str, ...], cleared: tuple[str, ...], character: str,
    change: Change, show: bool, languages: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Change how a mouth moves in SHOT, then `dubsync sync REEL SHOT` to render it.

    --set jaw=1.2@1012..1040   --set slip_ms=40   --set viseme=m@1020   --set mix=sound@L004
    --set closure=0.5@01:00:02:10..01:00:03:00

    Frames are plate frames, or +N from the cut's first; a timecode is the programme's, or the
    plate's behind src:.
    With nothing to change, what is said today is listed.  A language's tweaks are its own:
    --language de-DE, or --language all.
    """
    from dubsync.service.project import Project

    if change and (settings or cleared):
        raise click.UsageError(f"--{change} stands alone")

    def ask(project: Project, shots: Sequence[str]) -> Answer:
        said = project.tweak(
            shots[0], settings, cleared=cleared, character=character, change=change
        )
        return Answer(_json(said), _text(said))

    code = in_each(
        Project.open(reel), languages, ask, schema="dubsync.tweak/1", as_json=as_json,
        shots=[shot], first=True,
    )  # fmt: skip
    if show and not as_json:
        click.echo("\n" + _controls())
    return code


def _json(said: ShotTweaks) -> dict[str, Any]:
    from dubsync.service.tweaks.tweak_store import tweaks_plain

    frames, source = said.shot.render, said.shot.source
    return {
        "shot": said.shot.name,
        "version": said.version.number,
        "file": said.version.path or None,
        "asked": list(said.version.request),
        "can_undo": said.version.state > 0,
        "can_redo": bool(said.version.undone),
        "frames": {"first": frames.start, "last": frames.stop - 1},
        "cut": {"first": source.start, "last": source.stop - 1},
        "characters": tweaks_plain(said.version.tweaks),
        "notes": list(said.notes),
    }


def _text(said: ShotTweaks) -> str:
    """A table of what is said, and which frames there are."""
    from dubsync.service.tweaks.commands import frames_text

    rows = [
        (who, *row) for who, one in sorted(said.version.tweaks.items()) for row in _rows(one, said)
    ]
    lines = [frames_text(said.shot, said.drop) + "."]
    if rows:
        lines += ["", table(("character", "control", "value", "plate frames", "record"), rows)]
    else:
        lines.append("Nothing is tweaked.")
    lines += [f"Note: {note}." for note in said.notes]
    if said.version.path:
        lines += ["", f"Version {said.version.number}: {said.version.path}"]
    return "\n".join(lines)


def _rows(one: Tweak, said: ShotTweaks) -> Iterator[tuple[str, str, str, str]]:
    """(control, value, plate frames, record timecode) of all that `one` says."""
    from dubsync.core.tweak import EASE

    for name, curve in one.curves:
        if not curve.keys and (curve.constant or curve.value != _usual(name)):
            yield name, f"{curve.value:g}", "throughout", ""
        for frame, value in curve.keys:
            yield name, f"{value:g}", f"{frame} (key)", _record(frame, frame, said)
        for span in curve.spans:
            yield name, f"{span.value:g}", f"{span.first}..{span.last}", _record(
                span.first, span.last, said)  # fmt: skip
    for key in one.visemes:
        yield "viseme", key.viseme, f"{key.first}..{key.last}", _record(key.first, key.last, said)
    if one.ease != EASE:
        yield "ease", f"{one.ease} frames", "throughout", ""


def _usual(name: str) -> float:
    from dubsync.core.tweak import control

    return control(name).default


def _record(first: int, last: int, said: ShotTweaks) -> str:
    """Where plate frames stand in the programme, as timecode where the rate has one."""
    from dubsync.service.tweaks.commands import record_text

    ends = (record_text(frame, said.shot, said.drop) for frame in dict.fromkeys((first, last)))
    return "..".join(ends)


def _controls() -> str:
    """Every control, its usual value, range and meaning."""
    from dubsync.core.tweak import CONTROLS, EASE, MOST_EASE

    rows = [
        (name, f"{c.default:g}", f"{c.low:g}..{c.high:g}", c.unit, c.meaning)
        for name, c in CONTROLS.items()
    ]
    rows.append(("ease", str(EASE), f"0..{MOST_EASE}", "frames", "slopes of spans and of the dub"))
    rows.append(("viseme", "-", "phones", "", "the mouth shape shown: m, f, th, a, o, u ..."))
    rows.append(("mix", "take", "", "", "the three shares at once: sound, take:0.5,sound:0.5"))
    return table(("control", "usual", "range", "unit", "meaning"), rows)
