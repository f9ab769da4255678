"""The contents of an editorial or media file as `dubsync probe` lists them, not yet resolved.

Events keep the structure of their format: in CMX3600 an event includes the transition it comes in
by; in all other formats a transition is an event of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.timecode import DROP_RATES, TIMECODE_RATES, Timecode

#: How an event comes in ("cut", "dissolve" ...), or what it is if it is not a picture clip.
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
    """A half-open range `start`..`stop`, in frames of `rate` and as timecode.

    start, stop  exact frames since midnight, whole unless the file says otherwise;
                 None where the file states no rate, so that frames cannot be counted
    text         timecode in and out, as printed in the file or calculated from the frames
    """

    text: tuple[str, str]
    start: Fraction | None = None
    stop: Fraction | None = None
    rate: Fraction | None = None

    @property
    def length(self) -> Fraction | None:
        """Number of frames; None where they cannot be counted."""
        return None if self.start is None or self.stop is None else self.stop - self.start

    @property
    def whole(self) -> bool:
        """Whether both ends are on whole frames, as far as they are known."""
        return all(edge is None or edge.denominator == 1 for edge in (self.start, self.stop))


def probed_range(
    start: Fraction, stop: Fraction, rate: Fraction, drop: bool = False
) -> ProbedRange:
    """The range of frames `start`..`stop`, with its timecode.

    >>> probed_range(Fraction(86400), Fraction(86424), Fraction(24)).text
    ('01:00:00:00', '01:00:01:00')
    """
    text = frame_text(start, rate, drop), frame_text(stop, rate, drop)
    return ProbedRange(text, start, stop, rate)


def frame_text(frame: Fraction, rate: Fraction, drop: bool = False) -> str:
    """A frame as timecode, with hundredths if it is not whole; as a number at other rates.

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
    clip       the clip's own name; "" if the list gives none, and the reel is used
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
    """One event, as the file has it.

    tracks      its tracks: "V1", "A2" ...; a CMX3600 line can name several
    kind        one of EVENT_KINDS
    record      its range in the timeline; None for a clip in a bin or a log
    source      the media range it plays, lowest to highest; None without media or if not stated
    speed       media seconds per record second: 1 normal, 0 freeze, negative reverse; None
                if it varies or is not stated
    transition  length of the transition it comes in by, in record frames; None without one
    outgoing    the outgoing side of that transition, if the file names it with the event
    timeline    name of the timeline or bin it belongs to
    where       its place in the file, for messages
    available   every frame of its media, as the file states it; None if not stated
    keyframes   of a varying speed: (record, source) frames, rising in record, linear between
                them, both ends included; empty if the speed is constant or not stated
    identity    what turnover uses in place of `name`, `media`, `reel` and `available`; None: these
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
        """All its tracks, joined by "+"."""
        return "+".join(self.tracks)


@dataclass(frozen=True, slots=True)
class ProbedMarker:
    """A marker, locator, chapter mark, keyword or note.

    record  its position in the timeline; None for a marker on media only
    source  its position in the media, if the file states that instead
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
    """A timeline of the file. `start`, `length`: in frames of `rate`; None if not stated."""

    name: str
    rate: Fraction | None
    start: Fraction | None = None
    length: Fraction | None = None
    drop: bool = False

    @property
    def start_text(self) -> str:
        """Its first timecode; "" if not stated."""
        if self.start is None or self.rate is None:
            return ""
        return frame_text(self.start, self.rate, self.drop)


@dataclass(frozen=True, slots=True)
class ProbedCut:
    """An editorial file: its timelines, their events and markers, and the conversion report.

    digest  SHA-256 of the file's bytes, in hexadecimal; "" if it was not read from a file
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
        """The name of the first timeline; "" without one."""
        return self.timelines[0].name if self.timelines else ""

    @property
    def rate(self) -> Fraction | None:
        """The frame rate of the first timeline; None without one."""
        return self.timelines[0].rate if self.timelines else None


@dataclass(frozen=True, slots=True)
class ProbedMedia:
    """A picture or sound file, as its container describes it.

    streams  one mapping per stream, of what the container states; numbers are exact
    """

    path: str
    format: str
    rate: Fraction | None
    start: str
    seconds: Fraction | None
    streams: tuple[Mapping[str, object], ...]
    losses: LossReport = field(default_factory=LossReport)
