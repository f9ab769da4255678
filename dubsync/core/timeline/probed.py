"""What a file of editorial or media holds, as `dubsync probe` lists it: read, not yet resolved.

A timeline's events are listed as its own format thinks of them: CMX3600 lets an event come in
by a dissolve, all others make the transition an event of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.timecode import DROP_RATES, TIMECODE_RATES, Timecode

#: How an event comes in, or what it is where it is no picture of a clip.
EVENT_KINDS = (
    "cut",
    "dissolve",
    "wipe",
    "key",
    "transition",
    "black",
    "gap",
    "audio",
    "title",
    "generator",
    "caption",
    "compound",
    "multicam",
    "sync",
    "audition",
    "adjustment",
    "unknown",
)


@dataclass(frozen=True, slots=True)
class ProbedRange:
    """From `start` up to, not including, `stop`: in frames of `rate`, and as timecode.

    start, stop  exact, counted from midnight, whole except where the file says otherwise;
                 None where the file names no rate and frames cannot be counted
    text         timecode in and out, as printed by the file or counted from the frames
    """

    text: tuple[str, str]
    start: Fraction | None = None
    stop: Fraction | None = None
    rate: Fraction | None = None

    @property
    def length(self) -> Fraction | None:
        """In frames; None where they cannot be counted."""
        return None if self.start is None or self.stop is None else self.stop - self.start

    @property
    def whole(self) -> bool:
        """Whether it begins and ends on frames, as far as one can tell."""
        return all(edge is None or edge.denominator == 1 for edge in (self.start, self.stop))


def probed_range(
    start: Fraction, stop: Fraction, rate: Fraction, drop: bool = False
) -> ProbedRange:
    """Frames `start` up to `stop`, their timecode counted.

    >>> probed_range(Fraction(86400), Fraction(86424), Fraction(24)).text
    ('01:00:00:00', '01:00:01:00')
    """
    text = frame_text(start, rate, drop), frame_text(stop, rate, drop)
    return ProbedRange(text, start, stop, rate)


def frame_text(frame: Fraction, rate: Fraction, drop: bool = False) -> str:
    """A frame as timecode, with hundredths of a frame where it is none; else its number.

    >>> frame_text(Fraction(173, 2), Fraction(24))
    '00:00:03:14.50'
    """
    whole = floor(frame)
    part = f".{floor((frame - whole) * 100):02d}" if frame != whole else ""
    if rate not in TIMECODE_RATES or whole < 0:
        return f"{whole}{part}"
    return str(Timecode(whole, rate, drop and rate in DROP_RATES)) + part


@dataclass(frozen=True, slots=True)
class ClipIdentity:
    """What turnover calls a clip and links it by, where that differs from what is listed.

    shot       name for its shot, before it is made unique
    clip       the clip's own name; "" where the list gives none and the reel stands for it
    media      of the plate: a dubsync render that plays over it is listed, and not linked
    reel       of the plate
    available  every frame that the file says the plate has; None where it does not say
    keys       keys and indices that lead to the clip in the file's JSON; () in other formats
    """

    shot: str
    clip: str
    media: str
    reel: str
    available: ProbedRange | None = None
    keys: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class ProbedEvent:
    """One event as the file has it.

    tracks      what it lies on: "V1", "A2" ...; a CMX3600 line may name several
    kind        one of EVENT_KINDS
    record      where it plays in its timeline; None for a clip in a bin or a log
    source      media it plays, lowest to highest; None where there is none or it is not said
    speed       media seconds per record second: 1 normal, 0 freeze, negative reverse; None
                where it changes, or the file does not say
    transition  length of the transition it comes in by, in record frames; None without one
    outgoing    what the transition comes from, where the file names it with the event
    timeline    name of the timeline or bin it belongs to
    where       where in the file it stands, for messages
    available   every frame that the file says its media has; None where it does not say
    keyframes       where the speed changes: (record, source) frames, rising in record, straight
                between, both ends among them; empty where it is steady or nobody says
    identity    what turnover takes in place of `name`, `media`, `reel` and `available`; None:
                these
    """

    tracks: tuple[str, ...]
    name: str
    kind: str
    record: ProbedRange | None
    source: ProbedRange | None
    reel: str = ""
    speed: Fraction | None = Fraction(1)
    media: str = ""
    number: str = ""
    enabled: bool = True
    transition: int | None = None
    outgoing: str = ""
    timeline: str = ""
    where: str = ""
    remarks: tuple[str, ...] = ()
    available: ProbedRange | None = None
    keyframes: tuple[tuple[Fraction, Fraction], ...] = ()
    identity: ClipIdentity | None = None

    @property
    def track(self) -> str:
        """All its tracks in one word."""
        return "+".join(self.tracks)


@dataclass(frozen=True, slots=True)
class ProbedMarker:
    """A marker, locator, chapter mark, keyword or note.

    record  where it stands in the timeline; None where it stands in the media alone
    source  where it stands in the media, where the file says that instead
    """

    name: str
    kind: str = "marker"
    record: ProbedRange | None = None
    source: ProbedRange | None = None
    colour: str = ""
    comment: str = ""
    track: str = ""
    timeline: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class ProbedTimeline:
    """A timeline of the file: `start` and `length` in frames of `rate`, None where not said."""

    name: str
    rate: Fraction | None
    start: Fraction | None = None
    length: Fraction | None = None
    drop: bool = False

    @property
    def start_text(self) -> str:
        """Its first timecode; "" where not said."""
        if self.start is None or self.rate is None:
            return ""
        return frame_text(self.start, self.rate, self.drop)


@dataclass(frozen=True, slots=True)
class ProbedCut:
    """A whole file of editorial: its timelines, their events, and all that is odd about it.

    digest  SHA-256 of the file's bytes, in hexadecimal; "" where it was not read from a file
    """

    path: str
    format: str
    timelines: tuple[ProbedTimeline, ...]
    events: tuple[ProbedEvent, ...]
    markers: tuple[ProbedMarker, ...] = ()
    losses: LossReport = field(default_factory=LossReport)
    digest: str = field(default="", compare=False, repr=False)

    @property
    def name(self) -> str:
        """The first timeline's."""
        return self.timelines[0].name if self.timelines else ""

    @property
    def rate(self) -> Fraction | None:
        """The first timeline's."""
        return self.timelines[0].rate if self.timelines else None


@dataclass(frozen=True, slots=True)
class ProbedMedia:
    """A file of picture or sound: what its container says, stream by stream.

    streams  one mapping for each, of what the container states; numbers are exact or as stated
    """

    path: str
    format: str
    rate: Fraction | None
    start: str
    seconds: Fraction | None
    streams: tuple[Mapping[str, object], ...]
    losses: LossReport = field(default_factory=LossReport)
