"""`dubsync matte`: grow, feather and cut the matte of one shot, or take one from a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.progress import shown
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, engines_option, folder_path, verb
from dubsync.core.plural import counted

if TYPE_CHECKING:
    from dubsync.core.tweak.tweak import Tweak
    from dubsync.service.project import Project
    from dubsync.service.shape.mattes import ShotMatte


@click.command(short_help="Shape the matte of a shot: grow, feather, cut out.")
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.option("--character", default="",
              help="Whose matte; default: all dubbed characters of SHOT.")  # fmt: skip
@click.option("--grow", multiple=True, metavar="PX[@WHERE]",
              help="Outwards by plate pixels; negative: inwards.")  # fmt: skip
@click.option("--feather", multiple=True, metavar="PX[@WHERE]",
              help="Soft edge wider by plate pixels; negative: narrower.")  # fmt: skip
@click.option("--cut", multiple=True, metavar="NAME=FRAME:x,y;x,y;x,y...",
              help="Key of a cut-out: inside its polygon the plate is kept.")  # fmt: skip
@click.option("--span", multiple=True, metavar="NAME=FIRST..LAST",
              help="Frames in which a cut-out applies; NAME= for the whole shot.")  # fmt: skip
@click.option("--soft", multiple=True, metavar="NAME=PX",
              help="Width of a cut-out's soft edge, plate pixels.")  # fmt: skip
@click.option("--hide", multiple=True, metavar="NAME", help="Keep a cut-out without applying it.")
@click.option("--show", multiple=True, metavar="NAME", help="Apply a hidden cut-out again.")
@click.option("--cut-off", multiple=True, metavar="NAME", help="Remove a cut-out.")
@click.option("--from", "file", default="", metavar="FILE",
              help="Matte movie or stills of what is in front of the faces, white in front.",
)  # fmt: skip
@click.option("--from-none", "no_file", is_flag=True, help="Detect what is in front again.")
@first_option
@engines_option
@as_json_option
@verb
def matte(
    reel: Path, shot: str, character: str, grow: tuple[str, ...], feather: tuple[str, ...],
    cut: tuple[str, ...], span: tuple[str, ...], soft: tuple[str, ...], hide: tuple[str, ...],
    show: tuple[str, ...], cut_off: tuple[str, ...], file: str, no_file: bool,
    languages: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Shape where the new face replaces the plate in SHOT; dubsync sync REEL SHOT renders it.

    \b
    --grow 4      --grow=-3@1012..1040      --feather 6
    --cut "collar=1012:640,400;720,410;700,480"     (plate pixels; further keys move the points)

    FRAME and WHERE are as in dubsync tweak, whose --undo undoes this too.  Without options it lists
    how the matte is shaped.
    """
    from dubsync.service.project import Project
    from dubsync.service.shape.mattes import MatteChange, shape_matte, take_matte

    if file and no_file:
        raise click.UsageError("--from cannot be combined with --from-none")
    change = MatteChange(grow, feather, cut, span, soft, hide, show, cut_off)
    if file or no_file:
        take_matte(Project.open(reel), shot, file)

    def work(project: Project, shots: Sequence[str]) -> Answer:
        with shown() as progress:
            made = shape_matte(project, shots[0], change, character=character, progress=progress)
        return Answer(_json(made, project), _text(made, project))

    return in_each(
        Project.open(reel), languages, work, schema="dubsync.matte/1", as_json=as_json,
        shots=[shot], first=True,
    )  # fmt: skip


def _json(made: ShotMatte, project: Project) -> dict[str, Any]:
    """The body of `dubsync.matte/1`."""
    from dubsync.core.tweak.controls import MATTE
    from dubsync.core.tweak.tweak_json import plain

    kept = (*MATTE, "cut_outs")
    return {
        "shot": made.shot.name,
        "version": made.version.number,
        "frames": {"first": made.shot.render.start, "last": made.shot.render.stop - 1},
        "from": None if made.file is None else project.file.shown(made.file),
        "most_growth": {name: round(most, 1) for name, most in made.most.items()},
        "characters": {
            name: {key: value for key, value in plain(one).items() if key in kept}
            for name, one in sorted(made.version.tweaks.items())
        },
    }


def _text(made: ShotMatte, project: Project) -> str:
    lines = []
    rows = [(name, *row) for name, one in sorted(made.version.tweaks.items()) for row in _rows(one)]
    if rows:
        lines.append(table(("character", "what", "value", "plate frames", "keys"), rows))
    else:
        lines.append("The matte is as usual: nothing is grown, feathered or cut out.")
    if made.file is not None:
        lines.append(f"What is in front of the faces: {project.file.shown(made.file)}")
    lines += [f"The matte of {name} can be grown by {most:.0f} px."
              for name, most in made.most.items()]  # fmt: skip
    return "\n".join(lines)


def _rows(one: Tweak) -> Iterator[tuple[str, str, str, str]]:
    """(what, value, plate frames, keys) of each part of the matte that is shaped."""
    from dubsync.core.tweak.controls import MATTE

    for name, curve in one.curves:
        if name not in MATTE:
            continue
        called = name.removeprefix("matte_")
        if not curve.keys and (curve.constant or curve.value):
            yield called, f"{curve.value:g} px", "whole shot", ""
        for frame, value in curve.keys:
            yield called, f"{value:g} px", str(frame), "key"
        for span in curve.spans:
            yield called, f"{span.value:g} px", f"{span.first}..{span.last}", ""
    for cut in one.cut_outs:
        ends = "whole shot"
        if cut.first is not None or cut.last is not None:
            first, last = ("" if end is None else str(end) for end in (cut.first, cut.last))
            ends = f"{first}..{last}"
        points = counted(len(cut.keys[0][1]), "point")
        state = f"{points}, soft {cut.soft:g} px" + ("" if cut.shown else ", hidden")
        yield f"cut-out {cut.name}", state, ends, ", ".join(str(frame) for frame, _ in cut.keys)
