"""What the status bar says of a reel: how long it is, how far, when it was triaged."""

from __future__ import annotations

from datetime import datetime

from dubsync.core.plural import counted
from dubsync.service.overview import ReelOverview

FACTS = ("reel", "judged", "triage")


def facts_of(overview: ReelOverview) -> tuple[str, str, str]:
    """The texts of FACTS; "" where there is nothing to say."""
    rows, counts = overview.rows, overview.counts
    seconds = round(sum(len(row.record) for row in rows) / overview.rate)
    length = f"{seconds // 60}:{seconds % 60:02} min"
    judged = [f"{counts[state]} {state}" for state in ("approved", "pending review")
              if counts[state]]  # fmt: skip
    version, made = overview.triaged
    triage = f"Triage {version}, {_day(made)}" if version else "Not triaged yet"
    return f"{counted(len(rows), 'shot')}, {length}", ", ".join(judged), triage


def _day(made: float) -> str:
    then, now = datetime.fromtimestamp(made), datetime.now()
    if then.date() == now.date():
        return f"today {then:%H:%M}"
    return f"{then:%d.%m. %H:%M}" if then.year == now.year else f"{then:%d.%m.%Y}"
