"""Puts a consent record into a project, after it was read, with the files that it needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dubsync.core.errors import DeliveryError
from dubsync.service.consent.countersigned import countersignatures
from dubsync.service.consent.records import ConsentRecord, read_consent


def add_record(project: Path, record: Path) -> ConsentRecord:
    """Copy `record` into the project's consent/ folder, with what it needs; never over another.

    Args:
        project: its folder.

    Raises:
        SettingsError: it is no consent record, or not filled in.
        DeliveryError: consent/ has another file of that name, or cannot be written.
    """
    read = read_consent(record)
    for source, name in record_files(record, read):
        _copy(source, project / "consent" / name)
    return read


def record_files(record: Path, read: ConsentRecord) -> Iterator[tuple[Path, str]]:
    """Each file of a record that is there, and its path in a consent/ folder; the record last.

    Those are its evidence, as far as it is not kept elsewhere, and its countersignatures.
    """
    for one in read.evidence:
        if one.state(record.parent) != "not here":
            yield record.parent / one.file, one.file
    yield from ((one.file, one.file.name) for one in countersignatures(record))
    yield record, record.name


def _copy(source: Path, home: Path) -> None:
    try:
        content = source.read_bytes()
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
