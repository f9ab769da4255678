"""The panel's buttons in a real Blender: what happens, and what is said where it cannot."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hosts.blender.blender_process import BlenderProcess
from tests.hosts.blender.movies import numbered
from tests.hosts.contract import SCRIPT

SHOTS = (("SH010", (1, 41), 20), ("SH020", (41, 81), 70))


class Panel:
    """Two clips on channel 1, dubsync played by the script, a dub chosen."""

    def __init__(self, blender: BlenderProcess, folder: Path, media: Path) -> None:
        self.call, self.folder = blender.call, folder
        (folder / "media").mkdir()
        (folder / "media" / "A.mov").hardlink_to(media / "A.mov")
        (folder / "renders").mkdir()
        for name, _, _ in SHOTS:
            for file in ("_v001.mov", "_v001_matte.mkv", "_v001_layer.mov"):
                (folder / "renders" / f"{name}{file}").hardlink_to(media / "render.mov")
        self.movie = str(folder / "media" / "A.mov")
        blender.call("begin", str(folder))
        for name, record, first in SHOTS:
            blender.call("add_movie", name, self.movie, 1, record, first)
        self.play("done")
        self.choose()

    def play(self, behave: str, offset: int = 0) -> None:
        """How the script behaves when it is started next; `offset` of its record frames."""
        shots = [
            {"name": name, "media": self.movie, "source": (first, first + 40),
             "record": [frame + offset for frame in record]}
            for name, record, first in SHOTS
        ]  # fmt: skip
        scene = {"rate": "24/1", "shots": shots, "behave": behave, "notes": [NOTE]}
        (self.folder / "scene.json").write_text(json.dumps(scene))

    def choose(self, **what: Any) -> None:
        program = f'"{sys.executable}" -S -E "{SCRIPT}" "{self.folder / "scene.json"}"'
        dub = [str(self.folder / "ELISE_it.wav")]
        self.call("choose", **{"program": program, "dub": dub, "language": "it-IT", **what})

    def sync(self, *names: str, **options: Any) -> dict[str, Any]:
        self.call("select", names)
        return self.call("press", "sync", wait=True, **options)

    def laid(self) -> set[str]:
        return {row["mark"]["shot"] for row in self.call("listed").values() if row["mark"]}

    def sent(self, method: str) -> list[dict[str, Any]]:
        lines = (self.folder / "calls.jsonl").read_text().splitlines()
        return [params for name, params in map(json.loads, lines) if name == method]


def broadcast_wave(path: Path, begins: int) -> None:
    """A second of silence at 48 kHz that begins `begins` samples after midnight."""
    told = struct.pack("<338xQ256x", begins)
    form = struct.pack("<HHIIHH", 1, 1, 48000, 96000, 2, 16)
    parts = [(b"bext", told), (b"fmt ", form), (b"data", bytes(96000))]
    body = b"WAVE" + b"".join(kind + struct.pack("<I", len(one)) + one for kind, one in parts)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


NOTE = {"name": "N0001", "shot": "SH010", "frame": 30, "record": 11, "text": "lips open on the m",
        "colour": "red", "author": "Anna", "done": False, "created": "", "host_id": ""}  # fmt: skip


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    numbered(folder / "A.mov", range(120))
    numbered(folder / "render.mov", range(56))
    return folder


@pytest.fixture
def panel(blender: BlenderProcess, tmp_path: Path, media: Path) -> Panel:
    return Panel(blender, tmp_path, media)


def test_one_click_brings_the_selected_clip_back_synced_once_a_dub_is_chosen(panel: Panel) -> None:
    said = panel.sync("SH010")  # the click
    assert (said["state"], said["problem"]) == ("done", None)
    assert panel.laid() == {"SH010"}
    assert said["said"][0] == "1 shot on the timeline."
    (sent,) = panel.sent("import_timeline")
    assert (Path(sent["dub"][0]).name, sent["language"]) == ("ELISE_it.wav", "it-IT")
    assert Path(sent["folder"]) == panel.folder / "dubsync" / "cut"


def test_the_first_time_the_dub_is_chosen_in_the_file_browser_that_sync_opens(
    panel: Panel,
) -> None:
    panel.choose(dub=[], language="")
    panel.call("select", ["SH010"])
    # Sync (1) opens the browser; a click on the file (2), and Accept (3) run this.
    said = panel.call(
        "press", "choose_files", what="dub", then="SELECTED", directory=str(panel.folder),
        files=[{"name": "ELISE_it-IT.wav"}], finish=True,
    )  # fmt: skip
    assert (said["state"], panel.laid()) == ("done", {"SH010"})
    (sent,) = panel.sent("import_timeline")
    assert (Path(sent["dub"][0]).name, sent["language"]) == ("ELISE_it-IT.wav", "it-IT")


def test_the_whole_timeline_is_one_click_too(panel: Panel) -> None:
    panel.sync(whole=True)
    assert panel.laid() == {"SH010", "SH020"}


def test_choices_are_kept_in_the_blend(panel: Panel) -> None:
    panel.sync("SH010")
    panel.call("reopen", str(panel.folder))
    kept = panel.call("chosen")
    assert Path(kept["folder"]) == panel.folder / "dubsync" / "cut"
    assert (kept["language"], len(kept["dub"])) == ("it-IT", 1)
    assert panel.laid() == {"SH010"}


def test_cancel_in_the_middle_keeps_what_is_finished(panel: Panel) -> None:
    panel.play("wait")
    panel.call("select", ["SH010", "SH020"])
    said = panel.call("press_and_cancel", shots=1)
    doing, count, part, again = said["seen"]
    assert (doing, count, again) == ("next: render 3 of 9", "1 of 2 shots", False)
    assert part == pytest.approx((1 + 3 / 9) / 2)
    assert said["state"] == "cancelled" and panel.laid() == {"SH010"}
    assert said["said"][0] == "Cancelled; 1 shot on the timeline."


def test_blender_stays_usable_while_a_job_runs(panel: Panel) -> None:
    panel.call("select", ["SH010"])
    edits = [["add_effect", ["Title", "COLOR", 6, 1, 10]], ["put", ["SH010", "frame_start", 80.0]]]
    said = panel.call("press_and", edits)
    assert said["state"] == "done"
    rows = panel.call("listed")
    assert rows["SH010"]["record"] == rows["SH010 v001"]["record"] == [100, 140]


@pytest.mark.parametrize(
    ("break_it", "what", "hint"),
    [
        (lambda p: p.call("begin", str(p.folder), saved=""), "not saved", "save it"),
        (lambda p: p.call("select", []), "No clip is selected", "whole timeline"),
        (lambda p: p.choose(dub=[]), "No dub is chosen", "choose the dub"),
        (lambda p: p.choose(program="/nowhere/dubsync"), "could not be started", "preferences"),
        (lambda p: p.play("die"), "ended unexpectedly", "finished shots are kept"),
        (lambda p: p.play("refuse"), "no consent record", "add one to the reel"),
        (lambda p: p.play("newer"), "speaks protocol", "update the plugin"),
        (lambda p: p.call("take_sequencer_away"), "no strips", "choose the scene"),
    ],
    ids=["unsaved", "nothing", "no dub", "missing", "died", "refused", "protocol", "empty"],
)
def test_what_goes_wrong_is_shown_with_what_to_try(
    panel: Panel, break_it: Any, what: str, hint: str
) -> None:
    panel.call("select", ["SH010"])
    break_it(panel)
    said = panel.call("press", "sync", wait=True)
    assert what in said["problem"][0] and hint in said["problem"][2]


def test_consent_that_lacks_is_chosen_in_the_panel_and_the_next_click_syncs(panel: Panel) -> None:
    panel.play("unsigned")
    said = panel.sync("SH010")
    assert "ELISE (performer elise)" in said["problem"][0]
    assert "choose consent records" in said["problem"][2]
    wrong, texts = panel.call("draw")
    assert not wrong and "Choose Consent Records" in texts
    record = panel.folder / "elise-001.toml"
    record.touch()
    said = panel.call(
        "press", "choose_files", what="consent", directory=str(panel.folder),
        files=[{"name": record.name}],
    )  # fmt: skip
    assert said["problem"] is None and "elise-001" in said["said"][0]
    assert panel.sent("add_consent")[0]["files"] == [str(record)]
    assert panel.call("press", "sync", wait=True)["state"] == "done"
    assert panel.laid() == {"SH010"}


def test_offline_media_are_named_and_the_others_are_synced(panel: Panel) -> None:
    panel.call("put", "SH020", "filepath", str(panel.folder / "gone.mov"))
    said = panel.sync("SH010", "SH020")
    assert panel.laid() == {"SH010"}
    assert any("SH020 is offline" in line for line in said["said"])


def test_the_bar_of_a_failed_shot_ends_with_its_reason(panel: Panel) -> None:
    panel.play("fail")
    said = panel.sync("SH010", "SH020")
    assert panel.laid() == {"SH020"}
    assert any("no face is seen" in line and "point at" in line for line in said["said"])


def test_notes_and_states_are_markers_and_markers_become_notes_once(panel: Panel) -> None:
    panel.sync("SH010")
    panel.call("add_marker_as_user", 50, "too wide")
    said = panel.call("press", "notes")
    assert said["said"] == ["Notes set as markers: 1. Markers kept as notes: 1. States shown: 0."]
    assert panel.call("markers") == [[11, "N0001 Anna: lips open on the m"], [50, "too wide"]]
    panel.call("press", "notes")
    assert len(panel.call("markers")) == 2
    assert len({sent["host_id"] for sent in panel.sent("add_note")}) == 1


def test_the_timeline_counts_as_the_dub_that_lies_on_it(panel: Panel) -> None:
    dub = panel.folder / "ELISE_it.wav"
    broadcast_wave(dub, begins=3600 * 48000)  # 01:00:00:00
    panel.call("add_sound", "dub", str(dub), 4, 3)
    panel.choose(dub=[])
    panel.call("select", ["SH010"])
    panel.play("done", offset=86397)
    said = panel.call(
        "press", "choose_files", what="dub", then="SELECTED", directory=str(panel.folder),
        files=[{"name": dub.name}], finish=True,
    )  # fmt: skip
    assert panel.call("timecode_chosen") == "00:59:59:22", "the scene begins 2 frames before"
    assert said["problem"] is None and panel.laid() == {"SH010"}
    (sent,) = panel.sent("match")
    assert sent["clips"][0]["record"] == [1 + 86397, 41 + 86397]
    assert panel.call("listed")["SH010 v001"]["record"] == [1, 41]
    panel.call("press", "notes")
    assert panel.call("markers") == [[11 - 86397, "N0001 Anna: lips open on the m"]]


def test_a_timecode_that_is_none_is_said(panel: Panel) -> None:
    panel.choose(start="1:00")
    assert "no timecode" in panel.sync("SH010")["problem"][0]


def test_the_desk_opens_the_shot_under_the_playhead(panel: Panel) -> None:
    panel.sync("SH010")
    panel.call("go_to", 60)
    assert panel.call("press", "desk")["said"] == ["The desk opens SH020."]
    assert panel.sent("desk")[0]["shot"] == "SH020"


def test_another_file_ends_dubsync(panel: Panel) -> None:
    panel.play("wait")
    panel.call("select", ["SH010"])
    panel.call("start")
    assert panel.call("open_another") == [True, False]
    assert (panel.folder / "closed").exists()


def test_the_panel_shows_what_this_blender_knows(panel: Panel) -> None:
    panel.call("select", ["SH010"])
    wrong, texts = panel.call("draw_while_busy")
    assert not wrong and "Reading the timeline and its plates" in texts
    panel.call("press", "read")
    wrong, texts = panel.call("draw")
    assert not wrong and {"ELISE_it.wav", "todo", "Dub"} <= set(texts)
    panel.choose(program="/nowhere/dubsync")
    panel.sync("SH010")
    wrong, texts = panel.call("draw")
    assert not wrong and "started." in " ".join(texts)


def test_the_addon_is_switched_off_and_on(blender: BlenderProcess) -> None:
    assert blender.call("disable_and_enable")


def test_the_examples_in_the_docstrings_are_true(blender: BlenderProcess) -> None:
    assert blender.call("doctests") == [2, 0]
