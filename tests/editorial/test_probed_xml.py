"""FCPXML and FCP7 XML are listed exactly, with lanes, nests, angles and varying speeds."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, LOST, ODD
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent
from dubsync.editorial.fcpxml.read import read_fcpxml
from dubsync.editorial.files.xml_tree import xml_tree
from dubsync.editorial.timeline.resolve import resolve
from dubsync.editorial.xmeml.read import read_xmeml
from tests.editorial.editorial_making import FILM_NTSC, PAL
from tests.editorial.probed_making import FILE, RATE25, SECOND, at, clipitem, fcpxml, lasting, xmeml

CLIP = f'<asset-clip ref="r2" offset="{at(0)}" name="a" start="{SECOND}" duration="{SECOND}"'
REMAP = """<filter><effect><name>Time Remap</name><effectid>timeremap</effectid>
<parameter><parameterid>variablespeed</parameterid><value>0</value></parameter>
<parameter><parameterid>speed</parameterid><value>{speed}</value></parameter>
<parameter><parameterid>reverse</parameterid><value>FALSE</value></parameter></effect></filter>"""


def placed(event: ProbedEvent) -> tuple[object, ...]:
    assert event.record is not None
    source = event.source
    return (event.record.start, event.record.stop, source and source.start, source and source.stop)


def only(result: ProbedCut, name: str) -> ProbedEvent:
    return next(event for event in result.events if event.name == name)


def test_a_clip_is_at_its_offset() -> None:
    result = read_fcpxml(fcpxml(CLIP + "/>"))
    assert result.rate == FILM_NTSC and result.timelines[0].start_text == "01:00:00:00"
    event = result.events[0]
    assert placed(event) == (86400, 86424, 24, 48)
    assert (event.reel, event.media, event.track) == ("A001", "file:///plates/A001C003.mov", "V1")
    assert not result.losses


def test_the_filter_of_a_transition_is_a_loss_only_if_it_has_parameters() -> None:
    spine = CLIP + f'/><transition name="Cross Dissolve" offset="{at(18)}" duration="{lasting(6)}">'
    named = '<filter-video ref="r9" name="Cross Dissolve"{}</transition>'
    result = read_fcpxml(fcpxml(spine + named.format("/>")))
    assert result.events[1].kind == "dissolve" and not result.losses
    set_ = read_fcpxml(
        fcpxml(spine + named.format('><param name="Amount" value="3"/></filter-video>'))
    )
    assert any("filter-video" in loss.what and loss.what.endswith(" 1") for loss in set_.losses)


@given(st.lists(st.integers(1, 500), min_size=1, max_size=15))
def test_a_spine_of_clips_has_no_gaps(lengths: list[int]) -> None:
    spine, frame = "", 0
    for length in lengths:
        offset = f"{86486400 + frame * 1001}/24000s"
        spine += f'<asset-clip ref="r2" offset="{offset}" duration="{lasting(length)}"/>'
        frame += length
    edges = [placed(event)[:2] for event in read_fcpxml(fcpxml(spine)).events]
    ends = [86400 + sum(lengths[:n]) for n in range(len(lengths) + 1)]
    assert edges == list(zip(ends, ends[1:], strict=False))


def test_connected_clips_are_placed_in_their_clips_time() -> None:
    spine = CLIP + (
        f'><asset-clip ref="r3" lane="-1" offset="{lasting(30)}" name="s" duration="{lasting(6)}"/>'
        f'<title lane="2" offset="{lasting(36)}" name="t" duration="{lasting(6)}"/>'
        f'<marker start="{lasting(30)}" duration="{lasting(1)}" value="m"/></asset-clip>'
    )
    result = read_fcpxml(fcpxml(spine))
    assert [(e.track, e.kind) for e in result.events] == [
        ("V1", "cut"), ("A1", "audio"), ("V3", "title"),
    ]  # fmt: skip
    assert placed(only(result, "s"))[:2] == (86406, 86412)
    assert placed(only(result, "t"))[:2] == (86412, 86418)
    assert result.markers[0].record is not None and result.markers[0].record.start == 86406


@pytest.mark.parametrize("speed", [Fraction(2), Fraction(1, 2), Fraction(-1), Fraction(0)])
def test_a_time_map_is_the_speed(speed: Fraction) -> None:
    end = 100 * 1001 * speed if speed >= 0 else Fraction(0)
    first = 0 if speed >= 0 else 100 * 1001
    spine = CLIP.replace(f'start="{SECOND}"', 'start="0s"') + (
        f'><timeMap><timept time="0s" value="{first}/24000s" interp="linear"/>'
        f'<timept time="{lasting(100)}" value="{int(end)}/24000s" interp="linear"/></timeMap>'
        "</asset-clip>"
    )
    event = read_fcpxml(fcpxml(spine)).events[0]
    assert event.speed == speed
    assert event.source is not None
    assert event.source.length == max(1, 24 * abs(speed))


def test_a_compound_shows_its_contents_cut_to_its_own_edges() -> None:
    ref = (
        f'<ref-clip ref="r4" offset="{at(0)}" name="n" start="{lasting(12)}" duration="{SECOND}"/>'
    )
    result = read_fcpxml(fcpxml(ref))
    assert [event.kind for event in result.events] == ["compound", "cut"]
    assert result.events[1].track == "V1/V1"
    assert placed(result.events[1]) == (86400, 86424, 24 + 12, 24 + 12 + 24)


def test_of_a_multicam_the_active_angle_is_listed_and_the_others_are_named() -> None:
    spine = (
        f'<mc-clip ref="r5" offset="{at(0)}" name="mc" start="{SECOND}" duration="{SECOND}">'
        '<mc-source angleID="R" srcEnable="all"/></mc-clip>'
    )
    result = read_fcpxml(fcpxml(spine))
    assert [event.name for event in result.events] == ["mc", "right camera"]
    assert placed(result.events[1]) == (86400, 86424, 24, 48)
    assert "'left'" in result.losses.of_kind(LOST)[0].what


def test_of_an_audition_the_first_pick_plays() -> None:
    spine = f'<audition offset="{at(1)}">' + "".join(
        f'<asset-clip ref="r2" name="{name}" duration="{SECOND}"/>' for name in "ab"
    )
    result = read_fcpxml(fcpxml(spine + "</audition>"))
    assert [event.name for event in result.events] == ["a"]
    assert placed(result.events[0])[:2] == (86424, 86448)
    assert "'b'" in result.losses.losses[0].what


def test_a_disabled_clip_is_listed_as_disabled() -> None:
    assert not read_fcpxml(fcpxml(CLIP + ' enabled="0"/>')).events[0].enabled


def test_compounds_that_contain_themselves_end() -> None:
    text = fcpxml(f'<ref-clip ref="r4" offset="{at(0)}" duration="{SECOND}"/>').decode()
    nest = f'<ref-clip ref="r4" offset="0s" duration="{SECOND}"/>'
    looped = text.replace("</spine>\n      </sequence>\n    </media>", nest + "</spine>"
                          "</sequence></media>", 1)  # fmt: skip
    assert any("itself" in loss.what for loss in read_fcpxml(looped.encode()).losses)


def test_compounds_that_double_at_each_step_are_refused() -> None:
    media = ""
    for n in range(40):
        twice = "".join(
            f'<ref-clip ref="m{n + 1}" lane="{lane}" offset="0s" duration="{SECOND}"/>'
            for lane in (1, 2)
        )
        media += (
            f'<media id="m{n}"><sequence format="r1" duration="{SECOND}"><spine>'
            f'<gap offset="0s" duration="{SECOND}">{twice}</gap></spine></sequence></media>'
        )
    text = fcpxml(f'<ref-clip ref="m0" offset="{at(0)}" duration="{SECOND}"/>').decode()
    with pytest.raises(TurnoverError, match="more than"):
        read_fcpxml(text.replace("</resources>", media + "</resources>").encode())


@pytest.mark.parametrize("time", ["1/0s", "soon", "9" * 17 + "s", "", "1e9s", "nan"])
def test_an_invalid_time_is_refused(time: str) -> None:
    with pytest.raises(TimecodeError, match="line"):
        read_fcpxml(fcpxml(f'<asset-clip ref="r2" offset="{time or "x"}" duration="1s"/>'))


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd" [<!ELEMENT a ANY>]><a/>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://h/x"> %b;]><a/>',
        "<!DOCTYPE a [%b;]><a/>",
    ],
)
def test_entities_and_declarations_beside_an_external_type_are_refused(head: str) -> None:
    with pytest.raises(TurnoverError, match="entities|document type of its own"):
        xml_tree(head.encode(), "x.xml")


def test_a_damaged_document_names_the_element_that_is_open() -> None:
    text = b"<a>\n<b>\n<c>\nx</b></a>"
    with pytest.raises(TurnoverError, match="line 4: mismatched tag, inside <c> of line 3"):
        xml_tree(text, "x.xml")


@pytest.mark.parametrize(
    "text", ["", "<a>", "<a></b>", "<a>" * 300 + "</a>" * 300, "\0", "<a/><b/>"]
)
def test_damaged_xml_is_refused_with_a_message(text: str) -> None:
    with pytest.raises(TurnoverError, match="x.xml"):
        xml_tree(text.encode(), "x.xml")


# -- Final Cut Pro 7 XML -------------------------------------------------------------------


def test_a_clipitem_counts_from_its_files_own_timecode() -> None:
    result = read_xmeml(xmeml(f"<track>{clipitem(25, 75, 10, 60)}</track>"))
    event = result.events[0]
    assert result.rate == PAL and result.timelines[0].start_text == "01:00:00:00"
    assert placed(event) == (90025, 90075, 900010, 900060)
    assert (event.reel, event.media) == ("A001", "file:///plates/A001.mov")
    assert result.markers[0].record is not None and result.markers[0].record.start == 90010
    assert not result.losses


def test_minus_one_is_the_transitions_own_edge() -> None:
    fade = (
        "<transitionitem><start>40</start><end>60</end><effect><name>Cross Dissolve</name>"
        "</effect></transitionitem>"
    )
    tracks = f"<track>{clipitem(0, -1, 0, 60)}{fade}{clipitem(-1, 100, 5, 65)}</track>"
    result = read_xmeml(xmeml(tracks))
    assert [event.kind for event in result.events] == ["cut", "dissolve", "cut"]
    assert [placed(event)[:2] for event in result.events] == [
        (90000, 90060), (90040, 90060), (90040, 90100),
    ]  # fmt: skip
    assert result.events[1].transition == 20


@pytest.mark.parametrize("alignment", ["", "end-black"])
def test_a_clip_after_a_fade_to_black_is_not_part_of_it(alignment: str) -> None:
    fade = f"<transitionitem><start>40</start><end>60</end><alignment>{alignment}</alignment>"
    items = clipitem(0, -1, 0, 60) + fade + "</transitionitem>" + clipitem(60, 100, 5, 45)
    result = read_xmeml(xmeml(f"<track>{items}</track>"))
    assert [(run.record.start, len(run.shown)) for run in resolve(result)] == [
        (90000, 1), (90040, 1), (90060, 1), (90100, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("alignment", ["", "start-black"])
def test_a_clip_before_a_fade_from_black_is_not_part_of_it(alignment: str) -> None:
    fade = f"<transitionitem><start>40</start><end>60</end><alignment>{alignment}</alignment>"
    items = clipitem(0, 40, 0, 40) + fade + "</transitionitem>" + clipitem(-1, 100, 5, 65)
    result = read_xmeml(xmeml(f"<track>{items}</track>"))
    assert [[shown.event for shown in run.shown] for run in resolve(result)] == [[0], [3], [3], []]


def test_a_file_named_again_is_the_file_defined_before() -> None:
    again = clipitem(50, 100, 0, 50, file='<file id="f1"/>')
    result = read_xmeml(xmeml(f"<track>{clipitem(0, 50, 0, 50)}{again}</track>"))
    assert result.events[1].media == "file:///plates/A001.mov"


def test_a_constant_time_remap_is_the_speed() -> None:
    result = read_xmeml(xmeml(f"<track>{clipitem(0, 50, 0, 50, REMAP.format(speed=200))}</track>"))
    assert result.events[0].speed == 2
    assert placed(result.events[0])[2:] == (900000, 900100)


@pytest.mark.parametrize("handles", ["", "<outbez><horiz>3</horiz></outbez>"])
def test_a_time_remap_is_followed_from_keyframe_to_keyframe(handles: str) -> None:
    keys = "".join(
        f"<keyframe><when>{when}</when><value>{value}</value>{handles}</keyframe>"
        for when, value in ((0, 0), (20, 20), (50, 110))
    )
    drawn = REMAP.format(speed=200).replace("<value>0</value>", "<value>1</value>", 1).replace(
        "</effect></filter>", f"<parameter><parameterid>graphdict</parameterid>{keys}</parameter>"
        "</effect></filter>")  # fmt: skip
    result = read_xmeml(xmeml(f"<track>{clipitem(0, 50, 0, 50, drawn)}</track>"))
    assert result.events[0].speed is None
    assert placed(result.events[0])[2:] == (900000, 900110)
    assert result.events[0].keyframes == ((90000, 900000), (90020, 900020), (90050, 900110))
    assert bool(result.losses.of_kind(APPROXIMATE)) == bool(handles)


def test_a_nested_sequence_is_followed_in_record_time() -> None:
    nest = (
        f"<clipitem><name>nest</name>{RATE25}<start>10</start><end>40</end><in>5</in><out>35</out>"
        f'<sequence id="s2"><name>inner</name>{RATE25}<media><video><track>'
        f"{clipitem(0, 20, 100, 120)}</track></video></media></sequence></clipitem>"
    )
    result = read_xmeml(xmeml(f"<track>{nest}</track>"))
    assert [event.kind for event in result.events] == ["compound", "cut"]
    assert result.events[1].track == "V1/V1"
    assert placed(result.events[1]) == (90010, 90025, 900105, 900120)


def test_sound_tracks_and_disabled_tracks_are_kept() -> None:
    off = f"<track><enabled>FALSE</enabled>{clipitem(0, 10, 0, 10)}</track>"
    result = read_xmeml(xmeml(off, sound=f"<track>{clipitem(0, 10, 0, 10)}</track>"))
    assert [(e.track, e.kind, e.enabled) for e in result.events] == [
        ("V1", "cut", False), ("A1", "audio", True),
    ]  # fmt: skip


def test_a_timecode_that_contradicts_its_frame_is_odd() -> None:
    wrong = FILE.replace("900000", "900001")
    result = read_xmeml(xmeml(f"<track>{clipitem(0, 10, 0, 10, file=wrong)}</track>"))
    assert result.losses.of_kind(ODD)


def test_a_loss_names_its_line_once() -> None:
    bad = clipitem(0, 25, 0, 25).replace("<start>0<", "<start>x<")
    said = [
        x.what for x in read_xmeml(xmeml(f"<track>{clipitem(25, 50, 0, 25)}{bad}</track>")).losses
    ]
    assert said == ["'A001' is not listed: <start> is 'x', not a frame number"]


def test_a_fragment_of_a_document_is_refused_with_a_remedy() -> None:
    with pytest.raises(TurnoverError, match="<filter>") as refused:
        read_xmeml(b"<filter/>")
    assert "whole sequence" in refused.value.hint
