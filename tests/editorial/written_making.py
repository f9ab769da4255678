"""Random cuts for the tests of the writers, and comparisons of what is read back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from hypothesis import strategies as st

from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedMarker,
    ProbedTimeline,
    probed_range,
)
from dubsync.core.timeline.runs import Run, TimeMap
from dubsync.core.timeline.timecode import DROP_RATES, FrameRange
from dubsync.editorial.timeline.resolve import resolve
from tests.editorial.editorial_making import FILM, FILM_NTSC, FORMAT, NTSC, PAL

SPEEDS = [Fraction(n) for n in (1, 1, 1, 1, 2, -1, 0)] + [Fraction(1, 2), Fraction(3, 4)]
NAMES = st.sampled_from(
    ["A001C003", "a <b> & \"c\" 'd'", "Élise\n2", "\x00\x1b[31m", "]]>", "%2e%2e/x", "名前", ""]
)
PATHS = st.sampled_from(
    [
        "file:///plates/A%20001.mov",
        "/plates/B 002#1.mov",
        "..\\c?.mov",
        "D:\\x\\d.mov",
        "e&.mov",
        "",
    ]
)


@st.composite
def made_cuts(draw: st.DrawFn, most_tracks: int = 3) -> ProbedCut:
    """Tracks of clips, gaps, dissolves, speeds; every clip cut on frames, as .otio keeps them."""
    rate = draw(st.sampled_from([FILM, FILM_NTSC, PAL, NTSC]))
    drop = rate in DROP_RATES and draw(st.booleans())
    start = draw(st.sampled_from([0, 86400, 90001]))
    events: list[ProbedEvent] = []
    for n in range(1, draw(st.integers(1, most_tracks)) + 1):
        events += draw(_track(f"V{n}", start, rate, drop))
    if draw(st.booleans()):
        events += [replace(e, kind="audio", tracks=("A1",)) for e in draw(_sound(start, rate))]
    stop = max((int(e.record.stop or 0) for e in events if e.record), default=start + 1)
    timeline = ProbedTimeline("R1", rate, Fraction(start), Fraction(stop - start), drop)
    place = probed_range(Fraction(start + 2), Fraction(start + 3), rate, drop)
    marker = ProbedMarker(draw(NAMES), record=place, comment="x<y", timeline="R1")
    return ProbedCut("r1.otio", "OpenTimelineIO", (timeline,), tuple(events), (marker,))


@st.composite
def _track(
    draw: st.DrawFn, track: str, start: int, rate: Fraction, drop: bool
) -> list[ProbedEvent]:
    events, at, before = [], start + draw(st.integers(0, 5)), False
    for _ in range(draw(st.integers(1, 4))):
        length = draw(st.integers(10, 24))
        if draw(st.integers(0, 3)) == 0:
            at, before = at + length, False
            continue
        record = probed_range(Fraction(at), Fraction(at + length), rate, drop)
        if before and draw(st.booleans()):
            half = draw(st.integers(1, 4))
            over = probed_range(Fraction(at - half), Fraction(at + half), rate, drop)
            events.append(_event(track, "Cross Dissolve", "dissolve", over, None, half * 2))
        speed = draw(st.sampled_from(SPEEDS))
        low = Fraction(draw(st.integers(40, 90)))
        used = max(ceil(length * abs(speed)), 1) if speed.denominator > 1 else length * abs(speed)
        source = probed_range(low, low + (used or 1), rate)
        one = _event(track, draw(NAMES), "cut", record, source)
        on = draw(st.integers(0, 5)) > 0
        events.append(
            replace(one, speed=speed, media=draw(PATHS), reel=draw(NAMES).strip(), enabled=on)
        )
        at, before = at + length, True
    return events


@st.composite
def _sound(draw: st.DrawFn, start: int, rate: Fraction) -> list[ProbedEvent]:
    record = probed_range(Fraction(start), Fraction(start + 20), rate)
    source = probed_range(Fraction(5), Fraction(25), rate)
    return [replace(_event("A1", draw(NAMES), "cut", record, source), media="/sound/a.wav")]


def _event(
    track: str, name: str, kind: str, record: object, source: object, transition: int | None = None
) -> ProbedEvent:
    return ProbedEvent(
        (track,),
        name,
        kind,
        record,
        source,
        transition=transition,
        timeline="R1",  # type: ignore[arg-type]
    )


def corrected_of(cut: ProbedCut, *, every: int = 1) -> tuple[Corrected, ...]:
    """A render, with handles, of every so-manieth picture event that has source frames."""
    result = []
    for n, event in enumerate(cut.events):
        source, record = event.source, event.record
        picture = event.track.rsplit("/", 1)[-1].startswith("V") and event.kind in (
            "cut",
            "dissolve",
        )
        if not picture or record is None or source is None or not event.enabled:
            continue
        if source.start is None or source.stop is None or source.rate is None or source.start < 9:
            continue
        low, high = floor(source.start), max(ceil(source.stop), floor(source.start) + 1)
        whole = FrameRange(low - 9, high + 9, source.rate)
        used = FrameRange(low, high, source.rate)
        name, path = f"sh{n:04d}_fr-FR_v001", f"/renders/sh{n:04d} <v>.mov"
        result.append(Corrected(n, f"sh{n:04d}", name, path, whole, used, FORMAT, "fr-FR"))
    return tuple(result[::every])


def _seconds(run: Run, frame: int) -> tuple[object, ...]:
    """Media seconds of the whole frames seen at a record frame."""
    return tuple(
        floor(one.map.at(Fraction(frame)) + Fraction(1, 10**4)) / one.rate
        if one.map is not None and one.rate
        else None
        for one in run.shown
    )


def assert_seen_alike(cut: ProbedCut, again: ProbedCut, timeline: str = "R1") -> None:
    """Every record frame at which anything changes in either shows the same in both."""
    runs = resolve(cut, timeline), resolve(again, timeline)
    frames = {f for side in runs for r in side for f in (r.record.start, r.record.stop - 1)}
    if not runs[0]:
        return
    for frame in sorted(frames):
        if runs[0][0].record.start <= frame < runs[0][-1].record.stop:
            assert _at(runs[1], frame) == _at(runs[0], frame), frame


def _at(runs: Sequence[Run], frame: int) -> tuple[object, ...]:
    n = bisect_right(runs, frame, key=lambda run: run.record.start) - 1
    return _seconds(runs[n], frame) if n >= 0 and frame in runs[n].record else ()


def assert_corrected_on_top(
    cut: ProbedCut, again: ProbedCut, corrected: Sequence[Corrected], timeline: str = "R1"
) -> None:
    """Wherever a corrected event is seen, its render is, at the same time; the rest is as it was.

    Fades are passed over: to or from nothing, or what is switched off, they mix with what lies
    below; those that something covers in part are laid as cuts, which is a loss.
    """
    transitions = [e.record for e in cut.events if e.transition and e.record is not None]
    runs = resolve(again, timeline)
    ours = {one.event for one in corrected}
    for run in resolve(cut, timeline):
        frame = (run.record.start + run.record.stop) // 2
        if any((f.start or 0) <= frame < (f.stop or 0) for f in transitions):
            continue
        k = bisect_right(runs, frame, key=lambda run: run.record.start) - 1
        assert len(runs[k].shown) == len(run.shown), frame
        for was, now in zip(run.shown, runs[k].shown, strict=True):
            media = again.events[now.event].media
            assert (f"sh{was.event:04d}" in media) == (was.event in ours), (frame, media)
            if was.map is not None:
                assert now.map is not None and now.rate is not None and was.rate is not None
                assert _frame(now.map, frame) / now.rate == _frame(was.map, frame) / was.rate


def assert_kept_in_place(came: ProbedCut, again: ProbedCut, corrected: Sequence[Corrected]) -> None:
    """All events of a cut are in its patched document; picture tracks over the new ones are as
    many higher as these are."""
    top = max((int(came.events[one.event].track[1:]) for one in corrected), default=99)
    new = {event.track for event in again.events if "/renders/" in event.media}
    kept = [
        (e.name, e.record, e.source, e.track) for e in again.events if "/renders/" not in e.media
    ]
    for event in came.events:
        track, number = event.track, int(event.track[1:])
        if track.startswith("V") and number > top:
            track = f"V{number + len(new)}"
        assert (event.name, event.record, event.source, track) in kept
    assert new == {f"V{top + n}" for n in range(1, len(new) + 1)}


def _frame(map: TimeMap, frame: int) -> Fraction:
    return Fraction(floor(map.at(Fraction(frame)) + Fraction(1, 10**4)))
