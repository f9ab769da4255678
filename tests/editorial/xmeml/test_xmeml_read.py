"""FCP7 XML: the cases of ../shared, subclips, stills, multiclips, rates that differ, bad items."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import ASSUMED, BLOCKS, WARNS
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve
from dubsync.editorial.xmeml.census import GRAMMAR
from dubsync.editorial.xmeml.read import read_xmeml
from tests.conftest import shared_folder
from tests.editorial.probed_making import FILE, RATE25, clipitem, xmeml

NTSC60 = Fraction(60000, 1001)
FILM_NTSC = Fraction(24000, 1001)

Placed = tuple[object, ...]


def case(name: str) -> Path:
    (found,) = (shared_folder() / "cases" / "timelines").glob(f"{name}-*")
    return next(found.glob("in.*"))


def placed(event: ProbedEvent, zero: int) -> Placed:
    """(kind, name, record from `zero`, source, its rate)."""
    record, source = event.record, event.source
    assert record is not None and record.start is not None and record.stop is not None
    played = (source.start, source.stop, source.rate) if source else (None, None, None)
    return (event.kind, event.name, record.start - zero, record.stop - zero, *played)


def span(event: ProbedEvent) -> list[Fraction | None]:
    assert event.source is not None
    return [event.source.start, event.source.stop]


@pytest.mark.parametrize(
    ("name", "zero", "events"),
    [
        ("07", 90000, [
            ("cut", "placeholder", 0, 375, None, None, None),
            ("cut", "a.mov", 375, 475, 10, 110, 25),
        ]),
        ("09", 216000, [("cut", "a.wav.mov", 0, 600, 2002, 2602, NTSC60)]),
        ("10", 108000, [
            ("cut", "card.png", 100, 159, 86400, Fraction(432236, 5), FILM_NTSC),
            ("cut", "b.mov", 159, 219, 0, 60, Fraction(30000, 1001)),
        ]),
        ("11", 86400, [("cut", "B012.mov", 0, 48, 900411, 900507, FILM_NTSC)]),
        ("13", 108000, [("cut", "p25.mov", 0, 60, 50, 100, 25)]),
        ("41", 90000, [
            ("compound", "nest", 10, 60, None, None, None),
            ("cut", "in1.mov", 10, 30, 30, 50, 25),
            ("cut", "in2.mov", 30, 60, 100, 130, 25),
        ]),
        ("42", 90000, [
            ("cut", "a.mov", 0, 60, 0, 60, 25),
            ("dissolve", "Cross Dissolve", 40, 60, None, None, None),
            ("cut", "b.mov", 40, 150, 90, 200, 25),
        ]),
        ("53", 90000, [("cut", "a.mov sub", 0, 50, 90310, 90360, 25)]),
    ],
)  # fmt: skip
def test_a_case_is_listed_as_expected(name: str, zero: int, events: list[Placed]) -> None:
    result = probe_cut(case(name))
    assert [placed(event, zero) for event in result.events] == events


def test_both_sides_of_the_dissolve_of_a_case_are_visible() -> None:
    result = probe_cut(case("42"))
    seen = {
        (run.record.start - 90000, run.record.stop - 90000): [
            result.events[shown.event].name for shown in run.shown
        ]
        for run in resolve(result)
    }
    assert seen[40, 60] == ["a.mov", "b.mov"] and seen[60, 150] == ["b.mov"]


def test_the_rate_that_in_and_out_count_at_is_reported() -> None:
    (loss,) = probe_cut(case("13")).losses
    assert (loss.kind, loss.turnover) == (ASSUMED, WARNS)
    assert "sequence's 30 fps" in loss.what and "clip's 25 fps" in loss.what


# -- rates that differ ------------------------------------------------------------------------

_RATE24 = "<rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>"


def item24(low: int, high: int, end: int, more: str = "") -> bytes:
    """A clip at 24 fps in a sequence at 25 fps."""
    file = FILE.replace("f1", "f24").replace(RATE25, _RATE24)
    return xmeml(
        "<track>" + clipitem(0, end, low, high, more, file).replace(RATE25, _RATE24, 1) + "</track>"
    )


@pytest.mark.parametrize(
    ("low", "high", "end", "more", "start", "reported"),
    [
        (240, 288, 50, "", 240, ""),  # 2 s at the clip's rate
        (250, 300, 50, "", 240, "sequence's"),  # 2 s at the sequence's
        (2400, 2424, 25, "", 2400, ""),  # 1 s of 24 is 0.96 s of 25: one frame, so either
        (2500, 2524, 25, "<pproTicksIn>25401600000000</pproTicksIn>", 2400, ""),
        (2400, 2424, 25, "<pproTicksIn>25401600000000</pproTicksIn>", 2400, ""),
    ],
)
def test_in_counts_at_the_rate_that_the_length_or_the_ticks_tell(
    low: int, high: int, end: int, more: str, start: int, reported: str
) -> None:
    result = read_xmeml(item24(low, high, end, more))
    source = result.events[0].source
    assert source is not None and source.start is not None and source.rate == 24
    assert source.start - 900000 == start
    words = " ".join(loss.what for loss in result.losses)
    assert reported in words and ("count at" in words) == (
        reported != "" or (low == 2400 and not more)
    )


# -- subclips, stills, multiclips -------------------------------------------------------------


def first(more: str, *, low: int = 10, file: str = FILE, length: str = "") -> ProbedCut:
    return read_xmeml(
        xmeml("<track>" + clipitem(0, 50, low, low + 50, length + more, file) + "</track>")
    )


_SUB = "<subclipinfo><startoffset>300</startoffset><endoffset>500</endoffset></subclipinfo>"
_LONG = FILE.replace("</pathurl>", "</pathurl><duration>1000</duration>")


@pytest.mark.parametrize(
    ("length", "file", "start", "certain"),
    [
        ("<duration>200</duration>", _LONG, 310, True),
        ("<duration>1000</duration>", _LONG, 10, False),
        ("<duration>200</duration>", FILE, 310, False),
        ("", _LONG, 310, False),
    ],
)
def test_a_subclip_counts_from_its_own_first_frame(
    length: str, file: str, start: int, certain: bool
) -> None:
    result = first(_SUB, length=length, file=file)
    source = result.events[0].source
    assert source is not None and source.start == 900000 + start
    assert certain != any("is a subclip" in loss.what for loss in result.losses)


_STILL = "<stillframe>TRUE</stillframe>"


def test_a_freeze_frame_shows_the_frame_of_its_offset() -> None:
    (event,) = first(_STILL + "<stillframeoffset>77</stillframeoffset>").events
    assert event.speed == 0 and span(event) == [900077, 900078]


def test_a_freeze_frame_without_an_offset_is_unknown_but_a_picture_is_its_only_frame() -> None:
    result = first(_STILL)
    assert result.events[0].source is None
    assert [loss.turnover for loss in result.losses] == [BLOCKS]
    picture = '<file id="p"><name>card.png</name><pathurl>file:///card.png</pathurl></file>'
    (event,) = first(_STILL, file=picture, low=86400).events
    assert span(event) == [0, 1]


def multiclip(active: str, delay: str = "") -> str:
    angles = ""
    for name in "AB":
        file = FILE.replace("f1", f"f{name}").replace("A001", f"{name}001")
        on = "TRUE" if name == active else "FALSE"
        angles += (
            f"<angle><activevideoangle>{on}</activevideoangle><clip><name>{name}</name>{delay}"
            f"<media><video><track><clipitem><name>{name}</name>{file}</clipitem></track></video>"
            "</media></clip></angle>"
        )
    return f'<multiclip id="m"><name>m</name><collapsed>FALSE</collapsed>{angles}</multiclip>'


@pytest.mark.parametrize(("delay", "start"), [("", 10), ("<mediadelay>4</mediadelay>", 6)])
def test_a_multiclip_plays_its_active_angle(delay: str, start: int) -> None:
    result = first("", file=multiclip("B", delay))
    (event,) = result.events
    assert event.source is not None and event.media.endswith("B001.mov") and event.reel == "B001"
    assert event.source.start == 900000 + start
    assert any("active angle" in loss.what for loss in result.losses)


def test_a_multiclip_named_again_is_the_one_defined_before() -> None:
    again = clipitem(50, 60, 20, 30, file='<multiclip id="m"/>')
    first_use = clipitem(0, 50, 10, 60, file=multiclip("B"))
    events = read_xmeml(xmeml(f"<track>{first_use}{again}</track>")).events
    assert [event.media[-8:] for event in events] == ["B001.mov", "B001.mov"]
    assert events[1].source is not None and events[1].source.start == 900020


def test_a_multiclip_without_an_active_angle_waits_for_a_person() -> None:
    result = first("", file=multiclip("C"))
    assert result.events[0].source is None
    assert [loss.turnover for loss in result.losses] == [BLOCKS]


def test_a_retimed_nest_shows_its_contents_at_its_speed() -> None:
    inner = f'<sequence id="n"><name>n</name>{RATE25}<media><video><track>'
    inner += clipitem(0, 400, 100, 500) + "</track></video></media></sequence>"
    remap = (
        "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid><parameter>"
        "<parameterid>speed</parameterid><value>200</value></parameter></effect></filter>"
    )
    result = first(remap, file=inner)
    assert [placed(event, 90000) for event in result.events] == [
        ("compound", "A001", 0, 50, None, None, None),
        ("cut", "A001", 0, 50, 900120, 900220, 25),
    ]
    assert result.events[1].speed == 2


RAMP = """<filter><effect><name>Time Remap</name><effectid>timeremap</effectid><parameter>
<parameterid>variablespeed</parameterid><value>1</value></parameter><parameter><parameterid>graphdict
</parameterid><keyframe><when>0</when><value>0</value></keyframe><keyframe><when>30</when>
<value>30</value></keyframe><keyframe><when>80</when><value>{}</value></keyframe></parameter></effect>
</filter>"""


def nest() -> str:
    inner = f'<sequence id="n"><name>n</name>{RATE25}<media><video><track>'
    inner += clipitem(0, 400, 100, 500) + "</track></video></media>"
    return inner + "<marker><name>m</name><in>40</in></marker></sequence>"


def test_a_nest_at_a_varying_speed_shows_its_contents_at_each_speed() -> None:
    result = first(RAMP.format(130), file=nest())
    assert [placed(event, 90000) for event in result.events] == [
        ("compound", "A001", 0, 50, None, None, None),
        ("cut", "A001", 0, 20, 900110, 900130, 25),
        ("cut", "A001", 20, 50, 900130, 900190, 25),
    ]
    assert [event.speed for event in result.events[1:]] == [1, 2]
    marks = [m.record.start for m in result.markers if m.name == "m" and m.record]
    assert marks == [90025]  # frame 40: 5 frames into the second part


def test_a_nest_that_stands_still_is_not_listed_and_says_so() -> None:
    result = first(RAMP.format(30), file=nest())
    assert [event.kind for event in result.events] == ["compound"]
    assert any("stands still" in loss.what for loss in result.losses)


REVERSE = """<filter><effect><name>Time Remap</name><effectid>timeremap</effectid><parameter>
<parameterid>speed</parameterid><value>{}</value></parameter><parameter><parameterid>reverse
</parameterid><value>TRUE</value></parameter>{}</effect></filter>"""


@pytest.mark.parametrize(
    ("speed", "stop", "length"), [(-100, 1000 - 10, 50), (200, 1000 - 20, 100)]
)
def test_a_clip_that_runs_backwards_counts_from_the_end_of_its_media(
    speed: int, stop: int, length: int
) -> None:
    result = first(REVERSE.format(speed, ""), file=_LONG)
    (event,) = result.events
    assert span(event) == [900000 + stop - length, 900000 + stop]
    assert event.speed == -abs(Fraction(speed, 100))
    assert [loss.kind for loss in result.losses] == [ASSUMED]
    (run,) = [run for run in resolve(result) if run.shown]
    shown = run.shown[0].map
    assert shown is not None and shown.frame(90000) == 900000 + stop - 1


def test_a_clip_that_runs_backwards_in_media_of_unknown_length_is_unknown() -> None:
    result = first(REVERSE.format(-100, ""))
    assert result.events[0].source is None
    assert [loss.turnover for loss in result.losses] == [WARNS]


def test_an_unknown_parameter_of_a_time_remap_is_a_loss() -> None:
    warp = "<parameter><parameterid>warp</parameterid><value>1</value></parameter>"
    losses = first(REVERSE.format(-100, warp), file=_LONG).losses
    assert any("'warp' of a Time Remap" in loss.what for loss in losses)


def test_the_timecode_of_an_item_counts_where_its_file_has_none() -> None:
    bare = '<file id="b"><name>b.mov</name><pathurl>file:///b.mov</pathurl></file>'
    code = f"<timecode>{RATE25}<frame>5000</frame></timecode>"
    assert span(first(code, file=bare).events[0]) == [5010, 5060]


# -- one bad item ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        clipitem(50, 60, 0, 10).replace("<start>50", "<start>soon"),
        clipitem(50, 60, 0, 10).replace("<in>0", "<in>12/5"),
        clipitem(50, 60, 0, 10).replace("<timebase>25", "<timebase>0"),
        clipitem(50, 60, 0, 10, file=FILE.replace("f1", "f9").replace("900000", "much")),
        clipitem(50, 60, 0, 10, "<marker><name>m</name><in>x</in></marker>"),
        "<transitionitem><start>x</start><end>9</end></transitionitem>",
    ],
)
def test_one_bad_item_costs_the_item_and_not_the_file(bad: str) -> None:
    result = read_xmeml(
        xmeml(f"<track>{clipitem(0, 50, 0, 50)}{bad}{clipitem(60, 90, 7, 37)}</track>")
    )
    good = [event for event in result.events if event.source is not None]
    assert [placed(e, 90000)[2:6] for e in (good[0], good[-1])] == [
        (0, 50, 900000, 900050), (60, 90, 900007, 900037),
    ]  # fmt: skip
    assert any("line" in loss.where for loss in result.losses)
    assert len(result.losses) == 1


def test_one_bad_sequence_costs_the_sequence() -> None:
    good = xmeml(f"<track>{clipitem(0, 50, 0, 50)}</track>").decode()
    bad = good[good.index("<sequence") : good.index("</xmeml>")]
    bad = bad.replace("<timebase>25", "<timebase>0", 1).replace("R1", "R2").replace("s1", "s2")
    both = good.replace("</xmeml>", bad + "</xmeml>").encode()
    result = read_xmeml(both)
    assert [t.name for t in result.timelines] == ["R1"] and len(result.events) == 1
    assert any("'R2' is not read" in loss.what for loss in result.losses)


# -- the census -----------------------------------------------------------------------------


def whole() -> str:
    """A document with an element of every kind that the reader descends into."""
    item = clipitem(
        0, 50, 10, 60, _SUB + "<marker><name>m</name><in>12</in></marker>"
        "<filter><effect><name>Crop</name></effect></filter>",
    )  # fmt: skip
    fade = f"<transitionitem>{RATE25}<start>40</start><end>50</end></transitionitem>"
    text = f"<generatoritem><name>Text</name>{RATE25}<start>60</start><end>70</end></generatoritem>"
    other = clipitem(70, 90, 0, 20, file=multiclip("A"))
    document = xmeml(f"<track>{item}{fade}{text}{other}</track>", "<track></track>").decode()
    return document.replace("<sequence", "<project><name>p</name><children><sequence").replace(
        "</sequence>", "</sequence></children></project>"
    )


LEVELS = sorted(set(GRAMMAR) - {"bin"})


def test_the_whole_document_has_no_unknown_thing() -> None:
    assert not [loss for loss in read_xmeml(whole().encode()).losses if "is not read" in loss.what]


@pytest.mark.parametrize("level", LEVELS)
def test_an_unknown_element_at_any_level_is_a_loss(level: str) -> None:
    document = whole()
    assert f"</{level}>" in document
    put = document.replace(f"</{level}>", f"<warp>3</warp></{level}>", 1).encode()
    losses = [loss for loss in read_xmeml(put).losses if f"<warp> of <{level}>" in loss.what]
    assert [loss.turnover for loss in losses] == [WARNS]


@pytest.mark.parametrize("level", ["sequence", "track", "clipitem", "file", "media"])
def test_an_unknown_attribute_is_a_loss(level: str) -> None:
    document = whole()
    assert f"<{level}" in document
    put = document.replace(f"<{level}", f'<{level} warp="3"', 1).encode()
    assert any("attribute 'warp'" in loss.what for loss in read_xmeml(put).losses)


@pytest.mark.parametrize(
    "element",
    ["<compositemode>screen</compositemode>", "<alphareverse>TRUE</alphareverse>",
     "<mixedratesoffset>1</mixedratesoffset>", "<subframeoffset>3</subframeoffset>"],
)  # fmt: skip
def test_a_value_that_changes_the_picture_is_a_loss(element: str) -> None:
    tag = element[1 : element.index(">")]
    neutral = {"compositemode": "normal", "alphareverse": "FALSE"}.get(tag, "0")
    assert any(f"<{tag}>" in loss.what for loss in first(element).losses)
    assert not first(f"<{tag}>{neutral}</{tag}>").losses


# -- document types -------------------------------------------------------------------------


def test_a_document_type_that_only_names_another_document_is_harmless() -> None:
    plain = xmeml(f"<track>{clipitem(0, 50, 0, 50)}</track>")
    for kind in (b'<!DOCTYPE xmeml SYSTEM "xmeml.dtd">', b'<!DOCTYPE xmeml PUBLIC "a" "b.dtd">'):
        typed = plain.replace(b"<!DOCTYPE xmeml>", kind)
        assert read_xmeml(typed).events == read_xmeml(plain).events


@pytest.mark.parametrize("place", ["<name>&b;</name>", '<name a="&b;">x</name>'])
def test_an_entity_that_such_a_type_could_define_is_refused(place: str) -> None:
    typed = xmeml("").replace(b"<!DOCTYPE xmeml>", b'<!DOCTYPE xmeml SYSTEM "xmeml.dtd">')
    with pytest.raises(TurnoverError, match="entit"):
        read_xmeml(typed.replace(b"<name>R1</name>", place.encode()))
