"""Whether a list was cut at another rate than it is read at: its own lengths tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.shot import ProjectWarning
from dubsync.core.timeline.timecode import counting_base
from dubsync.editorial.cmx3600.lines import Statement

#: Frame counts of a timecode second that lists are cut at.
_BASES = (24, 25, 30, 48, 50, 60)


def rate_warnings(statements: Sequence[Statement], rate: Fraction) -> list[ProjectWarning]:
    """A warning when the events' source and record lengths agree at another rate, not at this.

    Retimed events are left out: theirs differ.  The warning does not block; the events whose
    lengths differ are blocked one by one.
    """
    times = [
        line.times
        for statement in statements
        if not statement.motions
        for line in statement.lines
        if line.picture
    ]
    now = counting_base(rate)
    differ = {base: _differing(times, base) for base in _BASES}
    here = _differing(times, now)
    better = [str(base) for base, n in differ.items() if n is not None and n * 10 < (here or 0)]
    if not here or not better:
        return []
    message = (
        f"source and record lengths of {here} events differ at {rate} fps, and hardly any do "
        f"with {' or '.join(better)} frames to the second"
    )
    return [ProjectWarning("frame rate", message, "was the list cut at another rate? Say which")]


def _differing(times: Sequence[tuple[str, str, str, str]], base: int) -> int | None:
    """Events whose two lengths differ with `base` frames a second; None if one cannot exist."""
    n = 0
    for printed in times:
        counts = []
        for time in printed:
            hours, minutes, seconds, frames = (int(x) for x in re.split("[:;.,]", time))
            if frames >= base:
                return None
            counts.append(((hours * 60 + minutes) * 60 + seconds) * base + frames)
        n += counts[1] - counts[0] != counts[3] - counts[2]
    return n
