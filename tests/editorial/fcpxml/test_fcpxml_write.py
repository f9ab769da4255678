"""Written FCPXML follows the DTD and reads back as the same cut."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings

from dubsync.core.errors import DeliveryError, DubsyncError
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedTimeline, probed_range
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.cmx3600.read import read_cmx
from dubsync.editorial.fcpxml.read import read_fcpxml
from dubsync.editorial.fcpxml.write import write_fcpxml
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.probe import probe_cut
from tests.editorial.editorial_making import FORMAT
from tests.editorial.probed_making import SECOND, at, fcpxml, lasting
from tests.editorial.written_making import (
    corrected_of,
    made_cuts,
)

A = "(audio|video|clip|title|caption|mc-clip|ref-clip|sync-clip|asset-clip|audition|spine) "
C = "(audio|video|clip|title|mc-clip|ref-clip|sync-clip|asset-clip|audition|gap|transition) "
M = "(marker|chapter-marker|rating|keyword|analysis-marker) "
#: Order of children, after Apple's DTD of 1.10, of the elements we write.
ORDER = {
    "fcpxml": "(resources )?(library )?",
    "library": "(event )*",
    "event": f"(project |{C})*",
    "project": "sequence ",
    "media": "(sequence )?",
    "sequence": "(note )?spine (metadata )?",
    "asset": "(media-rep )+(metadata )?",
    "spine": f"({C})*",
    "asset-clip": f"(note )?(conform-rate )?(timeMap )?({A})*({M})*(metadata )?",
    "audio": f"(note )?(conform-rate )?(timeMap )?({A})*({M})*",
    "video": f"(note )?(conform-rate )?(timeMap )?({A})*({M})*",
    "ref-clip": f"(note )?(conform-rate )?(timeMap )?({A})*({M})*(metadata )?",
    "title": f"(text )*(text-style-def )*(note )?({A})*({M})*(metadata )?",
    "caption": "(text )*(text-style-def )*(note )?",
    "gap": f"(note )?({A})*({M})*(metadata )?",
    "transition": f"(filter-video )?(filter-audio )?({M})*(metadata )?",
    "timeMap": "(timept )*",
}
NEEDED = {
    "asset": "id", "format": "id", "effect": "id uid", "media": "id", "media-rep": "src",
    "asset-clip": "ref", "ref-clip": "ref duration", "gap": "duration", "marker": "start value",
    "transition": "duration", "timept": "time value", "sequence": "format", "md": "key",
    "title": "ref duration", "video": "ref duration", "audio": "ref duration",
}  # fmt: skip


def assert_by_the_rules(root: Element) -> None:
    """Order of children, needed attributes, ids that are unique and refer to something."""
    elements = list(root.descendants())
    ids = [e.get("id") for e in elements if e.get("id") and e.tag != "text-style-def"]
    assert len(ids) == len(set(ids))
    for element in elements:
        children = "".join(f"{child.tag} " for child in element.children)
        assert re.fullmatch(ORDER.get(element.tag, ".*"), children), (element.tag, children)
        for name in NEEDED.get(element.tag, "").split():
            assert name in element.attributes, (element.tag, name)
        for name in ("ref", "format"):
            if element.get(name) and element.tag != "text-style":
                assert element.get(name) in ids, (element.tag, element.get(name))


def render(event: int, low: int, high: int, rate: Fraction = Fraction(24000, 1001)) -> Corrected:
    frames = FrameRange(low - 8, high + 8, rate)
    return Corrected(
        event, "sh1", "sh1_fr-FR_v001", "/renders/sh1.mov", frames,
        FrameRange(low, high, rate), FORMAT, "fr-FR", "A001",
    )  # fmt: skip


def assert_only_let_in(original: bytes, patched: bytes) -> None:
    """Every byte of the original is there, in order: what is new stands between them, and lanes
    may be numbered higher."""
    original, patched = (re.sub(rb'lane="\d+"', b'lane=""', data) for data in (original, patched))
    at = 0
    for line in original.replace(b"/>", b"\n").splitlines():
        result = patched.find(line.strip(), at)
        assert result >= 0, line
        at = result + len(line.strip())


CLIP = f'<asset-clip ref="r2" offset="{at(0)}" name="a" start="{SECOND}" duration="{lasting(48)}"'


def test_clips_named_after_files_link_to_those_files():
    list_ = (
        "TITLE: R1\nFCM: NON-DROP FRAME\n\n"
        "001  A001C003 V     C        10:14:22:17 10:14:26:15 01:00:00:00 01:00:03:22\n"
        "* FROM CLIP NAME: A001C003_251114_ELISE_CU.mov\n"
    )
    cut = read_cmx(list_, rate=Fraction(24))

    made = write_fcpxml(cut, ()).data.decode()

    assert 'src="A001C003_251114_ELISE_CU.mov"' in made


@settings(max_examples=20)
@given(cut=made_cuts())
def test_written_and_patched_documents_follow_the_dtd(cut: ProbedCut) -> None:
    original = write_fcpxml(cut, ()).data
    came = read_fcpxml(original, path="r1.fcpxml")
    patched = write_fcpxml(came, corrected_of(came, every=2), original=original).data
    for data in (original, patched, write_fcpxml(cut, corrected_of(cut)).data):
        assert_by_the_rules(xml_tree(data, "x"))
    assert_only_let_in(original, patched)


def test_a_corrected_clip_is_connected_to_the_storyline() -> None:
    original = fcpxml(CLIP + "/>")
    came = read_fcpxml(original)
    root = xml_tree(write_fcpxml(came, [render(0, 24, 72)], original=original).data, "x")
    parent = next(e for e in root.descendants() if e.get("name") == "a")
    ours = parent.children[0]
    listed = (ours.get("lane"), ours.get("offset"), ours.get("start"), ours.get("duration"))
    assert listed == ("1", "1001/1000s", "1001/1000s", "1001/500s")
    assert ours.get("videoRole") == "dubbed fr-FR" and ours.get("srcEnable") == "video"
    asset = next(e for e in root.descendants() if e.get("name") == "sh1_fr-FR_v001")
    assert asset.get("start") == "1001/1500s" and asset.get("format") == "r1"


def test_titles_and_inserts_stay_above_a_clip_corrected_under_them() -> None:
    place = f'offset="{SECOND}" duration="{lasting(9)}"'
    title = f'<title lane="2" {place} name="words"><title lane="1" {place} name="more"/></title>'
    insert = CLIP.replace(at(0), SECOND).replace('"a"', '"insert" lane="1"') + "/>"
    original = fcpxml(f"{CLIP}>{insert}{title}</asset-clip>")
    came = read_fcpxml(original)
    written = write_fcpxml(came, [render(0, 24, 72)], original=original)
    again = read_fcpxml(written.data)
    tracks = {event.name: event.track for event in again.events}
    assert tracks == {
        "a": "V1", "sh1_fr-FR_v001": "V2", "insert": "V3", "words": "V4", "more": "V5",
    }  # fmt: skip
    assert written.losses.losses == ()


def test_a_clip_over_retimed_picture_runs_at_the_same_speed() -> None:
    bend = f'><timeMap><timept time="0s" value="0s"/><timept time="{lasting(100)}" '
    original = fcpxml(
        CLIP + bend + f'value="{lasting(200)}" interp="linear"/></timeMap></asset-clip>'
    )
    came = read_fcpxml(original)
    again = read_fcpxml(write_fcpxml(came, [render(0, 48, 144)], original=original).data)
    ours = next(e for e in again.events if "/renders/" in e.media)
    assert ours.speed == 2 and ours.source == came.events[0].source


def test_the_dubbed_track_repeats_the_other_side_of_a_dissolve() -> None:
    second = CLIP.replace(at(0), at(2)).replace('"a"', '"b"')
    fade = f'<transition name="Cross Dissolve" offset="{at(2)}" duration="{lasting(12)}"/>'
    fade = fade.replace(at(2), f"{86486400 + 48 * 1001 - 6 * 1001}/24000s")
    original = fcpxml(CLIP + "/>" + fade + second + "/>")
    came = read_fcpxml(original)
    again = read_fcpxml(write_fcpxml(came, [render(2, 24, 72)], original=original).data)
    above = [e for e in again.events if e.track == "V2"]
    assert [(e.kind, e.record.length) for e in above if e.record] == [
        ("cut", 6), ("dissolve", 12), ("cut", 48),
    ]  # fmt: skip


def test_a_document_in_another_encoding_is_patched_in_it() -> None:
    text = fcpxml(CLIP.replace('"a"', '"é"') + "/>").decode()
    for codec in ("utf-16", "latin-1"):
        original = text.replace("UTF-8", codec.upper()).encode(codec)
        came = read_fcpxml(original)
        name = replace(render(0, 24, 72), name="sh1 ё")
        again = read_fcpxml(write_fcpxml(came, [name], original=original).data)
        assert {e.name for e in again.events} == {"é", "sh1 ё"}


def test_two_projects_of_one_name_are_refused() -> None:
    original = fcpxml(CLIP + "/>")
    start, stop = original.index(b"<project"), original.index(b"</project>") + 10
    twice = original[:stop] + original[start:stop] + original[stop:]
    with pytest.raises(DeliveryError, match="2 timelines"):
        write_fcpxml(read_fcpxml(twice), [render(0, 24, 72)], original=twice)


def test_clips_of_a_bin_are_written_as_clips_of_an_event() -> None:
    cut = ProbedCut("a.ale", "Avid Log Exchange", (ProbedTimeline("a", Fraction(24)),), ())
    with pytest.raises(DeliveryError, match="no timeline"):
        write_fcpxml(cut, ())
    event = ProbedEvent(
        ("V1",), "one", "cut", None, probed_range(Fraction(9), Fraction(19), Fraction(24))
    )
    again = read_fcpxml(write_fcpxml(replace(cut, events=(replace(event, timeline="a"),)), ()).data)
    assert again.events[0].record is None and again.events[0].source == event.source


def test_what_fcpxml_cannot_hold_is_reported() -> None:
    sequence = replace(render(0, 24, 72), path="/renders/x.%04d.exr")
    came = read_fcpxml(fcpxml('<title offset="' + at(0) + f'" name="t" duration="{lasting(9)}"/>'))
    listed = [loss.what for loss in write_fcpxml(came, ()).losses]
    assert any("default settings" in what for what in listed)
    original = fcpxml(CLIP + "/>")
    written = write_fcpxml(read_fcpxml(original), [sequence], original=original)
    assert any("image sequence" in loss.what for loss in written.losses)


def _real(shared: Path) -> list[Path]:
    suffixes = (".edl", ".fcpxml", ".otio", ".xml")
    small = [p for p in (shared / "timelines").rglob("*") if p.suffix.lower() in suffixes]
    return sorted(p for p in small if p.stat().st_size < 25_000)


def test_real_cuts_of_all_kinds_are_written_and_read_again(shared: Path) -> None:
    for path in _real(shared):
        try:
            cut = probe_cut(path, None if path.suffix.lower() != ".edl" else Fraction(25))
            written = write_fcpxml(cut, corrected_of(cut, every=5))
        except DubsyncError as error:
            assert str(error), path
            continue
        assert_by_the_rules(xml_tree(written.data, path.name))
        read_fcpxml(written.data)


def test_real_documents_are_patched_and_keep_every_line(shared: Path) -> None:
    for path in _real(shared):
        if path.suffix != ".fcpxml":
            continue
        cut, original = probe_cut(path), path.read_bytes()
        inside = [t.name for t in cut.timelines if t.rate]
        corrected = [
            c for c in corrected_of(cut, every=3) if cut.events[c.event].timeline in inside
        ]
        if len(set(inside)) != len(inside):
            continue
        patched = write_fcpxml(cut, corrected, original=original).data
        assert_only_let_in(original, patched)
        read_fcpxml(patched)


def test_opentimelineios_own_adapter_finds_the_corrected_clips() -> None:
    pytest.importorskip("otio_fcpx_xml_adapter", reason="otio-fcpx-xml-adapter is not installed")
    import opentimelineio as otio

    source = probed_range(Fraction(100), Fraction(150), Fraction(24))
    record = probed_range(Fraction(86400), Fraction(86450), Fraction(24))
    event = ProbedEvent(("V1",), "a", "cut", record, source, media="/p/a.mov", timeline="R1")
    cut = ProbedCut("r1", "AAF", (ProbedTimeline("R1", Fraction(24)),), (event,))
    written = write_fcpxml(cut, [render(0, 100, 150, Fraction(24))])
    result = otio.adapters.read_from_string(written.data.decode(), "fcpx_xml")
    timelines = [result] if isinstance(result, otio.schema.Timeline) else list(result)
    clips = {clip.name: clip for one in timelines for clip in one.find_clips()}
    assert set(clips) == {"a", "sh1_fr-FR_v001"}
    assert clips["sh1_fr-FR_v001"].source_range.duration.value == 50
