"""Compares a written cut, read back, with the cut it was written from, frame by frame."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor

from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.probed import ProbedCut
from dubsync.core.timeline.runs import Run, Shown
from dubsync.core.timeline.timecode import FrameRange, counting_base
from dubsync.editorial.timeline.picture_events import PRINTED, drops
from dubsync.editorial.timeline.printed_count import in_own_count
from dubsync.editorial.timeline.resolve import resolve, timeline_called
from dubsync.editorial.tracks.corrected_clips import count_shift
from dubsync.editorial.tracks.from_cut import lay_out_tracks, programmes
from dubsync.editorial.tracks.layout import Layout, all_clips, enabled_only
from dubsync.editorial.tracks.order import OVER

#: Tolerance of a time map read back, in source frames: a constant, since some formats keep only
#: whole frames, and more per record frame, since EDLs print speeds in tenths of a frame per second.
SLACK, DRIFT = Fraction(1), Fraction(1, 20 * 24)
MOST_REPORTED = 5


def differences(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    again: ProbedCut,
    *,
    timeline: str = "",
    whole: bool = True,
) -> tuple[str, ...]:
    """Where `again` shows other frames than `cut` with `corrected` in it; () if nowhere.

    Frames in a fade from or to nothing are not compared: on a track of their own they fade over
    the tracks below.

    Args:
        timeline: name of the timeline to compare.
        whole: compare every frame that has media; else only those of `corrected`.
    """
    new = {one.event: one for one in corrected}
    wanted = resolve(cut, timeline)
    kept = any(one.name == timeline for one in again.timelines)
    result = resolve(again, timeline if kept else "")
    passed = _fades(cut, timeline)
    starts = [run.record.start for run in result]
    reported: list[str] = []
    for run in wanted:
        ours = [shown for shown in run.shown if shown.event in new]
        if not run.shown or (not whole and not ours):
            continue
        if any(shown.map is None for shown in run.shown) and not ours:
            continue
        for start, stop in _shared(run, result, starts):
            if any(a < stop and start < b for a, b in passed):
                continue
            other = result[bisect_right(starts, start) - 1] if result else None
            if what := _unlike(run, other, start, stop, cut, again, new):
                reported.append(f"record frames {start}..{stop}: {what}")
    if len(reported) > MOST_REPORTED:
        reported[MOST_REPORTED:] = [f"and {len(reported) - MOST_REPORTED} more"]
    return tuple(reported)


def only_track(cut: ProbedCut, label: str) -> ProbedCut:
    """`cut` with all picture disabled except that of one laid-out track, and of nests on it.

    A track with overlapping clips is laid out as several: "V1", "V1 over 1" ... Only the clips of
    the one called `label` stay enabled.
    """
    source_label = label.partition(OVER)[0]
    layout = Layout(cut)
    tracks = [
        track for timeline in programmes(cut, ()) for track in lay_out_tracks(layout, timeline)
    ]
    off = {
        clip.event
        for track, clip in all_clips(track for track in tracks if track.label != label)
        if track.label.partition(OVER)[0] == source_label
    }
    events = tuple(
        event
        if n not in off and any(f"{one}/".startswith(f"{source_label}/") for one in event.tracks)
        else replace(event, enabled=False)
        for n, event in enumerate(cut.events)
    )
    return replace(cut, events=events)


def _fades(cut: ProbedCut, timeline: str) -> list[tuple[int, int]]:
    """Record frames of fades from or to nothing."""
    return [
        (floor(transition.start), round(transition.stop))
        for track in map(enabled_only, lay_out_tracks(Layout(cut), timeline_called(cut, timeline)))
        for transition in track.transitions
        if None in track.sides(transition)
    ]


def _shared(run: Run, result: Sequence[Run], starts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The record frames of a run, split where the runs of the other reading change."""
    at, n = run.record.start, max(bisect_right(starts, run.record.start) - 1, 0)
    while at < run.record.stop:
        stop = run.record.stop
        while n < len(result) and result[n].record.stop <= at:
            n += 1
        if n < len(result):
            edge = result[n].record.start if result[n].record.start > at else result[n].record.stop
            stop = min(stop, edge)
        yield at, stop
        at = stop


def _unlike(
    run: Run,
    other: Run | None,
    start: int,
    stop: int,
    cut: ProbedCut,
    again: ProbedCut,
    new: Mapping[int, Corrected],
) -> str:
    """The difference over `start`..`stop`, or ""."""
    if other is None or not other.record.start <= start < other.record.stop or not other.shown:
        names = ", ".join(cut.events[s.event].name or "a clip" for s in run.shown)
        return f"nothing plays where {names} should"
    if len(other.shown) != len(run.shown):
        return f"{len(other.shown)} pictures where there are {len(run.shown)}"
    for ours, theirs in zip(run.shown, other.shown, strict=True):
        one = new.get(ours.event)
        name = one.name if one else cut.events[ours.event].name
        if ours.map is None and (one is None or one.time is None):
            continue
        if theirs.map is None:
            return f"{name} has no known source frames"
        for record in {start, stop - 1}:
            wanted = _seconds(ours, record, cut, one)
            result = theirs.map.at(Fraction(record)) / (theirs.rate or 1)
            rate = one.frames.rate if one else ours.rate or Fraction(1)
            slack = SLACK + DRIFT * len(run.record)
            if one is not None and theirs.rate != rate and again.format.startswith(PRINTED):
                first = run.record.start
                begin = _seconds(ours, first, cut, one)
                result = _printed(theirs, first, again, one, begin) + wanted - begin
            if abs(wanted - result) * rate >= slack:
                return (
                    f"{name} plays frame {float(result * rate):.2f}, not "
                    f"{float(wanted * rate):.2f}, at {record}"
                )
    return ""


def _printed(
    theirs: Shown, first: int, again: ProbedCut, one: Corrected, begin: Fraction
) -> Fraction:
    """Source seconds at record frame `first` by a list, which prints timecode without its rate.

    Read as the file's own count or as the list's, whichever is nearer to `begin`, the seconds
    wanted: a line that was printed at the list's count is kept so.
    """
    assert theirs.map is not None and theirs.rate is not None
    at, rate = theirs.map.at(Fraction(first)), one.frames.rate
    counts = [at * counting_base(rate) / counting_base(theirs.rate)]
    printed = FrameRange(floor(at), floor(at) + 1, theirs.rate)
    if own := in_own_count(printed, rate, drops(again.events[theirs.event]), one.drop):
        counts.append(Fraction(own.start))
    return min((count / rate for count in counts), key=lambda start: abs(start - begin))


def _seconds(shown: Shown, record: int, cut: ProbedCut, one: Corrected | None) -> Fraction:
    """Source seconds at a record frame, in the count of the file that should play there."""
    if one is not None and one.time is not None:
        return one.time.at(Fraction(record)) / one.frames.rate
    assert shown.map is not None and shown.rate is not None
    at = shown.map.at(Fraction(record))
    if one is not None:
        at += count_shift(cut.events[shown.event], one)
    return at / shown.rate
