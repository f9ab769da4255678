"""Reads the path mapping rules that a render farm gives each session."""

from __future__ import annotations

from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import SettingsError
from dubsync.core.farm.path_map import PathMap, PathRule

VERSION = "pathmapping-1.0"
_FORMATS: dict[str, type[PurePath]] = {"POSIX": PurePosixPath, "WINDOWS": PureWindowsPath}
_HINT = "give the file that Open Job Description names Session.PathMappingRulesFile"


def read_path_rules(file: Path) -> PathMap:
    """The rules in a file of the schema pathmapping-1.0 (How Jobs Are Run, "Path Mapping").

    An empty table, which stands for no rules, is allowed.  Rules for URIs are left out: no path in
    a project is one.

    Raises:
        SettingsError: the file cannot be read, or a rule in it is wrong.
    """
    try:
        table = read_json(file)
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}", hint=_HINT) from error
    except DamagedDocument as error:
        raise SettingsError(f"{file} holds no path mapping rules: {error}", hint=_HINT) from error
    if table == {}:
        return PathMap()
    if not isinstance(table, dict) or table.get("version") != VERSION:
        raise SettingsError(f"{file} is not of the version {VERSION}", hint=_HINT)
    rules = table.get("path_mapping_rules", [])
    if not isinstance(rules, list):
        raise SettingsError(f"{file} has no list of path_mapping_rules", hint=_HINT)
    read = (_rule(rule, f"rule {n} of {file}") for n, rule in enumerate(rules, 1))
    return PathMap(tuple(rule for rule in read if rule is not None))


def _rule(rule: Any, where: str) -> PathRule | None:
    keys = ("source_path_format", "source_path", "destination_path")
    texts = [rule.get(key) for key in keys] if isinstance(rule, dict) else []
    fields = [text for text in texts if isinstance(text, str) and text]
    if len(fields) != len(keys):
        raise SettingsError(f"{where} must have the texts {', '.join(keys)}", hint=_HINT)
    form, source, destination = fields
    if form == "URI":
        return None
    if form not in _FORMATS:
        raise SettingsError(f"{where} has an unknown source_path_format {form!r}", hint=_HINT)
    if not _FORMATS[form](source).is_absolute() or not Path(destination).is_absolute():
        raise SettingsError(f"{where} must map one absolute path to another", hint=_HINT)
    return PathRule(source, destination, form == "WINDOWS")
