"""How a shot plays: which plate frame the programme shows at each record frame, handles too."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import FrameRange


@dataclass(frozen=True, slots=True)
class PlayPath:
    """Record frames of a shot and the plate frames that they show.

    cut     the record frames of the cut
    whole   the same with handles; a freeze has none
    """

    shot: Shot
    cut: FrameRange
    whole: FrameRange

    def plate_frame(self, record: int) -> int:
        """The plate frame shown at a record frame; the ends of the rendered frames hold."""
        held = self.shot.render
        return min(max(self.shot.plate_frame(record), held.start), held.stop - 1)

    def record_frame(self, frame: int) -> int:
        """The first record frame that shows a plate frame, within `whole`."""
        record = ceil(self.shot.time.first_shown(frame))
        return min(max(record, self.whole.start), self.whole.stop - 1)

    def span(self, handles: bool) -> FrameRange:
        """What is played: the cut, or with its handles."""
        return self.whole if handles else self.cut


def play_path(shot: Shot) -> PlayPath:
    """The path of a shot; at other speeds and in reverse by its time map."""
    if shot.speed == 0:
        return PlayPath(shot, shot.record, shot.record)
    edges = [shot.time.record_of(Fraction(n)) for n in (shot.render.start, shot.render.stop)]
    first, last = max(floor(min(edges)), 0), ceil(max(edges))
    first, last = min(first, shot.record.start), max(last, shot.record.stop)
    return PlayPath(shot, shot.record, FrameRange(first, last, shot.record.rate))
