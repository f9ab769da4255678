"""Which reels were open before, newest first."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QSettings

KEY, KEPT = "reels/recent", 8


@dataclass(frozen=True, slots=True)
class RecentReel:
    """A project folder, its name and languages, and when it was last opened (ISO 8601, UTC)."""

    folder: str
    name: str
    languages: tuple[str, ...]
    opened: str

    @property
    def there(self) -> bool:
        """Whether the folder can be reached now."""
        return Path(self.folder).is_dir()


def recent_reels() -> tuple[RecentReel, ...]:
    """The reels that were opened, newest first; what cannot be read is left out."""
    try:
        stored: Any = json.loads(str(QSettings().value(KEY) or "[]"))
        return tuple(
            RecentReel(str(one["folder"]), str(one["name"]), tuple(one["languages"]),
                       str(one["opened"]))
            for one in stored
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return ()


def remember_reel(folder: Path, name: str, languages: tuple[str, ...]) -> None:
    """Put a reel first among the recent ones."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    first = RecentReel(str(folder), name, languages, now)
    others = [one for one in recent_reels() if one.folder != first.folder]
    kept = [asdict(one) for one in (first, *others)[:KEPT]]
    QSettings().setValue(KEY, json.dumps(kept))
