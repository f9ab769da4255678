"""How a cut plays a plate of another frame rate than its own count: in real time, or by frames.

In real time 24 frames fill a second also in a cut of 25: some are repeated, or left out.  Frame for
frame, as where an editor has "interpreted" the file at another rate, each is shown once.  Neither
is guessed: what the cut states decides, and where that fits both ways, a person is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor
from typing import Literal, get_args

from dubsync.core.shot import Event, Plate, ProjectWarning, playing
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange, counting_base
from dubsync.editorial.timeline.printed_count import in_own_count

Plays = Literal["real time", "frame for frame"]
REAL, EACH = PLAYS = get_args(Plays)
#: Frames by which printed or rounded lengths may differ.
NEAR = 1
#: Words of a list's reader about lengths that do not agree at the cut's own rate.
_LENGTHS = ("no M2 line states the speed", "does not state at what speed", "M2 states")


@dataclass(frozen=True, slots=True)
class Played:
    """One way of playing a plate.

    source  the plate's frames that the cut shows, from lowest to highest
    time    record frames to plate frames
    fits    whether the lengths that the cut states agree with it
    """

    how: Plays
    source: FrameRange
    time: TimeMap
    fits: bool


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person said of plates at another rate: of all of them, and of shots by name."""

    all: Plays | None = None
    shots: Mapping[str, Plays] = field(default_factory=dict)

    def of(self, shot: str) -> Plays | None:
        """What was said of a shot."""
        return self.shots.get(shot, self.all)


def other_rate(event: Event, plate: Plate) -> bool:
    """Whether the cut counts an event's source at another rate than its plate has."""
    return event.source is not None and event.source.rate != plate.frames.rate


def about_lengths(warning: ProjectWarning) -> bool:
    """Whether a list's reader warns that lengths and speed disagree: it counts all at one rate."""
    return any(words in warning.message for words in _LENGTHS)


def ways_to_play(event: Event, plate: Plate) -> tuple[Played, ...]:
    """The ways in which the plate holds what the event shows; those that fit come first."""
    if event.source is None:
        return ()
    listed = event.printed is not None
    made = _printed_ways(event, plate) if listed else _stated_ways(event, plate)
    kept = [way for way in made if plate.frames.holds(way.source)]
    return tuple(sorted(kept, key=lambda way: not way.fits))


def played(
    event: Event, plate: Plate, answer: Plays | None
) -> tuple[Played | None, list[ProjectWarning]]:
    """How the plate is played, and what is to be told or asked; None where it lacks frames."""
    ways = ways_to_play(event, plate)
    if not ways:
        return None, []
    chosen = next((way for way in ways if way.how == answer), None)
    fitting = [way for way in ways if way.fits]
    if chosen is None and _same_frames(event, fitting or ways):
        chosen = ways[0]
    if chosen is None and len(fitting) == 1:
        chosen = fitting[0]
    rates = (
        f"its plate {plate.name} runs at {plate.frames.rate} fps, the cut at {event.record.rate}"
    )
    if chosen is None:
        message = (
            f"{event.where}: {rates}; the cut does not say whether it plays in real time, with "
            "frames repeated or left out, or frame for frame"
        )
        hint = (
            f'write plays = "{REAL}" or plays = "{EACH}" in dubsync.toml, under '
            f"[shots.{event.name}] or, for all, under [project]"
        )
        if event.printed is not None:
            hint += f'; if the list was cut at that rate: rate = "{plate.frames.rate}"'
        return ways[0], [ProjectWarning(event.name, message, hint, blocking=True)]
    if event.speed == 0 and event.time is None:
        return chosen, []  # a freeze is at no rate
    message = f"{event.where}: {rates}; it is played {_in_words(chosen.how)}"
    return chosen, [ProjectWarning(event.name, message, "check its first and last frame")]


def _in_words(how: Plays) -> str:
    return "in real time" if how == REAL else how


def _same_frames(event: Event, ways: list[Played] | tuple[Played, ...]) -> bool:
    """Whether all ways show the same plate frames."""
    record = range(event.record.start, event.record.stop)
    first, *rest = ways
    return all(way.time.frame(n) == first.time.frame(n) for way in rest for n in record)


# -- a source range at the rate that the cut states, counted from the file's first frame -----------


def _stated_ways(event: Event, plate: Plate) -> Iterator[Played]:
    """In real time: as many seconds of the file.  Frame for frame: as many frames of it."""
    assert event.source is not None
    counted, has = event.source.rate, plate.frames
    time = event.time or playing(event.record, event.source, event.speed)
    for how in PLAYS:
        pace = has.rate / counted if how == REAL else Fraction(1)
        first = Fraction(has.start)
        if event.available is not None and event.available.rate == counted:
            zero = Fraction(event.available.start)
            fits = abs(len(event.available) * pace - len(has)) <= NEAR
        else:
            zero, fits = _start_counted_at(counted, plate), True
        keys = tuple((record, first + (at - zero) * pace) for record, at in time.keyframes)
        moved = TimeMap(keys)
        yield Played(how, _spanned(moved, event, has.rate), moved, fits)


def _start_counted_at(rate: Fraction, plate: Plate) -> Fraction:
    """The timecode of the file's first frame, counted at another rate."""
    has = plate.frames
    if plate.drop:  # drop-frame timecode keeps to the clock
        return has.start / has.rate * rate
    return Fraction(has.start, counting_base(has.rate)) * counting_base(rate)


# -- a printed list: timecodes without a rate, and lengths -----------------------------------------


def _printed_ways(event: Event, plate: Plate) -> Iterator[Played]:
    """By the timecodes as the plate's own; where they cannot be, as counted at the cut's rate.

    The lengths of the record range and of the source range tell how it is played.
    """
    assert event.source is not None
    record, rate = event.record, event.record.rate
    own = in_own_count(event.source, plate.frames.rate, bool(event.printed), plate.drop)
    for how in PLAYS:
        slope = event.speed * (plate.frames.rate / rate if how == REAL else 1)
        fitting = False
        if own is not None:
            fitting = abs(len(own) - abs(slope) * len(record)) <= _slack(event)
            yield Played(how, _of(own, slope, record), playing(record, own, slope), fitting)
        if own is None or (how == REAL and not fitting):
            base = counting_base(rate)
            seconds = [Fraction(n, base) for n in (event.source.start, event.source.stop)]
            start, stop = (n * counting_base(plate.frames.rate) for n in seconds)
            fits = abs(len(event.source) - abs(event.speed) * len(record)) <= _slack(event)
            time = TimeMap.steady_from(
                record.start, record.stop, start if slope >= 0 else stop, slope
            )
            yield Played(how, _spanned(time, event, plate.frames.rate), time, fits)


def _slack(event: Event) -> Fraction:
    """Frames by which a printed length may be off: M2 states tenths of a frame a second."""
    record = event.record
    rounded = Fraction(len(record), 20 * counting_base(record.rate))
    return NEAR + (Fraction(0) if event.speed == 1 else rounded)


def _of(printed: FrameRange, slope: Fraction, record: FrameRange) -> FrameRange:
    """The frames shown from the printed first (in reverse, last) frame on."""
    count = max(1, ceil(len(record) * abs(slope)))
    if slope >= 0:
        return replace(printed, stop=printed.start + count)
    return replace(printed, start=printed.stop - count)


def _spanned(time: TimeMap, event: Event, rate: Fraction) -> FrameRange:
    """The plate frames that a map shows over the event's record frames."""
    edges = [at for _, at in time.slice(
        Fraction(event.record.start), Fraction(event.record.stop)
    ).keyframes]  # fmt: skip
    first = floor(min(edges))
    return FrameRange(first, max(ceil(max(edges)), first + 1), rate)
