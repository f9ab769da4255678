"""`dubsync preview` and `dubsync curves`: one frame, and the mouth over time, before a render."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.progress import shown as progress_shown
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, engines_option, file_path, folder_path, verb

if TYPE_CHECKING:
    from dubsync.service.preview.curve_values import CharacterCurves, ShotCurves
    from dubsync.service.preview.picture import PreviewPicture
    from dubsync.service.preview.previewed_shot import PreviewedShot
    from dubsync.service.project import Project

_set_option = click.option(
    "--set", "settings", multiple=True, metavar="CONTROL=VALUE[@WHERE]",
    help="As in dubsync tweak, for this once: nothing is saved.",
)  # fmt: skip
_character_option = click.option(
    "--character", default="",
    help="Character that --set is for; default: all dubbed characters of SHOT.",
)  # fmt: skip


@click.command(short_help="Draw one frame of a shot, without rendering it.")
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.option("--at", "where", default="", metavar="FRAME|TC",
              help="Plate frame, +N or timecode; default: first of the cut.")  # fmt: skip
@_set_option
@_character_option
@click.option("--width", default=960, show_default=True, type=click.IntRange(16, 8192),
              help="Widest picture, pixels; it is never wider than the plate.")  # fmt: skip
@click.option("-o", "--out", type=file_path, required=True, help="PNG to write.")
@first_option
@engines_option
@as_json_option
@verb
def preview(
    reel: Path, shot: str, where: str, settings: tuple[str, ...], character: str, width: int,
    out: Path, languages: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Draw one frame of SHOT as a render would have it, with tweaks that are not saved.

    A project that was never analysed is analysed first.
    """

    def work(shown: PreviewedShot) -> Answer:
        from dubsync.media.stills.encode import png
        from dubsync.service.preview.asked import asked_frame, asked_tweaks
        from dubsync.service.store.atomic_write import write_whole

        frame, tweaks = asked_frame(shown, where), asked_tweaks(shown, settings, character)
        made = shown.picture(frame, tweaks, width=width)
        write_whole(out, png(made.image))
        return Answer(_picture_json(made, out), _picture_text(made, out))

    return _opened(reel, shot, languages, work, schema="dubsync.preview/1", as_json=as_json)


@click.command(short_help="List how the mouths of a shot move, without rendering it.")
@click.argument("reel", type=folder_path)
@click.argument("shot")
@_set_option
@_character_option
@first_option
@engines_option
@as_json_option
@verb
def curves(
    reel: Path, shot: str, settings: tuple[str, ...], character: str,
    languages: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """List opening, drivers and contacts of each mouth in SHOT; --json has every frame.

    Measures are in % of the distance between the eyes.
    """

    def work(shown: PreviewedShot) -> Answer:
        from dubsync.service.preview.asked import asked_tweaks
        from dubsync.service.preview.curves import shot_curves
        from dubsync.service.preview.curves_json import curves_json

        made = shot_curves(shown, asked_tweaks(shown, settings, character))
        return Answer(curves_json(made), _curves_text(made))

    return _opened(reel, shot, languages, work, schema="dubsync.curves/1", as_json=as_json)


def _opened(
    reel: Path, shot: str, languages: Sequence[str], work: Callable[[PreviewedShot], Answer], *,
    schema: str, as_json: bool,
) -> int:  # fmt: skip
    """Run `work` on the shot opened for preview, in each language."""
    from dubsync.service.preview.previewed_shot import open_preview
    from dubsync.service.project import Project

    def in_one(project: Project, shots: Sequence[str]) -> Answer:
        with progress_shown() as progress:
            opened = open_preview(project, shots[0], progress=progress)
        try:
            return work(opened)
        finally:
            opened.close()

    return in_each(
        Project.open(reel), languages, in_one, schema=schema, as_json=as_json, shots=[shot],
        first=True,
    )  # fmt: skip


def _picture_json(made: PreviewPicture, out: Path) -> dict[str, Any]:
    """The body of `dubsync.preview/1`.

    `matte` is the rectangle that may differ from the plate, `faces` one round each face: left, top,
    right, bottom, in pixels of the picture.
    """
    height, width = made.image.shape[:2]
    return {
        "shot": made.shot,
        "frame": made.frame,
        "picture": str(out),
        "width": width,
        "height": height,
        "renderer": made.renderer,
        "matte": made.box,
        "faces": {
            name: [round(float(edge), 1) for edge in (*points.min(axis=0), *points.max(axis=0))]
            for name, points in made.landmarks.items()
        },
    }


def _picture_text(made: PreviewPicture, out: Path) -> str:
    drawn = f"drawn by {made.renderer}" if made.renderer else "the plate is kept"
    return f"Frame {made.frame} of {made.shot}, {drawn}: {out}"


def _curves_text(made: ShotCurves) -> str:
    """A table of the mouths, their drivers, and the contacts that are not met."""
    frames = made.frames
    lines = [f"{made.shot}: plate frames {frames.start}..{frames.stop - 1}.", ""]
    header = ("character", "mean opening", "of the plate", "widest", "of the plate", "contacts met")
    lines.append(table(header, [(name, *_row(one)) for name, one in made.characters.items()]))
    for name, one in made.characters.items():
        lines += ["", name]
        for driver in one.drivers:
            why = f" ({driver.reason})" if driver.reason else ""
            lines.append(f"  {driver.first}..{driver.last}  {driver.source}{why}")
        lines += [f"  {c.frame}  {c.kind} not met" for c in one.contacts if c.met is False]
    return "\n".join(lines)


def _row(one: CharacterCurves) -> tuple[str, ...]:
    """Mean and widest opening of result and plate where the dub is followed; contacts met."""
    opening, follows = one.curves["opening"], one.weight > 0
    known = [curve[follows & (curve >= 0)] for curve in (opening["result"], opening["plate"])]
    means = [f"{c.mean():.1f} %" if len(c) else "-" for c in known]
    widest = [f"{c.max():.1f} %" if len(c) else "-" for c in known]
    judged = [contact.met for contact in one.contacts if contact.met is not None]
    return (*means, *widest, f"{sum(judged)} of {len(judged)}")
