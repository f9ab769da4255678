"""Turnover from FCPXML, FCP7 XML, AAF and .otioz: the same shots from every format."""

from __future__ import annotations

import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.errors import TurnoverError
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Cut, Line, Plate, Shot, Turnover
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.turnover.shots import turnover

RATE = Fraction(24000, 1001)
HOUR = 86400
SAMPLE = Path(__file__).parents[3] / "sample_projects/two_hander"
ELISE, MARC, SLOW = 884_873, 939_047, 958_334


def frames(start: int, stop: int) -> FrameRange:
    return FrameRange(start, stop, RATE)


def plate(name: str, first: int, count: int) -> Plate:
    made = PictureFormat(1280, 720, "yuv", 8)
    return Plate(f"{name}.mov", f"/plates/{name}.mov", "", frames(first, first + count), made)


PLATES = (plate("ELISE_CU", ELISE, 200), plate("MARC_CU", MARC, 150), plate("MARC_BCU", SLOW, 120))


def line(name: str, start: int, stop: int) -> Line:
    return Line(name, name.split("_")[0], "it-IT", "/dub.wav", frames(HOUR + start, HOUR + stop))


SPOKEN = (line("ELISE_L001", 20, 60), line("MARC_L001", 114, 160), line("MARC_L002", 210, 260))


def at(count: int) -> str:
    return f"{count * 1001}/24000s"


def asset(number: int, made: Plate) -> str:
    span = f'start="{at(made.frames.start)}" duration="{at(len(made.frames))}"'
    return (f'<asset id="r{number}" name="{made.name}" {span} hasVideo="1" format="r1" '
            f'src="file:///old/{made.name}"/>')  # fmt: skip


RAMP = ((0, 0), (40, 32), (80, 72))  # 80 %, then normal: record and plate frames
FCPXML = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.11"><resources><format id="r1" frameDuration="1001/24000s"/>
{asset(2, PLATES[0])}{asset(3, PLATES[1])}{asset(4, PLATES[2])}</resources>
<library><event name="reel 1"><project name="R1">
<sequence format="r1" tcStart="{at(HOUR)}" tcFormat="NDF" duration="{at(280)}"><spine>
  <asset-clip ref="r2" name="ELISE_CU" offset="{at(HOUR)}" start="{at(ELISE + 20)}"
              duration="{at(100)}"/>
  <transition name="Cross Dissolve" offset="{at(HOUR + 88)}" duration="{at(24)}"/>
  <asset-clip ref="r3" name="MARC_CU" offset="{at(HOUR + 100)}" start="{at(MARC + 30)}"
              duration="{at(100)}"/>
  <asset-clip ref="r4" name="MARC_BCU" offset="{at(HOUR + 200)}" start="0s" duration="{at(80)}">
    <timeMap>{
    "".join(
        f'<timept time="{at(t)}" value="{at(SLOW + 10 + v)}" interp="linear"/>' for t, v in RAMP
    )
}</timeMap>
  </asset-clip>
</spine></sequence></project></event></library></fcpxml>
"""

NTSC = "<rate><timebase>24</timebase><ntsc>TRUE</ntsc></rate>"


def file(number: int, made: Plate) -> str:
    return (f'<file id="f{number}"><name>{made.name}</name>{NTSC}'
            f"<duration>{len(made.frames)}</duration>"
            f"<pathurl>file://localhost/old/{made.name}</pathurl><timecode>{NTSC}"
            f"<frame>{made.frames.start}</frame></timecode>"
            "<media><video/></media></file>")  # fmt: skip


KEYS = "".join(f"<keyframe><when>{t}</when><value>{10 + v}</value></keyframe>" for t, v in RAMP)
XMEML = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xmeml>
<xmeml version="5"><sequence id="s1"><name>R1</name><duration>280</duration>{NTSC}
<timecode>{NTSC}<frame>{HOUR}</frame><displayformat>NDF</displayformat></timecode>
<media><video><track>
  <clipitem><name>ELISE_CU</name>{NTSC}<start>0</start><end>-1</end><in>20</in><out>132</out>
    {file(1, PLATES[0])}</clipitem>
  <transitionitem><start>88</start><end>112</end><alignment>center</alignment>
    <effect><name>Cross Dissolve</name></effect></transitionitem>
  <clipitem><name>MARC_CU</name>{NTSC}<start>-1</start><end>200</end><in>18</in><out>130</out>
    {file(2, PLATES[1])}</clipitem>
  <clipitem><name>MARC_BCU</name>{NTSC}<start>200</start><end>280</end><in>0</in><out>80</out>
    {file(3, PLATES[2])}<filter><effect><name>Time Remap</name><effectid>timeremap</effectid>
    <parameter><parameterid>variablespeed</parameterid><value>1</value></parameter>
    <parameter><parameterid>graphdict</parameterid>{KEYS}</parameter></effect></filter></clipitem>
</track></video></media></sequence></xmeml>
"""


def cut_in(tmp_path: Path, text: str, name: str = "cut.fcpxml", **how: str) -> Cut:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_cut(path, rate=None, **how)


def turned_over(cut: Cut, plates: tuple[Plate, ...] = PLATES, spoken: tuple[Line, ...] = SPOKEN,
                handles: int = 8) -> Turnover:  # fmt: skip
    return turnover(cut, plates, spoken, (), handles=handles, roots=[Path("/plates")])


def seen(shot: Shot) -> dict[int, int]:
    """Record frame -> plate frame, for all visible frames of the shot."""
    shown = shot.event.shown
    return {record: shot.plate_frame(record) for record in range(shown.start, shown.stop)}


@pytest.mark.parametrize(("name", "text"), [("cut.fcpxml", FCPXML), ("cut.xml", XMEML)])
def test_dissolves_and_ramps_are_exact_to_the_frame(tmp_path: Path, name: str, text: str) -> None:
    result = turned_over(cut_in(tmp_path, text, name))
    elise, marc, slow = result.shots
    assert not any(shot.blocked for shot in result.shots)
    assert [shot.characters for shot in result.shots] == [("ELISE",), ("MARC",), ("MARC",)]
    assert seen(elise) == {HOUR + n: ELISE + 20 + n for n in range(112)}
    assert seen(marc) == {HOUR + n: MARC - 70 + n for n in range(88, 200)}
    assert [slow.plate_frame(HOUR + 200 + n) - SLOW - 10 for n in (0, 5, 39, 40, 79)] == [
        0, 4, 31, 32, 71]  # fmt: skip
    assert slow.speed is None
    assert slow.record_seconds(SLOW + 10 + 16) == Fraction(HOUR + 220) / RATE
    assert elise.render == frames(ELISE + 20 - 8, ELISE + 20 + 112 + 8)  # handles past the dissolve
    assert result.cut.rate == RATE and result.cut.name == "R1"
    assert [event.available for event in result.cut.events] == [p.frames for p in PLATES]


def test_a_line_within_a_dissolve_belongs_to_both_shots(tmp_path: Path) -> None:
    result = turned_over(cut_in(tmp_path, FCPXML), spoken=(line("MARC_L001", 102, 110),))
    assert [shot.name for shot in result.shots] == ["ELISE_CU", "MARC_CU"]


def test_frames_that_a_dissolve_needs_and_the_plate_lacks_are_a_warning(tmp_path: Path) -> None:
    short = (plate("ELISE_CU", ELISE, 125), *PLATES[1:])
    result = turned_over(cut_in(tmp_path, FCPXML), plates=short)
    elise = result.shots[0]
    assert elise.render.stop == ELISE + 125 and not elise.blocked
    assert any("transition shows 7 frames that ELISE_CU.mov does not have" in warning.message
               for warning in elise.warnings)  # fmt: skip


def test_a_ramp_that_stops_during_speech_is_drawn_for_each_record_frame(tmp_path: Path) -> None:
    held = FCPXML.replace(f'value="{at(SLOW + 10 + 72)}"', f'value="{at(SLOW + 10 + 32)}"')
    assert held != FCPXML
    shot = turned_over(cut_in(tmp_path, held)).shots[-1]
    assert not shot.blocked
    assert any("not always positive" in warning.message for warning in shot.warnings)
    first = shot.record.start
    shown = [shot.plate.file_frame(first + n) - SLOW - 10 for n in (0, 5, 39, 40, 60, 79)]
    assert shown == [0, 4, 31, 32, 32, 32]


def test_of_several_projects_one_must_be_named(tmp_path: Path) -> None:
    start, stop = FCPXML.index("<project"), FCPXML.index("</event>")
    second = FCPXML[start:stop].replace('name="R1"', 'name="R2"')
    two = FCPXML.replace("</event>", second + "</event>")
    with pytest.raises(TurnoverError, match="2 timelines: 'R1', 'R2'") as refused:
        cut_in(tmp_path, two)
    assert "timeline = " in refused.value.hint
    assert cut_in(tmp_path, two, timeline="R2").name == "R2"
    with pytest.raises(TurnoverError, match="no timeline called 'R3'"):
        cut_in(tmp_path, two, timeline="R3")


def test_a_compound_is_replaced_by_its_contents_in_the_turnover(tmp_path: Path) -> None:
    inner = FCPXML[FCPXML.index("<spine>") : FCPXML.index("</spine>")] + "</spine>"
    held = inner.replace(at(HOUR), "0s")
    for n in (88, 100, 200):
        held = held.replace(at(HOUR + n), at(n))
    media = (f'<media id="r9" name="nest"><sequence format="r1" tcStart="0s" duration="{at(280)}">'
             f"{held}</sequence></media></resources>")  # fmt: skip
    outer = f'<spine><ref-clip ref="r9" name="nest" offset="{at(HOUR)}" duration="{at(280)}"/>'
    nested = FCPXML.replace(inner, outer + "</spine>").replace("</resources>", media)
    flat, deep = (cut_in(tmp_path, text) for text in (FCPXML, nested))
    assert [event.track for event in deep.events] == ["V1/V1"] * 3
    assert [(e.record, e.source, e.overlap) for e in deep.events] == [
        (e.record, e.source, e.overlap) for e in flat.events]  # fmt: skip


def test_titles_and_generators_do_not_become_shots(tmp_path: Path) -> None:
    title = f'<title name="Card" lane="1" offset="{at(ELISE + 30)}" duration="{at(20)}"/>'
    text = FCPXML.replace(
        f'duration="{at(100)}"/>', f'duration="{at(100)}">{title}</asset-clip>', 1
    )
    cut = cut_in(tmp_path, text)
    assert len(cut.events) == 3 and cut.warnings == ()


def test_a_bundle_is_read_as_its_timeline_is(tmp_path: Path) -> None:
    plain = read_cut(SAMPLE / "two_hander.otio", rate=None)
    path = tmp_path / "two_hander.otioz"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.write(SAMPLE / "two_hander.otio", "content.otio")
    assert read_cut(path, rate=None).events == plain.events


def test_a_log_is_refused_as_a_cut(tmp_path: Path) -> None:
    with pytest.raises(TurnoverError, match="not a cut of the picture"):
        cut_in(tmp_path, "Heading\nFPS\t24\n\nColumn\nName\n\nData\nA\n", "bin.ale")


def test_an_avid_cut_keeps_its_dissolves(shared: Path) -> None:
    cut = read_cut(shared / "timelines/aaf/transitions.aaf", rate=None)
    assert len(cut.events) == 4
    assert not any(warning.blocking for warning in cut.warnings)
    assert cut.events[0].record.stop > cut.events[1].record.start  # AAF keeps the overlap itself
    assert all(event.available and event.source for event in cut.events)


@pytest.mark.parametrize("name", ["bezier02", "linear01", "linear03", "spline02", "step01"])
def test_avids_speed_curves_are_followed(shared: Path, name: str) -> None:
    cut = read_cut(shared / f"timelines/pyaaf2/{name}.aaf", rate=None)
    (event,) = cut.events
    assert event.time is not None and len(event.time.keyframes) > 20
    assert event.time.start == event.record.start
