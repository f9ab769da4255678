"""OpenTimelineIO documents: valid, odd and hostile."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import DubsyncError, TurnoverError
from dubsync.core.shot import Cut
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.read_cut import read_cut
from tests.editorial.editorial_making import (
    FILM,
    FILM_NTSC,
    HOUR,
    NTSC,
    clip,
    gap,
    read_otio,
    span,
    stack,
    time,
    timeline,
    track,
    warp,
)

REAL = [
    ("big_int.otio", 1, 0),
    ("effects.otio", 20, 0),
    ("multiple_track.otio", 5, 0),
    ("nested_example.otio", 7, 1),
    ("premiere_example.otio", 6, 0),
    ("simple_cut.otio", 4, 0),
    ("transition_test.otio", 3, 0),
]


def read(document: Any) -> Cut:
    return read_otio(json.dumps(document))


def frames(start: int, stop: int, rate: Fraction = FILM) -> FrameRange:
    return FrameRange(start, stop, rate)


@pytest.mark.parametrize(("name", "events", "blocking"), REAL)
def test_a_real_timeline_is_read(shared: Path, name: str, events: int, blocking: int) -> None:
    cut = read_cut(shared / "timelines/otio" / name, rate=None)
    assert len(cut.events) == events
    assert sum(warning.blocking for warning in cut.warnings) == blocking
    assert len({event.name.lower() for event in cut.events}) == events


@pytest.mark.parametrize("name", ["simple_cut.otio", "multiple_track.otio", "transition_test.otio"])
def test_places_agree_with_opentimelineio_where_it_is_right(shared: Path, name: str) -> None:
    path = shared / "timelines/otio" / name
    cut = read_cut(path, rate=None)
    theirs = otio.adapters.read_from_file(str(path))
    result = set()
    for n, their_track in enumerate(theirs.video_tracks(), start=1):
        for their_clip in their_track.find_clips():
            place = their_clip.transformed_time_range(their_clip.trimmed_range(), theirs.tracks)
            source = their_clip.trimmed_range()
            result.add(
                (f"V{n}", place.start_time.value, place.duration.value, source.start_time.value)
            )
    start = theirs.global_start_time.value if theirs.global_start_time else 0
    ours = {(e.track, e.record.start - start, len(e.record), e.source.start) for e in cut.events}
    # multiple_track's third track shows its clip from a source range that begins before it.
    assert {row for row in ours if row[0] != "V3"} == {row for row in result if row[0] != "V3"}


def test_a_clip_is_placed_after_gaps_from_the_start_time() -> None:
    cut = read(timeline(track(gap(10), clip("A", span(100, 24)), gap(5), clip("B", span(7, 3)))))
    assert [e.record for e in cut.events] == [
        frames(HOUR + 10, HOUR + 34), frames(HOUR + 39, HOUR + 42),
    ]  # fmt: skip
    assert [e.source for e in cut.events] == [frames(100, 124), frames(7, 10)]
    assert [e.where for e in cut.events] == ["V1 clip 1", "V1 clip 2"]
    assert cut.warnings == ()


def test_rounded_rates_are_made_exact() -> None:
    for fps in (23.976, 23.98, 23.976023976023978):
        doc = timeline(track(clip("A", span(86400, 24, fps))), start=time(HOUR, fps))
        cut = read(doc)
        assert cut.rate == FILM_NTSC
        assert cut.events[0].source == frames(86400, 86424, FILM_NTSC)
        assert cut.events[0].record == frames(HOUR, HOUR + 24, FILM_NTSC)


def test_a_thousand_clips_at_2997_do_not_drift() -> None:
    clips = [clip(f"C{n}", span(n, 7, 29.97)) for n in range(1000)]
    cut = read(timeline(track(*clips), start=time(0, 29.97)))
    assert [e.record.start for e in cut.events] == [7 * n for n in range(1000)]
    assert not cut.warnings


def test_a_start_on_a_drop_frame_hour_implies_drop_frame() -> None:
    for start, drop, warnings in ((107892, True, 0), (108000, False, 0), (107900, False, 1)):
        cut = read(timeline(track(clip("A", span(0, 30, 29.97))), start=time(start, 29.97)))
        assert (cut.drop, len(cut.warnings), cut.rate) == (drop, warnings, NTSC)


def test_constant_speeds_multiply() -> None:
    cut = read(timeline(track(clip("A", span(100, 24), effects=[warp(1.5), warp(0.5)]))))
    (event,) = cut.events
    assert event.speed == Fraction(3, 4)
    assert (event.source, len(event.record)) == (frames(100, 118), 24)


def test_a_freeze_uses_one_frame() -> None:
    freeze = {"OTIO_SCHEMA": "FreezeFrame.1", "effect_name": "FreezeFrame", "time_scalar": 0}
    (event,) = read(timeline(track(clip("A", span(100, 24), effects=[freeze])))).events
    assert (event.speed, event.source) == (0, frames(100, 101))


def test_a_reversed_clip_is_warned_about() -> None:
    cut = read(timeline(track(clip("A", span(100, 24), effects=[warp(-1.0)]))))
    assert cut.events[0].speed == -1 and cut.events[0].source == frames(100, 124)
    assert "backwards" in cut.warnings[0].message


@pytest.mark.parametrize("schema", ["TimeEffect.1", "TimeCurve.1", "StudioSpeedRamp.3"])
def test_a_varying_speed_blocks_its_event(schema: str) -> None:
    ramp = {"OTIO_SCHEMA": schema, "effect_name": "ramp"}
    cut = read(timeline(track(clip("A", span(0, 24), effects=[ramp]), clip("B", span(0, 24)))))
    assert [(d.about, d.blocking) for d in cut.warnings] == [("A", True)]
    assert cut.events[0].source is None and cut.events[1].record.start == HOUR + 24


def test_an_effect_on_the_picture_is_not_a_warning() -> None:
    blur = {"OTIO_SCHEMA": "Effect.1", "effect_name": "Blur", "metadata": {}}
    other = {"OTIO_SCHEMA": "StudioGrade.7", "effect_name": "grade"}
    assert not read(timeline(track(clip("A", span(0, 24), effects=[blur, other])))).warnings


def test_a_nested_stack_is_listed_and_trimmed() -> None:
    inner = stack(
        track(clip("A", span(100, 20)), clip("B", span(500, 20))), source_range=span(15, 10)
    )
    cut = read(timeline(track(gap(4), inner)))
    assert [(e.clip, e.record, e.source) for e in cut.events] == [
        ("A", frames(HOUR + 4, HOUR + 9), frames(115, 120)),
        ("B", frames(HOUR + 9, HOUR + 14), frames(500, 505)),
    ]
    assert not cut.warnings


def test_speeds_of_nested_stacks_are_composed() -> None:
    # 2x outside, 1.5x inside: 12 record frames pass 24 inner frames and 36 of the media.
    inner = stack(
        track(clip("A", span(100, 48), effects=[warp(1.5)])),
        source_range=span(8, 12),
        effects=[warp(2.0)],
    )
    (event,) = read(timeline(track(inner))).events
    assert event.record == frames(HOUR, HOUR + 12)
    assert event.speed == 3
    assert event.source == frames(112, 148)


@pytest.mark.parametrize("scalar", [0.0, -1.0])
def test_a_frozen_or_reversed_compound_blocks(scalar: float) -> None:
    inner = stack(track(clip("A", span(0, 24))), name="comp", effects=[warp(scalar)])
    cut = read(timeline(track(inner, clip("B", span(0, 24)))))
    assert [(e.clip, e.source is None) for e in cut.events] == [("comp", True), ("B", False)]
    assert [(d.about, d.blocking) for d in cut.warnings] == [("comp", True)]


def test_events_of_higher_tracks_are_listed_with_a_warning_on_what_they_cover() -> None:
    cut = read(timeline(track(clip("low", span(0, 24))), track(gap(6), clip("high", span(0, 6)))))
    assert [(e.clip, e.track) for e in cut.events] == [("low", "V1"), ("high", "V2")]
    assert [(d.about, d.blocking) for d in cut.warnings] == [("low", False)]


def test_sound_gaps_and_generators_are_not_events_and_disabled_clips_are_marked() -> None:
    bars = clip("bars", span(0, 10))
    bars["media_references"]["DEFAULT_MEDIA"] = {
        "OTIO_SCHEMA": "GeneratorReference.1", "generator_kind": "SMPTEBars",
    }  # fmt: skip
    sound = track(clip("sound", span(0, 480000, 48000)), kind="Audio")
    off = clip("off", span(0, 10), enabled=False)
    cut = read(timeline(track(bars, off, clip("on", span(0, 10))), sound))
    assert [(e.clip, e.enabled) for e in cut.events] == [("off", False), ("on", True)]


def test_a_disabled_track_disables_its_clips() -> None:
    cut = read(timeline(track(clip("A", span(0, 9)), enabled=False), track(clip("B", span(0, 9)))))
    assert [(e.clip, e.enabled) for e in cut.events] == [("A", False), ("B", True)]


def test_a_transition_shows_both_its_sides_past_their_edges() -> None:
    fade = {
        "OTIO_SCHEMA": "Transition.1", "transition_type": "SMPTE_Dissolve",
        "in_offset": time(5), "out_offset": time(5),
    }  # fmt: skip
    cut = read(timeline(track(clip("A", span(0, 24)), fade, clip("B", span(9, 24)))))
    assert [e.record.start for e in cut.events] == [HOUR, HOUR + 24]
    assert [e.overlap for e in cut.events] == [(0, 5), (5, 0)]
    assert cut.warnings == ()


def test_times_off_the_grid_are_snapped_and_warned_about() -> None:
    cut = read(
        timeline(track(clip("A", span(0.4, 24)), clip("B", span(3, 10.5)), clip("C", span(0, 5))))
    )
    assert {d.about for d in cut.warnings} == {"A", "B", "C"}
    assert not any(d.blocking for d in cut.warnings)
    assert [e.record.stop for e in cut.events[:2]] == [e.record.start for e in cut.events[1:]]


def test_media_at_another_rate_keeps_its_frame_numbers() -> None:
    cut = read(
        timeline(track(clip("A", span(50, 25, 25)), clip("B", span(0, 24)), clip("C", span(0, 24))))
    )
    assert cut.rate == FILM
    assert cut.events[0].source == frames(50, 75, Fraction(25))
    assert cut.events[0].record == frames(HOUR, HOUR + 24)


def test_an_unknown_rate_blocks_only_its_event() -> None:
    cut = read(
        timeline(
            track(clip("A", span(0, 24)), clip("B", span(0, 22, 22.131)), clip("C", span(0, 9)))
        )
    )
    assert {d.about for d in cut.warnings if d.blocking} == {"B"}


def test_a_clip_with_an_active_render_links_to_its_plate() -> None:
    dubbed = clip("A", span(0, 24), url="plates/A.mov")
    dubbed["media_references"]["dubbed-fr-FR"] = {
        "OTIO_SCHEMA": "ExternalReference.1", "target_url": "renders/A.mov",
        "metadata": {"dubsync": {"schema": "dubsync.render/1", "replaces": "DEFAULT_MEDIA"}},
    }  # fmt: skip
    dubbed["active_media_reference_key"] = "dubbed-fr-FR"
    assert read(timeline(track(dubbed))).events[0].media == "plates/A.mov"
    dubbed["media_references"]["dubbed-fr-FR"]["metadata"] = {}
    assert read(timeline(track(dubbed))).events[0].media == "renders/A.mov"


def test_reels_are_found_in_metadata() -> None:
    one = clip("A", span(0, 24), metadata={"cmx_3600": {"reel": "A001C003"}})
    assert read(timeline(track(one))).events[0].reel == "A001C003"


def test_an_image_sequence_is_named_by_its_pattern() -> None:
    one = clip("A", span(1001, 24))
    one["media_references"]["DEFAULT_MEDIA"] = {
        "OTIO_SCHEMA": "ImageSequenceReference.1", "target_url_base": "file:///plates/A",
        "name_prefix": "A.", "name_suffix": ".exr", "frame_zero_padding": 4, "rate": 24,
        "start_frame": 1001, "frame_step": 1, "missing_frame_policy": "error",
        "available_range": span(1001, 48),
    }  # fmt: skip
    (event,) = read(timeline(track(one))).events
    assert event.media == "file:///plates/A/A.%04d.exr"
    assert event.available == frames(1001, 1049)


def test_a_clip_of_the_old_schema_and_old_names_are_read() -> None:
    old = clip("A", span(0, 24))
    old |= {
        "OTIO_SCHEMA": "Clip.1",
        "media_reference": old.pop("media_references")["DEFAULT_MEDIA"],
    }
    del old["active_media_reference_key"]
    filler = {**gap(4), "OTIO_SCHEMA": "Filler.1"}
    sequence = {**track(filler, old), "OTIO_SCHEMA": "Sequence.1"}
    (event,) = read(timeline(sequence)).events
    assert event.media == "file:///plates/A.mov" and event.record.start == HOUR + 4


def test_a_collection_of_one_timeline_is_read_and_of_two_refused() -> None:
    one = timeline(track(clip("A", span(0, 24))))
    bin_ = {"OTIO_SCHEMA": "SerializableCollection.1", "children": [clip("x", span(0, 1)), one]}
    assert len(read(bin_).events) == 1
    bin_["children"].append(one)
    with pytest.raises(TurnoverError, match="2 timelines"):
        read(bin_)


@pytest.mark.parametrize(
    "document",
    [[], {}, 5, None, "x", clip("A", span(0, 1)), timeline(), {"OTIO_SCHEMA": "Timeline.1"}],
)
def test_a_document_without_picture_is_refused(document: Any) -> None:
    with pytest.raises(TurnoverError) as refusal:
        read(document)
    assert refusal.value.hint


def nested(depth: int) -> str:
    return '{"OTIO_SCHEMA":"Stack.1","children":[' * depth + "]}" * depth


@pytest.mark.parametrize(
    "text",
    [
        nested(100_000),
        "[" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '{"OTIO_SCHEMA":"Timeline.1","metadata":' + nested(300) + ',"tracks":null}',
        "[" * 100_000 + '"' + '\\"' * 100_000,
    ],
    ids=["stacks", "lists", "objects", "metadata", "unclosed"],
)
@pytest.mark.timeout(20)
def test_deep_nesting_is_refused_before_it_is_parsed(text: str) -> None:
    with pytest.raises(TurnoverError, match="deep"):
        read_otio(text)


BAD_TIMES = [
    time(float("nan")), time(0, float("nan")), time(0, 0), time(0, -24), time(float("inf")),
    time(1e300), time(10**40), {**time(0), "value": "0"}, {**time(0), "rate": True}, 7, "0",
    {"OTIO_SCHEMA": "RationalTime.1"},
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD_TIMES, ids=str)
def test_an_invalid_start_of_a_source_range_blocks_its_clip_only(bad: Any) -> None:
    one = clip("shot_7", span(0, 24), available=span(0, 48))
    one["source_range"]["start_time"] = bad
    cut = read(timeline(track(one, clip("shot_8", span(0, 24)))))
    assert [(e.name, e.record.start, e.source is None) for e in cut.events] == [
        ("shot_7", 86400, True), ("shot_8", 86424, False),
    ]  # fmt: skip
    (warning,) = (w for w in cut.warnings if "shot_7" in w.message)
    assert warning.blocking and warning.about == "shot_7"


@pytest.mark.parametrize("bad", BAD_TIMES, ids=str)
def test_an_invalid_length_is_refused_by_name(bad: Any) -> None:
    one = clip("shot_7", span(0, 24), available=span(0, 48))
    one["source_range"]["duration"] = bad
    with pytest.raises(TurnoverError, match="V1 clip 1: 'shot_7' is not listed"):
        read(timeline(track(one)))


@pytest.mark.parametrize("bad", BAD_TIMES, ids=str)
def test_an_invalid_available_range_is_not_read(bad: Any) -> None:
    one = clip("shot_7", span(0, 24), available=span(0, 48))
    one["media_references"]["DEFAULT_MEDIA"]["available_range"]["duration"] = bad
    cut = read(timeline(track(one)))
    assert cut.events[0].source is not None and cut.events[0].available is None
    assert cut.probed is not None
    assert "available range of its media is not valid" in cut.probed.losses.losses[0].what


@pytest.mark.parametrize("bad", BAD_TIMES, ids=str)
def test_an_invalid_first_timecode_is_refused(bad: Any) -> None:
    document = timeline(track(clip("shot_7", span(0, 24))))
    document["global_start_time"] = bad
    with pytest.raises(TurnoverError, match="its first timecode is not valid"):
        read(document)


def test_negative_durations_are_refused_and_endless_speeds_blocked() -> None:
    with pytest.raises(TurnoverError, match="duration of -5"):
        read(timeline(track(clip("A", span(0, -5)))))
    cut = read(timeline(track(clip("A", span(0, 5), effects=[warp(float("nan"))]))))
    assert any(w.blocking and "a speed of nan is not valid" in w.message for w in cut.warnings)


def test_cycles_and_shared_objects_are_refused() -> None:
    loop = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "Stack-1"}
    document = timeline(track(clip("A", span(0, 24)), loop))
    document["tracks"]["OTIO_REF_ID"] = "Stack-1"
    with pytest.raises(TurnoverError, match="cycle"):
        read(document)


@pytest.mark.parametrize("schema", ["Clip.99", "Foo.9", "UnknownSchema.1", "RationalTime.1", "", 7])
def test_a_child_of_an_unknown_schema_is_refused(schema: Any) -> None:
    with pytest.raises(TurnoverError, match="not a clip|not supported"):
        read(timeline(track({**clip("A", span(0, 24)), "OTIO_SCHEMA": schema})))


def test_truncated_text_names_the_line() -> None:
    text = json.dumps(timeline(track(clip("A", span(0, 24)))), indent=1)
    for at in range(1, len(text) - 1, 97):
        with pytest.raises(TurnoverError):
            read_otio(text[:at])


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    return [path, *(p for key, child in items for p in _paths(child, (*path, key)))]


SEED = timeline(
    track(
        clip("A", span(10, 24), available=span(0, 48)),
        gap(4),
        stack(track(clip("B", span(0, 30), effects=[warp(2.0)])), source_range=span(2, 9)),
    ),
    track(clip("C", None, available=span(5, 50))),
)
SCHEMAS = [
    "Clip.1", "Clip.2", "Clip.9", "Track.1", "Stack.1", "Gap.1", "Transition.1", "Timeline.1",
    "UnknownSchema.1", "RationalTime.1", "TimeRange.1", "LinearTimeWarp.1", "FreezeFrame.1",
    "SerializableObjectRef.1", "Box2d.1", "Item.1", "x", "", ".1", "Clip.-1",
]  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]),
    st.just({}), st.sampled_from([{"OTIO_SCHEMA": s} for s in SCHEMAS]), st.sampled_from(SCHEMAS),
)  # fmt: skip


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_document_is_read_or_refused_and_never_crashes(data: st.DataObject) -> None:
    document = copy.deepcopy(SEED)
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from([p for p in _paths(document) if p]))
        node = document
        for key in path[:-1]:
            node = node[key]
        if data.draw(st.booleans()):
            node[path[-1]] = copy.deepcopy(data.draw(VALUES))
        elif data.draw(st.booleans()):
            del node[path[-1]]
        else:
            other = data.draw(st.sampled_from(_paths(document)))
            result = document
            for key in other:
                result = result[key]
            node[path[-1]] = copy.deepcopy(result)
        if not isinstance(document, dict):
            break
    try:
        cut = read(document)
    except DubsyncError as refusal:
        assert str(refusal)
        return
    assert cut.events and all(len(e.record) > 0 for e in cut.events)
