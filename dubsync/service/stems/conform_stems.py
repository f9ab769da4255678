"""The dub under a cut it was not laid against: each shot hears it where its frames once stood.

[project] dub_cut names the cut that the stems were laid against.  Until the sound is conformed to
the new cut, every event hears the stem at the old record time of its own frames; an event whose
frames the old cut did not show hears nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.shot import Cut, Event, Line, ProjectWarning, Stem
from dubsync.core.timeline.timecode import FrameRange

Lines = Sequence[Line]


@dataclass(frozen=True, slots=True)
class StemConform:
    """Where the dub lies under each event.

    shifts  event name -> record frames by which its frames stood later in the cut that the dub was
            laid against; None: they stood nowhere.  Empty where the dub is laid against the cut.
    """

    rate: Fraction = Fraction(24)
    shifts: Mapping[str, Fraction | None] = field(default_factory=dict)

    def stem(self, stem: Stem, shot: str) -> Stem:
        """`stem` as `shot` hears it: on the record time of the cut that the shot is in."""
        shift = self.shifts.get(shot)
        return replace(stem, start=stem.start - shift / self.rate) if shift else stem

    def lines(self, event: Event, lines: Lines) -> Lines:
        """`lines` as `event` hears them."""
        if event.name not in self.shifts:
            return lines
        shift = self.shifts[event.name]
        if shift is None:
            return ()
        return [replace(line, record=_earlier(line.record, shift)) for line in lines]


#: The dub lies against the cut itself.
IN_PLACE = StemConform()
#: What turnover asks: which of the lines an event hears, and when.
AlignedAudio = Callable[[Event, Lines], Lines]


def conform_to(cut: Cut, dub_cut: Cut | None) -> tuple[StemConform, tuple[ProjectWarning, ...]]:
    """Where a dub laid against `dub_cut` lies under `cut`; what a person should know.

    Raises:
        TurnoverError: the two count record frames at different rates.
    """
    if dub_cut is None:
        return IN_PLACE, ()
    from dubsync.editorial.changes.events import dub_shifts

    shifts = dub_shifts(dub_cut, cut)
    warnings = tuple(
        ProjectWarning(
            event.name,
            f"its frames are not in {dub_cut.name}, so no dub was laid for them yet",
            "lay the dub against this cut, and take dub_cut out of dubsync.toml",
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
