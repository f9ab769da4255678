"""`dubsync new`: create a project from a cut, its plates and its dubs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dubsync.cli.progress import shown
from dubsync.cli.proof.signs import UNSIGNED
from dubsync.cli.verb import as_json_option, file_path, folder_path, print_json, verb
from dubsync.core.settings import HOST_NAMES, HostName
from dubsync.editorial.formats import CUT, labels

if TYPE_CHECKING:
    from dubsync.service.new_project import Dubs

_TAGGED = re.compile(r"([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*):(.+)")


@click.command(short_help="Create a project from a cut, plates and dubs.")
@click.argument("reel", type=folder_path)
@click.option("--cut", type=file_path, required=True,
              help=f"The cut: {labels(CUT)}.")  # fmt: skip
@click.option("--media", type=folder_path, multiple=True, required=True, help="Folder of plates.")
@click.option("--dub", multiple=True, required=True, metavar="[TAG:]CHARACTER=STEM",
              help="Dub stem of a character; with several languages, add the TAG.")  # fmt: skip
@click.option("--takes", multiple=True, metavar="[TAG:]FOLDER",
              help="Folder of voice actors' takes.")  # fmt: skip
@click.option("--script", multiple=True, metavar="[TAG:]FILE",
              help="Dub script or cue sheet: lines, and who is off screen.")  # fmt: skip
@click.option("--language", multiple=True, metavar="TAG",
              help="Language of the dub, BCP-47 (fr-FR).  With several, repeat it, or put TAG: "
              "before each file; the first language is the one the actors are trained with.",
)  # fmt: skip
@click.option("--performer", multiple=True, metavar="CHARACTER=ID",
              help="The performer of a character, for consent.")  # fmt: skip
@click.option("--consent", type=file_path, multiple=True, help="Consent record to copy in.")
@click.option("--rate", default="", help="Frame rate of an EDL (24000/1001).")
@click.option("--timeline", default="", help="Name of the timeline, if the cut has several.")
@click.option("--for", "host", type=click.Choice(HOST_NAMES), default=None,
              help="What the cut is for: writes settings of its edit media.")  # fmt: skip
@click.option("--handles", type=click.IntRange(0), default=8, show_default=True,
              help="Frames to render before and after each shot.")  # fmt: skip
@as_json_option
@verb
def new(
    reel: Path, cut: Path, media: Sequence[Path], dub: Sequence[str], takes: Sequence[str],
    script: Sequence[str], language: Sequence[str], performer: Sequence[str],
    consent: Sequence[Path], rate: str, timeline: str, host: HostName | None,
    handles: int, as_json: bool,
) -> None:  # fmt: skip
    """Create the project folder REEL from a cut, its plates and its dub.

    \b
    One language:
      --language fr-FR --dub ELISE=e.wav
    Several languages, with a tag before each file:
      --dub fr-FR:ELISE=e_fr.wav --dub de-DE:ELISE=e_de.wav
      --takes de-DE:takes/de --script de-DE:cues_de.xlsx
    """
    from dubsync.core.settings import Settings
    from dubsync.core.timeline.timecode import parse_rate
    from dubsync.service.keys.in_use import key_in_use
    from dubsync.service.new_project import new_project

    notes: list[str] = []
    with shown() as progress:
        project = new_project(
            reel,
            cut=cut,
            media=media,
            dubs=_dubs(language, dub, takes, script),
            performers=dict(_pairs(performer, "--performer")),
            consent=consent,
            settings=Settings(handles=handles),
            rate=parse_rate(rate) if rate else None,
            timeline=timeline,
            host=host or "",
            progress=progress,
            noted=notes.append,
        )
    consents = {
        theirs.performer: bool(theirs.records) for theirs in project.consents() if theirs.characters
    }
    if as_json:
        print_json(
            "dubsync.new/1",
            {"project": str(project.file.folder), "consent": consents, "notes": notes},
        )
    else:
        click.echo(f"Created {project.file.folder / 'dubsync.toml'}")
        for note in notes:
            click.echo(note)
        for performer_id in (name for name, given in consents.items() if not given):
            click.echo(f"No consent record for {performer_id} yet: fill in "
                       f"consent/{performer_id}.toml.example.")  # fmt: skip
        if not key_in_use():
            click.echo(UNSIGNED)


def _dubs(
    languages: Sequence[str], dub: Sequence[str], takes: Sequence[str], script: Sequence[str]
) -> list[Dubs]:
    """The dub into each language, in order."""
    from dubsync.service.new_project import Dubs

    stems, folders, scripts = ([_tagged(text) for text in texts] for texts in (dub, takes, script))
    given = (*stems, *folders, *scripts)
    named: dict[str, str] = {}
    for tag in (*languages, *(tag for tag, _ in given if tag)):
        named.setdefault(tag.lower(), tag)
    tags = list(named.values())
    if not tags:
        raise click.UsageError("name the language: --language fr-FR, or --dub fr-FR:CHARACTER=STEM")
    if len(tags) > 1 and any(not tag for tag, _ in given):
        raise click.UsageError(f"name the language of each file: --dub {tags[0]}:CHARACTER=STEM, "
                               f"--takes {tags[0]}:FOLDER, --script {tags[0]}:FILE")  # fmt: skip

    def of(tag: str, texts: Sequence[tuple[str, str]]) -> list[str]:
        return [text for its, text in texts if its.lower() in ("", tag.lower())]

    for tag in tags:
        if not of(tag, stems):
            raise click.UsageError(f"no dub for {tag}: add --dub {tag}:CHARACTER=STEM")
    return [
        Dubs(
            tag,
            {name: Path(path) for name, path in _pairs(of(tag, stems), "--dub")},
            [Path(folder) for folder in of(tag, folders)],
            _only(of(tag, scripts)),
        )
        for tag in tags
    ]


def _only(scripts: Sequence[str]) -> Path | None:
    if len(scripts) > 1:
        raise click.UsageError("--script can be given once per language")
    return Path(scripts[0]) if scripts else None


def _tagged(text: str) -> tuple[str, str]:
    """("fr-FR", "ELISE=e.wav") of fr-FR:ELISE=e.wav; the tag "" if there is none."""
    parsed = _TAGGED.fullmatch(text)
    return (parsed[1], parsed[2]) if parsed else ("", text)


def _pairs(values: Sequence[str], option: str) -> list[tuple[str, str]]:
    pairs = [value.partition("=") for value in values]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise click.UsageError(f"{option} needs the form CHARACTER=VALUE")
    if len({name for name, _, _ in pairs}) < len(pairs):
        raise click.UsageError(f"{option} names a character twice")
    return [(name, value) for name, _, value in pairs]
