"""The form of a consent record, to be filled in by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from dubsync.core.errors import DeliveryError, SettingsError
from dubsync.service.consent.records import template

_NAME = re.compile(r"[\w .-]{1,64}")


def new_form(
    performer: str, folder: Path, *, character: str = "", languages: Sequence[str] = (),
    suffix: str = ".toml",
) -> Path:  # fmt: skip
    """Write a form for `performer` into `folder`, and return its path; never over a file.

    Args:
        character: whom they play; "": not known.
        languages: BCP-47 tags to write in; none: left to be filled in.
        suffix: ".toml", or ".toml.example", which does not count until it is renamed.

    Raises:
        SettingsError: a name that cannot be a file's.
        DeliveryError: the file is there already, or cannot be written.
    """
    name = performer.removesuffix(".toml")
    if not _NAME.fullmatch(name) or name.strip(" .") != name:
        raise SettingsError(
            f"{performer!r} is not a valid name for a record",
            hint="use up to 64 letters, digits, spaces, - and .",
        )
    path = folder / f"{name}{suffix}"
    text = template(character, name, languages, date.today(), renamed=suffix != ".toml")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise DeliveryError(
            f"{path} exists, and dubsync does not overwrite a record",
            hint="fill that one in, or choose another name",
        ) from None
    except OSError as error:
        raise DeliveryError(
            f"cannot write {path}: {error.strerror or error}", hint="choose another folder"
        ) from error
    return path
