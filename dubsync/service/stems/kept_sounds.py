"""What probing a sound file gave, kept in .dubsync/ by the state of the file.

The length of a stem of an hour is counted packet by packet: once, not at every opening.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from dubsync.media.files.file_state import file_state
from dubsync.media.sound.stem import SoundFile, probe_sound
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.store.folder import Store

#: Part of the file's name: to be raised when probing the same file says something else than before.
VERSION = 1


def kept_sound(path: Path, store: Store, number: int = 0) -> SoundFile:
    """As `probe_sound`; a file in the state it was in before is not opened again.

    Raises:
        MediaError: as `probe_sound`.
    """
    try:
        kept = store.derived / "sounds" / f"{file_state(path)}_{number}_{VERSION}.json"
    except OSError:
        return probe_sound(path, number)  # it says what is wrong
    try:
        return msgspec.json.decode(kept.read_bytes(), type=SoundFile, dec_hook=_rich)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, TypeError, ValueError):
        found = probe_sound(path, number)
    with suppress(msgspec.MsgspecError, UnicodeEncodeError):  # a name that is not UTF-8
        write_derived(kept, msgspec.json.encode(found, enc_hook=_plain))
    return found


def _plain(value: Any) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError


def _rich(kind: type, value: Any) -> Any:
    if kind is Fraction and isinstance(value, str):
        return Fraction(value)
    raise NotImplementedError
