"""Which shot comes next: the next worst one, or the next that was rejected."""

from __future__ import annotations

from collections.abc import Sequence

from dubsync.service.overview import ShotRow

#: States that need no more work.
DONE = frozenset({"approved", "skipped"})


def badness(row: ShotRow) -> tuple[float, int, int]:
    """Rises with how bad a shot is: its triage score, then failing findings, then looks."""
    return (-1.0 if row.triage is None else row.triage), row.fails, row.looks


def worst_first(rows: Sequence[ShotRow]) -> list[ShotRow]:
    """The rows that still need work, worst first; equals in record order."""
    return sorted((row for row in rows if row.state not in DONE), key=badness, reverse=True)


def next_worst(
    rows: Sequence[ShotRow], current: ShotRow | None, came_to: str = ""
) -> ShotRow | None:
    """The worst shot; from a shot that this led to, the next bad one, round the end.

    Args:
        came_to: name of the shot that was returned before; "" at first.
    """
    order = worst_first(rows)
    names = [row.name for row in order]
    if current is not None and current.name in names and current.name in (came_to, names[0]):
        return order[(names.index(current.name) + 1) % len(order)]
    return order[0] if order else None


def next_rejected(rows: Sequence[ShotRow], current: ShotRow | None) -> ShotRow | None:
    """The next rejected shot after `current` in the order of `rows`; round the end."""
    names = [row.name for row in rows]
    at = names.index(current.name) + 1 if current is not None and current.name in names else 0
    turned = [*rows[at:], *rows[:at]]
    return next((row for row in turned if row.state == "rejected"), None)
