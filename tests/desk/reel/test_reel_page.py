"""A supervisor finds, sorts, filters and selects shots in the table, by mouse and by key."""

from __future__ import annotations

import pytest
from PyQt5.QtCore import QPoint, Qt

from dubsync.desk.reel.columns import AT
from dubsync.desk.reel.reel_table import index_of
from dubsync.desk.shell.window import REEL, SHOT, DeskWindow
from tests.desk.reel.made_rows import made_row, show


@pytest.fixture
def window(qtbot):
    made = DeskWindow()
    qtbot.addWidget(made)
    made.resize(1440, 900)
    made.show()
    made.show_page(REEL)
    show(made.session, [
        made_row(1, state="approved", triage=61, text="Allora partiamo"),
        made_row(2, state="pending review", triage=20, characters=("MARC",)),
        made_row(3, state="rejected", triage=71, fails=2, notes=1),
        made_row(4, state="todo", characters=("MARC",), text="Prendi la lampada"),
        made_row(5, state="rejected", triage=52, characters=("MARC", "ELISE")),
        made_row(6, state="offline"),
    ])  # fmt: skip
    yield made
    made.close()


def shown(page):
    return [row.name for row in page.shown.rows()]


def click(qtbot, table, name, column="shot", held=Qt.NoModifier, double=False):
    where = table.visualRect(index_of(table, name, column)).center()
    press = qtbot.mouseDClick if double else qtbot.mouseClick
    press(table.viewport(), Qt.LeftButton, held, where)


def test_a_click_on_triage_puts_the_worst_first_and_what_is_not_scored_last(qtbot, window):
    page = window.reel_page
    head = page.table.horizontalHeader()
    at = head.sectionViewportPosition(AT["triage"]) + 20
    qtbot.mouseClick(head.viewport(), Qt.LeftButton, Qt.NoModifier, QPoint(at, 12))
    assert shown(page) == ["SH003", "SH001", "SH005", "SH002", "SH004", "SH006"]
    qtbot.mouseClick(head.viewport(), Qt.LeftButton, Qt.NoModifier, QPoint(at, 12))
    assert shown(page)[:4] == ["SH002", "SH005", "SH001", "SH003"]


def test_a_status_chip_shows_its_shots_alone(qtbot, window):
    page = window.reel_page
    chip = page.bar.chips.chips["rejected"]
    assert chip.count == 2
    qtbot.mouseClick(chip, Qt.LeftButton)
    assert shown(page) == ["SH003", "SH005"]
    assert not page.bar.chips.chips["blocked"].isVisible()


def test_words_typed_are_looked_for_in_shot_character_and_line(qtbot, window):
    page = window.reel_page
    window.commands["find"].trigger()
    qtbot.keyClicks(page.bar.search, "marc lamp")
    assert shown(page) == ["SH004"]
    qtbot.keyClick(page.bar.search, Qt.Key_Escape)
    assert len(shown(page)) == 6
    qtbot.keyClicks(page.bar.search, "nobody")
    assert page.nothing.isVisible()


def test_one_character_alone(window):
    page = window.reel_page
    page.bar.characters.setCurrentText("MARC")
    page.bar.characters.activated.emit(page.bar.characters.currentIndex())
    assert shown(page) == ["SH002", "SH004", "SH005"]


def test_three_ticked_shots_are_told_by_the_batch_bar(qtbot, window):
    page = window.reel_page
    assert not page.batch.isVisible()
    click(qtbot, page.table, "SH002", "check")
    click(qtbot, page.table, "SH004", held=Qt.ControlModifier)
    click(qtbot, page.table, "SH005", "check")
    assert window.session.selected == ("SH002", "SH004", "SH005")
    assert page.batch.count.text() == "3 shots selected"
    assert page.batch.facts.text() == "144 frames, about 0:36 to render"
    qtbot.waitUntil(lambda: page.batch.height() >= 48)
    qtbot.mouseClick(page.batch.buttons["clear"], Qt.LeftButton)
    assert window.session.selected == ()
    qtbot.waitUntil(lambda: not page.batch.isVisible())


def test_shift_ticks_a_range_by_mouse_and_by_key(qtbot, window):
    page = window.reel_page
    click(qtbot, page.table, "SH002")
    click(qtbot, page.table, "SH004", held=Qt.ShiftModifier)
    assert window.session.selected == ("SH002", "SH003", "SH004")
    qtbot.keyClick(page.table, Qt.Key_Escape)
    assert window.session.selected == ()
    qtbot.keyClick(page.table, Qt.Key_Space)
    qtbot.keyClick(page.table, Qt.Key_Down, Qt.ShiftModifier)
    assert window.session.selected == ("SH004", "SH005")


def test_the_box_in_the_head_ticks_what_is_shown(qtbot, window):
    page = window.reel_page
    page.shown.ask(state="rejected")
    page.table.tick_all()
    assert window.session.selected == ("SH003", "SH005")
    page.table.tick_all()
    assert window.session.selected == ()


def test_enter_opens_the_current_shot_on_its_page(qtbot, window):
    page = window.reel_page
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key_Down)
    qtbot.keyClick(page.table, Qt.Key_Return)
    assert window.session.current.name == "SH002"
    assert window.pages.currentIndex() == SHOT


def test_a_double_click_opens_a_shot(qtbot, window):
    page = window.reel_page
    with qtbot.waitSignal(page.opened) as opened:
        click(qtbot, page.table, "SH005", double=True)
    assert opened.args == ["SH005"]


def test_next_worst_goes_on_from_the_current_shot_and_leaves_out_the_approved(qtbot, window):
    went = []
    for _ in range(4):
        window.commands["next worst"].trigger()
        went.append(window.session.current.name)
    assert went[:3] == ["SH003", "SH005", "SH002"]
    assert window.reel_page.table.delegate.current == went[3]


def test_next_worst_leads_from_a_shot_that_was_clicked_to_the_worst_of_all(qtbot, window):
    window.session.show_shot("SH005")
    window.commands["next worst"].trigger()
    assert window.session.current.name == "SH003"
    window.session.show_shot("SH002")
    window.commands["next worst"].trigger()
    assert window.session.current.name == "SH003"
    window.commands["next worst"].trigger()
    assert window.session.current.name == "SH005"


def test_next_rejected_goes_round(qtbot, window):
    went = []
    for _ in range(3):
        window.commands["next rejected"].trigger()
        went.append(window.session.current.name)
    assert went == ["SH003", "SH005", "SH003"]


def test_a_click_in_the_cut_makes_the_shot_current_and_ctrl_selects_it(qtbot, window):
    cut = window.reel_page.cut
    qtbot.mouseClick(cut, Qt.LeftButton, Qt.NoModifier, cut.slot_of("SH003").center().toPoint())
    assert window.session.current.name == "SH003"
    qtbot.mouseClick(cut, Qt.LeftButton, Qt.ControlModifier,
                     cut.slot_of("SH005").center().toPoint())  # fmt: skip
    assert window.session.selected == ("SH005",)


def test_a_column_can_be_hidden_and_that_is_remembered(qtbot, window):
    window.reel_page.table.show_column("driver", False)
    again = DeskWindow()
    qtbot.addWidget(again)
    assert not again.reel_page.table.column_shown("driver")
    assert again.reel_page.table.column_shown("status")
    again.close()


def test_rejecting_asks_for_a_reason_in_the_bar(qtbot, window):
    page = window.reel_page
    click(qtbot, page.table, "SH002", "check")
    qtbot.waitUntil(lambda: page.batch.height() >= 48)
    qtbot.mouseClick(page.batch.buttons["reject"], Qt.LeftButton)
    words = page.batch.words
    assert words.isVisible() and not words.give.isEnabled()
    with qtbot.waitSignal(page.batch.said) as said:
        qtbot.keyClicks(words.field, "lips late")
        qtbot.keyClick(words.field, Qt.Key_Return)
    assert said.args == ["reject", "lips late"]
    assert page.batch.buttons["reject"].isVisible()


def test_an_offline_plate_shows_the_sign_and_says_where_it_was_looked_for(window):
    page = window.reel_page
    row = next(row for row in window.session.rows if row.name == "SH006")
    assert window.session.thumbs.missing(row)
    index = index_of(page.table, "SH006", "status")
    assert index.data() == "Offline"
    assert "missing plate" in index.data(Qt.ToolTipRole)


def test_rows_keep_their_place_when_they_are_read_again(qtbot, window):
    page, session = window.reel_page, window.session
    click(qtbot, page.table, "SH005", "check")
    page.sort_by("triage", down=True)
    rows = list(session.rows)
    rows[0] = made_row(1, state="stale", triage=80)
    session.overview = type(session.overview)(
        "R1", "it-IT", ("it-IT",), session.overview.rate, False, tuple(rows)
    )
    session.rows_changed.emit()
    assert session.selected == ("SH005",)
    assert shown(page)[0] == "SH001"
    assert page.bar.chips.chips["stale"].count == 1
