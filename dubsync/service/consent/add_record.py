"""Puts a consent record into a project, after it was read."""

from __future__ import annotations

from pathlib import Path

from dubsync.core.errors import DeliveryError
from dubsync.service.consent.records import ConsentRecord, read_consent


def add_record(project: Path, record: Path) -> ConsentRecord:
    """Copy `record` into the project's consent/ folder; never over another.

    Args:
        project: its folder.

    Raises:
        SettingsError: it is no consent record, or not filled in.
        DeliveryError: consent/ has another record of that name, or cannot be written.
    """
    read = read_consent(record)
    home = project / "consent" / record.name
    content = record.read_bytes()
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with home.open("xb") as file:
            file.write(content)
    except FileExistsError:
        if home.read_bytes() != content:
            raise DeliveryError(
                f"{home} exists, and dubsync does not overwrite a record",
                hint="give the new record another name",
            ) from None
    except OSError as error:
        raise DeliveryError(
            f"cannot write {home}: {error.strerror or error}", hint="check the folder's permissions"
        ) from error
    return read
