"""Spans that a person writes run forwards: the one check of it."""

from __future__ import annotations

from dubsync.core.errors import SettingsError


def check_rising(first: int, last: int, about: str = "") -> None:
    """Raises SettingsError where a span of frames ends before it begins.

    Args:
        about: what the span is of, before the message: "cut-out lamp: ".
    """
    if last < first:
        raise SettingsError(
            f"{about}frames {first}..{last} run backwards", hint="write the first frame first"
        )
