"""Numbers of things in plain English: "1 item", "2 items"."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """The number with its noun, in the plural unless it is one.

    >>> counted(1, "item"), counted(0, "voice")
    ('1 item', '0 voices')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
