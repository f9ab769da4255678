"""Fields of a table in the project file, checked as they are read."""

from __future__ import annotations

from typing import Any

from dubsync.core.errors import SettingsError

FILE_NAME = "dubsync.toml"


def table_of(table: dict[str, Any], key: str) -> dict[str, Any]:
    """The table under `key`, else SettingsError."""
    value = table.get(key)
    if not isinstance(value, dict):
        raise SettingsError(f"{FILE_NAME} has no [{key}] table", hint=f"add one: [{key}]")
    return value


def text_of(table: dict[str, Any], key: str) -> str:
    """The text under `key`, which is not empty, else SettingsError."""
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise SettingsError(
            f"{FILE_NAME}: {key} is missing or not text", hint=f'write {key} = "..."'
        )
    return value


def texts_of(table: dict[str, Any], key: str) -> list[str]:
    """The texts under `key`, one or several or none, else SettingsError."""
    value = table.get(key, [])
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise SettingsError(
            f"{FILE_NAME}: {key} must be a list of folders", hint=f'write {key} = ["FOLDER"]'
        )
    return value
