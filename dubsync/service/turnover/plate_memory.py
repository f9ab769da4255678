"""What probing the project's media gave, kept in .dubsync/ by the state of each file."""

from __future__ import annotations

import logging
from fractions import Fraction
from typing import Any

import msgspec

from dubsync.media.find_plates import ProbedFile
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.store.folder import Store

_log = logging.getLogger(__name__)

#: Part of the file's name: to be raised when probing the same file says something else than before.
VERSION = 4
#: The newest entries that are kept: files that were moved or changed leave old ones behind.
MOST_KEPT = 50_000


class KeptPlates:
    """The PlateMemory of a project.

    A damaged file is ignored: everything is probed again.  A project that cannot be written, such
    as an archived one, keeps nothing.
    """

    def __init__(self, store: Store) -> None:
        self._path = store.derived / f"probes{VERSION}.json"
        self._kept = self._read()
        self._new = False

    def known(self, state: str) -> ProbedFile | None:
        """What probing a file in this state gave; None if it was not probed."""
        return self._kept.get(state)

    def keep(self, state: str, probed: ProbedFile) -> None:
        """Add what probing gave; `write` writes it.

        Not of a file whose name is not UTF-8: JSON cannot hold it, and it is probed each time.
        """
        if probed.plate is None or _is_text(probed.plate.path):
            self._kept[state], self._new = probed, True

    def write(self) -> None:
        """Write everything that was added."""
        if not self._new:
            return
        newest = list(self._kept.items())[-MOST_KEPT:]
        write_derived(self._path, msgspec.json.encode(dict(newest), enc_hook=_plain))
        self._new = False

    def _read(self) -> dict[str, ProbedFile]:
        try:
            return msgspec.json.decode(
                self._path.read_bytes(), type=dict[str, ProbedFile], dec_hook=_rich
            )
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError) as error:
            _log.warning("%s is ignored, and the media are probed again: %s", self._path, error)
            return {}


def _is_text(path: str) -> bool:
    """Whether a path as Python reads it holds no byte that is not UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in path)


def _plain(value: Any) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise NotImplementedError


def _rich(kind: type, value: Any) -> Any:
    if kind is Fraction and isinstance(value, str):
        return Fraction(value)
    raise NotImplementedError
