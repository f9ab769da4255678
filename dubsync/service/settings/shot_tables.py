"""Tables keyed by shot in a project's TOML files: face points, and renderers."""

from __future__ import annotations

from collections.abc import Mapping

from dubsync.core.errors import SettingsError
from dubsync.core.face import Point

#: Shot -> character -> points on that character's face.
Points = dict[str, dict[str, tuple[Point, ...]]]

RENDERERS = ("auto", "actor", "warp", "plate")


def parse_renderers(table: Mapping[str, object]) -> dict[str, str]:
    """shot -> one of RENDERERS.  Raises SettingsError."""
    result: dict[str, str] = {}
    for shot, name in table.items():
        if name not in RENDERERS:
            raise SettingsError(f"unknown renderer {name!r} for shot {shot!r}",
                                hint="choose one of: " + ", ".join(RENDERERS))  # fmt: skip
        result[shot] = str(name)
    return result


def parse_points(table: object) -> Points:
    """shot -> character -> points on their face, from a table per shot.  Raises SettingsError."""
    faces: Points = {}
    if not isinstance(table, dict):
        raise SettingsError(
            "[faces] must hold a table for each shot",
            hint="for example [faces.SH010] with CHARACTER = [x, y] in it",
        )
    for shot, points in table.items():
        if not isinstance(points, dict):
            raise SettingsError(
                f"[faces.{shot}] must hold lines CHARACTER = [x, y]", hint="x, y: plate pixels"
            )
        faces[shot] = {character: _points(shot, value) for character, value in points.items()}
    return faces


def _points(shot: str, value: object) -> tuple[Point, ...]:
    """One point, or a list of them."""
    if isinstance(value, list) and value and all(isinstance(point, list) for point in value):
        return tuple(_point(shot, point) for point in value)
    return (_point(shot, value),)


def _point(shot: str, point: object) -> Point:
    if (
        isinstance(point, list)
        and len(point) in (2, 3)
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in point)
    ):
        return tuple(float(v) for v in point)
    raise SettingsError(
        f"[faces.{shot}] needs [x, y] or [x, y, frame] in plate pixels, not {point!r}",
        hint="for example CHARACTER = [960, 400]",
    )
