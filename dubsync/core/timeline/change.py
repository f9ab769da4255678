"""How a cut differs from the one before it, as an assistant editor writes it down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.probed import ProbedRange, frame_text, probed_range
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange

#: What can have become of an event; the first that holds gives its colour on the page.
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
#: What a change asks of the dub.
NOTHING, LAY, LIPS, FALLS = "", "lay again", "new lips", "falls away"


@dataclass(frozen=True, slots=True)
class Use:
    """One stretch of record time over which a cut shows one event's picture.

    event   its place in ProbedCut.events
    kind    "" for a picture of media, else what it is ("title", "generator" ...)
    map     record to source frames; None where it has no media, or its speed is not known
    rate    source frames per second; None with `map`
    head, tail  frames of it that play under a transition with what comes before, after
    shift   source frames to take off so that two cuts count this media alike
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
        """Lowest source edge and highest, counted without `shift`; None without media."""
        if self.map is None:
            return None
        edges = [place - self.shift for _, place in self.map.keyframes]
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
        """Source in and out as the cut counts them."""
        if self.source is None or self.rate is None:
            return None
        low, high = (edge + self.shift for edge in self.source)
        return probed_range(low, high, self.rate, self.source_drop)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one event.

    kinds   of KINDS, every one that holds, in that order; "same" and "new", "gone" stand alone
    moved   record frames that its picture plays later (+) or earlier (-)
    head    record frames more (+) or fewer (-) at its beginning; tail: at its end
    slipped source frames that what is shown begins later (+) or earlier (-)
    speed   old and new, source frames per record frame; None where it changes within the event
    fresh   source frames it shows that the old cut showed nowhere
    dub     what is asked of the dub: NOTHING, LAY, LIPS or FALLS
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
        """The weightiest of `kinds`."""
        return self.kinds[0]

    @property
    def use(self) -> Use:
        """As it is now, or as it was."""
        result = self.new or self.old
        assert result is not None
        return result

    @property
    def words(self) -> str:
        """The change in an assistant editor's words: "moved +48, trimmed tail -12"."""
        if self.kind == "new" and self.partly:
            return f"new, {'partly ' if self.fresh else ''}of frames the old cut showed elsewhere"
        if self.kind in ("new", "gone", "same"):
            return self.kind
        said = [self._said(kind) for kind in reversed(KINDS) if kind in self.kinds]
        return ", ".join(text for text in said if text)

    @property
    def partly(self) -> bool:
        """Whether the old cut showed some of these frames, under some event."""
        source = self.use.source
        return source is not None and self.fresh < source[1] - source[0]

    def _said(self, kind: str) -> str:
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
            return _transition(self.old, self.new)
        return kind


@dataclass(frozen=True, slots=True)
class ChangeList:
    """Every event of both cuts, in the order of the new one; what is gone where it stood.

    old_path, new_path   the files; old_name, new_name: the cuts' own names
    spans                record frames of the old and of the new cut
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
        """How many events each kind holds of; an event may count under several."""
        counted = Counter(kind for change in self.changes for kind in change.kinds)
        return {kind: counted[kind] for kind in reversed(KINDS) if counted[kind]}

    @property
    def unchanged(self) -> bool:
        """Whether nothing at all differs."""
        return all(change.kind == "same" for change in self.changes)


def signed(frames: Fraction) -> str:
    """A number of frames with its sign; two places where it is not whole.

    >>> signed(Fraction(-12)), signed(Fraction(5, 2))
    ('-12', '+2.50')
    """
    return f"{int(frames):+d}" if frames.denominator == 1 else f"{float(frames):+.2f}"


def _percent(speed: Fraction | None) -> str:
    return "a ramp" if speed is None else f"{float(speed * 100):.4g} %"


def _transition(old: Use, new: Use) -> str:
    was, now = (f"a transition of {use.head}" if use.head else "a cut" for use in (old, new))
    return f"in by {now}, was {was}"
