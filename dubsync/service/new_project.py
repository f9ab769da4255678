"""Makes a new project folder: dubsync.toml for a cut, its plates and its dubs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from dubsync.core.edit.host import is_deep, suited
from dubsync.core.errors import MissingMedia, SettingsError
from dubsync.core.progress import Progress, silent
from dubsync.core.settings import HostName, Settings, settings_from
from dubsync.core.shot import Plate
from dubsync.editorial.read_cut import read_cut
from dubsync.media.colour.doubts import stated_by_plates, unmanaged_doubts
from dubsync.media.find_plates import find_plates
from dubsync.service.consent import records as consents
from dubsync.service.consent.add_record import record_files
from dubsync.service.consent.blank_form import template
from dubsync.service.project import Project
from dubsync.service.settings.project_file import (
    Dubbing,
    ProjectFile,
    Role,
    checked_character,
    checked_language,
)
from dubsync.service.settings.project_text import project_text
from dubsync.service.settings.script_file import ScriptFile
from dubsync.service.settings.toml_fields import FILE_NAME
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Store
from dubsync.service.turnover.open_turnover import checked_file, cut_rate
from dubsync.service.turnover.plate_memory import KeptPlates

#: Plates that are named, and timecodes of a cut that tell which rate it was cut at.
_NAMED, _TELLING = 3, 8
_FRAME_NUMBER = re.compile(rb"\b\d\d[:;]\d\d[:;]\d\d[:;.](\d\d)\b")


@dataclass(frozen=True, slots=True)
class Dubs:
    """The dub into one language.

    stems   character -> stem; "ELISE+MARC": a mixed stem with both
    takes   folders of takes
    script  of the dub; None: none
    """

    language: str
    stems: Mapping[str, Path]
    takes: Sequence[Path] = ()
    script: Path | None = None


def new_project(
    folder: Path,
    *,
    cut: Path,
    media: Sequence[Path],
    dubs: Sequence[Dubs],
    performers: Mapping[str, str] | None = None,
    consent: Sequence[Path] = (),
    settings: Settings | None = None,
    rate: Fraction | None = None,
    timeline: str = "",
    host: HostName = "",
    progress: Progress = silent,
    noted: Callable[[str], None] = lambda note: None,
) -> Project:
    """Make `folder` a project that refers to these files; only consent records are copied.

    Args:
        media: folders that hold the plates.
        dubs: one per language, the first language first.
        performers: character -> performer id; the default is the character's name in lower case.
        consent: consent records to copy.
        rate: frames per second of the cut; None: its own, or that of all plates.
        noted: called with each sentence on a rate that is taken from the plates, and their colours.
        timeline: in a file that holds several.
        host: what the cut will be delivered for; its edit media suit the plates.

    Raises:
        SettingsError: the folder is a project already, or there is no dub; a wrong name or tag.
        TurnoverError: the cut cannot be read, or a file is missing.

    Example:
        >>> project = new_project(  # doctest: +SKIP
        ...     Path("REEL_1"), cut=Path("reel.otio"), media=[Path("plates")],
        ...     dubs=[Dubs("it-IT", {"ELISE": Path("ELISE_it.wav")})])
    """
    _check(folder, dubs, media)
    file = _of_dubs(folder.resolve(), [_dubbing(one, performers or {}) for one in dubs], cut, media)
    file = replace(file, rate=rate, settings=settings or Settings(), timeline=timeline)
    records = [(path, consents.read_consent(path)) for path in consent]
    known = KeptPlates(Store(file.folder))
    plates, _ = find_plates(file.media, memory=known, progress=progress)
    file = _for_plates(file, plates, host, noted)
    read_cut(file.cut, rate=file.rate, timeline=timeline)
    _write_new(file, records)
    known.write()
    return Project.open(folder)


def _for_plates(
    file: ProjectFile, plates: Sequence[Plate], host: HostName, noted: Callable[[str], None]
) -> ProjectFile:
    """The project with what follows from its plates; what was taken from them is noted."""
    file = _with_rate(file, plates, noted)
    _note_colour(plates, noted)
    return replace(file, settings=settings_for(host, file.settings, plates))


def _of_dubs(
    folder: Path, dubbings: Sequence[Dubbing], cut: Path, media: Sequence[Path]
) -> ProjectFile:
    """The project file of a cut, its plates and its dubs."""
    first, *others = dubbings
    return ProjectFile(
        folder=folder,
        name=folder.name,
        language=first.language,
        cut=checked_file(cut, "cut").resolve(),
        media=tuple(path.resolve() for path in media),
        takes=first.takes,
        script=first.script,
        roles=first.roles,
        further=tuple(others),
    )


def settings_for(host: HostName, settings: Settings, plates: Sequence[Plate]) -> Settings:
    """`settings` with the edit media that suit `host` and the plates; unchanged without a host."""
    if not host:
        return settings
    made = suited(host, deep=any(is_deep(plate.format) for plate in plates))
    delivery = {"host": host, "edit": made.codec, "edit_container": made.container}
    return settings_from({"delivery": delivery}, settings)


def _with_rate(
    file: ProjectFile, plates: Sequence[Plate], noted: Callable[[str], None]
) -> ProjectFile:
    """The project with the cut's rate; one that is taken from the plates is noted."""
    rate = cut_rate(file, plates)
    if file.rate is None and rate is not None:
        for note in _rate_notes(file.cut, rate, plates):
            noted(note)
    return replace(file, rate=rate)


def _note_colour(plates: Sequence[Plate], noted: Callable[[str], None]) -> None:
    """Note which colour the plates state, and every doubt of it."""
    if plates:
        noted(f"Colour: {stated_by_plates(plates)}.")
    for doubt in unmanaged_doubts(plates):
        noted(f"Warning: {doubt.about}: {doubt.message}; {doubt.hint}.")


def _rate_notes(cut: Path, rate: Fraction, plates: Sequence[Plate]) -> Iterator[str]:
    """What to say of a rate that was taken from the plates, because the cut states none."""
    names = sorted(plate.name for plate in plates)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    yield (
        f"Rate {float(rate):.6g} fps, from the plates: {', '.join(names[:_NAMED])}{more}. "
        f"{cut.name} states none; if it was cut at another rate, start again with --rate."
    )
    numbers = [int(match) for match in _FRAME_NUMBER.findall(cut.read_bytes())]
    if len(numbers) >= _TELLING and rate > 30 and max(numbers) < rate / 2:
        yield (
            f"Warning: no timecode of {cut.name} has a frame number above {max(numbers)}, so it "
            f"was probably cut at {float(rate / 2):.6g} fps. Were the plates deinterlaced to twice "
            f"their rate? Check it, and start again with --rate {rate / 2}."
        )


def _check(folder: Path, dubs: Sequence[Dubs], media: Sequence[Path]) -> None:
    """Raises SettingsError or MissingMedia, as `new_project`."""
    if (folder / FILE_NAME).exists():
        raise SettingsError(f"{folder} is a project already", hint="edit its dubsync.toml")
    if not dubs:
        raise _no_dub()
    for path in (*media, *(path for one in dubs for path in one.takes)):
        if not path.is_dir():
            raise MissingMedia(f"the folder was not found: {path}", hint="check the path")


def _dubbing(dubs: Dubs, performers: Mapping[str, str]) -> Dubbing:
    if not dubs.stems:
        raise _no_dub()
    roles = tuple(
        Role(checked_character(name), performers.get(name, name.lower()),
             checked_file(path, f"dub of {name}").resolve())
        for names, path in dubs.stems.items()
        for name in names.split("+")
    )  # fmt: skip
    takes = tuple(path.resolve() for path in dubs.takes)
    script = None
    if dubs.script is not None:
        script = ScriptFile(checked_file(dubs.script, "script").resolve())
    return Dubbing(checked_language(dubs.language), roles, takes, script=script)


def _no_dub() -> SettingsError:
    return SettingsError("no dub was given", hint="add --dub CHARACTER=STEM.wav for each character")


def _write_new(file: ProjectFile, records: Sequence[tuple[Path, consents.ConsentRecord]]) -> None:
    """Write the project's files; dubsync.toml last, so an interrupted `new` leaves no project."""
    covered = {record.performer for _, record in records}
    for path, record in records:
        for source, name in record_files(path, record):
            write_whole(file.folder / "consent" / name, source.read_bytes())
    for character, performer in file.performers.items():
        if performer not in covered:
            text = template(character, performer, _languages(file, performer), date.today())
            write_whole(file.folder / "consent" / f"{performer}.toml.example", text)
    write_whole(file.folder / FILE_NAME, project_text(file))


def _languages(file: ProjectFile, performer: str) -> list[str]:
    """The languages that the performer is dubbed into."""
    return [
        tag
        for tag in file.languages
        if any(role.performer == performer for role in file.in_language(tag).roles)
    ]
