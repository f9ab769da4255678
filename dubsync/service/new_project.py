"""A new project folder: dubsync.toml over a cut, its plates and its dubs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import MissingMedia, SettingsError
from dubsync.core.settings import Settings
from dubsync.editorial.read_cut import read_cut
from dubsync.media.probe import find_plates
from dubsync.service.consent import records as consents
from dubsync.service.project import Project
from dubsync.service.settings.project_file import (
    FILE_NAME,
    Dubbing,
    ProjectFile,
    Role,
    checked_character,
    checked_language,
)
from dubsync.service.settings.project_text import project_text
from dubsync.service.settings.script_file import ScriptFile
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.turnover.open_turnover import checked_file, cut_rate


@dataclass(frozen=True, slots=True)
class Dubs:
    """The dub into one language: character -> stem ("ELISE+MARC": one mixed stem with both),
    folders of takes, and its script."""

    language: str
    stems: Mapping[str, Path]
    takes: Sequence[Path] = ()
    script: Path | None = None


def new_project(
    folder: Path,
    *,
    cut: Path,
    media: Sequence[Path],
    dubs: Mapping[str, Path],
    language: str,
    takes: Sequence[Path] = (),
    script: Path | None = None,
    further: Sequence[Dubs] = (),
    performers: Mapping[str, str] | None = None,
    consent: Sequence[Path] = (),
    settings: Settings | None = None,
    rate: Fraction | None = None,
    timeline: str = "",
) -> Project:
    """Make `folder` a project over these files.  Nothing is copied but consent records.

    Args:
        dubs, language, takes, script: of the first language, as in Dubs.
        further: every further language.
        timeline: which, of a cut's file that holds several.

    Raises:
        SettingsError: the folder is a project already, or a name or tag cannot be.
        TurnoverError: the cut cannot be read, or a file is missing.

    Example:
        >>> project = new_project(  # doctest: +SKIP
        ...     Path("REEL_1"), cut=Path("reel.otio"), media=[Path("plates")], language="it-IT",
        ...     dubs={"ELISE": Path("ELISE_it.wav")}, performers={"ELISE": "anna-b"})
    """
    if (folder / FILE_NAME).exists():
        raise SettingsError(f"{folder} is a project already", hint="edit its dubsync.toml")
    every = [Dubs(language, dubs, takes, script), *further]
    for path in (*media, *(path for one in every for path in one.takes)):
        if not path.is_dir():
            raise MissingMedia(f"folder {path} is not there", hint="check the path")
    first, *others = [_dubbing(one, performers or {}) for one in every]
    file = ProjectFile(
        folder=folder.resolve(),
        name=folder.resolve().name,
        language=first.language,
        cut=checked_file(cut, "cut").resolve(),
        media=tuple(path.resolve() for path in media),
        takes=first.takes,
        script=first.script,
        roles=first.roles,
        rate=rate,
        settings=settings or Settings(),
        further=tuple(others),
        timeline=timeline,
    )
    records = [(path, consents.read_consent(path)) for path in consent]
    plates, _ = find_plates(file.media)
    file = replace(file, rate=cut_rate(file, plates))
    read_cut(file.cut, rate=file.rate, timeline=timeline)
    _write_new(file, records)
    return Project.open(folder)


def _dubbing(dubs: Dubs, performers: Mapping[str, str]) -> Dubbing:
    if not dubs.stems:
        raise SettingsError("no dub is named", hint="--dub CHARACTER=STEM.wav, once for each")
    roles = tuple(
        Role(checked_character(who), performers.get(who, who.lower()),
             checked_file(path, f"dub of {who}").resolve())
        for together, path in dubs.stems.items()
        for who in together.split("+")
    )  # fmt: skip
    takes = tuple(path.resolve() for path in dubs.takes)
    script = None
    if dubs.script is not None:
        script = ScriptFile(checked_file(dubs.script, "script").resolve())
    return Dubbing(checked_language(dubs.language), roles, takes, script=script)


def _write_new(file: ProjectFile, records: Sequence[tuple[Path, consents.ConsentRecord]]) -> None:
    """dubsync.toml last: a folder without it is no project, so a stopped `new` leaves none."""
    covered = {record.performer for _, record in records}
    for path, _ in records:
        write_whole(file.folder / "consent" / path.name, path.read_bytes())
    for character, performer in file.performers.items():
        if performer not in covered:
            text = consents.template(
                character, performer, _languages(file, performer), date.today()
            )
            write_whole(file.folder / "consent" / f"{performer}.toml.example", text)
    write_whole(file.folder / FILE_NAME, project_text(file))


def _languages(file: ProjectFile, performer: str) -> list[str]:
    """The languages that the performer is dubbed into."""
    return [
        tag
        for tag in file.languages
        if any(role.performer == performer for role in file.in_language(tag).roles)
    ]
