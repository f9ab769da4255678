"""What dubsync laid into a timeline does not come back as a plate of the next sync."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dubsync.editorial.read_cut import read_cut
from dubsync.service.rpc.own_renders import without_renders

RATE = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0}


def span(start, length):
    times = {
        "start_time": {**RATE, "value": float(start)},
        "duration": {**RATE, "value": float(length)},
    }
    return {"OTIO_SCHEMA": "TimeRange.1", **times}


def clip(media, start, length=48):
    reference = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": media,
                 "available_range": span(start, length)}  # fmt: skip
    return {"OTIO_SCHEMA": "Clip.1", "name": media.rpartition("/")[2], "metadata": {},
            "source_range": span(start, length), "media_reference": reference}  # fmt: skip


def timeline(*tracks):
    rows = [{"OTIO_SCHEMA": "Track.1", "name": f"V{n}", "kind": "Video", "children": list(clips)}
            for n, clips in enumerate(tracks, 1)]  # fmt: skip
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": rows}
    start = {**RATE, "value": 86400.0}
    body = {"OTIO_SCHEMA": "Timeline.1", "name": "cut", "global_start_time": start, "tracks": stack}
    return json.dumps(body).encode()


@pytest.fixture
def renders(tmp_path):
    folder = tmp_path / "REEL" / "renders"
    folder.mkdir(parents=True)
    return folder


def test_a_render_on_a_track_above_becomes_a_gap_and_the_plate_shows(tmp_path, renders):
    render = (renders / "A" / "v001" / "A b_v001.mov").as_uri()
    plain = timeline([clip("file:///plates/A.mov", 100), clip("file:///plates/B.mov", 0)])
    laid = timeline([clip("file:///plates/A.mov", 100), clip("file:///plates/B.mov", 0)],
                    [clip(render, 92)])  # fmt: skip
    path = tmp_path / "cut.otio"
    path.write_bytes(without_renders(laid, ".otio", tmp_path, [renders]))
    (tmp_path / "plain.otio").write_bytes(plain)
    shown, before = (read_cut(one, rate=None) for one in (path, tmp_path / "plain.otio"))
    assert [event.clip for event in shown.events] == ["A.mov", "B.mov"]
    assert [replace(e, where="") for e in shown.events] == [
        replace(e, where="") for e in before.events
    ]
    assert without_renders(plain, ".otio", tmp_path, [renders]) == plain, "byte for byte"


def test_a_file_of_the_editors_that_only_looks_like_a_render_stays(tmp_path, renders):
    near = renders.with_name("renders_of_mine") / "A.mov"
    outside = renders / ".." / ".." / "plates" / "A.mov"
    kept = timeline([clip(near.as_posix(), 0), clip(outside.as_posix(), 0), clip("", 0)])
    assert without_renders(kept, ".otio", tmp_path, [renders]) == kept


def test_an_xml_of_final_cut_7_loses_the_clips_of_ours_also_those_named_by_id_alone(
    tmp_path, renders
):
    render = (renders / "A_v001.mov").as_uri()
    xml = f"""<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="5"><sequence><track>
<clipitem id="1"><file id="p"><pathurl>file:///plates/A.mov</pathurl></file></clipitem>
<clipitem id="2"><file id="r"><pathurl>{render}</pathurl></file></clipitem>
<clipitem id="3"><file id="r"/></clipitem></track></sequence></xmeml>""".encode()
    made = without_renders(xml, ".xml", tmp_path, [renders])
    assert b'clipitem id="1"' in made
    assert b'clipitem id="2"' not in made and b'clipitem id="3"' not in made


@pytest.mark.parametrize("content", [b"", b"{", b"[[[[", b"\xff\xfe", b'{"OTIO_SCHEMA": 3}'])
def test_what_cannot_be_read_is_left_to_the_reader_of_the_format(content, tmp_path, renders):
    assert without_renders(content, ".otio", tmp_path, [renders]) == content
    assert without_renders(content, ".edl", tmp_path, [renders]) == content
