"""Tables keyed by shot in a project's TOML files: face points, and renderers."""

from __future__ import annotations

from collections.abc import Mapping

from dubsync.core.errors import SettingsError

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


def parse_points(table: object) -> dict[str, dict[str, tuple[float, float]]]:
    """shot -> character -> (x, y) plate pixels, from a table per shot.  Raises SettingsError."""
    faces: dict[str, dict[str, tuple[float, float]]] = {}
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
        faces[shot] = {character: _point(shot, point) for character, point in points.items()}
    return faces


def _point(shot: str, point: object) -> tuple[float, float]:
    if (
        isinstance(point, list)
        and len(point) == 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in point)
    ):
        return float(point[0]), float(point[1])
    raise SettingsError(
        f"[faces.{shot}] needs [x, y] in plate pixels, not {point!r}",
        hint="for example CHARACTER = [960, 400]",
    )
