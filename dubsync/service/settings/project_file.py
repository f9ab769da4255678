"""dubsync.toml: the project file, which people read and edit."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from dubsync.core.colours.choice import ColourChoice
from dubsync.core.documents import DamagedDocument, read_toml
from dubsync.core.errors import SettingsError
from dubsync.core.farm.path_map import UNMAPPED, PathMap
from dubsync.core.settings import Settings, settings_from
from dubsync.core.sound.tracks import SoundChoice
from dubsync.core.timeline.timecode import parse_rate
from dubsync.core.tweak.controls import Pauses
from dubsync.core.waiting.answering import answering
from dubsync.editorial.turnover.other_rate import Answers
from dubsync.service.settings.colour_setting import parse_colour
from dubsync.service.settings.photo_setting import parse_photos
from dubsync.service.settings.script_file import KEYS as SCRIPT_KEYS
from dubsync.service.settings.script_file import ScriptFile, script_file
from dubsync.service.settings.shot_tables import (
    Points,
    parse_holdouts,
    parse_pauses,
    parse_plays,
    parse_points,
    parse_voices,
)
from dubsync.service.settings.stem_choices import stem_choices
from dubsync.service.settings.toml_fields import FILE_NAME, table_of, text_of, texts_of

_CHARACTER = re.compile(r"[\w .-]{1,64}")
#: The keys that describe a character's dub into one language.
ROLE_KEYS = ("dub", "start", "voice", "voice_actor")
SETTING_TABLES = ("engine", "render", "delivery", "qc", "speech", "vfx", "proof")
TABLES = ("project", "characters", "languages", "faces", "shots", "voices", "stems",
          "colour", *SETTING_TABLES)  # fmt: skip
#: Keys of [project], [characters.NAME] and [languages.TAG]; docs/reference/settings.md has all.
PROJECT_KEYS = ("name", "language", "cut", "media", "takes", "handles", "rate", "plays", "dub_cut",
                "dub_timeline", "timeline", *SCRIPT_KEYS)  # fmt: skip
CHARACTER_KEYS = ("performer", "pauses", "photos", *ROLE_KEYS)
LANGUAGE_KEYS = ("takes", "voices", *ROLE_KEYS, *SCRIPT_KEYS)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Role:
    """One character: who plays them, and their dub.

    dub     their stem; characters that name the same file share one mixed stem
    start   record timecode of the stem's first sample; "": use the file's own
    voice   a recording of this voice alone, to recognise it in a mixed stem; None: none
    voice_actor  performer id of the voice actor, who is filmed in their takes; "": not named,
            and nothing is learnt from their takes
    """

    character: str
    performer: str
    dub: Path
    start: str = ""
    voice: Path | None = None
    voice_actor: str = ""


@dataclass(frozen=True, slots=True)
class Dubbing:
    """The dub into one language.

    voices    voice of a mixed stem ("Speaker 1", or a record timecode at which it speaks) ->
              character; "": the voice of no character
    undubbed  characters that are declared as not dubbed in this language (dub = "")
    """

    language: str
    roles: tuple[Role, ...]
    takes: tuple[Path, ...] = ()
    voices: Mapping[str, str] = field(default_factory=dict)
    undubbed: tuple[str, ...] = ()
    script: ScriptFile | None = None


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """The contents of dubsync.toml, with absolute paths.

    `language`, `roles`, `takes`, `voices`, `undubbed` and `script` are the first language's, as in
    Dubbing; `in_language` gives the same project in another.

    rate     frames per second of the cut; None where the cut states its own
    timeline name of the timeline, in a cut's file that holds several; "": the only one
    dub_cut  the cut that the stems were made for, where it is another; None: this one
    dub_timeline  name of the timeline, in a dub_cut that holds several
    faces    shot name -> character -> points on that character's face, in plate pixels
    holdouts shot name -> the artist's matte of what stands in front of its faces
    further  the dubs into every further language, in order
    pauses   character -> how their lips are kept in pauses, where the file says so
    photos   character -> photographs of them, or folders of such, where the file names some
    heard    stem -> the sound track and channel by which it is heard, where [stems] names them
    colour   how colours are managed; None: they are not
    paths    where this machine has the folders that the file and its cut name
    plays    how plates at another rate than the cut play, where the file says so
    """

    folder: Path
    name: str
    language: str
    cut: Path
    media: tuple[Path, ...]
    roles: tuple[Role, ...]
    takes: tuple[Path, ...] = ()
    rate: Fraction | None = None
    faces: Points = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    voices: Mapping[str, str] = field(default_factory=dict)
    undubbed: tuple[str, ...] = ()
    further: tuple[Dubbing, ...] = ()
    dub_cut: Path | None = None
    dub_timeline: str = ""
    script: ScriptFile | None = None
    timeline: str = ""
    holdouts: Mapping[str, Path] = field(default_factory=dict)
    heard: Mapping[Path, SoundChoice] = field(default_factory=dict)
    pauses: Mapping[str, Pauses] = field(default_factory=dict)
    photos: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    colour: ColourChoice | None = None
    paths: PathMap = UNMAPPED
    plays: Answers = field(default_factory=Answers)

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language's tag, in order; never empty."""
        return (self.language, *(dubbing.language for dubbing in self.further))

    @property
    def performers(self) -> dict[str, str]:
        """Character -> performer id, over all languages."""
        roles = [*self.roles, *(role for dubbing in self.further for role in dubbing.roles)]
        return {role.character: role.performer for role in roles}

    @property
    def voice_actors(self) -> list[tuple[str, str]]:
        """(character, performer id of their voice actor), over all languages, where named."""
        roles = [*self.roles, *(role for dubbing in self.further for role in dubbing.roles)]
        return [(role.character, role.voice_actor) for role in roles if role.voice_actor]

    def performer(self, character: str) -> str:
        """The performer id of `character`.  Raises SettingsError for an unknown character."""
        try:
            return self.performers[character]
        except KeyError:
            raise SettingsError(
                f"unknown character {character!r} in {self.folder / FILE_NAME}",
                hint="its characters: " + ", ".join(self.performers),
            ) from None

    def tag(self, language: str) -> str:
        """The full tag of `language`; "fr" will do where the project has one French language.

        Raises:
            SettingsError: `language` matches none, or several.
        """
        wanted = language.lower()
        matches = [t for t in self.languages if t.lower() == wanted] or [
            t for t in self.languages if t.lower().startswith(wanted + "-")
        ]
        if len(matches) > 1:
            raise SettingsError(
                f"{language!r} matches {' and '.join(matches)}", hint="name one of them in full"
            )
        if not matches:
            raise SettingsError(
                f"this project has no language {language!r}",
                hint="choose one of: " + ", ".join(self.languages),
            )
        return matches[0]

    def in_language(self, tag: str) -> ProjectFile:
        """The project as if `tag`, one of `languages`, were its only language."""
        if tag == self.language:
            return replace(self, further=())
        result = next(dubbing for dubbing in self.further if dubbing.language == tag)
        return replace(
            self, language=tag, roles=result.roles, takes=result.takes, voices=result.voices,
            undubbed=result.undubbed, script=result.script, further=(),
        )  # fmt: skip

    def missing_dubs(self, tag: str) -> tuple[str, ...]:
        """Characters with no dub in the language `tag` who are not declared undubbed there."""
        there = self.in_language(tag)
        declared = {role.character for role in there.roles} | set(there.undubbed)
        return tuple(character for character in self.performers if character not in declared)

    def shown(self, path: Path) -> str:
        """`path` as written in dubsync.toml: relative to the project's folder when it is near."""
        relative = Path(os.path.relpath(path, self.folder))
        return (path if relative.parts[:3] == ("..",) * 3 else relative).as_posix()


def read_project_file(folder: Path, paths: PathMap = UNMAPPED) -> ProjectFile:
    """The project in `folder`, its absolute paths as `paths` maps them.

    Raises:
        SettingsError: no dubsync.toml there, not TOML, or a key is missing, unknown or wrong.
    """
    path = folder / FILE_NAME
    try:
        with answering(path, "opening the project"):
            table = read_toml(path)
    except FileNotFoundError:
        raise SettingsError(
            f"{folder} is not a dubsync project: it has no {FILE_NAME}",
            hint="make one with: dubsync new REEL --cut CUT --media FOLDER --dub NAME=STEM.wav",
        ) from None
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}", hint="check its permissions"
        ) from error
    except DamagedDocument as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", hint="correct it") from error
    return replace(_parsed(folder.resolve(), paths.inside(table)), paths=paths)


def _parsed(folder: Path, table: dict[str, Any]) -> ProjectFile:
    _refuse_unknown(FILE_NAME, table, TABLES)
    head = table_of(table, "project")
    _refuse_unknown(f"{FILE_NAME} [project]", head, PROJECT_KEYS)
    if "dub_timeline" in head and "dub_cut" not in head:
        raise SettingsError(
            f"{FILE_NAME}: [project] has dub_timeline but no dub_cut",
            hint="name the cut that holds that timeline: dub_cut = PATH",
        )
    sections: dict[str, Any] = {k: table[k] for k in SETTING_TABLES if k in table}
    sections |= {k: head[k] for k in ("handles",) if k in head}
    language = checked_language(text_of(head, "language"))
    characters = _characters(table)
    further = _dubbings(folder, table.get("languages", {}), language, characters)
    elsewhere = {role.character for dubbing in further for role in dubbing.roles}
    roles = tuple(
        _role(folder, character, keys)
        for character, keys in characters.items()
        if not (character in elsewhere and _undubbed(keys))
    )
    dubs = {role.dub for role in roles} | {r.dub for dubbing in further for r in dubbing.roles}
    return ProjectFile(
        folder=folder,
        name=text_of(head, "name"),
        language=language,
        cut=folder / text_of(head, "cut"),
        media=(media := tuple(folder / p for p in texts_of(head, "media"))),
        takes=tuple(folder / p for p in texts_of(head, "takes")),
        rate=parse_rate(text_of(head, "rate")) if "rate" in head else None,
        timeline=text_of(head, "timeline") if "timeline" in head else "",
        roles=roles,
        faces=parse_points(table.get("faces", {})),
        holdouts=parse_holdouts(table.get("shots", {}), folder, media),
        settings=settings_from(sections),
        voices=parse_voices(table.get("voices", {}), tuple(characters)),
        undubbed=tuple(
            c for c, keys in characters.items() if c in elsewhere and keys.get("dub") == ""
        ),
        further=further,
        dub_cut=folder / text_of(head, "dub_cut") if "dub_cut" in head else None,
        dub_timeline=text_of(head, "dub_timeline") if "dub_timeline" in head else "",
        script=script_file(folder, head, "[project]"),
        heard=stem_choices(folder, table.get("stems", {}), dubs),
        pauses=parse_pauses(characters),
        photos=parse_photos(characters, folder, media),
        colour=parse_colour(table.get("colour"), folder, media),
        plays=parse_plays(head, table.get("shots", {})),
    )


def _refuse_unknown(where: str, table: Mapping[str, Any], known: Sequence[str]) -> None:
    odd = sorted(set(table) - set(known))
    if odd:
        raise SettingsError(f"{where}: unknown key {odd[0]!r}", hint=f"known: {', '.join(known)}")


def _characters(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    characters = table_of(table, "characters")
    for name, keys in characters.items():
        if not isinstance(keys, dict):
            hint = "with performer = ID and dub = STEM"
            raise SettingsError(f"[characters.{name}] must be a table", hint=hint)
        _refuse_unknown(f"[characters.{name}]", keys, CHARACTER_KEYS)
    return characters


def _dubbings(
    folder: Path, tables: object, first: str, characters: Mapping[str, Mapping[str, Any]]
) -> tuple[Dubbing, ...]:
    """[languages.TAG] of every further language."""
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        raise SettingsError(
            "[languages] must hold a table for each further language",
            hint="for example [languages.fr-FR.dub] with CHARACTER = STEM in it",
        )
    tags = [checked_language(tag).lower() for tag in (first, *tables)]
    for tag in tables:
        if tags.count(tag.lower()) > 1:
            raise SettingsError(
                f"[languages.{tag}]: the project already has the language {tag}",
                hint="the first language's dubs belong under [characters]",
            )
    return tuple(_dubbing(folder, tag, table, characters) for tag, table in tables.items())


def _dubbing(
    folder: Path, tag: str, table: dict[str, Any], characters: Mapping[str, Any]
) -> Dubbing:
    where = f"[languages.{tag}]"
    _refuse_unknown(where, table, LANGUAGE_KEYS)
    dubs, *others = (
        _by_character(table.get(key, {}), f"[languages.{tag}.{key}]", characters)
        for key in ROLE_KEYS
    )
    roles = []
    for character, dub in dubs.items():
        if dub:
            keys = {"performer": text_of(characters[character], "performer"), "dub": dub}
            keys |= {key: by[character] for key, by in zip(ROLE_KEYS[1:], others, strict=True)
                     if character in by}  # fmt: skip
            roles.append(_role(folder, character, keys))
    without_dub = sorted({c for by in others for c in by} - {role.character for role in roles})
    if without_dub or not roles:
        missing = f"{without_dub[0]}'s" if without_dub else "any"
        raise SettingsError(f"{where} does not name {missing} dub",
                            hint=f"write CHARACTER = STEM under [languages.{tag}.dub]")  # fmt: skip
    return Dubbing(
        language=tag,
        roles=tuple(roles),
        takes=tuple(folder / p for p in texts_of(table, "takes")),
        voices=parse_voices(table.get("voices", {}), tuple(characters)),
        undubbed=tuple(character for character, dub in dubs.items() if not dub),
        script=script_file(folder, table, where),
    )


def _by_character(table: object, where: str, characters: Mapping[str, Any]) -> dict[str, str]:
    """A table of CHARACTER = "text", checked to name characters of the project."""
    if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
        hint = "put the value in quotes"
        raise SettingsError(f'{where} must hold lines CHARACTER = "..."', hint=hint)
    odd = sorted(set(table) - set(characters))
    if odd:
        raise SettingsError(
            f"{where} names an unknown character {odd[0]!r}",
            hint=f"add [characters.{odd[0]}] with performer = ID",
        )
    return dict(table)


def _undubbed(keys: Mapping[str, Any]) -> bool:
    """Whether [characters.X] names only the performer: no dub in the first language."""
    return not keys.get("dub") and set(keys) <= {"performer", "pauses", "photos", "dub"}


def checked_language(tag: str) -> str:
    """`tag` when it has BCP-47's form (RFC 5646 2.1), else SettingsError."""
    if not _LANGUAGE.fullmatch(tag):
        raise SettingsError(
            f"{tag!r} is not a language tag",
            hint="write it as fr-FR or de: language, and country if it matters (BCP-47)",
        )
    return tag


def checked_character(name: str) -> str:
    """`name` when it is safe in file names, else SettingsError."""
    if not _CHARACTER.fullmatch(name) or name.strip() != name or name.startswith("."):
        raise SettingsError(
            f"{name!r} is not a valid character name",
            hint="use up to 64 letters, digits, spaces, - and .",
        )
    return name


def _role(folder: Path, name: str, table: dict[str, Any]) -> Role:
    return Role(
        character=checked_character(name),
        performer=text_of(table, "performer"),
        dub=folder / text_of(table, "dub"),
        start=text_of(table, "start") if "start" in table else "",
        voice=folder / text_of(table, "voice") if "voice" in table else None,
        voice_actor=text_of(table, "voice_actor") if "voice_actor" in table else "",
    )
