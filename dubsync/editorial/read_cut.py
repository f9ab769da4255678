"""Reads a cut: the picture events of one timeline of a file, in any format."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import TurnoverError
from dubsync.core.shot import Cut
from dubsync.editorial.formats import CUT, format_of, labels
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.picture_events import cut_from


def read_cut(path: Path, *, rate: Fraction | None, timeline: str = "") -> Cut:
    """The cut in a file of any format with the role CUT, see `formats.FORMATS`.

    Its `probed` is everything that the file lists.

    Args:
        path: the file, recognised by its content, not its suffix.
        rate: frames per second of a format that does not state it (EDL).
        timeline: its name, if the file has several.

    Raises:
        MissingMedia: no such file, or it cannot be read.
        TimecodeError: invalid times, or an EDL whose timecode `rate` does not have.
        TurnoverError: not a cut, damaged, hostile, without a picture event, or with several
            timelines of which none is named.
    """
    probed = probe_cut(path, rate)
    form = format_of(probed)
    if CUT not in form.roles:
        raise TurnoverError(
            f"{path.name} is a list of clips or sound, not a cut of the picture",
            hint=f"give the picture's {labels(CUT)} as the cut",
        )
    if rate is None and not form.states_rate:
        raise TurnoverError(
            f"{path.name} is an EDL, and EDLs do not state their frame rate",
            hint="give the rate, as 24000/1001 or 25",
        )
    return cut_from(probed, timeline)
