"""The result of turnover: the cut, its plates, the dubbed lines, the takes and the shots.

`record` is a range of the programme's timeline, `source` a range of the plate.  Both count frames
since midnight of their own timecode.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from dubsync.core.colours.choice import SpaceOf
from dubsync.core.errors import TimecodeError
from dubsync.core.picture import PictureFormat
from dubsync.core.reading.reading import AS_STORED, Reading
from dubsync.core.script import LipMark, OnScreen
from dubsync.core.sound.tracks import WHOLE, SoundChoice
from dubsync.core.timeline.as_shown import AsShown
from dubsync.core.timeline.probed import ProbedCut
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange


@dataclass(frozen=True, slots=True)
class ProjectWarning:
    """A problem that turnover does not resolve by guessing.

    about     the event, stem or file it concerns
    blocking  whether the shot cannot be rendered until a person decides
    """

    about: str
    message: str
    hint: str = ""
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Plate:
    """The original picture of a shot.

    name    the file's name in editorial, without folder ("A001C003_0412.mov")
    path    absolute path of the movie, or of an image sequence as "/x/name.%04d.exr"
    reel    source reel or tape; "" if not stated
    frames  every frame of the file, in its source timecode (from 0 without one)
    drop    whether it has drop-frame timecode
    first_number   number in the file name of an image sequence's first frame; None for movies
    has_sound      whether the file carries sound
    has_timecode   whether `frames` comes from the file's own timecode
    space   its colour space, and what said it; None in a project without [colour]
    reading  how its file is read, beyond what `format` says of a frame
    shown   set where a cut stands still in it or plays it backwards: `frames` are record frames
            then, and this says which frame of the file each of them shows
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
    space: SpaceOf | None = None
    reading: Reading = AS_STORED
    shown: AsShown | None = None

    @property
    def file_frames(self) -> FrameRange:
        """Every frame of its file, in its source timecode."""
        if self.reading.file is not None:
            return self.reading.file
        return self.frames if self.shown is None else self.shown.file

    @property
    def file_drop(self) -> bool:
        """Whether its file has drop-frame timecode."""
        return self.drop if self.shown is None else self.shown.drop

    @property
    def file_reel(self) -> str:
        """The reel of its file; "" if not stated."""
        return self.reel if self.shown is None else self.shown.reel

    def file_frame(self, frame: int) -> int:
        """The frame of its file that frame `frame` shows."""
        return frame if self.shown is None else self.shown.numbers[frame - self.frames.start]

    def still_number(self, frame: int) -> int:
        """The number in the name of the still that frame `frame` of a sequence shows."""
        return (self.first_number or 0) + self.file_frame(frame) - self.file_frames.start

    def rendered_number(self, frame: int) -> int:
        """The number in the name of the still that is rendered of frame `frame` of a sequence.

        The plate's own number; the record frame's where a cut shows one still in many frames.
        """
        return frame if self.shown is not None else self.still_number(frame)

    @property
    def shown_key(self) -> tuple[object, ...]:
        """Part of every digest of what is made of its frames; () where they are the file's own.

        Fields and film are seen in the pictures: a later version may see the same file otherwise.
        """
        fields, film, flagged = self.format.fields, self.reading.film, self.reading.flagged
        read = ("read", fields, film, flagged) if fields or flagged else ()
        if fields and self.shown is None:
            read = (*read, "whole faces")  # they get the detail of the fields beside theirs
        return (*read, *(("shown", self.frames, self.shown.runs) if self.shown else ()))


@dataclass(frozen=True, slots=True)
class Stem:
    """The dub of one character: a sound file with a position in record time.

    start   record time of its first sample, in seconds since midnight, exact
    turns   if the file has other voices too: (start, stop) of each interval in which this
            character speaks, in seconds from its first sample; None if it has one voice only
    heard   the sound track and the channels of it by which the dub is heard
    """

    character: str
    language: str
    path: str
    sample_rate: int
    n_samples: int
    start: Fraction
    turns: tuple[tuple[float, float], ...] | None = None
    heard: SoundChoice = WHOLE

    @property
    def stop(self) -> Fraction:
        return self.start + Fraction(self.n_samples, self.sample_rate)


@dataclass(frozen=True, slots=True)
class Line:
    """One dubbed utterance: `character` speaks over `record` in the stem at `path`.

    text       its words, from the script; "" if unknown
    on_screen  whether the picture shows the speaker, from the script; None if not stated
    cue        its number in the script; "" if it has none
    marks      shapes of its lips, marked by hand in the script; record time, rising
    unchecked  whether a machine wrote the text, and nobody has checked it
    """

    name: str
    character: str
    language: str
    path: str
    record: FrameRange
    text: str = ""
    on_screen: OnScreen | None = None
    cue: str = ""
    marks: tuple[LipMark, ...] = ()
    unchecked: bool = False

    @property
    def called(self) -> str:
        """How messages refer to it: by its cue number, if it has one."""
        return f"{self.cue} ({self.name})" if self.cue else self.name


@dataclass(frozen=True, slots=True)
class Take:
    """Footage of the voice actor speaking `character`'s line `line` ("" if not stated).

    plate   the take's movie, as it was probed at turnover
    """

    plate: Plate
    character: str
    line: str

    @property
    def name(self) -> str:
        return self.plate.name

    @property
    def path(self) -> str:
        return self.plate.path

    @property
    def frames(self) -> FrameRange:
        return self.plate.frames


def playing(record: FrameRange, source: FrameRange, speed: Fraction) -> TimeMap:
    """The time map of `source` played over `record` at constant speed; in reverse from its end."""
    first = source.start if speed >= 0 else source.stop
    return TimeMap.steady_from(record.start, record.stop, first, speed)


NORMAL = TimeMap(((Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))))


@dataclass(frozen=True, slots=True)
class Event:
    """One picture event of the cut, as read and not yet resolved.

    number   the event number as printed, or its position in the track, from 1
    name     the shot's name; unique in its Cut
    clip     the clip's name in the cut
    reel     source reel or tape; "" if not stated
    media    the media path or URL in the cut; "" if not stated
    source   the source frames used, lowest to highest; None if the cut states none
    speed    source frames per record frame: 1 normal, 0 freeze, negative reverse
    track    name of its video track
    enabled  False if the editor switched it off
    where    its place in the cut's file, for messages ("line 12", "V1 clip 3")
    available  every frame of the clip's media, as the cut states it; None if not stated
    time     record to source frames if `speed` alone does not define it: the speed varies, or it
             begins between frames; None: constant at `speed`
    overlap  record frames before and after `record` in which a transition also shows it
    printed  None, or for a list, which prints timecode without a rate, whether `source` counts
             drop-frame numbers: it is counted at the record rate, whatever the media's is
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
    printed: bool | None = None

    @property
    def shown(self) -> FrameRange:
        """The record frames in which it is visible, transitions included."""
        return self.record.with_handles(*self.overlap)


@dataclass(frozen=True, slots=True)
class Cut:
    """An editorial timeline as read: its events in record order, and its warnings.

    probed  everything in the file, from the same reading; None for a cut that was not read
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
    """One event of the cut with its plate, its handles and its dubbed lines.

    source    plate frames that the cut shows (lowest to highest, also in reverse)
    record    the record frames that show them
    render    plate frames to render: `source`, what transitions show beyond `record`, and
              handles, limited to the plate
    time      record frames to plate frames; default: normal speed
    lines     dubbed lines that are heard while it is visible
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
        """The characters dubbed in this shot, each once, in order of their first line.

        A character who is off screen in every line of the shot is left out: there is no face.
        """
        seen = (line for line in self.lines if line.on_screen != "off")
        return tuple(dict.fromkeys(line.character for line in seen))

    @property
    def file_source(self) -> FrameRange:
        """The frames of its plate's file that the cut shows, from lowest to highest."""
        return self.source if self.plate.shown is None else self.plate.shown.source

    @property
    def blocked(self) -> bool:
        return any(warning.blocking for warning in self.warnings)

    @property
    def speed(self) -> Fraction | None:
        """Plate frames per record frame; None if it varies."""
        return self.time.steady

    @property
    def pace(self) -> Fraction | None:
        """Its speed against real time, also of a plate at another rate than the cut."""
        speed = self.speed
        return None if speed is None else speed * self.record.rate / self.plate.frames.rate

    def record_seconds(self, frame: int) -> Fraction:
        """Record time, in seconds since midnight, at which plate frame `frame` is first shown.

        Handles continue the speed at the shot's start and end.  For a freeze, which shows one
        frame, the result is its record start.
        """
        return self.time.first_shown(frame) / self.record.rate

    def plate_frame(self, record: int) -> int:
        """The plate frame that the programme shows at record frame `record`."""
        return self.time.frame(record)


@dataclass(frozen=True, slots=True)
class Turnover:
    """The resolved turnover: shots to render, events skipped, warnings.

    skipped  (event, reason) of every event that has no shot
    unlinked  names of those with dubbed speech for which no plate, or more than one, was found
    """

    cut: Cut
    shots: tuple[Shot, ...]
    skipped: tuple[tuple[Event, str], ...] = ()
    warnings: tuple[ProjectWarning, ...] = ()
    unlinked: tuple[str, ...] = ()
