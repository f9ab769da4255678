"""[stems] of dubsync.toml: the sound track and channel by which a stem is heard."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.core.sound.tracks import SoundChoice

KEYS = ("track", "channel")
_EXAMPLE = 'for example [stems."dub.mov"] with track = 2 in it'


def stem_choices(folder: Path, table: object, dubs: Set[Path]) -> dict[Path, SoundChoice]:
    """Stem -> what is heard of it, from the tables under [stems], keyed by path.

    Args:
        dubs: every stem that a character names.

    Raises:
        SettingsError: not a table for each stem, a stem that no character names, an unknown key,
            or a number below 1.
    """
    if not isinstance(table, dict) or not all(isinstance(keys, dict) for keys in table.values()):
        raise SettingsError("[stems] must hold a table for each stem", hint=_EXAMPLE)
    for path in table:
        if folder / path not in dubs:
            raise SettingsError(
                f'[stems."{path}"] is not the dub of any character',
                hint="write the path as under [characters.NAME] dub = ...",
            )
    return {folder / path: _choice(path, keys) for path, keys in table.items()}


def stem_choices_text(heard: Mapping[str, SoundChoice]) -> list[str]:
    """The lines of dubsync.toml for stems, keyed by the path that is written there."""
    lines: list[str] = []
    for path, choice in heard.items():
        lines += ["", f'[stems."{path}"]']
        lines += [f"track = {choice.track}    # sound track, from 1"] if choice.track else []
        lines += [f"channel = {n}    # channel of it, from 1" for n in choice.channels]
    return lines


def _choice(path: str, keys: Mapping[str, Any]) -> SoundChoice:
    where = f'[stems."{path}"]'
    for key, value in keys.items():
        if key not in KEYS:
            raise SettingsError(f"{where}: unknown key {key!r}", hint=f"known: {', '.join(KEYS)}")
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise SettingsError(f"{where}: {key} = {value!r} is not a number from 1",
                                hint=_EXAMPLE)  # fmt: skip
    channels = (keys["channel"],) if "channel" in keys else ()
    return SoundChoice(keys.get("track", 0), channels)
