"""Written FCP7 XML has what Premiere Pro and Resolve need, and reads back as the same cut."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings

from dubsync.core.errors import DeliveryError, DubsyncError
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.losses import APPROXIMATE
from dubsync.core.timeline.probed import ProbedCut
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.files.xml_tree import xml_tree
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.xmeml.read import read_xmeml
from dubsync.editorial.xmeml.write import write_xmeml
from tests.editorial.editorial_making import FORMAT, PAL
from tests.editorial.probed_making import clipitem, xmeml
from tests.editorial.written_making import (
    corrected_of,
    made_cuts,
)

ONE = xmeml(f"<track>{clipitem(0, 50, 100, 150)}</track><track/>")


def render(event: int, low: int, high: int, rate: Fraction = PAL) -> Corrected:
    frames = FrameRange(low - 8, high + 8, rate)
    return Corrected(
        event, "sh1", "sh1_fr-FR_v001", "/renders/sh 1.mov", frames,
        FrameRange(low, high, rate), FORMAT, "fr-FR", "A001",
    )  # fmt: skip


def assert_only_let_in(original: bytes, patched: bytes) -> None:
    """Every byte of the original is there, in order, what is new in one place or two."""
    at = 0
    for line in original.splitlines():
        result = patched.find(line.strip().removesuffix(b"/>"), at)
        assert result >= 0, line
        at = result


@settings(max_examples=15)
@given(cut=made_cuts())
def test_a_patched_document_keeps_every_line(cut: ProbedCut) -> None:
    original = write_xmeml(cut, ()).data
    came = read_xmeml(original, path="r1.xml")
    assert_only_let_in(
        original, write_xmeml(came, corrected_of(came, every=2), original=original).data
    )


def test_the_dubbed_track_is_directly_above_and_names_the_language() -> None:
    came = read_xmeml(ONE)
    root = xml_tree(write_xmeml(came, [render(0, 900_100, 900_150)], original=ONE).data, "x")
    video = root.first("sequence", "media", "video")
    assert video is not None
    track = video.all("track")[1]
    assert track.get("MZ.TrackName") == "dubbed fr-FR"
    item = track.first("clipitem")
    assert item is not None
    listed = [item.text_at(tag) for tag in ("start", "end", "in", "out")]
    assert listed == ["0", "50", "8", "58"]  # the file begins with its handles
    assert item.text_at("file", "pathurl") == "file:///renders/sh%201.mov"
    assert item.text_at("file", "timecode", "frame") == "900092"
    assert item.text_at("file", "timecode", "reel", "name") == "A001"


def test_links_are_renumbered_with_their_tracks() -> None:
    links = [
        f"<link><mediatype>{kind}</mediatype><trackindex>{n}</trackindex></link>"
        for kind, n in (("video", 1), ("video", 2), ("audio", 2))
    ]
    tracks = clipitem(0, 50, 100, 150), clipitem(0, 10, 100, 110, "".join(links))
    original = xmeml("".join(f"<track>{track}</track>" for track in tracks))
    written = write_xmeml(read_xmeml(original), [render(0, 900_100, 900_150)], original=original)
    linked = [e.text for e in xml_tree(written.data, "x").descendants() if e.tag == "trackindex"]
    assert linked == ["1", "3", "2"] and written.losses.losses == ()


def test_a_new_sequence_states_its_picture_format() -> None:
    root = xml_tree(write_xmeml(read_xmeml(ONE), [render(0, 900_100, 900_150)]).data, "x")
    result = root.first("sequence", "media", "video", "format", "samplecharacteristics")
    assert result is not None and (result.text_at("width"), result.text_at("height")) == (
        "1920",
        "1080",
    )
    assert result.text_at("rate", "timebase") == "25" and result.text_at("rate", "ntsc") == "FALSE"


def test_a_plate_with_other_frame_numbers_uses_those_of_its_file() -> None:
    came = read_xmeml(ONE)  # shows frames 900100..900150 of a file that begins at 0
    again = read_xmeml(write_xmeml(came, [render(0, 100, 150)], original=ONE).data)
    ours = next(e for e in again.events if "/renders/" in e.media)
    assert ours.source is not None and (ours.source.start, ours.source.stop) == (100, 150)


def test_a_rendered_sequence_is_linked_by_its_first_file() -> None:
    one = replace(render(0, 900_100, 900_150), path="/renders/sh1.%07d.exr")
    again = read_xmeml(write_xmeml(read_xmeml(ONE), [one], original=ONE).data)
    (ours,) = (e.media for e in again.events if "/renders/" in e.media)
    assert ours == "file:///renders/sh1.0900092.exr"


def test_a_clip_that_begins_between_frames_is_moved_and_reported() -> None:
    came = read_xmeml(ONE)
    event = came.events[0]
    assert event.source is not None
    moved = replace(event.source, start=Fraction(1801, 2), stop=Fraction(1901, 2))
    written = write_xmeml(replace(came, events=(replace(event, source=moved),)), ())
    assert any("between frames" in x.what for x in written.losses.of_kind(APPROXIMATE))
    source = read_xmeml(written.data).events[0].source
    assert source is not None and source.start == 900


def test_a_rate_that_fcp7_xml_cannot_state_is_refused() -> None:
    came = read_xmeml(ONE)
    odd = replace(came.timelines[0], rate=Fraction(25, 2))
    with pytest.raises(DeliveryError, match="25/2"):
        write_xmeml(replace(came, timelines=(odd,)), ())


def test_an_event_outside_all_sequences_is_refused() -> None:
    came = read_xmeml(ONE)
    lost = replace(came, timelines=(replace(came.timelines[0], name="other"),))
    with pytest.raises(DeliveryError, match="no timeline"):
        write_xmeml(lost, [render(0, 900_100, 900_150)])


def test_real_cuts_of_all_kinds_are_written_and_read_again(shared: Path) -> None:
    suffixes = (".edl", ".fcpxml", ".otio", ".xml", ".ale")
    for path in sorted((shared / "timelines").rglob("*")):
        if path.suffix.lower() not in suffixes or path.stat().st_size > 15_000:
            continue
        try:
            cut = probe_cut(path, None if path.suffix.lower() != ".edl" else Fraction(25))
            written = write_xmeml(cut, corrected_of(cut, every=5))
        except DubsyncError as error:
            assert str(error), path
            continue
        read_xmeml(written.data)


def test_a_real_sequence_is_patched_and_keeps_every_line(shared: Path) -> None:
    path = shared / "timelines/fcp/premiere_enable_property.xml"
    cut, original = probe_cut(path), path.read_bytes()
    corrected = corrected_of(cut)
    patched = write_xmeml(cut, corrected, original=original).data
    assert_only_let_in(original, patched)
    added = [e for e in read_xmeml(patched).events if "/renders/" in e.media]
    assert [e.track for e in added] == ["V3", "V3", "V3"] and len(corrected) == 3


def test_opentimelineios_own_adapter_finds_the_corrected_clips() -> None:
    pytest.importorskip("otio_fcp_adapter", reason="otio-fcp-adapter is not installed")
    import opentimelineio as otio

    written = write_xmeml(read_xmeml(ONE), [render(0, 900_100, 900_150)])
    result = otio.adapters.read_from_string(written.data.decode(), "fcp_xml")
    assert [clip.name for clip in result.find_clips()] == ["A001", "sh1_fr-FR_v001"]
    ours = result.find_clips()[1]
    assert ours.media_reference.target_url == "file:///renders/sh%201.mov"
    assert ours.source_range.start_time.value == 900_100 and ours.source_range.duration.value == 50
