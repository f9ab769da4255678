"""What a newcomer does: from the reel to the note in the delivered cut, in the real window."""

from __future__ import annotations

import pytest

from benchmarks.desk._walk import Walk
from benchmarks.desk._window import open_window, press, wait_for
from dubsync.service.project import Project
from dubsync.service.tweaks.tweak_store import TweakStore
from tests.small_reel import MARC


@pytest.fixture
def window(qtbot, own_reel):
    window = open_window(own_reel)
    qtbot.addWidget(window)
    yield window
    window.close()


def test_a_newcomer_closes_a_mouth_approves_it_and_finds_the_note_in_the_cut(window, own_reel):
    walk = Walk(window)
    walk.worst()
    window.session.show_shot(MARC)
    wait_for(lambda: window.session.edits.version is not None, 30, "the shot")
    walk.finding()
    frames = window.session.current.shot.source
    walk.close_lips(frames.start + 20)
    walk.play(1)
    before = window.session.current.version
    assert walk.render() > before
    walk.judge("Ada", "Lips close on the m now")
    files = walk.deliver()
    cut = next(path for path in files if path.suffix == ".otio")
    assert "Lips close on the m now" in cut.read_text()
    tweak = TweakStore(own_reel).latest(MARC).tweaks["MARC"]
    assert [key.first for key in tweak.contacts] == [frames.start + 20]


def test_all_is_there_after_closing_and_opening_again(qtbot, own_reel):
    first = open_window(own_reel)
    first.session.show_shot(MARC)
    wait_for(lambda: first.session.character == "MARC", 10, "the shot")
    qtbot.wait(300)
    tweak = first.session.edits.tweak("MARC").held("jaw", 1.4)
    first.session.edits.change("MARC", tweak, "jaw=1.4")
    first.close()
    again = open_window(own_reel)
    again.session.show_shot(MARC)
    wait_for(lambda: again.session.edits.version.number, 20, "the tweak")
    assert again.session.edits.tweak("MARC").curve("jaw").value == 1.4
    press(again, "Ctrl+z")
    wait_for(lambda: again.session.edits.tweak("MARC").neutral, 20, "the undo")
    again.close()
    assert TweakStore(own_reel).latest(MARC).tweaks == {}
    assert Project.open(own_reel).turnover().shots


def test_every_action_does_something(window):
    silent = []
    for name, action in window.commands._by_name.items():
        signal = action.toggled if action.isCheckable() else action.triggered
        if action.receivers(signal) == 0:
            silent.append(name)
    assert not silent
