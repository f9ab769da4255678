"""Resolve's panel: every button works, what goes wrong is said in it, nothing is raised.

The UIManager here is a fake of what Fusion's examples use: elements made of a dictionary, `On`
handlers by ID, and timers that the dispatcher tells of.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dubsync_resolve.panel import Panel

from tests.hosts.contract import Played
from tests.hosts.test_resolve import ResolveStage

ELEMENTS = ("VGroup", "HGroup", "Label", "LineEdit", "Button", "TextEdit", "Timer")


class Element:
    """An element, or the handlers of one: attributes are whatever is set."""

    def __init__(self, told: dict[str, Any], children: list[Any]) -> None:
        self.children = children
        self.__dict__.update(told)

    def everything(self) -> list[Element]:
        return [self, *(one for child in self.children for one in child.everything())]

    def Start(self) -> None:  # noqa: N802
        self.runs = True

    Stop = Show = Hide = Start


class Handlers:
    def __getattr__(self, name: str) -> Any:
        self.__dict__[name] = Element({}, [])
        return self.__dict__[name]


class UI:
    def __getattr__(self, name: str) -> Any:
        assert name in ELEMENTS, f"the examples have no {name}"
        return lambda told, children=(): Element(told, list(children))


class Dispatcher:
    """`loop` is what the user does while the window is open."""

    def __init__(self) -> None:
        self.On, self.loop, self.ended = Handlers(), lambda: None, False

    def AddWindow(self, told: dict[str, Any], children: list[Element]) -> Any:  # noqa: N802
        window = Element(told, children)
        window.On = Handlers()
        window.GetItems = lambda: {one.ID: one for one in window.everything() if hasattr(one, "ID")}
        return window

    def RunLoop(self) -> None:  # noqa: N802
        self.loop()

    def ExitLoop(self) -> None:  # noqa: N802
        self.ended = True


class Fusion:
    def __init__(self, answer: str) -> None:
        self.answer = answer

    def RequestFile(self, folder: str, name: str, about: dict[str, Any]) -> str:  # noqa: N802
        return self.answer


class Sitting:
    """A panel over the fake Resolve and the scripted dubsync."""

    def __init__(self, folder: Path, behave: str = "done") -> None:
        self.stage = ResolveStage(folder)
        self.played = Played(self.stage, behave, [])
        self.dispatcher = Dispatcher()
        self.panel = Panel(self.played.flow, Fusion("/dub/ELISE_it.wav"), UI(), self.dispatcher)
        self.items, self.on = self.panel._items, self.panel._window.On

    def click(self, name: str) -> None:
        assert (
            self.items[name].Enabled is not False if hasattr(self.items[name], "Enabled") else True
        )
        getattr(self.on, name).Clicked({})

    def wait(self) -> None:
        while self.played.flow.busy:
            self.dispatcher.On.Timeout({})


@pytest.fixture
def sitting(tmp_path: Path) -> Any:
    made: list[Sitting] = []

    def begin(behave: str = "done") -> Sitting:
        made.append(Sitting(tmp_path, behave))
        return made[-1]

    yield begin
    for one in made:
        one.played.flow.close()


def test_two_clicks_and_a_language_sync_the_selected_clips(sitting: Any) -> None:
    one = sitting()
    one.stage.select("A001")
    one.panel.show()
    one.items["language"].Text = "it-IT"
    one.click("dub")
    assert "ELISE_it.wav" in one.items["chosen"].Text
    one.click("clips")
    assert one.items["cancel"].Enabled and not one.items["clips"].Enabled
    one.wait()
    assert one.items["status"].Text == "1 clip synced"
    assert "A001" in one.stage.laid() and not one.items["cancel"].Enabled
    one.click("notes")
    assert one.items["status"].Text == "0 markers set, 0 notes kept"
    one.stage.move_playhead(86400)
    one.click("desk")
    assert one.played.calls("desk")[0]["shot"] == "A001"


def test_what_goes_wrong_is_said_in_the_panel_with_what_to_try(sitting: Any) -> None:
    one = sitting("fail")
    one.click("notes")
    assert "not sent to dubsync yet" in one.items["status"].Text
    one.click("clips")
    assert "No clip is selected" in one.items["status"].Text
    assert "Try:" in one.items["details"].PlainText
    one.stage.world.mute = True
    for name in ("dub", "clips", "timeline", "desk", "notes"):
        one.click(name)
        assert one.items["status"].Text


def test_missing_consent_is_named_and_the_button_beside_it_adds_a_record(sitting: Any) -> None:
    one = sitting("unsigned")
    one.stage.select("A001")
    one.items["language"].Text = "it-IT"
    one.click("dub")
    one.click("clips")
    one.wait()
    assert "ELISE (performer elise)" in one.items["status"].Text
    assert "no consent record" in one.items["details"].PlainText
    one.items["performers"].Text = "ELISE"
    one.click("clips")
    assert "who plays whom" in one.items["status"].Text
    one.items["performers"].Text = "ELISE=anna"
    one.panel._choices._fusion.answer = str(one.played.folder / "anna.toml")
    one.click("consent")
    first, second = one.played.calls("add_consent")
    assert first["performers"] == {"ELISE": "anna"}
    assert Path(second["files"][0]).name == "anna.toml"
    assert "Consent of elise added: anna" in one.items["status"].Text
    (one.played.folder / "anna.toml").touch()
    one.click("clips")
    one.wait()
    assert one.items["status"].Text == "1 clip synced"


def test_closing_the_window_ends_its_loop(sitting: Any) -> None:
    one = sitting()
    one.dispatcher.loop = lambda: one.on.dubsyncPanel.Close({})
    one.panel.show()
    assert one.dispatcher.ended
