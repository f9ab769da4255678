"""A cut in: the picture events of one timeline of a file, whatever its format."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import TurnoverError
from dubsync.core.shot import Cut
from dubsync.editorial.formats import CUT, format_of, labels
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.picture_events import cut_from


def read_cut(path: Path, *, rate: Fraction | None, timeline: str = "") -> Cut:
    """The cut in a file of any format that may be one, see `formats.FORMATS`.

    Its `probed` is everything that the file lists, from the same reading.

    Args:
        path: the file, recognised by its content, not its suffix.
        rate: frames per second of a format that does not state it (EDL).
        timeline: which, of a file that holds several.

    Raises:
        MissingMedia: no such file, or it cannot be read.
        TimecodeError: times that cannot exist, or an EDL that cannot run at `rate`.
        TurnoverError: another kind of file, damaged, hostile, with no picture event in it, or
            with several timelines of which none was chosen.
    """
    probed = probe_cut(path, rate)
    form = format_of(probed)
    if CUT not in form.roles:
        raise TurnoverError(
            f"{path.name} lists clips or sound, and is no cut of the picture",
            hint=f"name the picture's {labels(CUT)} as the cut",
        )
    if rate is None and not form.states_rate:
        raise TurnoverError(
            f"{path.name} is an edit decision list, and such lists do not say their frame rate",
            hint="say the rate, as 24000/1001 or 25",
        )
    return cut_from(probed, timeline)
