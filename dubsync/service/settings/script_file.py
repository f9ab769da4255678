"""The script named in dubsync.toml: [project] script, or [languages.TAG] script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dubsync.core.errors import SettingsError
from dubsync.editorial.script.cue_columns import parse_maps

KEYS = ("script", "script_columns")


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """A script; `columns` maps field -> column of a cue sheet whose headings are not enough."""

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)


def script_file(folder: Path, table: Mapping[str, object], where: str) -> ScriptFile | None:
    """The script that `table` names; None where it names none.

    Raises:
        SettingsError: a value of the wrong type, or script_columns without a script.
    """
    named, columns = table.get("script"), table.get("script_columns", {})
    if named is None:
        if "script_columns" in table:
            raise SettingsError(
                f"{where} has script_columns but no script", hint='add script = "cues.xlsx"'
            )
        return None
    if not isinstance(named, str) or not named:
        raise SettingsError(f"{where} script must be a path", hint='as in script = "cues.xlsx"')
    if not isinstance(columns, dict) or not all(isinstance(c, str) for c in columns.values()):
        raise SettingsError(
            f"{where} script_columns must be a table of columns",
            hint='as in script_columns = {text = "Dub DE"}',
        )
    maps = parse_maps(f"{name}={column}" for name, column in columns.items())
    return ScriptFile(folder / named, maps)
