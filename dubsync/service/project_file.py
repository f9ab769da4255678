"""dubsync.toml: the part of a project that a person reads and edits."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.core.settings import Settings, settings_from
from dubsync.core.timecode import parse_rate

FILE_NAME = "dubsync.toml"
_CHARACTER = re.compile(r"[\w .-]{1,64}")
RENDERERS = ("auto", "actor", "warp", "plate")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Role:
    """One character: who plays them, and their dub.

    dub     their stem; characters that name the same file share one mixed stem
    start   record timecode of the stem's first sample where the file's own is not to be used
    voice   a recording of this voice alone, to know it by in a mixed stem; None: none
    """

    character: str
    performer: str
    dub: Path
    start: str = ""
    voice: Path | None = None


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What dubsync.toml says, with paths made absolute.

    rate    frames per second of the cut; None where the cut itself says
    faces   shot name -> character -> (x, y) plate pixels: a point on that character's face
    voices  voice of a mixed stem ("Speaker 1", or a record timecode at which it speaks) ->
            character, "" for nobody of ours
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

    def performer(self, character: str) -> str:
        """Who plays `character`.  Raises SettingsError for one nobody plays."""
        for role in self.roles:
            if role.character == character:
                return role.performer
        raise SettingsError(f"no character is called {character!r} in {self.folder / FILE_NAME}")

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


def project_text(project: ProjectFile) -> str:
    """`project` as a dubsync.toml that a person can read and edit."""
    lines = [
        "# A dubsync project.  Paths count from this file's folder.",
        "[project]",
        f"name = {_quoted(project.name)}",
        f"language = {_quoted(project.language)}    # of the dub, BCP-47",
        f"cut = {_quoted(project.shown(project.cut))}",
        f"media = [{', '.join(_quoted(project.shown(p)) for p in project.media)}]"
        "    # plates are looked for here and nowhere else",
        f"takes = [{', '.join(_quoted(project.shown(p)) for p in project.takes)}]",
        f"handles = {project.settings.handles}    # frames",
    ]
    if project.rate is not None:
        lines.append(f"rate = {_quoted(str(project.rate))}    # frames per second of the cut")
    for role in project.roles:
        lines += [
            "",
            f"[characters.{_quoted(role.character)}]",
            f"performer = {_quoted(role.performer)}    # whose consent is needed",
            f"dub = {_quoted(project.shown(role.dub))}",
        ]
        if role.start:
            lines.append(f"start = {_quoted(role.start)}")
        if role.voice:
            lines.append(f"voice = {_quoted(project.shown(role.voice))}    # of this voice alone")
    if project.voices:
        lines += ["", "[voices]    # whose voice in a mixed stem"]
        lines += [f"{_quoted(key)} = {_quoted(who)}" for key, who in project.voices.items()]
    lines += _settings_lines(project.settings)
    return "\n".join(lines) + "\n"


def _settings_lines(settings: Settings) -> list[str]:
    engine, delivery = settings.engine, settings.delivery
    return [
        "",
        "[engine]",
        f"device = {_quoted(engine.device)}    # auto, cuda, mps or cpu",
        f"crop_px = {engine.crop_px}    # 0: the face's own size in the plate",
        f"train_minutes = {engine.train_minutes:g}    # each actor, at most; 0: never",
        f"renderer = {_quoted(engine.renderer)}    # auto, actor, warp or plate",
        "",
        "[delivery]",
        f"picture = {_quoted(delivery.picture)}    # lossless or prores422hq",
        "",
        "# [faces.SHOT] says which face is whose where dubsync asks:  ELISE = [x, y]",
        *_speech_lines(settings),
    ]


def _speech_lines(settings: Settings) -> list[str]:
    if settings.speech.diarization == "shipped":
        return []
    return ["", "[speech]", f"diarization = {_quoted(settings.speech.diarization)}"]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped)
    return f'"{escaped}"'


def _parsed(folder: Path, table: dict[str, Any]) -> ProjectFile:
    known = {"project", "characters", "faces", "voices", "engine", "delivery", "qc", "speech"}
    odd = sorted(set(table) - known)
    if odd:
        raise SettingsError(f"{FILE_NAME} has an unknown table [{odd[0]}]", hint=f"known: {known}")
    head = _table(table, "project")
    odd = sorted(set(head) - {"name", "language", "cut", "media", "takes", "handles", "rate"})
    if odd:
        raise SettingsError(f"{FILE_NAME}: [project] does not know {odd[0]!r}")
    known_sections = ("engine", "delivery", "qc", "speech")
    sections: dict[str, Any] = {k: table[k] for k in known_sections if k in table}
    if "handles" in head:
        sections["handles"] = head["handles"]
    return ProjectFile(
        folder=folder,
        name=_word(head, "name"),
        language=checked_language(_word(head, "language")),
        cut=folder / _word(head, "cut"),
        media=tuple(folder / p for p in _words(head, "media")),
        takes=tuple(folder / p for p in _words(head, "takes")),
        rate=parse_rate(_word(head, "rate")) if "rate" in head else None,
        roles=tuple(_role(folder, *item) for item in _table(table, "characters").items()),
        faces=parse_points(table.get("faces", {})),
        settings=settings_from(sections),
        voices=_voices(table.get("voices", {}), tuple(_table(table, "characters"))),
    )


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


def _role(folder: Path, name: str, table: object) -> Role:
    if not isinstance(table, dict) or not set(table) <= {"performer", "dub", "start", "voice"}:
        raise SettingsError(f"[characters.{name}] takes performer, dub, start and voice only")
    return Role(
        character=checked_character(name),
        performer=_word(table, "performer"),
        dub=folder / _word(table, "dub"),
        start=_word(table, "start") if "start" in table else "",
        voice=folder / _word(table, "voice") if "voice" in table else None,
    )


def _voices(table: object, characters: Sequence[str]) -> dict[str, str]:
    """[voices], checked against who there is."""
    if not isinstance(table, dict):
        raise SettingsError('[voices] must be written "Speaker 1" = "CHARACTER"')
    for voice, who in table.items():
        if who not in ("", *characters):
            raise SettingsError(
                f"[voices] {voice!r} is answered with {who!r}, who is no character here",
                hint=f'one of {", ".join(characters)}, or "" for nobody of ours',
            )
    return dict(table)


def renderers_text(renderers: Mapping[str, str]) -> str:
    """What draws which shot, as the TOML that `parse_renderers` reads."""
    lines = ["# What draws a shot, as asked with --renderer: " + ", ".join(RENDERERS) + "."]
    lines += [f"{_quoted(shot)} = {_quoted(name)}" for shot, name in renderers.items()]
    return "\n".join(lines) + "\n"


def parse_renderers(table: Mapping[str, object]) -> dict[str, str]:
    """shot -> one of RENDERERS.  Raises SettingsError."""
    found: dict[str, str] = {}
    for shot, name in table.items():
        if name not in RENDERERS:
            raise SettingsError(f"{shot!r} cannot be drawn by {name!r}",
                                hint="one of: " + ", ".join(RENDERERS))  # fmt: skip
        found[shot] = str(name)
    return found


def points_text(points: Mapping[str, Mapping[str, tuple[float, float]]]) -> str:
    """Faces pointed at, as the TOML that `parse_points` reads."""
    lines = ["# Which face is whose, as answered with --face: a point on it, in plate pixels."]
    for shot, people in points.items():
        lines += ["", f"[{_quoted(shot)}]"]
        lines += [f"{_quoted(who)} = [{x:g}, {y:g}]" for who, (x, y) in people.items()]
    return "\n".join(lines) + "\n"


def parse_points(table: object) -> dict[str, dict[str, tuple[float, float]]]:
    """shot -> character -> (x, y), from a table of such tables.  Raises SettingsError."""
    faces: dict[str, dict[str, tuple[float, float]]] = {}
    if not isinstance(table, dict):
        raise SettingsError("[faces] must hold a table for each shot")
    for shot, points in table.items():
        if not isinstance(points, dict):
            raise SettingsError(f"[faces.{shot}] must be written CHARACTER = [x, y]")
        faces[shot] = {who: _point(shot, point) for who, point in points.items()}
    return faces


def _point(shot: str, point: object) -> tuple[float, float]:
    if (
        isinstance(point, list)
        and len(point) == 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in point)
    ):
        return float(point[0]), float(point[1])
    raise SettingsError(f"[faces.{shot}] needs [x, y] in plate pixels, not {point!r}")


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
