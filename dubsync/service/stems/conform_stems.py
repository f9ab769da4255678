"""Conforms the stems of an older cut to the current one, shot by shot.

[project] dub_cut names the cut that the stems were made for.  Until new stems come, every event
uses the stem at the record time that its own frames had in the old cut; an event whose frames are
not in the old cut has no dub.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.shot import Cut, Event, Line, ProjectWarning, Stem
from dubsync.core.timeline.timecode import FrameRange

Lines = Sequence[Line]


@dataclass(frozen=True, slots=True)
class StemConform:
    """Offsets of the dub for each event.

    shifts  event name -> record frames by which its frames came later in the dub's cut; None:
            they were not in it.  Empty where the dub was made for the current cut.
    """

    rate: Fraction = Fraction(24)
    shifts: Mapping[str, Fraction | None] = field(default_factory=dict)

    def stem(self, stem: Stem, shot: str) -> Stem:
        """`stem` moved to the current cut's record time for `shot`."""
        shift = self.shifts.get(shot)
        return replace(stem, start=stem.start - shift / self.rate) if shift else stem

    def lines(self, event: Event, lines: Lines) -> Lines:
        """`lines` moved to the current cut's record time for `event`; none where it has no dub."""
        if event.name not in self.shifts:
            return lines
        shift = self.shifts[event.name]
        if shift is None:
            return ()
        return [replace(line, record=_earlier(line.record, shift)) for line in lines]


#: The dub was made for the current cut.
IN_PLACE = StemConform()


def conform_to(cut: Cut, dub_cut: Cut | None) -> tuple[StemConform, tuple[ProjectWarning, ...]]:
    """The offsets that conform stems made for `dub_cut` to `cut`, and warnings.

    Raises:
        TurnoverError: the two cuts have different frame rates.
    """
    if dub_cut is None:
        return IN_PLACE, ()
    from dubsync.editorial.changes.events import dub_shifts

    shifts = dub_shifts(dub_cut, cut)
    warnings = tuple(
        ProjectWarning(
            event.name,
            f"its frames are not in {dub_cut.name}, so it has no dub yet",
            "conform the stems to this cut, and remove dub_cut from dubsync.toml",
        )
        for event in cut.events
        if event.enabled and event.source is not None and shifts.get(event.name) is None
    )
    return StemConform(cut.rate, shifts), warnings


def _earlier(record: FrameRange, frames: Fraction) -> FrameRange:
    return replace(
        record, start=floor(record.start - frames), stop=max(
            ceil(record.stop - frames), floor(record.start - frames) + 1
        ),
    )  # fmt: skip
