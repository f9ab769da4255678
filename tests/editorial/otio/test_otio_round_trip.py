"""A cut written as OpenTimelineIO plays the same picture at every record frame."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedRange,
    ProbedTimeline,
    probed_range,
)
from dubsync.editorial.otio.read import read_otio_whole
from dubsync.editorial.otio.write import write_otio_flat
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve
from tests.editorial.editorial_making import FILM

Seen = dict[int, frozenset[tuple[str, int | None]]]
START = Fraction(86400)


def seen(cut: ProbedCut, timeline: str) -> Seen:
    """Record frame -> every (clip, its media's frame) that is visible there."""
    return {
        frame: frozenset(
            (cut.events[s.event].name, s.map.frame(frame) if s.map else None) for s in run.shown
        )
        for run in resolve(cut, timeline)
        for frame in range(run.record.start, run.record.stop)
    }


def again(cut: ProbedCut) -> ProbedCut:
    """The cut written as OpenTimelineIO and read back."""
    return read_otio_whole(write_otio_flat(cut, ()).data.decode())


def event(name: str, first: int, last: int, **more: object) -> ProbedEvent:
    """A clip on V1 over record frames counted from START, its media from frame 1000."""
    facts = {"tracks": ("V1",), "kind": "cut", "timeline": "R1", "media": f"/p/{name}.mov"} | more
    record = probed_range(START + first, START + last, FILM)
    source = probed_range(Fraction(1000), Fraction(1000 + last - first), FILM)
    return ProbedEvent(name=name, record=record, source=facts.pop("source", source), **facts)  # type: ignore[arg-type]


def cut_of(*events: ProbedEvent) -> ProbedCut:
    return ProbedCut(
        "x", "FCPXML 1.11", (ProbedTimeline("R1", FILM, START, Fraction(200)),), events
    )


def retimed(name: str, first: int, last: int, speed: Fraction, **more: object) -> ProbedEvent:
    length = abs(speed) * (last - first) or 1
    source = ProbedRange(("", ""), Fraction(1000), 1000 + length, FILM)
    return event(name, first, last, speed=speed, source=source, **more)


def fade(first: int, last: int) -> ProbedEvent:
    return event("fade", first, last, kind="dissolve", source=None, media="",
                 transition=last - first)  # fmt: skip


SPEEDS = st.sampled_from([Fraction(n, 4) for n in (-8, -4, -2, 0, 1, 2, 3, 4, 5, 8, 40)])


@settings(max_examples=25)
@given(
    lengths=st.lists(st.tuples(st.integers(6, 30), SPEEDS, st.sampled_from([0, 0, 1, 2, 5])),
                     min_size=1, max_size=6),
    tracks=st.integers(1, 2),
)  # fmt: skip
def test_speeds_gaps_transitions_and_tracks_play_the_same(
    lengths: list[tuple[int, Fraction, int]], tracks: int
) -> None:
    events = []
    for track in range(1, tracks + 1):
        at, faded = 7 * (track - 1), False
        for n, (length, speed, more) in enumerate(lengths):
            place = (f"V{track}",)
            events.append(retimed(f"c{track}{n}", at, at + length, speed, tracks=place))
            if more == 5:
                at += 5  # a gap
            elif more and n + 1 < len(lengths) and not faded:
                events.append(
                    ProbedEvent(place, "fade", "dissolve",
                                probed_range(START + at + length - more, START + at + length + more,
                                        FILM), None, transition=2 * more, timeline="R1")
                )  # fmt: skip
            at += length
    cut = cut_of(*events)
    before, after = seen(cut, "R1"), seen(again(cut), "R1")
    assert {f: s for f, s in before.items() if s} == {f: s for f, s in after.items() if s}


def test_a_disabled_clip_stays_disabled() -> None:
    back = again(cut_of(event("a", 0, 10, enabled=False), event("b", 10, 20)))
    assert [(e.name, e.enabled) for e in back.events if e.kind == "cut"] == [
        ("a", False),
        ("b", True),
    ]


def test_a_fade_from_nothing_stays_one() -> None:
    back = again(cut_of(event("a", 0, 20), fade(0, 8), fade(14, 20)))
    fades = [e.record for e in back.events if e.transition]
    assert [(f.start - START, f.stop - START) for f in fades if f and f.start and f.stop] == [
        (0, 8), (14, 20),
    ]  # fmt: skip


def test_a_varying_speed_becomes_its_average_with_a_loss() -> None:
    edges = ((START, Fraction(1000)), (START + 10, Fraction(1010)), (START + 20, Fraction(1050)))
    cut = cut_of(event("ramp", 0, 20, speed=None, keyframes=edges,
                       source=probed_range(Fraction(1000), Fraction(1050), FILM)))  # fmt: skip
    assert "average" in write_otio_flat(cut, ()).losses.losses[0].what
    assert [e.speed for e in again(cut).events if e.kind == "cut"] == [Fraction(5, 2)]


KEPT = (
    "OpenFCPXMLKit/CutSample.fcpxml",
    "OpenFCPXMLKit/MulticamMarkers.fcpxml", "aaf/nesting_test.aaf",
    "aaf/transitions.aaf", "fcp/premiere_enable_property.xml",
    "otio/premiere_example.otio", "otio/multiple_track.otio",
)  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_real_cuts_play_the_same(shared: Path, name: str) -> None:
    cut = probe_cut(shared / "timelines" / name)
    back = again(cut)
    for timeline in cut.timelines:
        before, after = seen(cut, timeline.name), seen(back, timeline.name)
        assert {f: s for f, s in before.items() if s} == {f: s for f, s in after.items() if s}


def test_marks_keep_their_place(shared: Path) -> None:
    cut = probe_cut(shared / "timelines/OpenFCPXMLKit/BasicMarkers.fcpxml")
    place: Callable[[ProbedCut], list[object]] = lambda c: sorted(  # noqa: E731
        (m.record.start, m.name) for m in c.markers if m.record and m.record.start is not None
    )
    assert place(again(cut)) == place(cut)
