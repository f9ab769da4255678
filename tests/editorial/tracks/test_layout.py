"""Cuts laid out in tracks, and the position of the dubbed track: the same in every format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings

from dubsync.core.timeline.corrected import Written
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent
from dubsync.editorial.aaf.write import write_aaf
from dubsync.editorial.cmx3600.write import write_cmx
from dubsync.editorial.fcpxml.write import write_fcpxml
from dubsync.editorial.otio.write import write_otio_flat
from dubsync.editorial.timeline.resolve import resolve
from dubsync.editorial.tracks.dubbed_track import with_dubbed_tracks
from dubsync.editorial.tracks.from_cut import lay_out_tracks
from dubsync.editorial.tracks.layout import Layout
from dubsync.editorial.tracks.verify import differences
from dubsync.editorial.xmeml.write import write_xmeml
from tests.editorial.delivered_making import (
    FILM,
    HOUR,
    clip,
    corrected,
    cut_of,
    dissolve,
    gap,
    read,
)
from tests.editorial.written_making import corrected_of, made_cuts

_with_aaf = pytest.mark.skipif(find_spec("aaf2") is None, reason="pyaaf2 is not installed")
WRITERS = [
    pytest.param(write_aaf, ".aaf", id="AAF", marks=_with_aaf),
    pytest.param(write_fcpxml, ".fcpxml", id="FCPXML"),
    pytest.param(write_xmeml, ".xml", id="FCP7 XML"),
    pytest.param(write_otio_flat, ".otio", id="otio"),
]
Writer = Callable[..., Written]


@settings(max_examples=40)
@given(cut=made_cuts())
def test_clips_of_a_track_overlap_exactly_as_long_as_their_transition(cut: ProbedCut) -> None:
    for track in lay_out_tracks(Layout(cut), cut.timelines[0]):
        for one, other in pairwise(track.clips):
            assert one.stop <= other.start
            transition = track.transition_at(one.stop) if one.stop == other.start else None
            over = track.shown(one).stop - track.shown(other).start
            assert over == transition.stop - transition.start if transition else over <= 0


@settings(max_examples=40)
@given(cut=made_cuts())
def test_the_new_tracks_are_directly_above_the_highest_corrected_one(cut: ProbedCut) -> None:
    new = corrected_of(cut, every=3)
    layout = Layout(cut)
    before = lay_out_tracks(layout, cut.timelines[0])
    after = with_dubbed_tracks(layout, before, new)
    top = max((int(cut.events[one.event].track[1:]) for one in new), default=0)
    mine = [track.height for track in after if any(clip.corrected for clip in track.clips)]
    assert mine == list(range(top + 1, top + 1 + len(mine)))
    others = [track.height for track in after if not track.sound and track.height not in mine]
    was = [track.height for track in before if not track.sound]
    assert others == [height + len(mine) * (height > top) for height in was]


@pytest.mark.parametrize(("write", "suffix"), WRITERS)
@pytest.mark.parametrize("anew", [True, False], ids=["anew", "patched"])
def test_inserts_above_a_corrected_clip_stay_above(
    tmp_path: Path, write: Writer, suffix: str, anew: bool
) -> None:
    cut = cut_of(
        clip("A", 0, 48),
        clip("B", 0, 48, 3000, track="V2"),
        clip("insert", 10, 20, 9000, track="V3"),
        clip("S", 0, 48, track="A1"),
    )
    original = None
    if not anew:
        original = write(cut, ()).data
        cut = read(tmp_path, f"came{suffix}", original)
    chosen = [n for n, event in enumerate(cut.events) if event.name == "B"]
    written = write(cut, corrected(cut, *chosen), original=original)
    back = read(tmp_path, f"r1{suffix}", written.data)
    tracks = {e.name: e.track for e in back.events if e.kind != "gap" and e.track[0] == "V"}
    ours = next(name for name in tracks if name.startswith("SH"))
    assert tracks == {"A": "V1", "B": "V2", ours: "V3", "insert": "V4"}
    assert not any("below" in loss.what or "covered" in loss.what for loss in written.losses)
    assert differences(cut, corrected(cut, *chosen), back) == ()


@pytest.mark.parametrize(("write", "suffix"), WRITERS)
def test_a_corrected_clip_hides_no_insert_between_it_and_its_new_track(
    tmp_path: Path, write: Writer, suffix: str
) -> None:
    cut = cut_of(
        clip("A", 0, 48),
        clip("insert", 10, 20, 9000, track="V2"),
        clip("C", 60, 80, 5000, track="V3"),
    )
    written = write(cut, corrected(cut, 0, 2))
    back = read(tmp_path, f"r1{suffix}", written.data)
    assert {e.track for e in back.events if e.name.startswith("SH")} == {"V4"}
    assert differences(cut, corrected(cut, 0, 2), back) == ()
    assert any("covered" in loss.what for loss in written.losses)


FADED = {
    "to, as the clip ends": (clip("A", 0, 50), dissolve(44, 56), gap(50, 56), clip("B", 56, 90)),
    "to, as the fade ends": (clip("A", 0, 56), dissolve(44, 56), gap(44, 56), clip("B", 56, 90)),
    "from, as the clip begins": (
        clip("A", 0, 44),
        dissolve(44, 56),
        gap(44, 50),
        clip("B", 50, 90),
    ),
    "from, as the fade begins": (
        clip("A", 0, 44),
        dissolve(44, 56),
        gap(44, 56),
        clip("B", 44, 90),
    ),
    "from, in one frame": (clip("A", 0, 44), dissolve(44, 45), gap(44, 45), clip("B", 44, 90)),
}


@pytest.mark.parametrize("events", FADED.values(), ids=FADED)
def test_black_that_is_as_short_as_its_fade_separates_its_neighbours(
    events: tuple[ProbedEvent, ...],
) -> None:
    (track,) = lay_out_tracks(Layout(cut := cut_of(*events)), cut.timelines[0])
    (only,) = track.transitions
    assert sorted(side.name if side else "" for side in track.sides(only)) in (["", "A"], ["", "B"])
    shown = [(start - HOUR, stop - HOUR) for start, stop in map(track.record_range, track.clips)]
    assert shown in ([(0, 56), (56, 90)], [(0, 44), (44, 90)])


@pytest.mark.parametrize(("write", "suffix"), WRITERS)
@pytest.mark.parametrize("events", FADED.values(), ids=FADED)
def test_a_fade_to_or_from_black_does_not_dissolve_into_the_next_clip(
    tmp_path: Path, write: Writer, suffix: str, events: tuple[ProbedEvent, ...]
) -> None:
    back = read(tmp_path, f"r1{suffix}", write(cut_of(*events), ()).data)
    seen = [[back.events[shown.event].name for shown in run.shown] for run in resolve(back)]
    assert [names for n, names in enumerate(seen) if not n or names != seen[n - 1]] == [
        ["A"],
        ["B"],
    ]


@pytest.mark.parametrize(("write", "suffix"), [*WRITERS, pytest.param(write_cmx, ".edl", id="EDL")])
@pytest.mark.parametrize("kind", ["title", "generator"])
def test_a_generated_clip_becomes_no_media_even_if_it_has_source_frames(
    tmp_path: Path, write: Writer, suffix: str, kind: str
) -> None:
    text = replace(clip("TEXT", 50, 60, 5000), kind=kind, reel="", media="")
    written = write(cut_of(clip("A", 0, 48), text), ())
    back = read(tmp_path, f"again{suffix}", written.data, FILM if suffix == ".edl" else None)
    assert [event.name for event in back.events if event.kind == "cut"] == ["A"]
