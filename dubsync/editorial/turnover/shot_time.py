"""A shot's time: its map onto the plate, the frames to render, and warnings about retimes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.shot import Event, Plate, ProjectWarning, Shot, playing
from dubsync.core.timeline.as_shown import AsShown
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange

#: Beyond this difference from normal speed, viewers notice that lips move at another pace.
SPEED_LIMIT = Fraction(1, 5)


def shot_time(event: Event, source: FrameRange) -> TimeMap:
    """The event's time map, onto its frames `source` in the plate's numbering."""
    if event.time is None or event.source is None:
        return playing(event.record, source, event.speed)
    shift = source.start - event.source.start
    return TimeMap(tuple((record, frame + shift) for record, frame in event.time.keyframes))


def frames_to_make(
    event: Event, plate: Plate, source: FrameRange, time: TimeMap, handles: int
) -> tuple[FrameRange, list[ProjectWarning]]:
    """The plate frames to render: all that are visible, transitions included, and handles.

    Both end where the plate ends; the warnings say what it lacks.
    """
    low, high = source.start, source.stop
    if any(event.overlap):
        seen = time.slice(Fraction(event.shown.start), Fraction(event.shown.stop)).keyframes
        low = min(low, *(floor(at) for _, at in seen))
        high = max(high, *(ceil(at) for _, at in seen))
    has = plate.frames
    head, tail = (max(0, min(handles, room)) for room in (low - has.start, has.stop - high))
    warnings = _not_rendered(event, plate, max(0, has.start - low) + max(0, high - has.stop))
    if min(head, tail) < handles:
        message = f"{event.where}: handles of {head} and {tail} frames, not {handles}"
        hint = f"{plate.name} has no more; pull it again with longer handles if they are needed"
        warnings.append(ProjectWarning(event.name, message, hint))
    made = replace(source, start=max(low - head, has.start), stop=min(high + tail, has.stop))
    return made, warnings


def _not_rendered(event: Event, plate: Plate, missing: int) -> list[ProjectWarning]:
    """The warning that a transition shows that many frames which the plate lacks."""
    if not missing:
        return []
    message = (
        f"{event.where}: a transition shows {missing} frame{'s' * (missing != 1)} that "
        f"{plate.name} does not have; they are not rendered"
    )
    hint = "shorten the transition, or pull the plate again with longer handles"
    return [ProjectWarning(event.name, message, hint)]


def drawn_as_shown(event: Event) -> bool:
    """Whether it stands still or runs backwards somewhere: it is drawn for each record frame."""
    speeds = event.time.speeds if event.time is not None else (event.speed,)
    return min(speeds) <= 0


def as_shown(
    event: Event, plate: Plate, source: FrameRange, time: TimeMap, handles: int, *, drop: bool
) -> tuple[Plate, list[ProjectWarning]]:
    """The plate as the cut shows it, from handles before the event to handles after it.

    Handles go on at the speed of the event's ends, as far as the plate has frames and the day
    record frames: of a freeze they show its one frame.

    Args:
        source: the frames of the plate's file that the cut shows.
        time: record frames to frames of the file.
        drop: whether record timecode is drop-frame.
    """
    seen, record = event.shown, event.record
    first, stop = record.start, record.stop
    while first > max(seen.start - handles, 0) and time.frame(first - 1) in plate.frames:
        first -= 1
    while stop < seen.stop + handles and time.frame(stop) in plate.frames:
        stop += 1
    numbers = tuple(time.frame(n) for n in range(first, stop))
    shown = AsShown(plate.frames, source, numbers, plate.drop, plate.reel)
    made = replace(
        plate, frames=replace(record, start=first, stop=stop), shown=shown, drop=drop,
        reel=event.name, has_sound=False, has_timecode=True,
    )  # fmt: skip
    warnings = _not_rendered(event, plate, max(0, first - seen.start) + max(0, seen.stop - stop))
    head, tail = max(0, seen.start - first), max(0, stop - seen.stop)
    if min(head, tail) < handles:
        message = f"{event.where}: handles of {head} and {tail} record frames, not {handles}"
        hint = f"{plate.name} has no more; pull it again with longer handles if they are needed"
        warnings.append(ProjectWarning(event.name, message, hint))
    return made, warnings


def speed_warnings(shot: Shot) -> list[ProjectWarning]:
    """Warnings about the speed of a shot with dubbed speech, against real time."""
    event = shot.event
    if drawn_as_shown(event):
        speeds = event.time.speeds if event.time is not None else (event.speed,)
    else:
        normal = shot.plate.frames.rate / shot.record.rate
        speeds = tuple(speed / normal for speed in shot.time.speeds)
    changes = len(set(speeds)) > 1
    if drawn_as_shown(event):
        what = "a freeze frame" if max(speeds) == min(speeds) == 0 else "runs backwards"
        if changes:
            what = "its speed varies and is not always positive"
        message = (
            f"{event.where}: {what} during dubbed speech; it is drawn for each record frame, and "
            "the corrected cut plays the render at normal speed"
        )
        hint = "look at it in motion: only the mouth speaks forwards there"
        return [ProjectWarning(event.name, message, hint)]
    if max(abs(speed - 1) for speed in speeds) > SPEED_LIMIT:
        low, high = (f"{float(speed * 100):.4g} %" for speed in (min(speeds), max(speeds)))
        message = (
            f"{event.where}: runs at {f'{low} to {high}' if changes else low} speed; lips are "
            "rendered on the plate's frames, and match the dub after the retime"
        )
        return [ProjectWarning(event.name, message, "play it at speed, and check the lips")]
    return []
