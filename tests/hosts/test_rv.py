"""RV's package opens a reel as renders over plates, over a fake made of OpenRV's manual."""

from __future__ import annotations

import importlib.util
import json
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import pytest
from dubsync_rv import mode

from tests.conftest import ROOT
from tests.hosts.contract import CLIPS, SCRIPT
from tests.hosts.fake_rv import Commands, Event, Extra, MinorMode, NotInTheDocuments


class Sitting:
    """An RV with the mode, and the scripted dubsync behind it."""

    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        self.folder, self.commands, self.extra = folder, Commands(), Extra()
        rv = types.ModuleType("rv")
        rv.commands, rv.extra_commands = self.commands, self.extra  # type: ignore[attr-defined]
        rv.rvtypes = types.SimpleNamespace(MinorMode=MinorMode)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "rv", rv)
        self.typed = ""
        monkeypatch.setattr(mode, "ask_with_qt", lambda title: self.typed)
        self.clients: list[Any] = []
        real = mode.Client
        monkeypatch.setattr(mode, "Client", lambda *a, **k: self.clients.append(real(*a, **k))
                            or self.clients[-1])  # fmt: skip
        self.scene()
        command = [sys.executable, "-S", "-E", str(SCRIPT), str(folder / "scene.json")]
        told = {"command": command, "env": {}}
        (folder / "dubsync_command.json").write_text(json.dumps(told))
        self.mode = mode.make(str(folder))

    def scene(self, suffix: str = ".mov") -> None:
        shots = [{"name": name, "media": f"/plates/{Path(file).stem}{suffix}", "source": source,
                  "record": record} for name, file, source, record in CLIPS]  # fmt: skip
        note = {"name": "N1", "shot": "A002", "frame": 2005, "record": 0, "text": "wide",
                "colour": "red", "author": "Anna", "done": False, "created": ""}  # fmt: skip
        body = {"rate": "24000/1001", "shots": shots, "behave": "done", "notes": [note]}
        (self.folder / "scene.json").write_text(json.dumps(body))

    def pick(self, wanted: str) -> None:
        ((_, lines),) = self.mode.lines
        next(act for text, act, _, _ in lines if text == wanted)(Event())

    def open(self) -> None:
        self.commands.picked = [[str(self.folder / "reel" / "dubsync.toml")]]
        self.pick("Open reel...")

    def calls(self, method: str) -> list[dict[str, Any]]:
        lines = (self.folder / "calls.jsonl").read_text().splitlines()
        return [params for name, params in map(json.loads, lines) if name == method]

    def cut(self, path: str) -> list[int]:
        source = next(one for one, file in self.commands.media.items() if file.endswith(path))
        return [self.commands.values[f"{source}.cut.{end}"][0] for end in ("in", "out")]


@pytest.fixture
def sitting(tmp_path, monkeypatch):
    made = Sitting(tmp_path, monkeypatch)
    yield made
    for client in made.clients:
        client.close()


def test_a_reel_opens_as_renders_over_plates_of_one_length(sitting):
    sitting.commands.starts = {"A001.mov": 900, "A002_v001.mov": 1992}
    sitting.open()
    commands, views = sitting.commands, {sitting.extra.named[n]: n for n in sitting.commands.inputs}
    assert list(views) == ["reel: plates", "reel: renders", "reel: compare"]
    assert [len(commands.inputs[node]) for node in views.values()] == [3, 3, 2]
    assert commands.inputs[views["reel: compare"]][0] == views["reel: renders"]
    assert commands.view == views["reel: compare"]
    assert sitting.cut("plates/A001.mov") == [1000, 1047], "counted from its timecode"
    assert sitting.cut("plates/A002.mov") == [1101, 1124], "counted from 1"
    assert sitting.cut("A002_v001.mov") == [2000, 2023], "without the handles"
    assert commands.fps == pytest.approx(24000 / 1001)


def test_notes_are_marks_and_show_at_their_frame(sitting):
    sitting.open()
    at = 48 + 5 + 1
    assert sitting.commands.marks == {at}
    event, sitting.commands.at = Event(), at
    (name, show, _) = sitting.mode.bindings[0]
    show(event)
    assert (name, event.passed_on, sitting.extra.shown) == ("frame-changed", True, ["wide (Anna)"])
    sitting.commands.view = "defaultSequence"
    show(Event())
    assert len(sitting.extra.shown) == 1, "other views have other frames"


def test_a_note_and_the_desk_mean_the_shot_that_shows(sitting):
    sitting.open()
    sitting.commands.at, sitting.typed = 50, "softer"
    sitting.pick("Add note...")
    sitting.pick("Open in desk")
    (note,) = sitting.calls("add_note")
    assert (note["shot"], note["frame"], note["text"]) == ("A002", 2001, "softer")
    assert sitting.calls("desk")[0]["shot"] == "A002"


def test_the_compare_view_also_shows_the_difference(sitting):
    sitting.open()
    sitting.pick("Renders")
    assert sitting.extra.named[sitting.commands.view] == "reel: renders"
    sitting.pick("Difference")
    (stack,) = [n for n, kind in sitting.commands.kinds.items() if kind == "RVStack"]
    assert sitting.commands.values[stack + ".composite.type"] == ["difference"]


def test_what_rv_does_not_open_is_named_and_nothing_is_built(sitting):
    sitting.scene(".braw")
    sitting.open()
    assert "opened none" in sitting.commands.said[0] and "A002.braw" in sitting.commands.said[0]
    sitting.pick("Renders")
    assert "No reel is open" in sitting.commands.said[1]
    sitting.commands.picked = [None]
    sitting.pick("Open reel...")
    assert len(sitting.commands.said) == 2, "a cancelled dialog does nothing"


def test_the_package_holds_its_description_and_the_mode(tmp_path):
    spec = importlib.util.spec_from_file_location("pack", ROOT / "plugins" / "rv" / "pack.py")
    assert spec is not None and spec.loader is not None
    pack = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pack)
    with zipfile.ZipFile(pack.pack(str(tmp_path))) as package:
        assert package.namelist() == ["PACKAGE", "dubsync_rv_mode.py"]
        told = package.read("PACKAGE").decode()
    assert "file: dubsync_rv_mode.py" in told and "load: immediate" in told


def test_the_fake_refuses_what_the_manual_does_not_have(sitting):
    for wrong in (lambda: sitting.commands.makeCoffee(), lambda: sitting.extra.makeCoffee(),
                  lambda: sitting.commands.setIntProperty("x", ["1"])):  # fmt: skip
        with pytest.raises(NotInTheDocuments):
            wrong()
