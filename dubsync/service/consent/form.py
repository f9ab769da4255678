"""The form of a consent record, to be filled in by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from dubsync.core.errors import DeliveryError, SettingsError
from dubsync.service.consent.blank_form import template
from dubsync.service.consent.operations import DUB, OPERATIONS
from dubsync.service.consent.records import BASES, OF_WORKS, WITH_WORKS

_NAME = re.compile(r"[\w .-]{1,64}")


def new_form(
    performer: str, folder: Path, *, character: str = "", languages: Sequence[str] = (),
    suffix: str = ".toml", operations: Sequence[str] = (), basis: str = "consent",
) -> Path:  # fmt: skip
    """Write a form for `performer` into `folder`, and return its path; never over a file.

    Args:
        character: whom they play; "": not known.
        languages: BCP-47 tags to write in; none: left to be filled in.
        operations: those to write in; none: those of a dub, or of a portrait for a work.
        basis: of a person or of a work.
        suffix: ".toml", or ".toml.example", which does not count until it is renamed.

    Raises:
        SettingsError: a name that cannot be a file's; an operation or a basis that there is not,
            or operations that a work does not allow.
        DeliveryError: the file is there already, or cannot be written.
    """
    name = performer.removesuffix(".toml")
    if not _NAME.fullmatch(name) or name.strip(" .") != name:
        raise SettingsError(
            f"{performer!r} is not a valid name for a record",
            hint="use up to 64 letters, digits, spaces, - and .",
        )
    path = folder / f"{name}{suffix}"
    text = template(
        character, name, languages, date.today(), renamed=suffix != ".toml",
        operations=_checked(operations, basis), basis=basis,
    )  # fmt: skip
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


def _checked(operations: Sequence[str], basis: str) -> Sequence[str]:
    """The operations to write in, when the basis allows them."""
    if basis not in BASES:
        raise SettingsError(f"unknown basis {basis!r}", hint=f"basis: {', '.join(BASES)}")
    allowed = WITH_WORKS if basis in OF_WORKS else tuple(OPERATIONS)
    if refused := [name for name in operations if name not in allowed]:
        raise SettingsError(
            f"no record on the basis {basis!r} can allow {', '.join(refused)}",
            hint=f"operations: {', '.join(allowed)}",
        )
    return operations or (WITH_WORKS[:1] if basis in OF_WORKS else DUB)
