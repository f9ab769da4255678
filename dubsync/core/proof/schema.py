"""Versions of what is signed: "dubsync.record/3" is the third of its family."""

from __future__ import annotations


def is_newer(schema: str, family: str, known: int) -> bool:
    """Whether a schema is of a later version than `known`.

    >>> is_newer("dubsync.record/4", "dubsync.record/", 3)
    True
    """
    number = schema.removeprefix(family)
    return (
        schema.startswith(family)
        and number.isascii()
        and number.isdigit()
        and (len(number) > 9 or int(number) > known)
    )
