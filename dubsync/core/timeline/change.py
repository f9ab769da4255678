"""The change list: how a cut differs from an earlier version of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.probed import ProbedRange, frame_text, probed_range
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange

#: The kinds of change, most important first. The first that applies sets the row's colour.
KINDS = (
    "new",
    "gone",
    "retimed",
    "slipped",
    "extended",
    "trimmed",
    "reordered",
    "transition",
    "moved",
    "same",
)
#: What a change requires of the dub: nothing, moved stems, a new render, or removal.
NOTHING, MOVE_DUB, NEW_SYNC, REMOVE_DUB = "", "move", "new sync", "remove"


@dataclass(frozen=True, slots=True)
class Use:
    """One interval of record time over which a cut shows one event's picture.

    event   index in ProbedCut.events
    kind    "" for a picture from media, else the event's kind ("title", "generator" ...)
    map     record to source frames; None without media or with an unknown speed
    rate    source frames per second; None where `map` is None
    head, tail  frames under a transition with the event before, after; in a Change, the frames
                of `tail` are beyond `record`
    shift   source frames to subtract so that both cuts count this media from the same frame
    """

    event: int
    number: str
    name: str
    reel: str
    media: str
    track: str
    record: FrameRange
    map: TimeMap | None = None
    rate: Fraction | None = None
    kind: str = ""
    drop: bool = False
    source_drop: bool = False
    head: int = 0
    tail: int = 0
    shift: Fraction = Fraction(0)

    @property
    def source(self) -> tuple[Fraction, Fraction] | None:
        """The lowest and highest source edge, `shift` subtracted; None without media."""
        if self.map is None:
            return None
        edges = [source - self.shift for _, source in self.map.keyframes]
        low, high = min(edges), max(edges)
        return (low, high) if high > low else (low, low + 1)

    @property
    def record_text(self) -> tuple[str, str]:
        """Record timecode in and out."""
        ends = (Fraction(self.record.start), Fraction(self.record.stop))
        first, last = (frame_text(f, self.record.rate, self.drop) for f in ends)
        return first, last

    @property
    def source_range(self) -> ProbedRange | None:
        """Source in and out, in the cut's own count."""
        if self.source is None or self.rate is None:
            return None
        low, high = (edge + self.shift for edge in self.source)
        return probed_range(low, high, self.rate, self.source_drop)


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one event.

    kinds   all KINDS that apply, in that order; "same", "new" and "gone" are never combined
    moved   record frames by which its picture plays later (+) or earlier (-)
    head    record frames added (+) or removed (-) at its beginning; tail: at its end
    slipped source frames by which its picture begins later (+) or earlier (-)
    speed   old and new, in source frames per record frame; None where it varies
    fresh   source frames that the old cut does not show anywhere
    dub     what the change requires of the dub: NOTHING, MOVE_DUB, NEW_SYNC or REMOVE_DUB
    """

    kinds: tuple[str, ...]
    old: Use | None
    new: Use | None
    moved: Fraction = Fraction(0)
    head: Fraction = Fraction(0)
    tail: Fraction = Fraction(0)
    slipped: Fraction = Fraction(0)
    speed: tuple[Fraction | None, Fraction | None] = (None, None)
    fresh: int = 0
    dub: str = NOTHING

    @property
    def kind(self) -> str:
        """The most important of `kinds`."""
        return self.kinds[0]

    @property
    def use(self) -> Use:
        """The event in the new cut, or in the old one if it is gone."""
        result = self.new or self.old
        assert result is not None
        return result

    @property
    def words(self) -> str:
        """The change as text: "moved +48, trimmed tail -12"."""
        if self.kind == "new" and self.partly:
            return f"new, {'partly ' if self.fresh else ''}of frames the old cut showed elsewhere"
        if self.kind in ("new", "gone", "same"):
            return self.kind
        parts = [self._text(kind) for kind in reversed(KINDS) if kind in self.kinds]
        return ", ".join(text for text in parts if text)

    @property
    def partly(self) -> bool:
        """Whether the old cut shows some of these frames, in any event."""
        source = self.use.source
        return source is not None and self.fresh < source[1] - source[0]

    def _text(self, kind: str) -> str:
        if kind == "moved":
            return f"moved {signed(self.moved)}"
        if kind == "slipped":
            return f"slipped {signed(self.slipped)}"
        if kind in ("trimmed", "extended"):
            ends = (("head", self.head), ("tail", self.tail))
            wanted = [(e, n) for e, n in ends if (n < 0 if kind == "trimmed" else n > 0)]
            return ", ".join(f"{kind} {end} {signed(n)}" for end, n in wanted)
        if kind == "retimed":
            return f"retimed {_percent(self.speed[0])} to {_percent(self.speed[1])}"
        if kind == "transition":
            assert self.old is not None and self.new is not None
            joints = [("in", self.old.head, self.new.head)]
            joints += [("out", self.old.tail, self.new.tail)] if self.longer_out else []
            return ", ".join(
                f"{end} by {_joint(now)}, was {_joint(was)}"
                for end, was, now in joints
                if was != now
            )
        return kind

    @property
    def longer_out(self) -> bool:
        """Whether it shows new frames under a longer transition to the next event.

        A transition belongs to the event that it leads to; the event that it leaves is named only
        where nothing else explains why it shows frames that the old cut does not have.
        """
        if self.old is None or self.new is None or not self.fresh:
            return False
        if self.head > 0 or self.tail > 0 or self.slipped or self.speed[0] != self.speed[1]:
            return False
        return self.new.tail > self.old.tail


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Every event of both cuts, in the new cut's order. A removed event follows its predecessor.

    old_path, new_path   the files; old_name, new_name: the names of the cuts
    drop                 whether the old, the new cut counts drop-frame timecode
    spans                record frames of the old and of the new cut
    losses               what was not read of the old, of the new file
    """

    old_path: str
    new_path: str
    old_name: str
    new_name: str
    rate: Fraction
    drop: tuple[bool, bool]
    spans: tuple[FrameRange, FrameRange]
    changes: tuple[Change, ...]
    losses: tuple[LossReport, LossReport] = (LossReport(), LossReport())

    @property
    def totals(self) -> Mapping[str, int]:
        """The number of events per kind. An event can count under several kinds."""
        counted = Counter(kind for change in self.changes for kind in change.kinds)
        return {kind: counted[kind] for kind in reversed(KINDS) if counted[kind]}

    @property
    def unchanged(self) -> bool:
        """Whether the two cuts are the same."""
        return all(change.kind == "same" for change in self.changes)


def signed(frames: Fraction) -> str:
    """A number of frames with its sign, with two decimals if it is not whole.

    >>> signed(Fraction(-12)), signed(Fraction(5, 2))
    ('-12', '+2.50')
    """
    return f"{int(frames):+d}" if frames.denominator == 1 else f"{float(frames):+.2f}"


def _percent(speed: Fraction | None) -> str:
    return "a ramp" if speed is None else f"{float(speed * 100):.4g} %"


def _joint(frames: int) -> str:
    return f"a transition of {frames}" if frames else "a cut"
