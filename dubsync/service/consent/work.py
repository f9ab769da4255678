"""A work that may be made to move without anybody's consent: a painting, a drawing, a figure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dubsync.core.errors import SettingsError

_TO_FILL_IN = {
    "name": 'write what the work is called, such as "Mona Lisa"',
    "source": "write where this picture of it comes from: museum, archive, address, photographer",
    "ground": 'write why it is free or yours, such as "painted before 1519; its author died then"',
    "depicts": "write whom it shows and whether they live, or that they are invented; a living "
    "person needs a record of their own",
}


@dataclass(frozen=True, slots=True)
class Work:
    """A work in the public domain, or owned by who says so (the record's signatory).

    name     what it is called
    source   where the picture of it comes from
    ground   why it is in the public domain, or whose it is and by what right
    depicts  whom it shows
    """

    name: str
    source: str
    ground: str
    depicts: str


def read_work(table: Any, path: Path) -> Work:
    """The work in a record's [consent.work] table.

    Args:
        path: the record's, for messages.

    Raises:
        SettingsError: there is no table, or a key is missing, unknown or not filled in.
    """
    known = [field.name for field in fields(Work)]
    if not isinstance(table, dict):
        raise SettingsError(
            f"consent record {path} has no [consent.work] table",
            hint="dubsync consent --form NAME --basis public-domain writes the form of one",
        )
    if unknown := sorted(set(table) - set(known)):
        raise SettingsError(
            f"consent record {path}: unknown keys in [consent.work]: {', '.join(unknown)}",
            hint=f"keys: {', '.join(known)}",
        )
    for key in known:
        value = table.get(key)
        if not isinstance(value, str) or not any(letter.isalnum() for letter in value):
            raise SettingsError(
                f"consent record {path}: work.{key} is not filled in", hint=_TO_FILL_IN[key]
            )
    return Work(**{key: table[key] for key in known})
