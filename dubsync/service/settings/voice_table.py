"""[voices] of dubsync.toml: which voice of a mixed stem is which character."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dubsync.core.errors import SettingsError

_VOICE = re.compile(r"Speaker \d+|\d+[:;]\d\d[:;]\d\d[:;.]\d+")


def parse_voices(table: object, characters: Sequence[str]) -> dict[str, str]:
    """[voices], checked against the project's characters.  Raises SettingsError."""
    if not isinstance(table, dict):
        raise SettingsError(
            'write [voices] as lines "Speaker 1" = "CHARACTER"', hint="docs/explanation/voices.md"
        )
    for voice, character in table.items():
        if not _VOICE.fullmatch(voice):
            raise SettingsError(
                f"[voices] {voice!r} is not the name of a voice",
                hint='write "Speaker 1", or a record timecode at which it speaks: "01:02:03:04"',
            )
        if character not in ("", *characters):
            raise SettingsError(
                f"[voices] {voice!r} is assigned to an unknown character {character!r}",
                hint=f'one of {", ".join(characters)}, or "" for the voice of no character',
            )
    return dict(table)
