"""Nuke's menu and its Tweak node, over a fake made of the Foundry's API documents."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from dubsync_nuke import commands, gizmo
from dubsync_nuke.colour import space_of
from dubsync_nuke.reads import KIND, pictures_of, value_of
from dubsync_nuke.work import Work

from tests.hosts.contract import CLIPS, RATE, SCRIPT, Client
from tests.hosts.fake_nuke import Node, NotInTheDocuments, Nuke


class Sitting:
    """A Nuke with the menu, and the scripted dubsync behind it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.nuke = folder, Nuke()
        self.reel = folder / "reel"
        self.reel.mkdir()
        self.behave("done")
        command = [sys.executable, "-S", "-E", str(SCRIPT), str(folder / "scene.json")]
        told = {"command": command, "env": {}}
        (folder / "dubsync_command.json").write_text(json.dumps(told))
        self.session = commands.add_menu(self.nuke, str(folder))
        self.session.work = Work(self.nuke, self.session.client, tick=0.005)

    def behave(self, how: str) -> None:
        shots = [{"name": name, "media": f"/plates/{file}", "source": source, "record": record}
                 for name, file, source, record in CLIPS]  # fmt: skip
        note = {"name": "N1", "shot": "A002", "frame": 2005, "record": 0, "text": "[lips] wide",
                "colour": "red", "author": "Anna", "done": False, "created": ""}  # fmt: skip
        scene = {"rate": RATE, "shots": shots, "behave": how, "notes": [note]}
        (self.folder / "scene.json").write_text(json.dumps(scene))

    def pick(self, line: str) -> None:
        self.nuke.menus["Nuke"].lines["dubsync"].lines[line]()

    def read(self, shot: int = 1) -> dict[str, Node]:
        self.nuke.files, self.nuke.picks = [str(self.reel / "dubsync.toml")], [shot]
        self.pick("Read shot...")
        return {value_of(n, KIND): n for n in self.nuke.nodes if n.kind == "Read"}

    def tweak(self) -> Node:
        self.nuke.files, self.nuke.picks = [str(self.reel / "dubsync.toml")], [1]
        self.pick("Tweak node")
        return next(node for node in self.nuke.nodes if node.kind == "Group")

    def press(self, node: Node, sync: bool) -> None:
        commands.tweak_button(node, sync=sync)
        if sync:
            self.session.work.wait(20)
            self.nuke.main_thread()

    def calls(self, method: str) -> list[dict[str, Any]]:
        lines = (self.folder / "calls.jsonl").read_text().splitlines()
        return [params for name, params in map(json.loads, lines) if name == method]


@pytest.fixture
def sitting(tmp_path):
    made = Sitting(tmp_path)
    yield made
    made.session.client.close()


def knobs(node: Node, *names: str) -> list[Any]:
    return [node[name].value() for name in names]


def test_every_picture_of_a_shot_counts_as_its_plate_does(sitting):
    reads = sitting.read()
    assert list(reads) == ["plate", "render", "layer"], "Nuke does not read the matte's MKV"
    assert any("matte" in said and "--as vfx" in said for said in sitting.nuke.said)
    shown = ("first", "last", "origfirst", "origlast", "origset", "frame_mode", "frame")
    assert knobs(reads["plate"], *shown) == [1, 5000, 1, 5000, True, "start at", "900"]
    assert knobs(reads["render"], *shown) == [1, 40, 1, 40, True, "start at", "1992"]
    assert reads["render"]["file"].value().endswith("A002_v001.mov")
    assert knobs(reads["plate"], "raw", "colorspace") == [False, "rec709"]
    (backdrop,) = sitting.nuke.allNodes("BackdropNode")
    assert backdrop["label"].value() == "A002 v001"
    (sticky,) = sitting.nuke.allNodes("StickyNote")
    assert sticky["label"].value() == "2005: (lips) wide (Anna)", "no label is run as Tcl"


def test_an_image_sequence_keeps_its_own_numbers(sitting):
    shot = {"name": "B", "plate": "/plates/B.%04d.exr", "plate_frames": [1001, 1101]}
    result = {"frames": [], "colour": {"space": "scene-linear"}}
    assert pictures_of(shot, result) == [("plate", "/plates/B.%04d.exr", [1001, 1101])]
    nodes = commands.ShotNodes(sitting.nuke)
    (read,) = nodes.make("/reel", shot, result, [])
    assert knobs(read, "first", "last", "frame_mode", "raw", "colorspace") == [
        1001, 1100, "expression", False, "linear"]  # fmt: skip
    assert nodes.warnings == []


@pytest.mark.parametrize(
    ("colour", "name", "why"),
    [
        ({"space": "scene-linear", "tags": {}}, "linear", ""),
        ({"space": "", "tags": {"transfer": "1"}}, "rec709", ""),
        ({"space": "ACEScg", "tags": {}}, "", "ACEScg is not in this Nuke's config"),
        ({"space": "", "tags": {"transfer": "16"}}, "", "PQ is not in"),
        ({"space": "", "tags": {}}, "", "does not say"),
    ],
)
def test_a_colour_space_is_what_the_file_says_or_raw_with_the_reason(colour, name, why):
    chosen, reason = space_of(colour, ["linear\tColorspaces/linear", "sRGB", "rec709"])
    assert chosen == name and why in reason


def test_the_tweak_node_has_every_control_and_sends_what_was_moved(sitting):
    node = sitting.tweak()
    assert knobs(node, "t_jaw", "t_yaw", "t_region", "character") == [1.0, 0.0, "mouth", "ELISE"]
    sitting.press(node, sync=False)
    assert "at its default" in sitting.nuke.said[-1]
    node["t_jaw"].setValue(0.5)
    node["t_region"].setValue("face")
    sitting.press(node, sync=False)
    node["t_jaw"].setValue(1.0)
    sitting.press(node, sync=False)
    first, second = sitting.calls("tweak")
    assert (first["shot"], first["character"]) == ("A002", "ELISE")
    assert first["set"] == ["jaw=0.5", "region=face"]
    assert second["set"] == ["jaw=1", "region=face"], "a control goes back to its default"


def test_a_sync_shows_progress_and_refreshes_the_reads(sitting):
    reads = sitting.read()
    reads["render"]["file"].setValue("/old/A002_v000.mov")
    node = sitting.tweak()
    node["t_jaw"].setValue(0.5)
    sitting.press(node, sync=True)
    assert sitting.calls("sync")[0]["shots"] == ["A002"]
    assert sitting.nuke.tasks[0] == ("dubsync", [33])
    assert sitting.nuke.messages == ["Shot 1 of 1: A002, rendering 3/9"]
    assert reads["render"]["file"].value().endswith("A002_v001.mov")
    assert (reads["render"]["reload"].ran, reads["plate"]["reload"].ran) == (1, 0)


def test_a_sync_makes_what_nuke_reads_where_only_the_master_is_there(sitting):
    nodes = commands.ShotNodes(sitting.nuke)
    shot = {"name": "A002", "plate": "", "plate_frames": []}
    result = {"picture": "/r/A002_v001.mkv", "frames": [0, 9]}
    assert nodes.make("/reel", shot, result, []) == []
    assert "Sync shot" in nodes.warnings[0]
    sitting.nuke.files, sitting.nuke.picks = [str(sitting.reel / "dubsync.toml")], [1]
    sitting.pick("Sync shot")
    sitting.session.work.wait(20)
    sitting.nuke.main_thread()
    assert sitting.calls("sync")[0]["host"] == "nuke"
    assert "Read shot" in sitting.nuke.said[-1]


def test_cancel_a_failure_and_an_end_in_the_middle_are_said(sitting):
    node = sitting.tweak()
    for how, said in (("fail", "no face is seen"), ("die", "out of memory")):
        sitting.behave(how)
        sitting.session.client.close()
        sitting.press(node, sync=True)
        assert said in sitting.nuke.said[-1]
    sitting.behave("wait")
    sitting.nuke.cancelled = True
    sitting.press(node, sync=True)
    assert len(sitting.calls("cancel")) == 1


def test_one_sync_at_a_time(sitting):
    sitting.behave("wait")
    node = sitting.tweak()
    commands.tweak_button(node, sync=True)
    commands.tweak_button(node, sync=True)
    assert "still at work" in sitting.nuke.said[-1]
    sitting.nuke.cancelled = True
    sitting.session.work.wait(20)


def test_the_selected_node_says_which_shot_is_meant(sitting):
    reads = sitting.read()
    reads["render"].setSelected(True)
    sitting.nuke.at, sitting.nuke.typed = 2010, ["softer"]
    sitting.pick("Add note...")
    (note,) = sitting.calls("add_note")
    assert (note["shot"], note["frame"], note["text"]) == ("A002", 2010, "softer")
    sitting.pick("Notes")
    assert "wide" in sitting.nuke.said[-1]
    sitting.pick("Open in desk")
    assert sitting.calls("desk")[0]["shot"] == "A002"


def test_a_turnovers_comp_is_pasted_with_whole_paths(sitting):
    reads = sitting.read()
    reads["render"].setSelected(True)
    sitting.pick("Paste comp of the VFX turnover")
    assert "--as vfx" in sitting.nuke.said[-1]
    for version in ("v001", "v002"):
        folder = sitting.reel / "delivery" / f"film_it-IT_{version}_vfx" / "A002"
        folder.mkdir(parents=True)
        script = f"Read {{\n file layers/{version}.%07d.exr\n name Layers\n}}\nRoot {{\n}}\n"
        (folder / f"A002_{version}.nk").write_text(script)
    sitting.pick("Paste comp of the VFX turnover")
    node = next(node for node in sitting.nuke.nodes if node.name() == "Layers")
    assert node["file"].value() == f"{folder.as_posix()}/layers/v002.%07d.exr"


def test_a_cancelled_dialog_does_nothing(sitting):
    for line in ("Open reel...", "Read shot...", "Tweak node", "Notes", "Add note..."):
        sitting.nuke.files = [None]
        sitting.pick(line)
    assert not sitting.nuke.nodes and not sitting.nuke.said


def test_no_words_of_a_control_or_a_shot_become_commands(sitting):
    row = {"name": "x", "label": 'a"b [exit] $c {d}', "lowest": 0, "highest": 1, "default": 0,
           "unit": "", "choices": [], "group": "mouth"}  # fmt: skip
    text = gizmo.gizmo_text([row], "/reel", 'A"[exit]', [])
    assert text.count("{") - text.count("\\{") == text.count("}") - text.count("\\}")
    assert text.count("[") - text.count("\\[") == 1, "only Nuke's own [stack 0] is run"


def test_the_fake_refuses_what_the_documents_do_not_have(sitting):
    read = sitting.nuke.createNode("Read")
    for wrong in (lambda: sitting.nuke.makeCoffee(), lambda: read.makeCoffee(),
                  lambda: read["colorspace"].setValue("coffee")):  # fmt: skip
        with pytest.raises(NotInTheDocuments):
            wrong()
    with pytest.raises(NameError):
        read["coffee"]
    with pytest.raises(TypeError):
        read["first"].setValue("1")


def test_a_dubsync_that_is_not_there_is_said_with_where_its_path_goes(sitting):
    sitting.session.client = Client(["/nowhere/dubsync"], "nuke")
    sitting.nuke.files = ["/reel/dubsync.toml"]
    sitting.pick("Open reel...")
    assert "dubsync_command.json" in sitting.nuke.said[-1]
