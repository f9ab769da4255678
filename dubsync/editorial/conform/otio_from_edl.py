"""A printed list as an OpenTimelineIO timeline with the same record times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import opentimelineio as otio

from dubsync.core.errors import TimecodeError
from dubsync.core.shot import Cut, Event, Shot, Turnover
from dubsync.core.timeline.timecode import DROP_RATES, day_frames
from dubsync.editorial.cmx3600.lines import Printed, PrintedList
from dubsync.editorial.cmx3600.printed_time import drops, record_in
from dubsync.editorial.otio.references import plate_reference, span, time
from dubsync.editorial.tracks.corrected_clips import media_offset

Keys = tuple[str | int, ...]


def timeline_from_list(
    cut: Cut, turnover: Turnover, printed: PrintedList
) -> tuple[otio.schema.Timeline, Mapping[str, Keys]]:
    """The timeline, and event name -> keys and indices that lead to its clip in its JSON.

    Record time starts at the first picture event; gaps and black become gaps.  Events that
    overlap another on their track are placed on a further track above it.
    """
    fades = _fades(cut, printed)
    first = min([*(e.record.start for e in cut.events), *(start for start, _ in fades)])
    timeline = otio.schema.Timeline(cut.name, global_start_time=time(first, cut.rate))
    shots = {shot.event.name: shot for shot in turnover.shots}
    keys: dict[str, Keys] = {}
    for name, events in _tracks(cut.events):
        track = otio.schema.Track(name, kind=otio.schema.TrackKind.Video)
        n = len(timeline.tracks)
        at = first
        for event in events:
            if event.record.start > at:
                at = _gap(track, at, event.record.start, fades, cut.rate)
            _fade(track, at, fades, len(event.record), cut.rate)
            keys[event.name] = ("tracks", "children", n, "children", len(track))
            track.append(_clip(event, shots.get(event.name)))
            at = event.record.stop
        after = [start + length for (start, _), length in fades.items() if start >= at]
        if name == "V1" and after:  # a fade to black ends the list
            _gap(track, at, max(after), fades, cut.rate)
        timeline.tracks.append(track)
    return timeline, keys


def _tracks(events: Sequence[Event]) -> list[tuple[str, list[Event]]]:
    """Events by track, in record order; overlapping ones go to further tracks of that name."""
    tracks: list[tuple[str, list[Event]]] = []
    for event in sorted(events, key=lambda e: (e.track, e.record.start)):
        for name, placed in tracks:
            same = name.split(" ")[0] == event.track
            if same and placed[-1].record.stop <= event.record.start:
                placed.append(event)
                break
        else:
            again = sum(name.split(" ")[0] == event.track for name, _ in tracks)
            tracks.append((event.track + (f" overlap {again}" if again else ""), [event]))
    return tracks


def _fades(cut: Cut, printed: PrintedList) -> dict[tuple[int, str], int]:
    """(record frame at which a transition begins, its kind) -> its length; V1 only."""
    result = {}
    first = min(event.record.start for event in cut.events)
    for statement in printed.statements:
        for line in statement.lines:
            fades = line.transition[0] in "DW" and line.length.isdigit() and int(line.length)
            if line.picture and line.track == "V1" and fades:
                try:
                    at = record_in(line, cut.rate)
                except TimecodeError:  # cannot be read: a blocking warning reports it
                    continue
                day = day_frames(cut.rate, drops(line).record_in and cut.rate in DROP_RATES)
                at += day if first - at > day // 2 else 0
                result[at, _kind(line)] = int(line.length)
    return result


def _kind(line: Printed) -> str:
    kinds = otio.schema.TransitionTypes
    return str(kinds.SMPTE_Dissolve if line.transition == "D" else kinds.Custom)


def _gap(
    track: otio.schema.Track,
    at: int,
    stop: int,
    fades: dict[tuple[int, str], int],
    rate: Fraction,
) -> int:
    _fade(track, at, fades, stop - at, rate)
    track.append(otio.schema.Gap(source_range=span(0, stop - at, rate)))
    return stop


def _fade(
    track: otio.schema.Track,
    at: int,
    fades: dict[tuple[int, str], int],
    room: int,
    rate: Fraction,
) -> None:
    """Append the transition that begins at record frame `at`, if it fits into `room` frames.

    In a list the outgoing picture continues under it, so it lies wholly after the cut.
    """
    if track.name != "V1":
        return
    for (start, kind), length in fades.items():
        if start == at and length <= room:
            offset = time(length, rate)
            none = time(0, rate)
            track.append(
                otio.schema.Transition(
                    kind, transition_type=kind, in_offset=none, out_offset=offset
                )
            )
            return


def _clip(event: Event, shot: Shot | None) -> otio.schema.Clip:
    rate = event.record.rate
    start = event.source.start if event.source else 0
    clip = otio.schema.Clip(
        event.clip or event.name,
        source_range=span(start, len(event.record), rate),
        metadata={"cmx_3600": {"reel": event.reel, "events": [event.number]}},
    )
    if event.speed == 0:
        clip.effects.append(otio.schema.FreezeFrame())
    elif event.speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(event.speed)))
    if shot is not None:
        clip.media_reference = plate_reference(shot.plate, media_offset(shot))
    else:
        clip.media_reference = otio.schema.MissingReference(event.media or event.clip)
    return clip
