"""What is past a record's `delete_after` and still on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dubsync.core.errors import SettingsError
from dubsync.core.plural import counted
from dubsync.core.shot import ProjectWarning
from dubsync.service.consent.records import ConsentRecord, read_consent
from dubsync.service.consent.state import withdrawn_in

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


def due_records(
    project: Path, parts: Mapping[str, Sequence[str]], day: date
) -> tuple[DueRecord, ...]:
    """The records past their `delete_after` of whom something learnt is still in the project.

    Args:
        parts: performer -> the characters whom they play or dub.
    """
    due = []
    for record in past_retention(project / "consent", day):
        there = tuple(name for name in parts.get(record.performer, ()) if _learnt(project, name))
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
