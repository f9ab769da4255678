"""Any cut is written as .otio: flat, or as a master with plate and dub in each clip."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.probed import ProbedCut
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.conform.into_otio import without_renders
from dubsync.editorial.otio.read import read_otio_whole
from dubsync.editorial.otio.write import write_otio_flat, write_otio_master
from dubsync.editorial.xmeml.read import read_xmeml
from tests.editorial.editorial_making import FORMAT, PAL, clip, span, timeline, track
from tests.editorial.probed_making import clipitem, xmeml
from tests.editorial.written_making import (
    assert_seen_alike,
    corrected_of,
    made_cuts,
)

CAME = read_xmeml(xmeml(f"<track>{clipitem(0, 50, 100, 150)}</track>"), path="r1.xml")


def render(low: int, high: int, path: str = "/renders/sh1.mov", event: int = 0) -> Corrected:
    frames, shown = FrameRange(low - 8, high + 8, PAL), FrameRange(low, high, PAL)
    name = "sh1_fr-FR_v001"
    return Corrected(event, "sh1", name, path, frames, shown, FORMAT, "fr-FR", "A001")


def loaded(data: bytes) -> Any:
    return otio.adapters.read_from_string(data.decode(), "otio_json")


@settings(max_examples=5)
@given(cut=made_cuts())
def test_a_cut_is_written_the_same_every_time(cut: ProbedCut) -> None:
    assert write_otio_flat(cut, ()).data == write_otio_flat(cut, ()).data


@settings(max_examples=20)
@given(cut=made_cuts())
def test_flat_corrected_clips_are_their_only_media(cut: ProbedCut) -> None:
    corrected = corrected_of(cut)
    written = write_otio_flat(cut, corrected)
    assert all(len(one.media_references()) == 1 for one in loaded(written.data).find_clips())


@settings(max_examples=20)
@given(cut=made_cuts())
def test_in_the_master_dub_and_plate_show_the_same_frames(cut: ProbedCut) -> None:
    corrected = corrected_of(cut)
    written = write_otio_master(cut, corrected, language="fr-FR")
    assert_seen_alike(cut, read_otio_whole(written.data.decode()))
    dubbed = [c for c in loaded(written.data).find_clips() if len(c.media_references()) > 1]
    assert len(dubbed) == len(corrected)
    for one in dubbed:
        assert one.active_media_reference_key == "dubbed-fr-FR"
        for reference in one.media_references().values():
            assert reference.available_range.contains(one.source_range.start_time)


def test_a_master_without_its_renders_is_the_original_cut() -> None:
    plain = write_otio_master(CAME, (), language="fr-FR").data.decode()
    master = write_otio_master(CAME, [render(900_100, 900_150)], language="fr-FR").data.decode()
    ours = json.loads(without_renders(master))
    assert "dubbed-fr-FR" in master and "dubbed-fr-FR" not in json.dumps(ours)
    assert ours == json.loads(plain)


def test_a_render_with_other_frame_numbers_uses_those_of_the_cut() -> None:
    written = write_otio_master(CAME, [render(100, 150)], language="fr-FR")
    one = loaded(written.data).find_clips()[0]
    ours = one.media_references()["dubbed-fr-FR"].available_range
    assert (ours.start_time.value, ours.duration.value) == (900_092, 66)


def test_a_rendered_sequence_is_a_sequence() -> None:
    written = write_otio_flat(CAME, [render(900_100, 900_150, "/r/a b/sh1.%07d.exr")])
    ours = loaded(written.data).find_clips()[1].media_reference
    assert isinstance(ours, otio.schema.ImageSequenceReference)
    assert (ours.target_url_base, ours.name_prefix, ours.start_frame) == (
        "file:///r/a%20b/", "sh1.", 900_092,
    )  # fmt: skip


def test_a_patched_otio_keeps_every_key_of_the_original() -> None:
    body = timeline(track(clip("a", span(100, 50, 25))))
    body["metadata"] = {"studio": {"kept": ["ünïcode", 1.5, None]}}
    original = json.dumps(body).encode()
    came = read_otio_whole(original.decode(), path="r1.otio")
    after = json.loads(write_otio_flat(came, [render(100, 150)], original=original).data)
    added = after["tracks"]["children"].pop()
    assert after == body
    assert added["name"] == "fr-FR" and len(added["children"]) == 1


def test_hosts_that_know_one_reference_get_the_dub() -> None:
    flat = loaded(write_otio_flat(CAME, [render(900_100, 900_150)]).data)
    old = otio.versioning.fetch_map("OTIO_CORE", "0.14.0")
    text = otio.adapters.write_to_string(flat, "otio_json", target_schema_versions=old)
    assert '"Clip.1"' in text and "/renders/sh1.mov" in text and "A001.mov" in text


def test_a_varying_speed_is_reported() -> None:
    event = CAME.events[0]
    assert event.source is not None and event.record is not None
    first, last = event.record.start or Fraction(0), event.record.stop or Fraction(1)
    low = event.source.start or Fraction(0)
    ramp = ((first, low), (first + 10, low + 5), (last, low + 50))
    ramped = replace(CAME, events=(replace(event, speed=None, keyframes=ramp),))
    assert any("varying speed" in loss.what for loss in write_otio_flat(ramped, ()).losses)


@pytest.mark.parametrize("kind", ["title", "caption", "adjustment", "generator"])
def test_a_generator_reads_back_without_media(kind: str) -> None:
    drawn = {"OTIO_SCHEMA": "GeneratorReference.1", "name": "Slug", "generator_kind": kind}
    text = clip("TEXT", span(0, 50)) | {
        "media_references": {"DEFAULT_MEDIA": drawn},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }
    came = json.dumps(timeline(track(text)))
    written = write_otio_flat(read_otio_whole(came), ())
    assert [event.kind for event in read_otio_whole(written.data.decode()).events] == [kind]


def test_an_event_that_is_not_picture_is_refused() -> None:
    sound = replace(CAME, events=(replace(CAME.events[0], kind="audio", tracks=("A1",)),))
    with pytest.raises(DeliveryError, match="not a picture clip"):
        write_otio_master(sound, [render(900_100, 900_150)], language="fr-FR")
