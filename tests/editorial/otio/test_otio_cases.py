"""The .otio documents of ../shared/cases/timelines, with the values of their expected.txt; ranges
outside their contents, collections of clips, and the census of what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dubsync.core.timeline.losses import BLOCKS
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.otio.read import read_otio_whole
from dubsync.editorial.otio.write import write_otio_flat
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.picture_events import cut_from
from dubsync.editorial.timeline.resolve import resolve
from tests.editorial.cases_making import Case, all_said, assert_said, row_of
from tests.editorial.editorial_making import clip, span, timeline, track
from tests.editorial.otio.test_otio_probe import as_json

HOUR = 86400
CASES = [
    Case("01", None, (("A001_C001", (864000, 864048), (HOUR, HOUR + 48), 1),
                      ("A002_C001", (864048, 864072), (172800, 172824), 1)),
         ("outside its contents", "10:00:00:00"), "in.otio"),
    Case("06", None, (("fwd", (0, 50), (1000, 1050), 1), ("back", (50, 100), (1250, 1300), -1)),
         ("'back' runs backwards",), "in.otio"),
    Case("24", None, (("a", (HOUR, HOUR + 24), (48, 72), 1),
                      ("b", (HOUR + 24, HOUR + 72), (86400, 86448), 1)), (), "in.otio"),
    Case("25", None, (("a", (HOUR, HOUR + 50), (100, 150), 1),
                      ("b", (HOUR + 50, HOUR + 80), (10, 40), 1)), (), "in.otio"),
    Case("27", None, (("a", (0, 100), (0, 100), 1), ("fade", (75, 100), None, 1)), (), "in.otio"),
    Case("31", None, (("a", (0, 48), (0, 48), 1),), ("Marker.3 is newer",), "in.otio"),
    Case("48", None, (("a", (HOUR, HOUR + 48), (0, 48), 1),
                      ("nest", (HOUR + 48, HOUR + 72), None, 1),
                      ("n", (HOUR + 48, HOUR + 72), (112, 136), 1)), (), "in.otio"),
    Case("56", None, (("plate", (HOUR, HOUR + 24), (1009, 1033), 1),), (), "in.otio"),
    Case("67", None, (("a", (0, 60), (0, 60), 1), ("b", (60, 120), (0, 48), 1),
                      ("c", (120, 150), (0, 30), 1)), (), "in.otio"),
    Case("71", None, (("a", (HOUR, HOUR + 24), (0, 24), 1), ("x", (HOUR + 18, HOUR + 31), None, 1),
                      ("b", (HOUR + 24, HOUR + 48), (100, 124), 1)), (), "in.otio"),
]  # fmt: skip
BY_FOLDER = {case.folder: case for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_document_has_the_events_of_its_expected_values(shared: Path, case: Case) -> None:
    cut = case.probed(shared)
    assert tuple(row_of(event) for event in cut.events) == case.rows
    assert_said(cut, case.said)
    (one,) = cut.timelines
    assert one.length is not None and one.length.denominator == 1
    runs = resolve(cut)
    assert sum(len(run.record) for run in runs) == one.length  # no frame more from float noise


def test_a_colour_object_is_its_name_and_a_marker_may_have_no_length(shared: Path) -> None:
    (marker,) = BY_FOLDER["31"].probed(shared).markers
    assert marker.record is not None
    assert (marker.record.start, marker.record.length, marker.colour) == (12, 0, "red")


def test_a_disabled_clip_shows_nothing(shared: Path) -> None:
    runs = resolve(BY_FOLDER["48"].probed(shared))
    assert [(run.nothing, len(run.shown)) for run in runs] == [("switched off", 0), ("", 1)]


def read(*tracks: Any, **fields: Any) -> ProbedCut:
    document = timeline(*tracks)
    document.update(fields)
    return read_otio_whole(as_json(document))


def ranged(start: float, length: float, *clips: Any) -> Any:
    return {**track(*clips), "source_range": span(start, length)}


@pytest.mark.parametrize("start", [-864000, -24, -1, 72, 86400])
@pytest.mark.parametrize("lengths", [(48, 24), (72,)])
def test_a_track_whose_range_lies_outside_its_contents_is_listed_whole(
    start: int, lengths: Sequence[int]
) -> None:
    clips = [clip(str(n), span(100 * n, length)) for n, length in enumerate(lengths)]
    cut = read(ranged(start, 72, *clips), global_start_time=None)
    (one,) = cut.timelines
    assert (one.start, one.length) == (abs(start), 72)
    assert [e.record.length for e in cut.events if e.record] == list(lengths)
    assert "outside its contents" in all_said(cut)
    assert sum(len(run.record) for run in resolve(cut) if run.shown) == 72


def test_tracks_that_begin_at_different_record_times_keep_their_distance() -> None:
    one, two = clip("one", span(0, 48)), clip("two", span(0, 24))
    cut = read(ranged(-1000, 48, one), ranged(-1010, 24, two), global_start_time=None)
    starts = [event.record.start for event in cut.events if event.record]
    assert starts == [1000, 1010]
    assert cut.timelines[0].length == 48


def test_a_range_that_trims_its_contents_still_does() -> None:
    cut = read(ranged(12, 24, clip("a", span(0, 48))), global_start_time=None)
    assert [row_of(event)[1:3] for event in cut.events] == [((0, 24), (12, 36))]
    assert "outside" not in all_said(cut)


def test_a_nest_whose_range_lies_outside_its_contents_is_reported() -> None:
    nest = {"OTIO_SCHEMA": "Stack.1", "name": "nest", "source_range": span(86400, 24),
            "children": [track(clip("a", span(0, 24)))]}  # fmt: skip
    cut = read(track(nest, clip("b", span(0, 24))))
    (loss,) = (x for x in cut.losses if x.turnover == BLOCKS)
    assert "'nest': its range lies outside its contents" in loss.what


def nest_of(*tracks: Any) -> Any:
    return {"OTIO_SCHEMA": "Stack.1", "name": "nest", "children": list(tracks)}


@pytest.mark.parametrize("start", [-86400, -1, 4000])
def test_a_displaced_track_in_a_nest_is_listed_from_the_nests_start(start: int) -> None:
    inner = ranged(start, 48, clip("a", span(10, 24)), clip("b", span(50, 24)))
    cut = read(track(clip("o", span(0, 24)), nest_of(inner)), global_start_time=None)
    assert [row_of(event)[:3] for event in cut.events] == [
        ("o", (0, 24), (0, 24)), ("nest", (24, 72), None),
        ("a", (24, 48), (10, 34)), ("b", (48, 72), (50, 74)),
    ]  # fmt: skip
    assert "a nested track lies outside its contents" in all_said(cut)


def test_a_document_of_otios_edl_adapter_is_patched_at_its_record_time(shared: Path) -> None:
    (folder,) = (shared / "cases/timelines").glob("01-*")
    path = folder / "in.otio"
    cut = probe_cut(path)
    assert [event.record.start for event in cut_from(cut).events] == [864000, 864048]
    again = read_otio_whole(write_otio_flat(cut, (), original=path.read_bytes()).data.decode())
    assert [row_of(event) for event in again.events] == [row_of(event) for event in cut.events]
    anew = read_otio_whole(write_otio_flat(cut, ()).data.decode())
    assert [row_of(event) for event in anew.events] == [row_of(event) for event in cut.events]


@pytest.mark.parametrize(
    ("name", "count"),
    [("Test2events.otio", 2), ("AQUARIUS_BeachEpisode_AndyJ_SelectsV1_20221025.otio", 6)],
)
def test_a_collection_of_clips_is_a_bin(shared: Path, name: str, count: int) -> None:
    cut = probe_cut(shared / "timelines/edl_tools" / name)
    assert len(cut.events) == count
    assert all(event.record is None and event.source for event in cut.events)
    assert cut.events[0].source is not None
    if count == 2:
        assert cut.events[0].source.text == ("09:55:06:00", "09:56:14:46")


def test_collections_inside_collections_are_searched() -> None:
    inner = {
        "OTIO_SCHEMA": "SerializableCollection.1",
        "children": [timeline(track(clip("a", span(0, 24))))],
    }
    outer = {"OTIO_SCHEMA": "SerializableCollection.1", "children": [inner, clip("b", span(5, 10))]}
    cut = read_otio_whole(as_json(outer))
    assert [(event.name, event.record is None) for event in cut.events] == [
        ("a", False),
        ("b", True),
    ]
    assert cut.events[0].identity is not None
    assert cut.events[0].identity.keys[:4] == ("children", 0, "children", 0)


def test_media_at_no_frame_rate_costs_its_range_only(shared: Path) -> None:
    cut = probe_cut(shared / "timelines/kdenlive/test-transitions.otio")
    pictures = [event for event in cut.events if event.kind == "cut"]
    assert [(row_of(event)[1:3], event.available) for event in pictures] == [
        (((0, 24), (0, 24)), None), (((24, 48), (12, 36)), None), (((48, 72), (4, 28)), None),
    ]  # fmt: skip
    assert [run.record.start for run in resolve(cut)] == [0, 12, 28, 44, 60]
    assert_said(cut, ["V1 clip 1: the available range of its media is not valid"])


#: What is put into a document: a path to the object, the key, the value, the words of the loss.
UNKNOWN = [
    (("tracks",), "rotation", 5, "Stack.rotation is not listed"),
    (("tracks", "children", 0), "lock", True, "Track.lock is not listed"),
    (("tracks", "children", 0, "children", 0), "colour_space", "x", "Clip.colour_space"),
    (("tracks", "children", 0, "children", 0), "color", "PINK", "Clip.color is not listed"),
    (("tracks", "children", 0, "children", 0), "metadata", {"lab": {"a": 1}}, "lab"),
    (("tracks", "children", 0, "children", 0), "thing", {"OTIO_SCHEMA": "Odd.1"},
     "Odd is no known schema"),
    (("tracks", "children", 0, "children", 0), "effects", [{"OTIO_SCHEMA": "Blur.1"}],
     "Blur"),
    ((), "camera", {"iso": 800}, "Timeline.camera is not listed"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "key", "value", "words"), UNKNOWN, ids=lambda x: str(x)[:24])
def test_what_is_not_known_is_reported(path: Any, key: str, value: Any, words: str) -> None:
    document = timeline(track(clip("a", span(0, 24))))
    before = all_said(read_otio_whole(as_json(document)))
    node: Any = document
    for step in path:
        node = node[step]
    node[key] = value
    cut = read_otio_whole(as_json(document))
    assert words in all_said(cut) and words not in before
    assert len(cut.events) == 1


def test_tracks_of_other_kinds_and_objects_without_a_schema_are_reported() -> None:
    words = {**track(clip("s", span(0, 24))), "kind": "Subtitle", "name": "ST"}
    cut = read(track(clip("a", span(0, 24)), {"name": "nothing"}), words)
    assert [event.name for event in cut.events] == ["a"]
    assert_said(cut, ["track 'ST' of kind 'Subtitle' is not listed", "it has no schema"])


def test_float_noise_makes_no_further_frame() -> None:
    rate = 24000 / 1001
    for count in (3, 100, 999):
        clips = [clip(str(n), span(n, 1 + n % 3, rate)) for n in range(count)]
        cut = read(track(*clips), global_start_time=None)
        (one,) = cut.timelines
        assert one.length == Fraction(sum(1 + n % 3 for n in range(count)))
