"""What is past a record's `delete_after` and still on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import SettingsError
from dubsync.core.plural import counted
from dubsync.core.shot import ProjectWarning
from dubsync.service.consent.records import ConsentRecord, read_consent
from dubsync.service.consent.state import withdrawn_in

#: The folder in consent/ with the receipts of purges.
RECEIPTS = "receipts"
#: Folders of derived data that hold models, one folder for each character.
OF_MODELS = ("actors", "heads", "trained", "training", "speaking_styles")


@dataclass(frozen=True, slots=True)
class DueRecord:
    """A record whose `delete_after` is past, and the characters of whom models are still there."""

    record: ConsentRecord
    characters: tuple[str, ...]

    @property
    def day(self) -> date:
        """The last day on which what was learnt might be kept."""
        assert self.record.retention.delete_after is not None
        return self.record.retention.delete_after


def past_retention(folder: Path, day: date) -> tuple[ConsentRecord, ...]:
    """Every record, active or withdrawn, whose `delete_after` is before `day`.

    Args:
        folder: the project's consent/ folder.
    """
    found = []
    for path in (*sorted(folder.glob("*.toml")), *withdrawn_in(folder)):
        try:
            record = read_consent(path)
        except SettingsError:
            continue  # whoever asks for consent is told
        if record.retention.delete_after is not None and record.retention.delete_after < day:
            found.append(record)
    return tuple(found)


def receipted(folder: Path) -> frozenset[str]:
    """The ids of records by which something was purged already, by the receipts in consent/."""
    ids: set[str] = set()
    for path in sorted((folder / RECEIPTS).glob("purge_v*.json")):
        try:
            value = read_json(path)
            ids |= {str(one["id"]) for one in value["records"]}
        except (OSError, DamagedDocument, KeyError, TypeError):
            continue  # a receipt that cannot be read proves nothing
    return frozenset(ids)


def due_records(
    project: Path, parts: Mapping[str, Sequence[str]], day: date
) -> tuple[DueRecord, ...]:
    """The records past their `delete_after` of whom something learnt is still in the project.

    Face tracks do not say whose they are: they count until a receipt names the record.

    Args:
        parts: performer -> the characters whom they play or dub.
    """
    past = past_retention(project / "consent", day)
    if not past:
        return ()
    due, told = [], receipted(project / "consent")
    tracked = (project / ".dubsync" / "tracks").is_dir()
    for record in past:
        theirs = parts.get(record.performer, ())
        there = tuple(name for name in theirs if _learnt(project, name))
        if tracked and record.id not in told:
            there = tuple(theirs)
        if there:
            due.append(DueRecord(record, there))
    return tuple(due)


def parts_of(performers: Mapping[str, str]) -> dict[str, list[str]]:
    """Performer -> the characters whom they play, from character -> performer."""
    parts: dict[str, list[str]] = {}
    for character, performer in performers.items():
        parts.setdefault(performer, []).append(character)
    return parts


def due_warnings(due: Sequence[DueRecord], day: date) -> tuple[ProjectWarning, ...]:
    """A warning for each record whose deletion is due."""
    return tuple(
        ProjectWarning(
            one.record.performer,
            f"what was learnt of {', '.join(one.characters)} under {one.record.id} had to be "
            f"deleted by {one.day}, {counted((day - one.day).days, 'day')} ago",
            "delete it: dubsync consent REEL --purge",
        )
        for one in due
    )


def _learnt(project: Path, character: str) -> bool:
    homes = (project / ".dubsync" / kind / character for kind in OF_MODELS)
    return any(home.is_dir() and any(home.iterdir()) for home in homes)
