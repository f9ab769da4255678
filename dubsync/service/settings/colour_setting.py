"""[colour] of dubsync.toml: the OpenColorIO config, and the colour spaces of plates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from dubsync.core.colours.choice import ColourChoice
from dubsync.core.errors import SettingsError

KEYS = ("config", "working", "display", "view", "spaces")
#: Most patterns under [colour.spaces].
MOST = 500
_EXAMPLE = 'for example "A001*" = "ARRI LogC4"'


def parse_colour(table: object, folder: Path, media: Sequence[Path]) -> ColourChoice | None:
    """What [colour] says; None where there is no such table.

    Args:
        folder: of the project; the config's path is relative to it.
        media: the media folders.  A config must lie in one of them, or in the project.

    Raises:
        SettingsError: an unknown key, another type, or a config outside these folders.
    """
    if table is None:
        return None
    if not isinstance(table, dict):
        raise SettingsError("[colour] must be a table", hint='with config = "builtin studio" in it')
    for key, value in table.items():
        if key not in KEYS:
            near = get_close_matches(key, KEYS, n=1)
            hint = f"did you mean colour.{near[0]}?" if near else "known: " + ", ".join(KEYS)
            raise SettingsError(f"unknown setting colour.{key}", hint=hint)
        if key != "spaces" and not isinstance(value, str):
            raise SettingsError(f"colour.{key} must be text", hint=f'write {key} = "..."')
    named = str(table.get("config", "")).strip()
    if not named:
        raise SettingsError(
            "[colour] names no config",
            hint='write config = "builtin studio", or the path of a config.ocio',
        )
    texts = {key: str(table.get(key, "")) for key in ("working", "display", "view")}
    config = named if named.split()[0] == "builtin" else _inside(named, folder, media)
    return ColourChoice(config, spaces=_spaces(table.get("spaces", {})), **texts)


def colour_text(colour: ColourChoice | None, shown: str) -> list[str]:
    """The lines of [colour]; `shown` is its config as it is written in the file."""
    if colour is None:
        return []
    lines = ["", "[colour]", f"config = {_quoted(shown)}    # OpenColorIO"]
    for key in ("working", "display", "view"):
        if value := getattr(colour, key):
            lines.append(f"{key} = {_quoted(value)}")
    if colour.spaces:
        lines += ["", "[colour.spaces]    # of plates, by file name, path or reel"]
        lines += [f"{_quoted(pattern)} = {_quoted(space)}" for pattern, space in colour.spaces]
    return lines


def _spaces(table: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(table, Mapping) or not all(
        isinstance(space, str) and space and pattern for pattern, space in table.items()
    ):
        raise SettingsError('[colour.spaces] must hold lines "PATTERN" = "SPACE"', hint=_EXAMPLE)
    if len(table) > MOST:
        raise SettingsError(
            f"[colour.spaces] holds {len(table)} patterns, and at most {MOST} are read",
            hint="let one pattern stand for many plates: " + _EXAMPLE,
        )
    return tuple((str(pattern), str(space)) for pattern, space in table.items())


def _inside(named: str, folder: Path, media: Sequence[Path]) -> Path:
    path = (folder / named).resolve()
    if not any(path.is_relative_to(root.resolve()) for root in (folder, *media)):
        raise SettingsError(
            f"colour.config {named!r} lies outside the project and its media folders",
            hint="copy the config with its LUTs into the project's folder, "
            'or write config = "builtin studio"',
        )
    return path


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
