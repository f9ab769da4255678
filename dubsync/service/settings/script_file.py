"""The script that dubsync.toml names: [project] script, or [languages.TAG] script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dubsync.core.errors import SettingsError
from dubsync.editorial.script.cue_columns import parse_maps

KEYS = ("script", "script_columns")


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """A script, and the columns of a cue sheet whose heads say too little: field -> column."""

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)


def script_file(folder: Path, table: Mapping[str, object], where: str) -> ScriptFile | None:
    """The script that a table names; None where it names none.  Raises SettingsError."""
    named, columns = table.get("script"), table.get("script_columns", {})
    if named is None:
        if "script_columns" in table:
            raise SettingsError(f"{where} has script_columns and no script")
        return None
    if not isinstance(named, str) or not named:
        raise SettingsError(f"{where} script is no path", hint='as script = "cues.xlsx"')
    if not isinstance(columns, dict) or not all(isinstance(c, str) for c in columns.values()):
        raise SettingsError(
            f"{where} script_columns is no table of columns",
            hint='as script_columns = {text = "Dub DE"}',
        )
    maps = parse_maps(f"{name}={column}" for name, column in columns.items())
    return ScriptFile(folder / named, maps)
