"""What people answered on the command line, remembered beside the project file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from dubsync.core.errors import SettingsError
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.settings.project_text import points_text, renderers_text
from dubsync.service.settings.shot_tables import parse_points, parse_renderers
from dubsync.service.store.atomic_write import write_whole

FACES_FILE = "faces.toml"  #: answers given with --face; dubsync.toml's own [faces] come first
RENDERERS_FILE = "renderers.toml"  #: answers given with --renderer

Points = dict[str, dict[str, tuple[float, float]]]


def point(folder: Path, shot: str, character: str, xy: tuple[float, float]) -> None:
    """Remember that `character`'s face in `shot` lies at plate pixel `xy`."""
    points = {name: dict(people) for name, people in _points(folder).items()}
    points.setdefault(shot, {})[character] = xy
    write_whole(folder / FACES_FILE, points_text(points))


def pointed(file: ProjectFile) -> Points:
    """Shot -> character -> a point on their face; what dubsync.toml says comes first."""
    said = _points(file.folder)
    return {
        shot: {**said.get(shot, {}), **file.faces.get(shot, {})} for shot in {*said, *file.faces}
    }


def draw_with(folder: Path, shot: str, renderer: str, language: str = "") -> None:
    """Remember what is to draw `shot` in `language`; "": in every one."""
    said = _said_of_renderers(folder)
    said.setdefault(language, {})[shot] = renderer
    if not language:
        for other in said.keys() - {""}:
            said[other].pop(shot, None)
    checked = {tag: parse_renderers(renderers) for tag, renderers in said.items()}
    write_whole(folder / RENDERERS_FILE, renderers_text(checked))


def renderers(folder: Path, language: str = "") -> dict[str, str]:
    """Shot -> what is to draw it in `language`."""
    said = _said_of_renderers(folder)
    return parse_renderers({**said.get("", {}), **said.get(language, {})})


def every_renderer(folder: Path) -> dict[str, dict[str, str]]:
    """Language, or "" for every one -> shot -> what is to draw it."""
    return {tag: parse_renderers(shots) for tag, shots in _said_of_renderers(folder).items()}


def _said_of_renderers(folder: Path) -> dict[str, dict[str, object]]:
    """Language, or "" for every one -> shot -> what is to draw it."""
    said: dict[str, dict[str, object]] = {"": {}}
    for key, value in _remembered(folder / RENDERERS_FILE).items():
        if isinstance(value, dict):
            said[key] = value
        else:
            said[""][key] = value
    return said


def _points(folder: Path) -> Points:
    return parse_points(_remembered(folder / FACES_FILE))


def _remembered(path: Path) -> dict[str, object]:
    """A file of answers; empty where nobody answered yet."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}", hint="mend it, or delete it") from error
