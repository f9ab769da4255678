"""Markers as lists that Media Composer and Resolve import.

Sources: Media Composer's Markers window, "Import Markers"; the EDL that Resolve writes and reads as
"Timeline Markers", see `cmx3600.markers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.timeline.probed import ProbedTimeline, frame_text
from dubsync.editorial.notes.words import one_line, plain

#: Longest comment of a marker in Resolve's list, in characters.
LONGEST_COMMENT = 700
#: Resolve's names for colours that it calls otherwise.
_RESOLVE = {"magenta": "fuchsia"}


@dataclass(frozen=True, slots=True)
class ListedMarker:
    """One marker of a list.

    record   its first frame, of the timeline
    frames   how many frames it lasts
    colour   in small letters
    name, comment  for systems with two fields; `whole` for those with one
    """

    record: int
    track: str
    colour: str
    name: str
    comment: str
    whole: str
    author: str = ""
    frames: int = 1


def write_avid_markers(markers: Sequence[ListedMarker], timeline: ProbedTimeline) -> bytes:
    """Markers as Media Composer imports them: a line each, parted by tabs."""
    lines = []
    for one in markers:
        cells = (
            one_line(one.author) or "dubsync", timecode(one.record, timeline), one.track,
            one.colour.capitalize(), one_line(one.whole), str(one.frames),
        )  # fmt: skip
        lines.append("\t".join(cells) + "\r\n")
    return "".join(lines).encode("utf-8", "replace")


def write_resolve_markers(markers: Sequence[ListedMarker], timeline: ProbedTimeline) -> bytes:
    """Markers as Resolve imports timeline markers: an EDL with an event of one frame each."""
    mode = "DROP FRAME" if timeline.drop else "NON-DROP FRAME"
    lines = [f"TITLE: {plain(timeline.name)}", f"FCM: {mode}", ""]
    for number, one in enumerate(markers, start=1):
        at, stop = (timecode(record, timeline) for record in (one.record, one.record + 1))
        name, note = (text.replace("|", "/") for text in (one.name, one.comment))
        shade = _RESOLVE.get(one.colour, one.colour).capitalize()
        lines += [f"{number:03d}  001      V     C        {at} {stop} {at} {stop}  ",
                  f" {note} |C:ResolveColor{shade} |M:{name} |D:{one.frames}", ""]  # fmt: skip
    return "\r\n".join(lines).encode("utf-8", "replace")


def timecode(record: int, timeline: ProbedTimeline) -> str:
    """A record frame as the timeline counts."""
    return frame_text(Fraction(record), timeline.rate or Fraction(24), timeline.drop)
