"""The strip of the Shot page goes from shot to shot, and gives way where there is little room."""

from __future__ import annotations

import pytest
from PyQt5.QtCore import Qt

from dubsync.desk.look import tokens
from dubsync.desk.shell.window import SHOT, DeskWindow
from tests.desk.reel.made_rows import STATES, made_row, show


@pytest.fixture
def window(qtbot):
    made = DeskWindow()
    qtbot.addWidget(made)
    made.resize(1440, 900)
    made.show()
    show(made.session, [
        made_row(n + 1, state=STATES[n % len(STATES)], triage=10.0 * n) for n in range(12)
    ])  # fmt: skip
    made.show_page(SHOT)
    yield made
    made.close()


def test_arrows_go_from_shot_to_shot(qtbot, window):
    shots = window.strip.list
    shots.setFocus()
    qtbot.keyClick(shots, Qt.Key_Down)
    qtbot.keyClick(shots, Qt.Key_Down)
    qtbot.waitUntil(lambda: window.session.current.name == "SH003")


def test_arrows_follow_the_order_of_the_strip(qtbot, window):
    shots = window.strip.list
    window.strip.order.menu().actions()[1].trigger()
    window.session.show_shot("SH012")
    shots.setFocus()
    qtbot.keyClick(shots, Qt.Key_Down)
    qtbot.waitUntil(lambda: window.session.current.name == "SH011")


def test_a_click_makes_a_shot_current(qtbot, window):
    shots = window.strip.list
    index = window.strip.shown.index(4, shots.modelColumn())
    qtbot.mouseClick(shots.viewport(), Qt.LeftButton, pos=shots.visualRect(index).center())
    qtbot.waitUntil(lambda: window.session.current.name == "SH005")


def test_the_strip_shows_one_state(window):
    strip = window.strip
    strip.states.setCurrentIndex(strip.states.findData("rejected"))
    strip.states.activated.emit(strip.states.currentIndex())
    assert [row.name for row in strip.shown.rows()] == ["SH004", "SH010"]
    assert strip.states.currentText() == "Rejected 2"


def test_find_opens_the_search_and_escape_ends_it(qtbot, window):
    strip = window.strip
    window.commands["find"].trigger()
    assert strip.search.isVisible()
    qtbot.keyClicks(strip.search, "sh007")
    assert strip.shown.rowCount() == 1
    qtbot.keyClick(strip.search, Qt.Key_Escape)
    assert not strip.search.isVisible()
    assert strip.shown.rowCount() == 12


def test_a_narrow_window_has_a_narrow_strip(qtbot, window):
    assert window.strip.width() >= tokens.STRIP
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: window.strip.width() == tokens.STRIP_NARROW)
    assert not window.strip.states.isVisible()
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: window.strip.width() >= tokens.STRIP)
