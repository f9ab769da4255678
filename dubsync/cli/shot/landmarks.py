"""`dubsync landmarks`: mend the face track of one shot by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.languages import Answer, first_option, in_each
from dubsync.cli.tables import table
from dubsync.cli.verb import as_json_option, engines_option, folder_path, verb

if TYPE_CHECKING:
    from dubsync.service.project import Project
    from dubsync.service.shape.landmarks import ShotLandmarks


@click.command(short_help="Mend the face track of a shot by hand.")
@click.argument("reel", type=folder_path)
@click.argument("shot")
@click.option("--set", "settings", multiple=True, metavar="FRAME:INDEX=x,y[,reach]",
              help="Place of a landmark in one frame, plate pixels; its neighbours come along.",
)  # fmt: skip
@click.option("--clear", "cleared", multiple=True, metavar="FRAME[:INDEX]|all",
              help="Take back what is set for a frame, for a landmark there, or all.")  # fmt: skip
@click.option("--character", default="", help="Whose face, where several are dubbed.")
@first_option
@engines_option
@as_json_option
@verb
def landmarks(
    reel: Path, shot: str, settings: tuple[str, ...], cleared: tuple[str, ...], character: str,
    languages: tuple[str, ...], as_json: bool,
) -> int:  # fmt: skip
    """Say where landmarks of the face are in SHOT, on key frames; the mouth is fitted to them.

    Between key frames up to 24 frames apart the offsets are interpolated; beside them they fade
    out over 6 frames.  INDEX is a landmark of the 478 (61 and 291 are the corners of the mouth).
    `dubsync tweak --undo` undoes it.  Without options it lists what is set.
    """
    from dubsync.service.project import Project
    from dubsync.service.shape.landmarks import mend_landmarks

    def work(project: Project, shots: Sequence[str]) -> Answer:
        made = mend_landmarks(project, shots[0], settings, cleared, character=character)
        return Answer(_json(made), _text(made))

    return in_each(
        Project.open(reel), languages, work, schema="dubsync.landmarks/1", as_json=as_json,
        shots=[shot], first=True,
    )  # fmt: skip


def _json(made: ShotLandmarks) -> dict[str, Any]:
    """The body of `dubsync.landmarks/1`."""
    return {
        "shot": made.shot.name,
        "version": made.version.number,
        "characters": {
            name: [
                {"frame": k.frame, "index": k.index, "x": k.x, "y": k.y, "reach": k.reach}
                for k in one.landmarks
            ]
            for name, one in sorted(made.version.tweaks.items())
            if one.landmarks
        },
    }


def _text(made: ShotLandmarks) -> str:
    rows = [
        (name, str(k.frame), str(k.index), f"{k.x:g}, {k.y:g}", f"{k.reach:g} px")
        for name, one in sorted(made.version.tweaks.items())
        for k in one.landmarks
    ]
    if not rows:
        return "No landmark is set by hand: the face is as tracked."
    return table(("character", "plate frame", "landmark", "place", "reach"), rows)
