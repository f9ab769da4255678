"""dubsync.toml: the part of a project that a person reads and edits."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.core.settings import Settings, settings_from
from dubsync.core.timeline.timecode import parse_rate
from dubsync.service.settings.script_file import KEYS as SCRIPT_KEYS
from dubsync.service.settings.script_file import ScriptFile, script_file
from dubsync.service.settings.shot_tables import parse_points

FILE_NAME = "dubsync.toml"
_CHARACTER = re.compile(r"[\w .-]{1,64}")
#: What is said of a character's dub into one language.
ROLE_KEYS = ("dub", "start", "voice", "voice_actor")
#: Tables of dubsync.toml that hold settings (core/settings.py), and all tables.
SETTING_TABLES = ("engine", "delivery", "qc", "speech")
TABLES = ("project", "characters", "languages", "faces", "voices", *SETTING_TABLES)
#: Keys of [project], of [characters.NAME] and of [languages.TAG].
PROJECT_KEYS = ("name", "language", "cut", "media", "takes", "handles", "rate", "dub_cut",
                "dub_timeline", "timeline", *SCRIPT_KEYS)  # fmt: skip
CHARACTER_KEYS = ("performer", *ROLE_KEYS)
LANGUAGE_KEYS = ("takes", "voices", *ROLE_KEYS, *SCRIPT_KEYS)
_VOICE = re.compile(r"Speaker \d+|\d+[:;]\d\d[:;]\d\d[:;.]\d+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Role:
    """One character: who plays them, and their dub.

    dub     their stem; characters that name the same file share one mixed stem
    start   record timecode of the stem's first sample where the file's own is not to be used
    voice   a recording of this voice alone, to know it by in a mixed stem; None: none
    voice_actor  performer id of who dubs them and is filmed in their takes; "": not said, and
            their takes teach nothing
    """

    character: str
    performer: str
    dub: Path
    start: str = ""
    voice: Path | None = None
    voice_actor: str = ""


@dataclass(frozen=True, slots=True)
class Dubbing:
    """What one language brings.

    voices    voice of a mixed stem ("Speaker 1", or a record timecode at which it speaks) ->
              character, "" for nobody of ours
    undubbed  characters of whom it is said that nobody dubs them in this language
    """

    language: str
    roles: tuple[Role, ...]
    takes: tuple[Path, ...] = ()
    voices: Mapping[str, str] = field(default_factory=dict)
    undubbed: tuple[str, ...] = ()
    script: ScriptFile | None = None


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What dubsync.toml says, with paths made absolute.

    `language`, `roles`, `takes`, `voices`, `undubbed` and `script` are the first language's, as in
    Dubbing; `in_language` gives the same project in another.

    rate     frames per second of the cut; None where the cut itself says
    timeline which, of a cut's file that holds several; "": the only one
    dub_cut  the cut that the stems were laid against, where it is another; None: this one
    dub_timeline  which, of a dub_cut that holds several
    faces    shot name -> character -> (x, y) plate pixels: a point on that character's face
    further  what every further language brings, in order
    """

    folder: Path
    name: str
    language: str
    cut: Path
    media: tuple[Path, ...]
    roles: tuple[Role, ...]
    takes: tuple[Path, ...] = ()
    rate: Fraction | None = None
    faces: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    voices: Mapping[str, str] = field(default_factory=dict)
    undubbed: tuple[str, ...] = ()
    further: tuple[Dubbing, ...] = ()
    dub_cut: Path | None = None
    dub_timeline: str = ""
    script: ScriptFile | None = None
    timeline: str = ""

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
        """(character, performer id of who dubs them), over all languages, where that is said."""
        roles = [*self.roles, *(role for dubbing in self.further for role in dubbing.roles)]
        return [(role.character, role.voice_actor) for role in roles if role.voice_actor]

    def performer(self, character: str) -> str:
        """Who plays `character`.  Raises SettingsError for one nobody plays."""
        try:
            return self.performers[character]
        except KeyError:
            raise SettingsError(
                f"no character is called {character!r} in {self.folder / FILE_NAME}",
                hint="it has " + ", ".join(self.performers),
            ) from None

    def tag(self, asked: str) -> str:
        """The language that is meant by `asked`, "fr" for the only French one.

        Raises:
            SettingsError: none is, or several are.
        """
        wanted = asked.lower()
        fitting = [t for t in self.languages if t.lower() == wanted] or [
            t for t in self.languages if t.lower().startswith(wanted + "-")
        ]
        if len(fitting) != 1:
            raise SettingsError(
                f"{asked!r} is {'several' if fitting else 'no'} language{'s' * bool(fitting)} of "
                "this project",
                hint="one of " + ", ".join(self.languages),
            )
        return fitting[0]

    def in_language(self, tag: str) -> ProjectFile:
        """The project as if `tag`, one of `languages`, were its only language."""
        if tag == self.language:
            return replace(self, further=())
        result = next(dubbing for dubbing in self.further if dubbing.language == tag)
        return replace(
            self, language=tag, roles=result.roles, takes=result.takes, voices=result.voices,
            undubbed=result.undubbed, script=result.script, further=(),
        )  # fmt: skip

    def forgotten(self, tag: str) -> tuple[str, ...]:
        """Characters with no dub in the language `tag`, and nobody said that this is meant."""
        there = self.in_language(tag)
        said = {role.character for role in there.roles} | set(there.undubbed)
        return tuple(who for who in self.performers if who not in said)

    def shown(self, path: Path) -> str:
        """`path` as dubsync.toml gives it: counted from the project's folder when it is near."""
        counted = Path(os.path.relpath(path, self.folder))
        return (path if counted.parts[:3] == ("..",) * 3 else counted).as_posix()


def read_project_file(folder: Path) -> ProjectFile:
    """The project in `folder`.

    Raises:
        SettingsError: no dubsync.toml there, not TOML, or a key missing, unknown or wrong.
    """
    path = folder / FILE_NAME
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            f"{folder} is not a dubsync project: it has no {FILE_NAME}",
            hint="make one with: dubsync new REEL --cut CUT --media FOLDER --dub NAME=STEM.wav",
        ) from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}", hint="mend the line named") from error
    return _parsed(folder.resolve(), table)


def _parsed(folder: Path, table: dict[str, Any]) -> ProjectFile:
    odd = sorted(set(table) - set(TABLES))
    if odd:
        raise SettingsError(
            f"{FILE_NAME} has an unknown table [{odd[0]}]", hint="known: " + ", ".join(TABLES)
        )
    head = _table(table, "project")
    odd = sorted(set(head) - set(PROJECT_KEYS))
    if odd:
        raise SettingsError(f"{FILE_NAME}: [project] does not know {odd[0]!r}")
    if "dub_timeline" in head and "dub_cut" not in head:
        raise SettingsError(f"{FILE_NAME}: [project] has dub_timeline and no dub_cut")
    sections: dict[str, Any] = {k: table[k] for k in SETTING_TABLES if k in table}
    if "handles" in head:
        sections["handles"] = head["handles"]
    language = checked_language(_word(head, "language"))
    characters = _characters(table)
    further = _dubbings(folder, table.get("languages", {}), language, characters)
    elsewhere = {role.character for dubbing in further for role in dubbing.roles}
    return ProjectFile(
        folder=folder,
        name=_word(head, "name"),
        language=language,
        cut=folder / _word(head, "cut"),
        media=tuple(folder / p for p in _words(head, "media")),
        takes=tuple(folder / p for p in _words(head, "takes")),
        rate=parse_rate(_word(head, "rate")) if "rate" in head else None,
        timeline=_word(head, "timeline") if "timeline" in head else "",
        roles=tuple(
            _role(folder, who, said)
            for who, said in characters.items()
            if not (who in elsewhere and _undubbed(said))
        ),
        faces=parse_points(table.get("faces", {})),
        settings=settings_from(sections),
        voices=_voices(table.get("voices", {}), tuple(characters)),
        undubbed=tuple(
            who for who, said in characters.items() if who in elsewhere and said.get("dub") == ""
        ),
        further=further,
        dub_cut=folder / _word(head, "dub_cut") if "dub_cut" in head else None,
        dub_timeline=_word(head, "dub_timeline") if "dub_timeline" in head else "",
        script=script_file(folder, head, "[project]"),
    )


def _characters(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    characters = _table(table, "characters")
    for name, said in characters.items():
        if not isinstance(said, dict) or not set(said) <= set(CHARACTER_KEYS):
            keys = ", ".join(ROLE_KEYS)
            raise SettingsError(f"[characters.{name}] takes only performer, {keys}")
    return characters


def _dubbings(
    folder: Path, tables: object, first: str, characters: Mapping[str, Mapping[str, Any]]
) -> tuple[Dubbing, ...]:
    """[languages.TAG] of every further language."""
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        raise SettingsError(
            "[languages] holds a table for each further language",
            hint="as [languages.fr-FR.dub] with CHARACTER = STEM in it",
        )
    tags = [checked_language(tag).lower() for tag in (first, *tables)]
    for tag in tables:
        if tags.count(tag.lower()) > 1:
            raise SettingsError(
                f"[languages.{tag}]: {tag} is a language of this project already",
                hint="the first language's dubs stand under [characters]",
            )
    return tuple(_dubbing(folder, tag, table, characters) for tag, table in tables.items())


def _dubbing(
    folder: Path, tag: str, table: dict[str, Any], characters: Mapping[str, Any]
) -> Dubbing:
    where = f"[languages.{tag}]"
    odd = sorted(set(table) - set(LANGUAGE_KEYS))
    if odd:
        known = ", ".join([*ROLE_KEYS, "takes", "voices", "script"])
        raise SettingsError(f"{where} does not know {odd[0]!r}", hint=f"known: {known}")
    dubs, *others = (
        _by_character(table.get(key, {}), f"[languages.{tag}.{key}]", characters)
        for key in ROLE_KEYS
    )
    roles = []
    for who, dub in dubs.items():
        if dub:
            said = {"performer": _word(characters[who], "performer"), "dub": dub}
            said |= {key: by[who] for key, by in zip(ROLE_KEYS[1:], others, strict=True)
                     if who in by}  # fmt: skip
            roles.append(_role(folder, who, said))
    idle = sorted({who for by in others for who in by} - {role.character for role in roles})
    if idle or not roles:
        whose = f"{idle[0]}'s" if idle else "any"
        raise SettingsError(f"{where} does not name {whose} dub",
                            hint=f"[languages.{tag}.dub] with CHARACTER = STEM in it")  # fmt: skip
    return Dubbing(
        language=tag,
        roles=tuple(roles),
        takes=tuple(folder / p for p in _words(table, "takes")),
        voices=_voices(table.get("voices", {}), tuple(characters)),
        undubbed=tuple(who for who, dub in dubs.items() if not dub),
        script=script_file(folder, table, where),
    )


def _by_character(table: object, where: str, characters: Mapping[str, Any]) -> dict[str, str]:
    """CHARACTER = "words", each a character of the project."""
    if not isinstance(table, dict) or not all(isinstance(v, str) for v in table.values()):
        raise SettingsError(f'{where} must be written CHARACTER = "..."')
    odd = sorted(set(table) - set(characters))
    if odd:
        raise SettingsError(
            f"{where} names {odd[0]!r}, who is no character here",
            hint=f"[characters.{odd[0]}] with their performer is needed",
        )
    return dict(table)


def _undubbed(said: Mapping[str, Any]) -> bool:
    """Whether [characters.X] says only who plays X: nobody dubs them in the first language."""
    return not said.get("dub") and set(said) <= {"performer", "dub"}


def checked_language(tag: str) -> str:
    """`tag` when it has BCP-47's form (RFC 5646 2.1), else SettingsError."""
    if not _LANGUAGE.fullmatch(tag):
        raise SettingsError(f"{tag!r} is not a language tag", hint="BCP-47, as fr-FR or de")
    return tag


def checked_character(name: str) -> str:
    """`name` when it can stand in file names, else SettingsError."""
    if not _CHARACTER.fullmatch(name) or name.strip() != name or name.startswith("."):
        raise SettingsError(
            f"{name!r} cannot name a character", hint="up to 64 letters, digits, space, - and ."
        )
    return name


def _role(folder: Path, name: str, table: dict[str, Any]) -> Role:
    return Role(
        character=checked_character(name),
        performer=_word(table, "performer"),
        dub=folder / _word(table, "dub"),
        start=_word(table, "start") if "start" in table else "",
        voice=folder / _word(table, "voice") if "voice" in table else None,
        voice_actor=_word(table, "voice_actor") if "voice_actor" in table else "",
    )


def _voices(table: object, characters: Sequence[str]) -> dict[str, str]:
    """[voices], checked against who there is."""
    if not isinstance(table, dict):
        raise SettingsError('[voices] must be written "Speaker 1" = "CHARACTER"')
    for voice, who in table.items():
        if not _VOICE.fullmatch(voice):
            raise SettingsError(
                f"[voices] {voice!r} names no voice",
                hint='"Speaker 1", or a record timecode at which it speaks, as "01:02:03:04"',
            )
        if who not in ("", *characters):
            raise SettingsError(
                f"[voices] {voice!r} is answered with {who!r}, who is no character here",
                hint=f'one of {", ".join(characters)}, or "" for nobody of ours',
            )
    return dict(table)


def _table(table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key)
    if not isinstance(value, dict):
        raise SettingsError(f"{FILE_NAME} has no [{key}] table")
    return value


def _word(table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise SettingsError(f"{FILE_NAME}: {key} is missing or not words")
    return value


def _words(table: dict[str, Any], key: str) -> list[str]:
    value = table.get(key, [])
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise SettingsError(f"{FILE_NAME}: {key} must be a list of folders")
    return value
