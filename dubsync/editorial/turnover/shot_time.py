"""A shot's time: its map onto the plate, the frames to make, and what a retime leaves open."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.shot import Event, Plate, ProjectWarning, playing
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange

#: Past this much off normal speed a viewer sees that lips were made at another pace.
SPEED_LIMIT = Fraction(1, 5)


def shot_time(event: Event, source: FrameRange) -> TimeMap:
    """The event's map of time, onto its frames `source` as the plate counts them."""
    if event.time is None or event.source is None:
        return playing(event.record, source, event.speed)
    shift = source.start - event.source.start
    return TimeMap(tuple((record, frame + shift) for record, frame in event.time.keyframes))


def frames_to_make(
    event: Event, plate: Plate, source: FrameRange, time: TimeMap, handles: int
) -> tuple[FrameRange, list[ProjectWarning]]:
    """Plate frames of all that is seen, transitions included, with handles as far as the plate
    goes; and what it lacks of either.
    """
    low, high = source.start, source.stop
    if any(event.overlap):
        seen = time.slice(Fraction(event.shown.start), Fraction(event.shown.stop)).keyframes
        low = min(low, *(floor(at) for _, at in seen))
        high = max(high, *(ceil(at) for _, at in seen))
    has = plate.frames
    head, tail = (max(0, min(handles, room)) for room in (low - has.start, has.stop - high))
    warnings = []
    missing = max(0, has.start - low) + max(0, high - has.stop)
    if missing:
        message = (
            f"{event.where}: a transition shows {missing} frame{'s' * (missing != 1)} that "
            f"{plate.name} does not have; they are not made"
        )
        hint = "shorten the transition, or pull the plate again with longer handles"
        warnings.append(ProjectWarning(event.name, message, hint))
    if min(head, tail) < handles:
        message = f"{event.where}: handles of {head} and {tail} frames, not {handles}"
        hint = f"{plate.name} has no more; pull it again with longer handles if they are needed"
        warnings.append(ProjectWarning(event.name, message, hint))
    made = replace(source, start=max(low - head, has.start), stop=min(high + tail, has.stop))
    return made, warnings


def speed_warnings(event: Event) -> list[ProjectWarning]:
    """Warnings about the speed of an event that somebody speaks in."""
    speeds = event.time.speeds if event.time is not None else (event.speed,)
    changes = len(set(speeds)) > 1
    if changes and min(speeds) <= 0:
        message = (
            f"{event.where}: its speed changes, and on the way it stands still or runs backwards, "
            "while somebody is dubbed over it"
        )
        hint = "split the clip where its speed turns, or take the dub off that stretch"
        return [ProjectWarning(event.name, message, hint, blocking=True)]
    if speeds[0] == 0:
        message = f"{event.where}: a freeze frame, while somebody is dubbed over it"
        hint = "take the dub off the freeze, or leave the shot as it is"
        return [ProjectWarning(event.name, message, hint, blocking=True)]
    if speeds[0] < 0:
        message = f"{event.where}: runs backwards, while somebody is dubbed over it"
        hint = "lips cannot follow speech in a reversed shot; leave it as it is"
        return [ProjectWarning(event.name, message, hint, blocking=True)]
    if max(abs(speed - 1) for speed in speeds) > SPEED_LIMIT:
        low, high = (f"{float(speed * 100):.4g} %" for speed in (min(speeds), max(speeds)))
        message = (
            f"{event.where}: runs at {f'{low} to {high}' if changes else low} speed; lips are made "
            "at the plate's own frames to match the dub once retimed"
        )
        return [ProjectWarning(event.name, message, "look at it at speed; is it meant to speak?")]
    return []
