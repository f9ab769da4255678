"""How long things move: as the design says, or not at all where the user wants less motion."""

from __future__ import annotations

from PyQt5.QtCore import QSettings

from dubsync.desk.look import tokens

KEY = "look/less_motion"


def fold_ms() -> int:
    """Milliseconds in which docks and bars fold."""
    return 0 if less_motion() else tokens.FOLD


def less_motion() -> bool:
    """Whether the user asked for less motion."""
    return QSettings().value(KEY, False, type=bool)


def want_less_motion(less: bool) -> None:
    """Store what the user asked for."""
    QSettings().setValue(KEY, less)
