"""What turnover found: the cut, its plates, the dubbed lines, the takes, and the shots they make.

`record` counts the programme's timeline, `source` counts the plate; the two are never both
"range".  Both count frames since midnight of their timecode.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.picture import PictureFormat
from dubsync.core.script import OnScreen
from dubsync.core.timeline.probed import ProbedCut
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange


@dataclass(frozen=True, slots=True)
class ProjectWarning:
    """Something turnover will not guess.  `about` names the event, stem or file in question.

    blocking  the shot cannot be made until a person answers
    """

    about: str
    message: str
    hint: str = ""
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Plate:
    """The picture as shot.

    name    the file's name as editorial knows it, without folder ("A001C003_0412.mov")
    path    absolute path of the movie, or of an image sequence as "/x/name.%04d.exr"
    reel    source reel or tape, "" where the file does not say
    frames  every frame it holds, counted by its source timecode (from 0 without one)
    drop    whether its timecode drops
    first_number   number in the file name of an image sequence's first frame; None for movies
    has_sound      whether the file carries sound
    has_timecode   whether `frames` comes from the file's own timecode
    """

    name: str
    path: str
    reel: str
    frames: FrameRange
    format: PictureFormat
    drop: bool = False
    first_number: int | None = None
    has_sound: bool = False
    has_timecode: bool = True


@dataclass(frozen=True, slots=True)
class Stem:
    """One character's dub, as a sound file laid against record time.

    start   record time of its first sample, in seconds since midnight, exact
    turns   where the file holds other voices too: (start, stop) of each stretch in which this
            character speaks, in seconds from its first sample; None: it is theirs alone
    """

    character: str
    language: str
    path: str
    sample_rate: int
    n_samples: int
    start: Fraction
    turns: tuple[tuple[float, float], ...] | None = None

    @property
    def stop(self) -> Fraction:
        return self.start + Fraction(self.n_samples, self.sample_rate)


@dataclass(frozen=True, slots=True)
class Line:
    """One dubbed utterance: `character` is heard over `record` in the stem at `path`.

    text       its words, where a script has them; "" where nobody says
    on_screen  whether the script says that the picture shows who speaks; None: it does not say
    cue        its number as the script prints it; "" where there is none
    """

    name: str
    character: str
    language: str
    path: str
    record: FrameRange
    text: str = ""
    on_screen: OnScreen | None = None
    cue: str = ""

    @property
    def called(self) -> str:
        """What to call it in a message: by the script's number, where it has one."""
        return f"{self.cue} ({self.name})" if self.cue else self.name


@dataclass(frozen=True, slots=True)
class Take:
    """The voice actor, filmed, speaking `character`'s line `line` ("" when not said).

    frames   every frame of the take, counted from 0 at its own rate
    """

    name: str
    path: str
    character: str
    line: str
    frames: FrameRange


def playing(record: FrameRange, source: FrameRange, speed: Fraction) -> TimeMap:
    """The map of time of what plays `source` over `record` steadily; backwards from its end."""
    first = source.start if speed >= 0 else source.stop
    return TimeMap.steady_from(record.start, record.stop, first, speed)


NORMAL = TimeMap(((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))))


@dataclass(frozen=True, slots=True)
class Event:
    """One picture event of the cut, as read: nothing resolved yet.

    number   the event number as printed, or its place in the track from 1
    name     a name for the shot; unique within its Cut
    clip     the clip's name as the cut gives it
    reel     source reel or tape, "" when not said
    media    the media path or URL as the cut gives it, "" when not said
    source   source frames used, in play order's first..last span; None when the cut has none
    speed    source frames per record frame: 1 normal, 0 freeze, negative reverse
    track    name of the video track it lies on
    enabled  False when the editor switched it off
    where    where in the cut's file this stands, for messages ("line 12", "V1 clip 3")
    available  every frame the cut says the clip's media has; None when it does not say
    time     record to source frames where a speed alone does not say it: it changes, or begins
             between frames; None: steady at `speed`
    overlap  record frames before and after `record` over which a transition shows it too
    """

    number: str
    name: str
    clip: str
    reel: str
    media: str
    record: FrameRange
    source: FrameRange | None
    speed: Fraction = Fraction(1)
    track: str = "V1"
    enabled: bool = True
    where: str = ""
    available: FrameRange | None = None
    time: TimeMap | None = None
    overlap: tuple[int, int] = (0, 0)

    @property
    def shown(self) -> FrameRange:
        """Record frames over which any of it is seen, transitions included."""
        return self.record.with_handles(*self.overlap)


@dataclass(frozen=True, slots=True)
class Cut:
    """An editorial timeline as read: its events in record order, and what was odd about it.

    probed  everything that its file lists, from the same reading; None for a cut made otherwise
    """

    name: str
    path: str
    rate: Fraction
    drop: bool
    events: tuple[Event, ...]
    warnings: tuple[ProjectWarning, ...] = ()
    probed: ProbedCut | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Shot:
    """One event of the cut with its plate, its handles, and who is dubbed in it.

    source    plate frames the cut shows (first to last shown, also when reversed)
    record    where they stand in the programme
    render    plate frames to make: `source` and what transitions show of it beyond `record`, with
              handles, as far as the plate goes
    time      record frames to plate frames; at normal speed where left out
    lines     dubbed lines that sound while it is seen
    takes     filmed takes of those lines
    """

    name: str
    event: Event
    plate: Plate
    source: FrameRange
    record: FrameRange
    render: FrameRange
    time: TimeMap = NORMAL
    lines: tuple[Line, ...] = ()
    takes: tuple[Take, ...] = ()
    warnings: tuple[ProjectWarning, ...] = ()

    def __post_init__(self) -> None:
        if not self.plate.frames.holds(self.render) or not self.render.holds(self.source):
            raise TimecodeError(
                f"shot {self.name}: frames {self.render.start}..{self.render.stop} are not all in "
                f"{self.plate.name} ({self.plate.frames.start}..{self.plate.frames.stop})"
            )
        if self.time is NORMAL:
            object.__setattr__(self, "time", playing(self.record, self.source, Fraction(1)))

    @property
    def characters(self) -> tuple[str, ...]:
        """Who is dubbed in this shot, each once, in order of first word.

        Whom the script has off screen in every line of the shot is not: no face is looked for.
        """
        seen = (line for line in self.lines if line.on_screen != "off")
        return tuple(dict.fromkeys(line.character for line in seen))

    @property
    def blocked(self) -> bool:
        return any(warning.blocking for warning in self.warnings)

    @property
    def speed(self) -> Fraction | None:
        """Plate frames per record frame; None where it changes."""
        return self.time.steady

    def record_seconds(self, frame: int) -> Fraction:
        """Record time, in seconds since midnight, at which plate frame `frame` is first shown.

        Handles continue the speed the shot begins and ends with.  A freeze shows one frame; its
        record start is answered.
        """
        return self.time.first_shown(frame) / self.record.rate

    def plate_frame(self, record: int) -> int:
        """The plate frame that the programme shows at record frame `record`."""
        return self.time.frame(record)


@dataclass(frozen=True, slots=True)
class Turnover:
    """All that editorial handed over, resolved: shots to make, events skipped, warnings.

    skipped  (event, reason) of every event that no shot was made of
    """

    cut: Cut
    shots: tuple[Shot, ...]
    skipped: tuple[tuple[Event, str], ...] = ()
    warnings: tuple[ProjectWarning, ...] = ()
