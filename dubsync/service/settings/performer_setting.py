"""Who plays a character: one word of dubsync.toml, changed where it stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.service.settings.project_text import quoted
from dubsync.service.settings.toml_fields import FILE_NAME
from dubsync.service.store.atomic_write import write_whole

_HEADER = re.compile(r"[ \t]*\[")
_PERFORMER = re.compile(r"""([ \t]*performer[ \t]*=[ \t]*)("[^"\\\n]*"|'[^'\n]*')""")


def save_performer(folder: Path, character: str, performer: str) -> None:
    """Write who plays `character` into dubsync.toml; every other letter of it stays.

    Raises:
        SettingsError: there is no such character, no name, or the line cannot be found.
    """
    path = folder / FILE_NAME
    text = path.read_text(encoding="utf-8")
    wanted = tomllib.loads(text)
    role = wanted.get("characters", {}).get(character)
    if not isinstance(role, dict):
        raise SettingsError(
            f"the reel has no character {character!r}",
            hint="its characters: " + ", ".join(wanted.get("characters", {})),
        )
    if not performer.strip():
        raise SettingsError(f"the performer of {character} is not named", hint="name them")
    role["performer"] = performer
    changed = _changed(text, character, performer)
    if _parsed(changed) != wanted:
        raise SettingsError(
            f"{path} is written in a way that dubsync does not change",
            hint=f"write performer = {quoted(performer)} under [characters.{character}] by hand",
        )
    write_whole(path, changed)


def _changed(text: str, character: str, performer: str) -> str:
    """The text with the first `performer` below the character's header."""
    lines, inside = text.splitlines(keepends=True), False
    for number, line in enumerate(lines):
        if _HEADER.match(line):
            inside = _parsed(line) == {"characters": {character: {}}}
        elif inside and (found := _PERFORMER.match(line)):
            lines[number] = found.group(1) + quoted(performer) + line[found.end() :]
            break
    return "".join(lines)


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
