"""A consent record given on the command line, for verbs that work on clips without a project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from dubsync.core.errors import ConsentMissing
from dubsync.service.consent.live import LiveConsent
from dubsync.service.consent.operations import DUB
from dubsync.service.consent.records import ConsentRecord, read_consent, require


def given_record(
    path: Path | None, operations: Sequence[str] = ()
) -> tuple[LiveConsent, ConsentRecord]:
    """The record in a file: as it is at each question, and as it is now.

    Args:
        operations: what is to be done, for the hint where no file is given.

    Raises:
        ConsentMissing: no file is given.
        SettingsError: it cannot be read, or is not filled in.
    """
    if path is None:
        raise ConsentMissing(
            "no consent record is given, so no face may be learnt or changed",
            hint="give --consent RECORD.toml; dubsync consent --form NAME"
            f"{''.join(f' --operation {name}' for name in operations)} writes one to fill in",
        )
    return LiveConsent(path), read_consent(path)


def record_language(record: ConsentRecord) -> str:
    """A language that the record covers, for work that is in no language of its own."""
    return "und" if record.languages[0] == "*" else record.languages[0]


def allows(path: Path | None, operations: Sequence[str]) -> Callable[[], None]:
    """A check that a given record allows the `operations` of its performer; made once at once.

    Raises (so does the check, which reads the file again):
        ConsentMissing: no file is given, it is gone, or it does not allow one of them today.
        SettingsError: as `given_record`.
    """
    live, record = given_record(path, () if set(operations) <= set(DUB) else operations)
    language = record_language(record)

    def check() -> None:
        for operation in operations:
            require(live.read(), record.performer, operation, language, date.today())

    check()
    return check
