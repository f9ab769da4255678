"""What the cards over the picture say, and how a low window shares its height."""

from __future__ import annotations

from PyQt5.QtCore import QEvent
from PyQt5.QtWidgets import QApplication, QHBoxLayout, QWidget

from dubsync.desk.parts.choice_field import ChoiceField
from dubsync.desk.shell.shot_cards import in_words
from dubsync.desk.shell.window import SHOT, DeskWindow
from tests.desk.reel.made_rows import made_row, show


def test_a_reason_is_a_sentence_without_words_of_the_engine():
    assert in_words("lip_reenact of 'Ada' is not covered") == (
        "Redrawing the mouth of 'Ada' is not covered."
    )
    assert in_words("training waits.") == "Training waits."


def test_a_field_grows_when_its_letter_comes_back(qtbot):
    place = QWidget()
    qtbot.addWidget(place)
    field = ChoiceField("B", "", place)
    field.addItem("v001 now")
    row = QHBoxLayout(place)
    row.addWidget(field)
    row.addStretch(1)
    place.resize(400, 60)
    place.show()
    narrow = field.width()
    field.letter = "B"
    QApplication.sendPostedEvents(None, QEvent.LayoutRequest)
    assert field.width() > narrow


def test_a_plate_that_is_back_has_its_curves_asked_for_again(qtbot, monkeypatch):
    window = DeskWindow()
    qtbot.addWidget(window)
    show(window.session, [made_row(1)])
    asked = []
    monkeypatch.setattr(window.session.preview, "ask_curves", lambda shot, _: asked.append(shot))
    window.viewer.offline.emit(None)
    assert not asked
    window.viewer.offline.emit(object())
    window.viewer.offline.emit(None)
    assert asked == ["SH001"]
    assert window.status.left.toolTip() == "The plate is back"
    window.close()


def test_a_low_window_gives_what_folded_lanes_leave_to_the_picture(qtbot):
    window = DeskWindow()
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    window.show_page(SHOT)
    qtbot.wait(50)
    whole = window.curves.height()
    window.resize(1440, 700)
    qtbot.wait(50)
    qtbot.waitUntil(lambda: window.curves.height() <= whole - 90, timeout=2000)
    window.close()
