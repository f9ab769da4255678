"""Consent as plugins see it: who lacks what, and records of the user's that are added to a reel."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from dubsync.core.errors import MissingMedia
from dubsync.service.consent.add_record import add_record
from dubsync.service.consent.foreseen import lacking
from dubsync.service.consent.records import read_all, read_consent
from dubsync.service.consent.scope import spoken
from dubsync.service.overview import ReelOverview
from dubsync.service.project import Project
from dubsync.service.rpc.asked import AddConsent
from dubsync.service.settings.performer_setting import save_performer


def lacking_json(project: Project, found: ReelOverview) -> list[dict[str, Any]]:
    """Who lacks consent today, of the performers that the reel's shots show."""
    plays = project.file.performers
    seen = dict.fromkeys(name for row in found.rows if row.shot for name in row.characters)
    records = read_all(project.file.folder / "consent")
    missing = lacking([plays[name] for name in seen if name in plays], records,
                      project.language, date.today())  # fmt: skip
    return [
        {
            "performer": performer,
            "characters": [name for name in seen if plays.get(name) == performer],
            "message": str(error),
            "hint": error.hint,
        }
        for performer, error in missing.items()
    ]


def add_consent(folder: Path, said: AddConsent) -> list[dict[str, Any]]:
    """Copy records into the reel in `folder`, and say who plays whom; all are read first.

    Raises:
        MissingMedia: a record is not there.
        SettingsError: a file is no record, or not filled in; there is no such character.
        DeliveryError: the reel has another record of that name.
    """
    files = [Path(name) for name in said.files]
    for file in files:
        if not file.is_file():
            raise MissingMedia(f"the consent record was not found: {file}", hint="choose it again")
        read_consent(file)
    for character, performer in said.performers.items():
        save_performer(folder, character, performer)
    added = [add_record(folder, file) for file in files]
    return [
        {
            "id": record.id,
            "performer": record.performer,
            "operations": list(record.operations),
            "languages": list(record.languages),
            "valid_until": str(record.last_day),
            "limits": list(spoken(record.scope, record.used)),
        }
        for record in added
    ]
