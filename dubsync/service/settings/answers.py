"""Answers given on the command line (--face, --renderer), stored beside dubsync.toml."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dubsync.core.documents import DamagedDocument, read_toml
from dubsync.core.errors import SettingsError
from dubsync.core.face import Point
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.settings.project_text import points_text, renderers_text
from dubsync.service.settings.shot_tables import Points, parse_points, parse_renderers
from dubsync.service.store.atomic_write import write_whole

FACES_FILE = "faces.toml"  #: answers given with --face; [faces] in dubsync.toml overrides them
RENDERERS_FILE = "renderers.toml"  #: answers given with --renderer


def save_points(folder: Path, shot: str, character: str, here: Sequence[Point]) -> None:
    """Store that `character`'s face in `shot` is at these points, each x, y or x, y, frame."""
    points = {name: dict(characters) for name, characters in _points(folder).items()}
    points.setdefault(shot, {})[character] = tuple(here)
    write_whole(folder / FACES_FILE, points_text(points))


def face_points(file: ProjectFile) -> Points:
    """The points of faces.toml and of [faces] in dubsync.toml; the latter override."""
    stored = _points(file.folder)
    return {
        shot: {**stored.get(shot, {}), **file.faces.get(shot, {})}
        for shot in {*stored, *file.faces}
    }


def save_renderer(folder: Path, shot: str, renderer: str, language: str = "") -> None:
    """Store which renderer draws `shot` in `language`; "": in every language."""
    stored = _stored_renderers(folder)
    stored.setdefault(language, {})[shot] = renderer
    if not language:
        for other in stored.keys() - {""}:
            stored[other].pop(shot, None)
    checked = {tag: parse_renderers(renderers) for tag, renderers in stored.items()}
    write_whole(folder / RENDERERS_FILE, renderers_text(checked))


def renderers(folder: Path, language: str = "") -> dict[str, str]:
    """Shot -> the renderer that draws it in `language`."""
    stored = _stored_renderers(folder)
    return parse_renderers({**stored.get("", {}), **stored.get(language, {})})


def every_renderer(folder: Path) -> dict[str, dict[str, str]]:
    """Language ("": every language) -> shot -> the renderer that draws it."""
    return {tag: parse_renderers(shots) for tag, shots in _stored_renderers(folder).items()}


def _stored_renderers(folder: Path) -> dict[str, dict[str, object]]:
    """Language ("": every language) -> shot -> renderer, unchecked."""
    stored: dict[str, dict[str, object]] = {"": {}}
    for key, value in _stored(folder / RENDERERS_FILE).items():
        if isinstance(value, dict):
            stored[key] = value
        else:
            stored[""][key] = value
    return stored


def _points(folder: Path) -> Points:
    return parse_points(_stored(folder / FACES_FILE))


def _stored(path: Path) -> dict[str, object]:
    """A file of answers; empty if there is none yet."""
    try:
        return read_toml(path)
    except FileNotFoundError:
        return {}
    except (OSError, DamagedDocument) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}", hint="correct the file, or delete it"
        ) from error
