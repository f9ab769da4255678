"""`dubsync portrait`: photographs of one person follow a take, speak a dub, or react."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dubsync.cli.face_option import parse_point
from dubsync.cli.progress import shown
from dubsync.cli.proof.signs import unlocks
from dubsync.cli.verb import DONE, AnsweringPath, as_json_option, file_path, print_json, verb

if TYPE_CHECKING:
    from dubsync.core.shot import ProjectWarning
    from dubsync.service.portrait.order import PortraitOrder, PortraitResult

_SUFFIXES = ("mp4", "mov", "mkv", "png", "exr")


@click.command(short_help="Make photographs of a person follow a take, speak, or react.")
@click.argument("photos", type=file_path, nargs=-1, required=True, metavar="PHOTO...")
@click.option("--take", type=file_path, help="A movie of the person who drives the portrait.")
@click.option("--dub", type=file_path, help="A sound for the portrait to speak.")
@click.option("--reactions", metavar="NAMES",
              help="Short movies that start and end at rest: some of like,haha,wow,sad,angry,idle, "
                   "or .toml files of your own.")  # fmt: skip
@click.option("--consent", type=file_path, help="The record that allows the portrait.")
@click.option("-o", "--out", type=AnsweringPath(path_type=Path), required=True,
              help="Movie to write: .mov (ProRes 4444), .mkv (lossless) or .mp4 (plays anywhere); "
                   "or .png or .exr, a sequence.  For --reactions a folder.")  # fmt: skip
@click.option("--face", metavar="N|X,Y",
              help="The face, where the first photograph shows several: its number in "
                   "OUT.dubsync/faces.png, or a point on it.")  # fmt: skip
@click.option("--take-face", default=0, type=click.IntRange(0), metavar="N",
              help="The person who drives, where the take shows several.")  # fmt: skip
@click.option("--language", default="", help="Language of the dub, such as de-DE.")
@click.option("--dub-track", default=0, type=click.IntRange(0), metavar="N",
              help="Sound track of the dub, from 1; default: the one in the dub's language.",
)  # fmt: skip
@click.option("--dub-channel", default=0, type=click.IntRange(0), metavar="N",
              help="Channel by which the dub is heard, from 1; default: the dialogue channel.",
)  # fmt: skip
@click.option("--size", default=0, type=click.IntRange(0, 4096), metavar="PIXELS",
              help="Longest side of the movie; default: the photograph's, up to 1920.")  # fmt: skip
@click.option("--rate", default="25", show_default=True, metavar="FPS",
              help="Frames per second without a take; a take's own is kept.")  # fmt: skip
@click.option("--as", "kind", default="mp4", show_default=True, type=click.Choice(_SUFFIXES),
              help="What reactions are written as.")  # fmt: skip
@as_json_option
@verb
@unlocks
def portrait(
    photos: Sequence[Path], take: Path | None, dub: Path | None, reactions: str | None,
    consent: Path | None, out: Path, face: str | None, take_face: int, language: str,
    dub_track: int, dub_channel: int, size: int, rate: str, kind: str, as_json: bool,
) -> int:  # fmt: skip
    """Make photographs of one person move: 1 to 32 of them, of which the first is moved.

    Needs a consent record that allows the operation `portrait`; for a painting or another work, one
    that says why it may be used.
    """
    from dubsync.core.sound.tracks import SoundChoice
    from dubsync.service.portrait.order import LONGEST, PortraitOrder
    from dubsync.service.portrait.portrait import make_portrait, make_reactions

    order = PortraitOrder(
        tuple(photos), out, take=take, dub=dub, consent=consent,
        face=parse_point(face) if face else None, take_face=take_face, language=language,
        heard=SoundChoice(dub_track, (dub_channel,) if dub_channel else ()),
        longest=size or LONGEST, rate=rate,
    )  # fmt: skip
    if reactions is None:
        with shown() as progress:
            made = [make_portrait(order, progress=progress, warned=_warn)]
    else:
        if take is not None or dub is not None:
            raise click.UsageError("--reactions takes neither --take nor --dub")
        with shown() as progress:
            made = list(make_reactions(
                _into_folder(order), [name.strip() for name in reactions.split(",")], f".{kind}",
                progress=progress, warned=_warn,
            ))  # fmt: skip
    if as_json:
        print_json("dubsync.portrait/1", {"portraits": [_json(one) for one in made]})
    else:
        click.echo("\n".join(_text(one) for one in made))
    return DONE


def _into_folder(order: PortraitOrder) -> PortraitOrder:
    """The order, whose folder is made if it is not there."""
    from dubsync.core.errors import DeliveryError

    try:
        order.out.mkdir(exist_ok=True)
    except OSError as error:
        raise DeliveryError(
            f"{order.out} cannot be made a folder: {error.strerror}",
            hint="for --reactions give a folder, such as -o reactions/",
        ) from error
    return order


def _warn(warning: ProjectWarning) -> None:
    click.echo(f"  ? {warning.about}: {warning.message}", err=True)
    if warning.hint:
        click.echo(f"    Try: {warning.hint}", err=True)


def _json(made: PortraitResult) -> dict[str, Any]:
    return {
        "name": made.name,
        "out": made.out,
        "frames": made.frames,
        "rate": made.rate,
        "size": list(made.size),
        "quality": made.quality,
        "record": made.record,
        "sheet": made.sheet,
        "warnings": [
            {"about": w.about, "message": w.message, "hint": w.hint} for w in made.warnings
        ],
    }


def _text(made: PortraitResult) -> str:
    width, height = made.size
    return (
        f"{made.out}: {made.frames} frames at {made.rate}, {width} x {height}; quality: "
        f"{made.quality}\n  record  {made.record}\n  sheet   {made.sheet}"
    )
