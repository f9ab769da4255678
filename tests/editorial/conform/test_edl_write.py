"""The corrected list reads back with dubsync, pycmx and OpenTimelineIO's adapter."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pycmx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.core.errors import DeliveryError
from dubsync.core.shot import Cut, Event, Turnover
from dubsync.core.timeline.timecode import Timecode
from dubsync.editorial.cmx3600.write import write_cmx
from dubsync.editorial.conform.into_edl import corrected_edl
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.tracks.corrected_clips import corrected_events, counted_as
from dubsync.editorial.turnover.shots import turnover
from tests.editorial.editorial_making import (
    FILM,
    FILM_NTSC,
    HOUR,
    NTSC,
    PAL,
    ROOT,
    clip,
    cut_of,
    event_row,
    everything_linked,
    gap,
    line,
    listing,
    plate,
    read_edl,
    rendered,
    span,
    time,
    timeline,
    track,
    warp,
)

SAMPLE = Path(__file__).parents[3] / "sample_projects/two_hander"


def written(cut: Cut, *, every: int = 1) -> tuple[str, tuple[str, ...]]:
    """A list line for line; any other cut from its tracks."""
    result = everything_linked(cut, every=every)
    if cut.path.endswith(".edl"):
        return corrected_edl(cut, rendered(result.shots))
    return from_tracks(cut, result)


def from_tracks(cut: Cut, result: Turnover) -> tuple[str, tuple[str, ...]]:
    probed = counted_as(probe_cut(Path(cut.path), cut.rate), cut.drop)
    made = write_cmx(probed, corrected_events(probed, rendered(result.shots), language="fr-FR"))
    return made.data.decode("ascii"), tuple(loss.what for loss in made.losses)


def heart(event: Event) -> tuple[Any, ...]:
    return event.record, event.source, event.speed


def body_of(*children: dict[str, Any], start: float = HOUR, rate: float = 24) -> dict[str, Any]:
    return timeline(track(*children), start=time(start, rate))


def test_a_list_is_ascii_with_cmx_columns_and_line_ends(tmp_path: Path) -> None:
    cut = cut_of(tmp_path, body_of(clip("Élise", span(240, 48), available=span(0, 500))))
    text, losses = written(cut)
    assert text.isascii() and text.count("\r\n") == text.count("\n")
    rows = text.split("\r\n")
    assert rows[0] == "TITLE: R1" and rows[1] == "FCM: NON-DROP FRAME"
    assert rows[2] == (
        "001  Elise    V     C        00:00:10:00 00:00:12:00 01:00:00:00 01:00:02:00"
    )
    assert rows[3] == "* FROM CLIP NAME:  Elise.mov" and rows[4] == "* SOURCE FILE: Elise.mov"
    assert any("ASCII" in loss for loss in losses)


def test_the_written_list_reads_back(tmp_path: Path) -> None:
    body = body_of(
        clip("A", span(240, 48), available=span(0, 500)),
        gap(24),
        clip("B", span(100, 48), effects=[warp(0.5)]),
        clip("C", span(100, 48), effects=[warp(2.0)]),
        clip("D", span(100, 10), effects=[warp(0.0)]),
        clip("E", span(100, 10), effects=[warp(-1.0)]),
    )
    cut = cut_of(tmp_path, body)
    text, losses = written(cut)
    again = read_edl(text, FILM)
    assert [heart(e) for e in again.events[:3]] == [heart(e) for e in cut.events[:3]]
    # a freeze and a reverse: a frame for each record frame, in record time
    assert [heart(e) for e in again.events[3:]] == [(e.record, e.record, 1) for e in cut.events[3:]]
    assert [e.clip for e in again.events] == [f"{name}.mov" for name in "ABCDE"]
    assert not again.warnings
    assert all("runs backwards" in loss or "metadata" in loss for loss in losses), losses


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("cmx3600/speed_effects.edl", FILM),
        ("cmx3600/dissolve_test_4.edl", FILM),
        ("cmx3600/wipe_test.edl", FILM),
        ("edl/45S_SAMPLE.EDL", PAL),
        ("edl/TRAILER_EDL.edl", PAL),
        ("edl/KEY_TRANSITION.EDL", NTSC),
        ("pycmx/INS4_R1_010417.edl", FILM_NTSC),
        ("pycmx/ISSUE_14_conform_edl_issue_03.edl", FILM_NTSC),
        ("pycmx/ToD_R4_LOCK3.1_030618_Video.edl", FILM_NTSC),
        ("pycmx/test_24psf.edl", PAL),
        ("python-edl/test.edl", PAL),
    ],
)
@pytest.mark.parametrize("every", [1, 3, 10_000])
def test_a_real_list_keeps_its_events_and_their_times(
    shared: Path, name: str, rate: Fraction, every: int
) -> None:
    cut = read_cut(shared / "timelines" / name, rate=rate)
    result = everything_linked(cut, every=every)
    text, _ = corrected_edl(cut, rendered(result.shots))
    again = read_edl(text, rate)
    made = {shot.event.name: shot for shot in result.shots}
    assert len(again.events) == len(cut.events)
    for ours, back in zip(cut.events, again.events, strict=True):
        drawn = ours.name in made and made[ours.name].plate.shown is not None
        assert heart(back) == ((ours.record, ours.record, 1) if drawn else heart(ours))
        reel = ours.name if drawn else ours.reel
        assert back.reel == reel[:32].replace(" ", "_")
        if ours.name in made:
            assert back.clip == back.media == f"{ours.name}.mov"
        else:
            assert (back.clip, back.media) == (_ascii(ours.clip), _ascii(ours.media))


def _ascii(text: str) -> str:
    return re.sub(r"[^ -~]", "?", text)


def test_events_without_a_render_are_kept_as_printed(shared: Path) -> None:
    path = shared / "timelines/pycmx/cdl_example01.edl"
    cut = read_cut(path, rate=FILM)
    text, losses = corrected_edl(cut, [])
    before = [" ".join(row.split()) for row in path.read_text().splitlines() if row.strip()]
    after = [" ".join(row.split()) for row in text.splitlines() if row.strip()]
    assert [re.sub(r"^0+(\d+) ", r"\1 ", r) for r in after] == [
        re.sub(r"^0+(\d+) ", r"\1 ", r).replace("TITLE: cdl", "TITLE: cdl") for r in before
    ]
    assert losses == ()


def their_edits(text: str) -> list[Any]:
    return [e for event in pycmx.parse_cmx3600(io.StringIO(text)).events for e in event.edits]


def test_pycmx_reads_the_same_events(tmp_path: Path) -> None:
    body = body_of(
        clip("A001C003_1234567890", span(240, 48), available=span(0, 500)),
        gap(24),
        clip("B", span(100, 48), effects=[warp(0.5)]),
    )
    cut = cut_of(tmp_path, body)
    text, _ = written(cut)
    edits = their_edits(text)
    assert len(edits) == len(cut.events)
    for edit, event in zip(edits, cut.events, strict=True):
        assert edit.channels.video and not edit.black
        printed = [edit.source_in, edit.source_out, edit.record_in, edit.record_out]
        frames = [Timecode.parse(t, FILM).frame for t in printed]
        assert frames == [
            event.source.start, event.source.stop, event.record.start, event.record.stop,
        ]  # fmt: skip
        assert edit.clip_name == f"{event.name}.mov" and edit.source_file == f"{event.name}.mov"


@pytest.mark.parametrize("rate", [FILM, PAL, Fraction(30)])
def test_opentimelineio_s_adapter_reads_the_same_cuts(tmp_path: Path, rate: Fraction) -> None:
    fps = float(rate)
    body = timeline(
        track(
            clip("A", span(240, 48, fps), available=span(0, 500, fps)),
            clip("B", span(100, 30, fps)),
            gap(10, fps),
            clip("C", span(700, 12, fps)),
        ),
        start=time(3600 * fps, fps),
    )
    cut = cut_of(tmp_path, body, rate=rate)
    text, _ = written(cut)
    theirs = otio.adapters.read_from_string(text, "cmx_3600", rate=fps)
    result = list(theirs.find_clips())
    assert [(c.source_range.start_time.value, c.source_range.duration.value) for c in result] == [
        (e.source.start, len(e.source)) for e in cut.events
    ]
    assert [c.name for c in result] == ["A.mov", "B.mov", "C.mov"]
    assert [c.metadata["cmx_3600"]["reel"] for c in result] == ["A", "B", "C"]


def test_all_readers_agree_on_the_sample_s_list() -> None:
    for kind in ("edl", "otio"):
        cut = read_cut(SAMPLE / f"two_hander.{kind}", rate=FILM_NTSC)
        text, _ = written(cut)
        again = read_edl(text, FILM_NTSC)
        assert [heart(e) for e in again.events] == [heart(e) for e in cut.events]
        assert len(their_edits(text)) == len(cut.events)
        theirs = otio.adapters.read_from_string(text, "cmx_3600", rate=24)
        assert [c.source_range.start_time.value for c in theirs.find_clips()] == [
            e.source.start for e in cut.events
        ]
        assert "M2   A002C004       019.2                11:05:55:14" in text


def test_drop_frame_is_stated_and_marked(tmp_path: Path) -> None:
    fps = 30000 / 1001
    body = timeline(track(clip("A", span(300, 60, fps))), start=time(107892, fps))
    cut = cut_of(tmp_path, body, rate=NTSC)
    assert cut.drop
    text, _ = written(cut)
    assert "FCM: DROP FRAME" in text and "01:00:00;00 01:00:02;00" in text
    again = read_edl(text, NTSC)
    assert [heart(e) for e in again.events] == [heart(e) for e in cut.events] and again.drop


def test_a_change_of_drop_frame_mode_is_stated_again(tmp_path: Path) -> None:
    times = ("01:00:00:00", "01:00:02:00")
    body = listing(
        event_row(1, "A001", times, times),
        "FCM: NON-DROP FRAME",
        event_row(2, "B001", times, ("01:00:04:00", "01:00:06:00")),
        mode="DROP FRAME",
    )
    cut = cut_of(tmp_path, body, "r1.edl", rate=NTSC)
    for every in (1, 2, 3):
        text, _ = written(cut, every=every)
        assert [heart(e) for e in read_edl(text, NTSC).events] == [heart(e) for e in cut.events]
        assert text.count("FCM:") == 2


def test_reels_are_made_legal_and_unique_and_losses_are_reported(tmp_path: Path) -> None:
    long = "A001_" + "x" * 60
    clips = [clip(f"c{n}", span(n, 9), metadata={"cmx_3600": {"reel": reel}})
             for n, reel in enumerate((f"{long}1", f"{long}2", "Rölle 1", "AX"))]  # fmt: skip
    text, losses = written(cut_of(tmp_path, body_of(*clips)))
    reels = [e.reel for e in read_edl(text, FILM).events]
    assert len(set(reels)) == 4 and all(len(r) <= 32 and r.isascii() for r in reels)
    assert sum("reel" in loss for loss in losses) == 3
    assert f"* REEL NAME: {long}1" in text


def test_more_than_999_events_are_numbered_in_six_digits(tmp_path: Path) -> None:
    body = body_of(*[clip(f"c{n}", span(n, 2)) for n in range(1001)])
    text, _ = written(cut_of(tmp_path, body), every=500)
    assert "000001  " in text and "001001  " in text
    assert len(read_edl(text, FILM).events) == 1001


def test_what_a_list_cannot_hold_is_reported(tmp_path: Path) -> None:
    fade = {
        "OTIO_SCHEMA": "Transition.1", "transition_type": "SMPTE_Dissolve",
        "in_offset": time(2), "out_offset": time(2),
    }  # fmt: skip
    marker = {"OTIO_SCHEMA": "Marker.2", "name": "x", "color": "RED", "marked_range": span(0, 1)}
    body = timeline(
        track(
            clip("A", span(0, 24), markers=[marker]),
            fade,
            clip("B", span(9, 24), effects=[warp(1.2345)]),
            clip("off", span(0, 5), enabled=False),
        ),
        track(clip("high", span(0, 24))),
    )
    text, losses = written(cut_of(tmp_path, body))
    listed = " | ".join(losses)
    for word in ("B: its speed", "off is disabled", "the list has only V1"):
        assert word in listed
    assert "V     D    004" in text and "* LOC: 01:00:00:00 RED     x" in text
    assert [e.clip for e in read_edl(text, FILM).events] == ["A.mov", "B.mov"]


def test_drop_frame_plates_and_plates_without_timecode_keep_their_numbering(tmp_path: Path) -> None:
    body = timeline(track(clip("A", span(86420, 24), available=span(86400, 90))))
    cut = cut_of(tmp_path, body)
    bare = plate("A.mov", 0, 90, has_timecode=False)
    result = turnover(cut, [bare], [line("L", HOUR, HOUR + 9)], [], handles=4, roots=[ROOT])
    text, _ = from_tracks(cut, result)
    assert "00:00:00:20 00:00:01:20 01:00:00:00 01:00:01:00" in text


def test_a_list_that_changed_is_refused(tmp_path: Path) -> None:
    times = ("01:00:00:00", "01:00:02:00")
    cut = cut_of(tmp_path, listing(event_row(1, "A001", times, times)), "r1.edl")
    result = everything_linked(cut)
    times = ("01:00:00:00", "01:00:02:01")
    cut_of(tmp_path, listing(event_row(1, "A001", times, times)), "r1.edl")
    with pytest.raises(DeliveryError, match="changed since"):
        corrected_edl(cut, rendered(result.shots))


def test_out_points_past_midnight_restart_at_zero(tmp_path: Path) -> None:
    late = 24 * 3600 * 24 - 10
    cut = cut_of(tmp_path, body_of(clip("A", span(late, 24)), start=late))
    text, _ = written(cut)
    assert "23:59:59:14 00:00:00:14" in text
    assert [heart(e) for e in read_edl(text, FILM).events] == [heart(e) for e in cut.events]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2_000_000), st.integers(1, 300), st.integers(0, 40),
            st.sampled_from([1, 1, 1, 0.5, 2, 1.25, 0]), st.text(max_size=12),
        ),
        min_size=1, max_size=8,
    ),
    st.sampled_from(
        [(FILM, 86400), (PAL, 90000), (FILM_NTSC, 86400), (NTSC, 107892), (NTSC, 108000)]
    ),
    st.integers(1, 3),
)  # fmt: skip
def test_any_cut_survives_being_written_and_read(
    tmp_path: Path,
    rows: list[tuple[int, int, int, float, str]],
    clock: tuple[Fraction, int],
    every: int,
) -> None:
    rate, start = clock
    fps = float(rate)
    children = []
    for first, length, hole, speed, name in rows:
        children.append(gap(hole, fps))
        effects = [] if speed == 1 else [warp(speed)]
        children.append(clip(name, span(first, length, fps), url="x.mov", effects=effects))
    cut = cut_of(tmp_path, timeline(track(*children), start=time(start, fps)), rate=rate)
    text, _ = written(cut, every=every)
    again = read_edl(text, rate)
    assert [e.record for e in again.events] == [e.record for e in cut.events]
    for back, ours in zip(again.events, cut.events, strict=True):
        if (back.speed, ours.speed) == (1, 0):  # a freeze that was drawn for each record frame
            assert back.source == back.record
            continue
        assert back.source == ours.source
        assert abs(back.speed - ours.speed) <= Fraction(1, 400)
    assert not any(d.blocking for d in again.warnings)
    assert again.drop == cut.drop
    assert replace(again, path="") == read_edl(text, rate)
