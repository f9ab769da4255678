"""`dubsync probe` lists any timeline and any media, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dubsync.cli.main import main
from tests.editorial.script.script_making import WEBVTT, dapt, detx, stl

LIST = """TITLE: R1
FCM: NON-DROP FRAME
001  A001     V     C        01:00:10:00 01:00:14:00 01:00:00:00 01:00:02:00
M2   A001     050.0                      01:00:10:00
* FROM CLIP NAME: scene 1.mov
* LOC: 01:00:01:00 RED     look
"""


def dubsync(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "r1.edl"
    path.write_text(LIST)
    return path


def test_an_edl_is_printed_as_tables(listed: Path) -> None:
    ran = dubsync("probe", listed, "--rate", 25)
    assert ran.exit_code == 0
    assert "CMX3600 EDL, 25 fps" in ran.stdout and "R1 from 01:00:00:00: 1 event\n" in ran.stdout
    row = next(line for line in ran.stdout.splitlines() if line.startswith("V1"))
    assert "scene 1.mov" in row and "01:00:00:00 01:00:02:00" in row and row.split()[-1] == "2"
    assert "locator" in ran.stdout and "RED" in ran.stdout


def test_json_has_events_markers_and_losses(listed: Path) -> None:
    answer = json.loads(dubsync("probe", listed, "--rate", 25, "--json").stdout)
    assert answer["schema"] == "dubsync.probe/1"
    assert (answer["format"], answer["rate"], answer["start"]) == (
        "CMX3600 EDL",
        "25",
        "01:00:00:00",
    )
    event = answer["events"][0]
    assert event["record"] == {
        "in": "01:00:00:00", "out": "01:00:02:00", "in_frame": 90000, "out_frame": 90050,
        "rate": "25",
    }  # fmt: skip
    assert (event["track"], event["reel"], event["kind"]) == ("V1", "A001", "cut")
    assert (event["speed"], event["rate"]) == (2.0, "25")
    assert answer["markers"][0]["colour"] == "RED" and answer["losses"] == []


def test_without_a_rate_timecode_is_listed_and_the_loss_says_what_to_do(listed: Path) -> None:
    answer = json.loads(dubsync("probe", listed, "--json").stdout)
    assert answer["rate"] is None and answer["events"][0]["record"]["in_frame"] is None
    assert "--rate 25" in answer["losses"][0]["hint"]


def test_one_bad_file_among_several_is_named_and_stops_none(listed: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.xml"
    bad.write_text('<!DOCTYPE xmeml [<!ENTITY a "b">]><xmeml>&a;</xmeml>')
    ran = dubsync("probe", bad, listed, "--json")
    assert ran.exit_code == 1
    files = json.loads(ran.stdout)["files"]
    assert "entities" in files[0]["error"] and files[1]["events"]
    ran = dubsync("probe", bad, listed)
    assert "error: " in ran.stdout and "scene 1.mov" in ran.stdout


def test_control_characters_in_names_are_replaced(listed: Path) -> None:
    listed.write_text(LIST.replace("scene 1", "\x9b31mscene"), encoding="utf-8")
    assert "\x9b" not in dubsync("probe", listed).stdout


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    ran = dubsync("probe", tmp_path / "none.edl", "--json")
    assert ran.exit_code == 1 and json.loads(ran.stdout)["kind"] == "MissingMedia"


def test_media_is_listed_by_stream(tmp_path: Path) -> None:
    import numpy as np
    import soundfile

    path = tmp_path / "dub.wav"
    soundfile.write(path, np.zeros(4800, np.float32), 48000, subtype="PCM_24")
    answer = json.loads(dubsync("probe", path, "--json").stdout)
    stream = answer["streams"][0]
    assert (stream["kind"], stream["sample_rate"], stream["channels"]) == ("audio", 48000, 1)
    assert answer["seconds"] == pytest.approx(0.1)
    assert "48000" in dubsync("probe", path).stdout


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.vtt", WEBVTT, "WebVTT, 2 lines of 2 characters"),
        ("a.stl", stl(((10, 0, 1, 0), (10, 0, 2, 0), b"Oui.")), "EBU STL25.01, 1 line"),
        ("a.detx", detx(), "Cappella rythmo band, 1 line of 1 character, 25 fps, 3 lip marks"),
        ("a.xml", dapt('<div xml:id="a" begin="1s"><p>Ja.</p></div>'), "1 without an end or times"),
        ("a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nANN: Yes.\n", "SRT, 1 line of 1 character"),
        ("a.csv", b"Character,TC In,TC Out,Text\nANN,01:00:00:00,01:00:01:00,Yes.\n", "1 line"),
    ],
)
def test_a_script_is_probed_as_one(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    shown = dubsync("probe", "--rate", 25, path)
    assert shown.exit_code == 0 and said in shown.output, shown.output
    body = json.loads(dubsync("probe", "--rate", 25, "--json", path).output)
    assert body["schema"] == "dubsync.probe/1" and len(body["lines"]) + len(body["untimed"]) > 0


def test_a_sheet_without_cues_is_no_script(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Name,Timecode\nred,01:00:00:00\n")
    ran = dubsync("probe", "--rate", 25, path)
    assert ran.exit_code != 0 and "not a known editorial format" in ran.output
