"""Puts a consent record into a project, after it was read."""

from __future__ import annotations

from pathlib import Path

from dubsync.core.errors import DeliveryError
from dubsync.service.consent.records import ConsentRecord, read_consent
from dubsync.service.store.atomic_write import write_whole


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
    if home.exists():
        if home.read_bytes() == record.read_bytes():
            return read
        raise DeliveryError(
            f"{home} exists, and dubsync does not overwrite a record",
            hint="give the new record another name",
        )
    write_whole(home, record.read_bytes())
    return read
