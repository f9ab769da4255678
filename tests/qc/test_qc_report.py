"""The page is self-contained and safe for any name; the JSON has the same content."""

import json
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.result import Finding, Pick
from dubsync.core.shot import ProjectWarning
from dubsync.core.timeline.timecode import FrameRange
from dubsync.qc.chart import Chart, Mark, Series, svg
from dubsync.qc.report import (
    SCHEMA,
    Link,
    Map,
    ReelPage,
    ShotPage,
    Strip,
    report_html,
    report_json,
    shown,
)

HOSTILE = """"><script>alert(1)</script><img src=x onerror='alert(2)'>{{7*7}}&amp;"""
FRAMES = FrameRange(86400, 86448, Fraction(24000, 1001))
EMPTY = ReelPage("R3", "fr-FR", "2026-11-21", ())


def finding(
    verdict: str, measure: str = "seam", value: float | None = 1.2, shot: str = "A"
) -> Finding:
    return Finding(shot, "ELISE", measure, value, "%", "at most 1.2 %", verdict, "", (86410, 86412))


def page(name: str = "A", *verdicts: str) -> ShotPage:
    wave = np.abs(np.sin(np.arange(48) / 4))
    gap = wave.copy()
    gap[10:20] = np.nan
    chart = Chart(
        "Mouth", "%", FRAMES, False,
        (Series("dub", wave, "sound"), Series("render", gap, "render")),
        wave > 0.3, (Mark(86405, True), Mark(86420, False)), 0.5,
    )  # fmt: skip
    return ShotPage(
        name, 3, ("ELISE",), "A001.mov", "A001", FRAMES, False,
        tuple(finding(v, shot=name) for v in verdicts),
        (Strip("before and after", ("01:00:00:00",), ("plate", "render"), (2, 2), b"jpeg"),),
        (chart,), (Link("picture", f"../renders/{name}.mov"),), (("digest", "ab" * 32),),
    )  # fmt: skip


def test_a_count_of_none_is_not_red():
    html = report_html(replace(EMPTY, shots=(page("A", "pass"),)))
    assert '<b class="num">0</b>out of limits' in html and '<b class="num pass">1</b>' in html
    html = report_html(replace(EMPTY, shots=(page("A", "fail"),)))
    assert '<b class="num fail">1</b>out of limits' in html and '<b class="num">0</b>pass' in html


class Reader(HTMLParser):
    """Collects tags, everything fetched, and visible text; fails on tags closed out of order."""

    VOID = {"meta", "img", "br", "link", "input", "wbr"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.text = ""
        self.links: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        named = dict(attributes)
        self.fetched += [named[key] for key in ("src", "srcset", "data") if key in named]
        assert not any(key.startswith("on") for key in named), named
        if tag == "a":
            self.links.append(named["href"])
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data


def hostile_reel(name: str = HOSTILE) -> ReelPage:
    shot = replace(
        page(name, "fail", "review"),
        characters=(name, "B"), plate=name, reel=name,
        links=(Link(name, f"javascript:{name}"),), facts=((name, name),),
        findings=(Finding(name, name, name, 2.0, name, name, "fail", name, None),),
        strips=(Strip(name, (name,), (name, name), (2, 2), b"x"),),
        charts=(replace(page("A").charts[0], title=name, unit=name),),
        picks=((name, Pick("warp", name)), ("B", Pick("actor", name))),
    )  # fmt: skip
    return ReelPage(
        name,
        name,
        name,
        (shot,),
        ((name, name),),
        ((name, name),),
        ((name, name),),
        ((name, name),),
        (ProjectWarning(name, name, name, True),),
        (Map(name, name, (name,), b"x", {}),),
    )


def test_hostile_names_stay_text():
    html = report_html(hostile_reel())

    read = Reader(html)
    assert "script" not in read.tags and read.tags.count("img") == 2
    assert HOSTILE in read.text and "49" not in read.text.split(HOSTILE)[0]
    assert all(link.startswith(("#", "./")) for link in read.links)


def test_page_fetches_nothing_and_forbids_it():
    html = report_html(replace(EMPTY, shots=(page("A", "pass"),)))

    read = Reader(html)
    assert read.fetched and all(source.startswith("data:image/jpeg") for source in read.fetched)
    assert not {"script", "link", "iframe", "object"} & set(read.tags)
    assert (
        "http:" not in html
        and "https:" not in html
        and "@import" not in html
        and "url(" not in html
    )
    assert "default-src 'none'" in html


@settings(max_examples=25)
@given(name=st.text(min_size=1, max_size=200))
def test_any_name_gives_a_page_and_a_document_that_can_be_written(name):
    reel = hostile_reel(name)

    Reader(report_html(reel).encode("utf-8").decode("utf-8"))
    assert json.loads(report_json(reel).encode("utf-8"))["project"] == name


def test_file_names_that_are_not_utf8_can_still_be_reported():
    reel = hostile_reel("caf\udce9")

    assert report_html(reel).encode("utf-8") and report_json(reel).encode("utf-8")


def test_reel_without_shots_has_a_report():
    read = Reader(report_html(EMPTY))
    document = json.loads(report_json(EMPTY))

    assert "No shot was rendered" in read.text
    assert document["verdict"] == "pass" and document["shots"] == []
    assert document["counts"]["shots"] == 0


def test_document_has_the_keys_its_schema_promises():
    reel = replace(EMPTY, shots=(page("A", "pass"),), warnings=(ProjectWarning("x", "y"),))
    document = json.loads(report_json(reel))

    assert document["schema"] == SCHEMA == "dubsync.qc/1"
    assert set(document) == {
        "schema", "project", "language", "date", "verdict", "counts", "versions", "shots",
        "skipped", "blocked", "failed", "warnings", "coverage",
    }  # fmt: skip
    shot = document["shots"][0]
    assert set(shot) == {
        "name", "version", "verdict", "characters", "plate", "reel", "frames", "files", "facts",
        "findings", "contacts", "curves", "renderers",
    }  # fmt: skip
    assert shot["frames"] == {
        "first": 86400, "stop": 86448, "rate": "24000/1001", "timecode": "01:00:00:00"
    }  # fmt: skip
    assert set(shot["findings"][0]) == {
        "character", "measure", "value", "unit", "limit", "verdict", "note", "frames",
        "message", "remedy",
    }  # fmt: skip
    assert shot["curves"][0]["series"]["render"][10] is None  # a gap, and JSON without NaN
    assert len(shot["curves"][0]["series"]["render"]) == 48


def test_the_worst_shot_comes_first_in_page_and_document():
    shots = (page("fine", "pass"), page("odd", "review"), page("bad", "pass", "fail"))
    reel = replace(EMPTY, shots=shots)

    order = [shot["name"] for shot in json.loads(report_json(reel))["shots"]]
    html = report_html(reel)

    assert order == ["bad", "odd", "fine"]
    assert html.index(">bad<") < html.index(">odd<") < html.index(">fine<")
    assert [f.verdict for f in reel.findings] == ["fail", "pass", "review", "pass"]


@pytest.mark.parametrize(
    ("shots", "failed", "verdict"),
    [
        ((page("A", "pass"),), (), "pass"),
        ((page("A", "pass"), page("B", "review")), (), "review"),
        ((page("A", "review"), page("B", "fail")), (), "fail"),
        ((page("A", "pass"),), (("B", "no face"),), "fail"),
        ((page("A", "not measured"),), (), "review"),
    ],
)
def test_reel_is_as_good_as_its_worst_shot(shots, failed, verdict):
    assert replace(EMPTY, shots=shots, failed=failed).verdict == verdict


def test_shots_with_the_same_name_have_separate_sections():
    html = report_html(replace(EMPTY, shots=(page("A", "pass"), page("A", "review"))))

    links = [link for link in Reader(html).links if link.startswith("#")]
    assert len(set(links)) == 2 and all(f'id="{link[1:]}"' in html for link in links)


@pytest.mark.parametrize("t", [1, 2, 48, 5000])
def test_a_chart_of_any_length_is_valid_svg_within_its_frame(t):
    rng = np.random.default_rng(t)
    values = rng.uniform(0, 5, t)
    values[rng.random(t) < 0.2] = np.nan
    chart = Chart(
        "x", "", FrameRange(0, t, Fraction(25)), False,
        (Series("dub", np.abs(values), "sound"), Series("all gaps", values * np.nan, "plate"),
         Series("render", values, "render")),
        np.ones(t, bool), (Mark(0, True),), 1.0,
    )  # fmt: skip

    root = ElementTree.fromstring(svg(chart))

    points = [
        float(value)
        for line in root.iter("polyline")
        for pair in line.attrib["points"].split()
        for value in pair.split(",")
    ]
    assert all(0 <= value <= 1160 for value in points)
    assert len(svg(chart)) < 120_000


def test_values_are_formatted_with_their_unit():
    plain = finding("pass")
    assert shown(replace(plain, value=12.4, unit="ms")) == "12 ms late"
    assert shown(replace(plain, value=-12.4, unit="ms")) == "12 ms early"
    assert shown(replace(plain, value=0.3, unit="ms")) == "in time"
    assert shown(replace(plain, value=None)) == "–"
    assert shown(replace(plain, value=0.9444, unit="times the plate's")) == (
        "0.94 times the plate's"
    )
    assert shown(replace(plain, value=21800.0, unit="pixels")) == "21,800 pixels"
    assert shown(replace(plain, value=1.0, unit="frames")) == "1 frame"


def test_page_and_document_name_renderers_and_missing_coverage():
    shot = replace(page("A", "pass"), picks=(("ELISE", Pick("actor", "actor: nearer by far")),))
    lacking = Map("ELISE", "90 frames wanted", ("A: 12 of 90 lacking",), b"png", {"lacking": 12})
    reel = replace(EMPTY, shots=(shot,), maps=(lacking,))

    read = Reader(report_html(reel))
    assert "Renderer: actor (nearer by far)" in " ".join(read.text.split())
    assert "A: 12 of 90 lacking" in read.text
    assert any(source.startswith("data:image/png") for source in read.fetched)
    document = json.loads(report_json(reel))
    assert document["coverage"] == [{"lacking": 12}]
    assert document["shots"][0]["renderers"]["ELISE"]["renderer"] == "actor"
