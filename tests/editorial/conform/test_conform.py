"""The corrected .otio: renders are active, and no other byte changes."""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.core.errors import DeliveryError
from dubsync.core.shot import Cut, Turnover
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.conform.into_otio import corrected_otio, without_renders
from dubsync.editorial.otio.text import document
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.turnover.shots import turnover
from tests.editorial.editorial_making import (
    FILM,
    FILM_NTSC,
    HOUR,
    PAL,
    ROOT,
    canonical,
    clip,
    cut_of,
    event_row,
    everything_linked,
    gap,
    line,
    listing,
    plate,
    rendered,
    span,
    stack,
    time,
    timeline,
    track,
    warp,
)

REAL = [
    "big_int.otio", "effects.otio", "multiple_track.otio", "nested_example.otio",
    "premiere_example.otio", "simple_cut.otio", "transition_test.otio",
]  # fmt: skip
SAMPLE = Path(__file__).parents[3] / "sample_projects/two_hander"
KEY = "dubbed-fr-FR"


def corrected(cut: Cut, result: Turnover) -> Any:
    return json.loads(corrected_otio(cut, result, rendered(result.shots), language="fr-FR"))


def clips(node: Any) -> list[dict[str, Any]]:
    """Every clip of a document; independent of the code under test."""
    if isinstance(node, list):
        return [c for child in node for c in clips(child)]
    if not isinstance(node, dict):
        return []
    if str(node.get("OTIO_SCHEMA")).startswith("Clip."):
        return [node]
    return [c for child in node.values() for c in clips(child)]


def stacks(node: Any) -> list[dict[str, Any]]:
    """Every stack of tracks of a document's timelines."""
    if not isinstance(node, dict):
        return []
    inner = [s for child in node.get("children") or () for s in stacks(child)]
    tracks = node.get("tracks")
    return [tracks, *inner] if isinstance(tracks, dict) and tracks.get("children") else inner


def assert_only_ours_was_added(before: Any, after: Any) -> None:
    """Remove the renders' keys and tracks by hand; the rest must be the original."""
    after = copy.deepcopy(after)
    for one in stacks(after):
        one["children"] = [t for t in one["children"] if "dubsync" not in (t.get("metadata") or {})]
    for one, was in zip(clips(after), clips(before), strict=True):
        if KEY not in one.get("media_references", {}):
            continue
        assert one["active_media_reference_key"] == KEY
        del one["media_references"][KEY]
        if was["OTIO_SCHEMA"] == "Clip.2":
            one["active_media_reference_key"] = was["active_media_reference_key"]
            continue
        # An older clip holds one reference: it had to become a newer one to hold two.
        del one["active_media_reference_key"]
        one["OTIO_SCHEMA"] = "Clip.1"
        (kept,) = one.pop("media_references").values()
        one["media_reference"] = kept
        if was["media_reference"] is None:
            assert kept["OTIO_SCHEMA"] == "MissingReference.1"
            one["media_reference"] = None
    assert canonical(after) == canonical(before)


@pytest.mark.parametrize("name", REAL)
def test_a_real_timeline_keeps_all_its_keys(shared: Path, name: str) -> None:
    path = shared / "timelines/otio" / name
    cut = read_cut(path, rate=None)
    result = everything_linked(cut, every=2)
    text = corrected_otio(cut, result, rendered(result.shots), language="fr-FR")
    before = document(path.read_text(encoding="utf-8"), name)
    assert_only_ours_was_added(before, json.loads(text))
    assert canonical(json.loads(without_renders(text))) == canonical(before)
    added = [c for c in clips(json.loads(text)) if KEY in c.get("media_references", {})]
    # One that plays at another rate than it counts, or is drawn as shown, has a clip of its own.
    beside = [s for s in result.shots if s.event.source and s.plate.shown is None
              and s.event.source.rate == s.plate.frames.rate]  # fmt: skip
    assert len(added) == len(beside) >= len(result.shots) - 1


def test_the_sample_s_otio_plays_the_renders_in_opentimelineio(tmp_path: Path) -> None:
    cut = read_cut(SAMPLE / "two_hander.otio", rate=None)
    result = everything_linked(cut)
    text = corrected_otio(cut, result, rendered(result.shots), language="fr-FR")
    theirs = otio.adapters.read_from_string(text, "otio_json")
    played = [c for row in theirs.video_tracks() for c in row.find_clips()]
    assert len(played) == len(result.shots) == len(cut.events)
    for one, shot in zip(played, result.shots, strict=True):
        media = one.media_references()
        assert one.active_media_reference_key == KEY
        assert set(media) == {"DEFAULT_MEDIA", KEY}
        start, length = media[KEY].available_range.start_time, media[KEY].available_range.duration
        assert (start.value, length.value) == (shot.render.start, len(shot.render))
        assert Fraction(start.rate).limit_denominator(1001) == FILM_NTSC
        assert start.value <= one.source_range.start_time.value
        assert media[KEY].metadata["dubsync"]["schema"] == "dubsync.render/1"


def test_the_written_cut_reads_back_with_the_same_plates(tmp_path: Path) -> None:
    body = timeline(
        track(
            clip("A", span(100, 24), available=span(80, 90)),
            gap(3),
            stack(track(clip("B", span(9, 40), effects=[warp(0.5)])), source_range=span(4, 20)),
        )
    )
    cut = cut_of(tmp_path, body)
    result = everything_linked(cut)
    again = cut_of(tmp_path, corrected(cut, result), "corrected.otio")
    assert [replace(e, name="") for e in again.events] == [replace(e, name="") for e in cut.events]


def test_the_added_reference_describes_the_render(tmp_path: Path) -> None:
    cut = cut_of(tmp_path, timeline(track(clip("A", span(100, 24), available=span(80, 90)))))
    result = everything_linked(cut)
    (one,) = clips(corrected(cut, result))
    added = one["media_references"][KEY]
    assert added["target_url"] == "../renders/v001/A.mov"
    ours = added["metadata"]["dubsync"]
    assert ours | {
        "schema": "dubsync.render/1", "version": 1, "language": "fr-FR", "characters": ["ELISE"],
        "matte": "../renders/v001/A_matte.mov", "layer": "../renders/v001/A_layer.mov",
        "digest": "d" * 64, "record": "../renders/v001/A.json", "replaces": "DEFAULT_MEDIA",
    } == ours  # fmt: skip


def test_paths_are_percent_encoded_and_absolute_ones_are_file_urls(tmp_path: Path) -> None:
    cut = cut_of(tmp_path, timeline(track(clip("A", span(100, 24), available=span(80, 90)))))
    result = everything_linked(cut)
    for picture, url in (
        ("/out/é 1#2%.mov", "file:///out/%C3%A9%201%232%25.mov"),
        ("../out/a b.mov", "../out/a%20b.mov"),
    ):
        render = replace(rendered(result.shots)[0], picture=picture)
        text = corrected_otio(cut, result, [render], language="fr-FR")
        assert clips(json.loads(text))[0]["media_references"][KEY]["target_url"] == url


def test_handles_do_not_lengthen_a_clip_without_a_source_range(tmp_path: Path) -> None:
    body = timeline(track(clip("A", None, available=span(100, 24)), clip("B", span(0, 9))))
    cut = cut_of(tmp_path, body)
    result = everything_linked(cut)
    assert len(result.shots[0].render) == 40
    after = corrected(cut, result)
    assert cut_of(tmp_path, after, "corrected.otio").events == cut.events
    theirs = otio.adapters.read_from_string(json.dumps(after), "otio_json")
    assert theirs.duration().value == 33


def test_a_sequence_is_referenced_frame_by_frame(tmp_path: Path) -> None:
    cut = cut_of(tmp_path, timeline(track(clip("A", span(1010, 24), available=span(1001, 90)))))
    plates = [plate("A.%04d.exr", 1001, 1091, first_number=1)]
    cut = replace(cut, events=tuple(replace(e, media="", clip="A") for e in cut.events))
    (tmp_path / "r1.otio").write_text(
        json.dumps(
            timeline(track(clip("A", span(1010, 24), url="x/A.%04d.exr", available=span(1001, 90))))
        )
    )
    cut = read_cut(tmp_path / "r1.otio", rate=None)
    result = turnover(cut, plates, [line("L", HOUR, HOUR + 9)], [], handles=4, roots=[ROOT])
    render = replace(rendered(result.shots)[0], picture="../r/A_v001.%04d.exr")
    text = corrected_otio(cut, result, [render], language="fr-FR")
    added = clips(json.loads(text))[0]["media_references"][KEY]
    assert added["OTIO_SCHEMA"] == "ImageSequenceReference.1"
    reference = otio.adapters.read_from_string(json.dumps(added), "otio_json")
    assert reference.start_frame == 6  # rendered files have the numbers of the plate's own files
    assert reference.target_url_for_image_number(0) == "../r/A_v001.0006.exr"
    assert reference.number_of_images_in_sequence() == 32


def test_a_renumbered_plate_keeps_the_numbering_of_the_cut(tmp_path: Path) -> None:
    cut = cut_of(tmp_path, timeline(track(clip("A", span(86420, 24), available=span(86400, 90)))))
    plates = [plate("A.mov", 0, 90, has_timecode=False)]
    result = turnover(cut, plates, [line("L", HOUR, HOUR + 9)], [], handles=4, roots=[ROOT])
    (one,) = clips(corrected(cut, result))
    held = one["media_references"][KEY]["available_range"]
    assert held["start_time"]["value"] == 86416 and held["duration"]["value"] == 32


def old_schema(one: dict[str, Any], media: Any) -> dict[str, Any]:
    one = {k: v for k, v in one.items() if "media_reference" not in k}
    return {**one, "OTIO_SCHEMA": "Clip.1", **media}


@pytest.mark.parametrize("kind", ["kept", "null", "absent", "no key"])
def test_clips_of_older_schemas_are_restored(tmp_path: Path, kind: str) -> None:
    one = clip("A", span(100, 24))
    media = one["media_references"]["DEFAULT_MEDIA"]
    body = {
        "kept": old_schema(one, {"media_reference": media}),
        "null": old_schema(one, {"media_reference": None}),
        "absent": old_schema(one, {}),
        "no key": {k: v for k, v in one.items() if k != "active_media_reference_key"},
    }[kind]
    document_ = timeline(track(body))
    cut = cut_of(tmp_path, document_)
    result = everything_linked(cut)
    text = corrected_otio(cut, result, rendered(result.shots), language="fr-FR")
    assert json.loads(text)["tracks"]["children"][0]["children"][0]["OTIO_SCHEMA"] == "Clip.2"
    assert otio.adapters.read_from_string(text, "otio_json")
    assert canonical(json.loads(without_renders(text))) == canonical(document_)


def test_a_second_version_replaces_the_first_and_languages_are_kept_side_by_side(
    tmp_path: Path,
) -> None:
    body = timeline(track(clip("A", span(100, 24), available=span(80, 90))))
    cut = cut_of(tmp_path, body)
    result = everything_linked(cut)
    for version, language in ((1, "fr-FR"), (2, "fr-FR"), (1, "de-DE"), (3, "fr-FR")):
        renders = rendered(result.shots, version=version)
        text = corrected_otio(cut, result, renders, language=language)
        cut = cut_of(tmp_path, text, "corrected.otio")
        result = everything_linked(cut)
        assert cut.events[0].media == "file:///plates/A.mov"
    (one,) = clips(json.loads(text))
    assert set(one["media_references"]) == {"DEFAULT_MEDIA", "dubbed-fr-FR", "dubbed-de-DE"}
    assert one["media_references"][KEY]["metadata"]["dubsync"]["version"] == 3
    assert canonical(json.loads(without_renders(text))) == canonical(body)


def test_a_reference_of_another_program_is_not_overwritten(tmp_path: Path) -> None:
    one = clip("A", span(100, 24))
    one["media_references"][KEY] = one["media_references"]["DEFAULT_MEDIA"]
    cut = cut_of(tmp_path, timeline(track(one)))
    result = everything_linked(cut)
    with pytest.raises(DeliveryError, match="dubsync did not write"):
        corrected_otio(cut, result, rendered(result.shots), language="fr-FR")


def test_clips_with_the_same_name_are_distinguished_by_place(tmp_path: Path) -> None:
    body = timeline(track(*[clip("same", span(100 + n, 10)) for n in range(5)]))
    cut = cut_of(tmp_path, body)
    result = everything_linked(cut)
    text = corrected_otio(cut, result, rendered([result.shots[3]]), language="fr-FR")
    assert [KEY in c["media_references"] for c in clips(json.loads(text))] == [
        False, False, False, True, False,
    ]  # fmt: skip


def test_a_changed_or_missing_cut_is_refused(tmp_path: Path) -> None:
    cut = cut_of(tmp_path, timeline(track(clip("A", span(100, 24)))))
    result = everything_linked(cut)
    cut_of(tmp_path, timeline(track(clip("A", span(101, 24)))))
    with pytest.raises(DeliveryError, match="changed since"):
        corrected(cut, result)
    (tmp_path / "r1.otio").unlink()
    with pytest.raises(DeliveryError, match="cannot be read again"):
        corrected(cut, result)


def test_short_duplicate_and_foreign_renders_are_refused(tmp_path: Path) -> None:
    cut = cut_of(tmp_path, timeline(track(clip("A", span(100, 24)))))
    result = everything_linked(cut)
    (render,) = rendered(result.shots)
    short = replace(render, frames=FrameRange(101, 124, FILM))
    with pytest.raises(DeliveryError, match="the render has frames 101"):
        corrected_otio(cut, result, [short], language="fr-FR")
    with pytest.raises(DeliveryError, match="two renders"):
        corrected_otio(cut, result, [render, render], language="fr-FR")
    other = replace(render, shot=replace(render.shot, event=replace(render.shot.event, clip="B")))
    with pytest.raises(DeliveryError, match="another version of the cut"):
        corrected_otio(cut, result, [other], language="fr-FR")


LIST = listing(
    event_row(1, "BL", ("00:00:00:00", "00:00:01:00"), ("01:00:00:00", "01:00:01:00")),
    event_row(2, "A001", ("00:00:10:00", "00:00:12:00"), ("01:00:01:00", "01:00:03:00")),
    "* FROM CLIP NAME: A.mov",
    event_row(3, "B001", ("00:00:10:00", "00:00:12:00"), ("01:00:05:00", "01:00:09:00")),
    "M2   B001       012.0                00:00:10:00",
    "* FROM CLIP NAME: B.mov",
    event_row(4, "B001", ("00:00:12:00",) * 2, ("01:00:09:00",) * 2),
    event_row(
        4, "C001", ("00:00:20:00", "00:00:22:00"), ("01:00:09:00", "01:00:11:00"),
        transition="D", length="012",
    ),
    "* FROM CLIP NAME: B.mov",
    "* TO CLIP NAME: C.mov",
    event_row(5, "D001", ("00:00:30:00", "00:00:30:01"), ("01:00:11:00", "01:00:12:00")),
    "M2   D001       000.0                00:00:30:00",
    "* FROM CLIP NAME: D.mov",
)  # fmt: skip


def test_a_list_becomes_a_timeline_of_the_same_record_times(tmp_path: Path) -> None:
    cut = cut_of(tmp_path, LIST, "r1.edl")
    result = everything_linked(cut)
    body = corrected(cut, result)
    theirs = otio.adapters.read_from_string(json.dumps(body), "otio_json")
    assert theirs.global_start_time == otio.opentime.RationalTime(HOUR + 24, 24)
    kinds = [type(child).__name__ for child in theirs.tracks[0]]
    assert kinds == ["Clip", "Gap", "Clip", "Transition", "Clip", "Clip"]
    assert [type(c.effects[0]).__name__ for c in theirs.find_clips() if c.effects] == [
        "LinearTimeWarp", "FreezeFrame",
    ]  # fmt: skip
    again = cut_of(tmp_path, body, "corrected.otio")
    plates = [event for event in again.events if not event.clip.endswith("_fr-FR_v001")]
    for ours, back in zip(cut.events, plates, strict=True):
        assert (back.record, back.source, back.speed) == (ours.record, ours.source, ours.speed)
        assert (back.clip, back.reel) == (ours.clip, ours.reel)
    assert set(clips(body)[0]["media_references"]) == {"DEFAULT_MEDIA", KEY}
    stripped = json.loads(without_renders(json.dumps(body)))
    assert stripped == json.loads(corrected_otio(cut, result, [], language="fr-FR"))


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("cmx3600/speed_effects.edl", FILM),
        ("edl/45S_SAMPLE.EDL", PAL),
        ("edl/TRAILER_EDL.edl", PAL),
        ("pycmx/INS4_R1_010417.edl", FILM_NTSC),
        ("pycmx/test_24psf.edl", PAL),
    ],
)
def test_a_real_list_s_timeline_has_its_record_times(
    shared: Path, tmp_path: Path, name: str, rate: Fraction
) -> None:
    cut = read_cut(shared / "timelines" / name, rate=rate)
    result = everything_linked(cut, every=3)
    body = corrected(cut, result)
    again = cut_of(tmp_path, body, "corrected.otio")
    records = Counter((e.record.start, e.record.stop) for e in again.events)
    assert Counter((e.record.start, e.record.stop) for e in cut.events) <= records
    for one in otio.adapters.read_from_string(json.dumps(body), "otio_json").find_clips():
        if one.active_media_reference_key == KEY and not one.effects:
            held, shown = one.available_range(), one.source_range
            assert held.start_time <= shown.start_time
            assert shown.end_time_exclusive() <= held.end_time_exclusive()


FRAMES = st.integers(0, 500)


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """Timelines of clips, gaps and nested stacks at one rate, with foreign metadata."""
    rate = draw(st.sampled_from([24.0, 25.0, 23.976023976023978, 29.97]))
    extra = st.dictionaries(st.text(max_size=4), st.one_of(st.integers(), st.floats(), st.none()))

    def one_clip() -> dict[str, Any]:
        start, length = draw(FRAMES), draw(st.integers(1, 60))
        effects = [warp(draw(st.sampled_from([0.5, 1.1, 2.0, -1.0, 0.0])))] * draw(
            st.integers(0, 1)
        )
        return clip(
            draw(st.sampled_from(["A", "b", "Ü", "a"])), span(start, length, rate),
            metadata=draw(extra), effects=effects, enabled=draw(st.booleans()),
        )  # fmt: skip

    def one_track(depth: int) -> dict[str, Any]:
        children: list[dict[str, Any]] = []
        for _ in range(draw(st.integers(1, 4))):
            kind = draw(st.integers(0, 3))
            if kind == 0:
                children.append(gap(draw(st.integers(0, 20)), rate))
            elif kind == 1 and depth:
                children.append(stack(one_track(depth - 1), metadata=draw(extra)))
            else:
                children.append(one_clip())
        return track(*children, metadata=draw(extra))

    tracks = [one_track(2) for _ in range(draw(st.integers(1, 2)))]
    return timeline(*tracks, track(one_clip()), start=time(draw(FRAMES), rate))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents(), st.integers(1, 3))
def test_removing_the_renders_gives_the_original(tmp_path: Path, body: Any, every: int) -> None:
    cut = cut_of(tmp_path, body)
    result = everything_linked(cut, every=every)
    text = corrected_otio(cut, result, rendered(result.shots), language="fr-FR")
    before = document((tmp_path / "r1.otio").read_text(encoding="utf-8"), "r1")
    assert canonical(json.loads(without_renders(text))) == canonical(before)
    assert_only_ours_was_added(before, json.loads(text))
    again = cut_of(tmp_path, text, "corrected.otio")
    assert again.events == cut.events
