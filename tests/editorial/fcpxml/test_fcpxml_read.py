"""FCPXML: the cases of ../shared, conformed rates, markers on transitions, one bad item, census."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.losses import WARNS
from dubsync.core.timeline.probed import ProbedEvent, ProbedRange
from dubsync.editorial.fcpxml.census import GRAMMAR
from dubsync.editorial.fcpxml.parts import ITEMS
from dubsync.editorial.fcpxml.read import read_fcpxml
from dubsync.editorial.fcpxml.resources import conform_pace
from dubsync.editorial.fcpxml.write import write_fcpxml
from dubsync.editorial.probe import probe_cut
from tests.conftest import shared_folder
from tests.editorial.probed_making import SECOND, at, fcpxml, lasting
from tests.editorial.written_making import assert_corrected_on_top, assert_seen_alike, corrected_of

FILM_NTSC, VIDEO_NTSC = Fraction(24000, 1001), Fraction(30000, 1001)

Placed = tuple[object, ...]


def case(name: str) -> Path:
    (found,) = (shared_folder() / "cases" / "timelines").glob(f"{name}-*")
    return next(found.glob("in.*"))


def placed(event: ProbedEvent, zero: int) -> Placed:
    """(kind, record from `zero`, source, its rate, speed)."""
    record, source = event.record, event.source
    assert record is not None and record.start is not None and record.stop is not None
    played = (source.start, source.stop, source.rate) if source else (None, None, None)
    return (event.kind, record.start - zero, record.stop - zero, *played, event.speed)


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("21", [
            ("cut", 0, 120, 240, 360, 24, 1),
            ("dissolve", 108, 132, None, None, None, 1),
            ("cut", 120, 240, 1200, 1320, 24, 1),
        ]),
        ("22", [("compound", 0, 72, None, None, None, 1), ("cut", 0, 72, 96, 240, 24, 2)]),
        ("23", [("cut", 0, 48, 921600, 921648, 24, 1), ("cut", 48, 120, 921840, 921912, 24, 1)]),
        ("44", [("cut", 0, 240, 0, 240, FILM_NTSC, Fraction(1001, 1000))]),
        ("55", [("cut", 0, 48, 921648, 921696, 24, 1)]),
        ("65", [("cut", 0, 240, 0, Fraction(240000, 1001), FILM_NTSC, 1)]),
    ],
)  # fmt: skip
def test_a_case_is_listed_as_expected(name: str, events: list[Placed]) -> None:
    result = probe_cut(case(name))
    assert [placed(event, 86400) for event in result.events] == events
    assert not result.losses


def test_time_inside_a_transition_begins_at_one_hour() -> None:
    marks = probe_cut(case("21")).markers
    assert [m.record and m.record.text[0] for m in marks] == ["01:00:04:12", "01:00:05:00"]


# -- media conformed to the rate of the sequence ------------------------------------------------


@pytest.mark.parametrize(
    ("media", "sequence", "becomes"),
    [  # Apple's rate conforming chart
        (FILM_NTSC, 24, 24), (FILM_NTSC, 25, 25), (FILM_NTSC, 50, 25),
        (24, FILM_NTSC, FILM_NTSC), (24, 25, 25), (25, FILM_NTSC, FILM_NTSC), (25, 24, 24),
        (VIDEO_NTSC, 30, 30), (VIDEO_NTSC, 60, 30), (30, VIDEO_NTSC, VIDEO_NTSC),
        (30, 2 * VIDEO_NTSC, VIDEO_NTSC), (50, 24, 48), (50, FILM_NTSC, 2 * FILM_NTSC),
        (2 * VIDEO_NTSC, 30, 60), (60, VIDEO_NTSC, 2 * VIDEO_NTSC),
        # not in the chart: real time
        (30, 24, 30), (30, 25, 30), (FILM_NTSC, VIDEO_NTSC, FILM_NTSC), (25, 25, 25), (25, 30, 25),
    ],
)  # fmt: skip
def test_media_near_the_rate_of_the_sequence_play_frame_for_frame(
    media: Fraction, sequence: Fraction, becomes: Fraction
) -> None:
    assert conform_pace(Fraction(media), Fraction(sequence)) == Fraction(media) / Fraction(becomes)


def test_a_real_conformed_clip_has_markers_and_connected_clips_on_its_frames() -> None:
    result = probe_cut(shared_folder() / "timelines" / "OpenFCPXMLKit" / "24.fcpxml")
    clips = [e for e in result.events if e.speed == Fraction(1001, 1000)]
    assert len(clips) > 5
    for clip in clips:
        assert clip.record is not None and clip.source is not None
        assert clip.record.whole and clip.source.whole and clip.source.rate == FILM_NTSC
        assert len_of(clip.record) == len_of(clip.source)
    marks = {m.name: m.record.start for m in result.markers if m.record is not None}
    shots = [marks[f"Shot_{n:02d}"] for n in (1, 2, 3, 5, 7, 9, 10)]  # the others are retimed
    assert shots == [398, 1253, 2077, 3133, 3456, 5184, 5391]


def len_of(frames: ProbedRange) -> Fraction:
    assert frames.start is not None and frames.stop is not None
    return frames.stop - frames.start


def conformed() -> bytes:
    """Media at 25 conformed to 24000/1001, with a connected clip and a marker 12 frames later."""
    clip = f'<asset-clip ref="r2" offset="{at(0)}" name="a" start="4s" duration="{lasting(48)}">'
    inner = (
        f'<asset-clip ref="r2" lane="1" offset="112/25s" name="b" start="5s" '
        f'duration="{lasting(6)}"/>'
    )
    spine = f'{clip}<conform-rate srcFrameRate="25"/>{inner}<marker start="112/25s" value="m"/>'
    return fcpxml(spine + "</asset-clip>")


def test_what_is_connected_to_a_conformed_clip_counts_in_its_own_time() -> None:
    result = read_fcpxml(conformed())
    outer, inner = result.events
    assert placed(outer, 86400) == ("cut", 0, 48, 100, 148, 25, Fraction(960, 1001))
    assert inner.record is not None and inner.record.start == 86412
    (marker,) = result.markers
    assert marker.record is not None and marker.record.start == 86412
    assert not result.losses


def test_a_patched_conformed_clip_has_its_corrected_clip_in_place() -> None:
    data = conformed()
    came = read_fcpxml(data)
    corrected = corrected_of(came)
    assert len(corrected) == 2
    again = read_fcpxml(write_fcpxml(came, corrected, original=data).data)
    assert_corrected_on_top(came, again, corrected)


# -- compounds at a varying speed ---------------------------------------------------------------

RAMP = (
    '<timeMap><timept time="0s" value="0s" interp="linear"/><timept time="{one}" value="{one}" '
    'interp="linear"/><timept time="{two}" value="{three}" interp="linear"/></timeMap>'
)


def ramped(ramp: str) -> bytes:
    """A compound that plays 24 frames at 100 %, then 24 at 200 %."""
    clip = f'<ref-clip ref="r4" name="n" offset="{at(0)}" duration="{lasting(48)}">'
    long = fcpxml("HERE").decode().replace("48048/24000s", lasting(200))
    mark = f'"{lasting(200)}"><marker start="{lasting(84)}" value="m"/></asset-clip>'
    long = long.replace(f'"{lasting(200)}"/>', mark, 1)
    return long.replace("HERE", f"{clip}{ramp}</ref-clip>").encode()


def test_a_compound_at_a_varying_speed_shows_its_contents_at_each_speed() -> None:
    ramp = RAMP.format(one=lasting(24), two=lasting(48), three=lasting(72))
    came = read_fcpxml(ramped(ramp))
    assert [placed(event, 86400) for event in came.events] == [
        ("compound", 0, 48, None, None, None, 1),
        ("cut", 0, 24, 24, 48, FILM_NTSC, 1),
        ("cut", 24, 48, 48, 96, FILM_NTSC, 2),
    ]
    (marker,) = came.markers  # on media frame 84: 36 frames into the second part, at 200 %
    assert marker.record is not None and marker.record.start == 86400 + 24 + 18
    assert not came.losses
    assert_seen_alike(came, read_fcpxml(write_fcpxml(came, []).data))


def test_a_compound_that_stands_still_is_not_listed_and_says_so() -> None:
    ramp = RAMP.format(one=lasting(24), two=lasting(48), three=lasting(24))
    result = read_fcpxml(ramped(ramp))
    assert [event.kind for event in result.events] == ["compound"]
    assert any("stands still" in loss.what for loss in result.losses)


# -- one bad item -------------------------------------------------------------------------------

CLIP = f'<asset-clip ref="r2" offset="{at(0)}" name="a" start="{SECOND}" duration="{SECOND}"/>'
LAST = f'<asset-clip ref="r2" offset="{at(2)}" name="z" start="{SECOND}" duration="{SECOND}"/>'


@pytest.mark.parametrize(
    "bad",
    [
        f'<asset-clip ref="r2" offset="soon" name="b" duration="{SECOND}"/>',
        f'<asset-clip ref="r2" offset="{at(1)}" name="b" duration="1/0s"/>',
        f'<asset-clip ref="r2" offset="{at(1)}" name="b" duration="-1s"/>',
        f'<asset-clip ref="r2" lane="up" offset="{at(1)}" name="b" duration="{SECOND}"/>',
        f'<title offset="{at(1)}" name="b" duration="{SECOND}"><marker start="x"/></title>',
        f'<asset-clip ref="r2" offset="{at(1)}" name="b" duration="{SECOND}"><timeMap>'
        '<timept time="0s" value="?"/></timeMap></asset-clip>',
    ],
)
def test_one_bad_item_costs_the_item_and_not_the_file(bad: str) -> None:
    result = read_fcpxml(fcpxml(CLIP + bad + LAST))
    good = [event for event in result.events if event.name in ("a", "z")]
    assert [placed(event, 86400)[1:5] for event in good] == [(0, 24, 24, 48), (48, 72, 24, 48)]
    assert len(result.losses) == 1 and "not listed" in next(iter(result.losses)).what


def test_a_bad_asset_costs_the_asset() -> None:
    document = fcpxml(CLIP).decode().replace('name="wind" start="0s"', 'name="wind" start="x"')
    result = read_fcpxml(document.encode())
    assert len(result.events) == 1
    assert [loss.what[:21] for loss in result.losses] == ["asset 'wind' is not r"]


def test_a_project_of_one_bad_item_is_refused() -> None:
    with pytest.raises(TimecodeError, match="line"):
        read_fcpxml(fcpxml('<asset-clip ref="r2" offset="x" duration="1s"/>'))


def test_a_bad_project_costs_the_project() -> None:
    document = fcpxml(CLIP).decode()
    project = document[document.index("<project") : document.index("</event>")]
    bad = project.replace('"R1"', '"R2"').replace('format="r1"', 'format="r77"')
    result = read_fcpxml(document.replace("</event>", bad + "</event>").encode())
    assert [t.name for t in result.timelines] == ["R1"] and len(result.events) == 1
    assert any("'R2' is not read" in loss.what for loss in result.losses)


# -- the census ---------------------------------------------------------------------------------


def whole() -> str:
    """A document with an element of every kind that the reader descends into."""
    inner = "".join(
        f'<{tag} name="i" offset="{SECOND}" duration="{lasting(2)}" lane="1"></{tag}>'
        for tag in GRAMMAR
        if tag in ITEMS and tag not in ("asset-clip", "ref-clip", "mc-clip", "audition", "spine")
    )
    marks = "".join(
        f'<{tag} start="{SECOND}" duration="{lasting(1)}" value="m"></{tag}>'
        for tag in ("marker", "chapter-marker", "keyword", "rating", "analysis-marker")
    )
    clip = CLIP.replace(
        "/>", '><conform-rate srcFrameRate="24"></conform-rate><timeMap><timept time="0s" '
        f'value="0s"></timept></timeMap>{inner}{marks}</asset-clip>',
    )  # fmt: skip
    spine = (
        f'{clip}<audition>{LAST}</audition><mc-clip ref="r5" offset="{at(3)}" duration="{SECOND}">'
        f'<mc-source angleID="L"></mc-source></mc-clip><ref-clip ref="r4" offset="{at(4)}" '
        f'duration="{SECOND}"></ref-clip><transition offset="{at(4)}" duration="{lasting(2)}">'
        "</transition>"
    )
    document = fcpxml(spine).decode()
    document = document.replace('height="1080"/>', 'height="1080"></format>')
    return document.replace('A001C003.mov"/>', 'A001C003.mov"></media-rep>')


LEVELS = sorted(GRAMMAR)


def lost(document: str, word: str) -> list[str]:
    return [loss.turnover for loss in read_fcpxml(document.encode()).losses if word in loss.what]


def test_the_whole_document_has_no_unknown_thing() -> None:
    assert not lost(whole(), "is not read")


@pytest.mark.parametrize("level", LEVELS)
def test_an_unknown_element_at_any_level_is_a_loss(level: str) -> None:
    document = whole()
    assert f"</{level}>" in document
    put = document.replace(f"</{level}>", f"<warp>3</warp></{level}>", 1)
    assert lost(put, f"<warp> of <{level}>") == [WARNS]


@pytest.mark.parametrize("level", LEVELS)
def test_an_unknown_attribute_is_a_loss(level: str) -> None:
    document = whole()
    put = document.replace(f"<{level} ", f'<{level} warp="3" ', 1)
    put = put.replace(f"<{level}>", f'<{level} warp="3">', 1) if put == document else put
    assert len(lost(put, "attribute 'warp'")) == 1


@pytest.mark.parametrize(
    ("inside", "word"),
    [
        ("<adjust-warpSpeed/>", "adjust-warpSpeed"),  # of a version to come
        ("<adjust-conform type='fill'/>", "adjust-conform"),
        ("<filter-video-mask/>", "filter-video-mask"),
        ("<audio-channel-source srcCh='1' active='0'/>", "audio-channel-source"),
        ("<audio-channel-source srcCh='1'><adjust-EQ/></audio-channel-source>", "audio-channel"),
    ],
)
def test_every_effect_is_counted(inside: str, word: str) -> None:
    assert len(lost(fcpxml(CLIP.replace("/>", f">{inside}</asset-clip>")).decode(), word)) == 1


def test_a_plain_sound_source_is_no_effect_and_a_split_edit_is_a_loss() -> None:
    plain = CLIP.replace("/>", "><audio-channel-source srcCh='1'/></asset-clip>")
    assert not read_fcpxml(fcpxml(plain)).losses
    split = CLIP.replace("/>", f' audioStart="0s" audioDuration="{lasting(48)}"/>')
    assert len(lost(fcpxml(split).decode(), "edges of its own")) == 1
