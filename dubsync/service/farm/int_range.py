"""Integer range expressions of Open Job Description: "0-41", "3", "0-9:3,20"."""

from __future__ import annotations

import re

from dubsync.core.errors import SettingsError

_PART = re.compile(r"(\d{1,9})(?:-(\d{1,9})(?::(\d{1,9}))?)?")


def parse_range(text: str, count: int) -> tuple[int, ...]:
    """The numbers of a range expression (Template Schemas, IntRangeExpr), rising, each once.

    Args:
        count: every number must be below it.

    Raises:
        SettingsError: `text` is no such range, or a number in it is too high.
    """
    numbers: set[int] = set()
    for part in text.replace(" ", "").split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise SettingsError(f"{text!r} is not a range of tasks", hint="write it as 0-3 or 5")
        first = int(match[1])
        last, step = int(match[2] or first), int(match[3] or 1)
        if last < first or not step or last >= count:
            raise SettingsError(
                f"{text!r} is not in this job, which has the tasks 0-{count - 1}",
                hint="write it as 0-3 or 5",
            )
        numbers.update(range(first, last + 1, step))
    return tuple(sorted(numbers))
