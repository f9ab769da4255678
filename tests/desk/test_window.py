"""The window opens, and says so when a folder is no project."""

from __future__ import annotations

from dubsync.desk.shell.action_table import ACTIONS
from dubsync.desk.shell.window import DeskWindow
from tests.small_reel import ELISE


def test_no_key_is_given_to_two_actions():
    keys = [key for row in ACTIONS for key in row.keys]
    assert len(keys) == len(set(keys))


def test_no_key_needs_altgr_or_opens_a_menu():
    for row in ACTIONS:
        for key in row.keys:
            assert not set(key) & set("/\\[]"), row
            assert not (key.startswith("Alt+") and len(key) == 5), row


def test_a_window_opens_without_a_reel(qtbot):
    window = DeskWindow()
    qtbot.addWidget(window)
    window.show()
    assert window.pages.currentWidget() is window.intake_page
    window.close()


def test_a_folder_that_is_no_project_is_refused_with_a_hint(qtbot, tmp_path):
    window = DeskWindow()
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.session.opening_failed) as refused:
        window.open(tmp_path)
    assert refused.args[0].hint
    window.close()


def test_the_desk_begins_at_the_shot_that_a_plugin_names(qtbot, own_reel):
    window = DeskWindow()
    qtbot.addWidget(window)
    window.begin_at(ELISE)
    with qtbot.waitSignal(window.session.reel_opened, timeout=30_000):
        window.take(own_reel)
    assert window.session.current.name == ELISE
    assert window.pages.currentWidget() is window.shot_page
    window.close()
