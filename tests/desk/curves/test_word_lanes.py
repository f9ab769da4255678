"""Words and phones under real hands: a drag, a double click and keys change the track by that."""

from __future__ import annotations

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtTest import QTest

from dubsync.core.tweak.spoken_track import SpokenPhone, SpokenTrack, SpokenWord
from dubsync.desk.curves import word_hand
from tests.desk.curves.test_curves_panel import drag

HO = SpokenWord("ho", 1010.0, 1016.0, (SpokenPhone.at("o", 1010.0, 1016.0),), 0.9, False)
MA = SpokenWord(
    "ma", 1030.0, 1040.0,
    (SpokenPhone.at("m", 1030.0, 1034.0), SpokenPhone.at("a", 1034.0, 1040.0)), 0.9, False,
)  # fmt: skip
HEARD = SpokenTrack((HO, MA))


@pytest.fixture
def spoken(bench, monkeypatch):
    """A bench whose shot has HEARD words, and whose texts are said as they are written."""
    monkeypatch.setattr(word_hand, "heard_in", lambda project, shot: {"MARC": HEARD})
    monkeypatch.setattr(
        word_hand, "phones_of_text", lambda project, shot, who, text: tuple(set(text) & set("mao"))
    )
    bench.session.project = object()
    bench.panel._label = lambda: None  # it asks the project for its language
    bench.panel.hand.read()
    bench.qtbot.waitUntil(lambda: bench.panel.hand.ready)
    return bench


def at(bench, lane, edge):
    return QPoint(round(bench.panel.view.axis.x(edge)), lane.height() // 2)


def wait_for_version(bench, request):
    """Until the history says that this was asked for."""
    bench.session.edits.save()
    bench.qtbot.waitUntil(lambda: request in bench.session.edits.version.request)


def spans(bench):
    return [(w.text, w.first, w.last) for w in bench.tweak.spoken.words]


def test_a_dragged_word_moves_with_its_phones_and_undo_brings_it_back(spoken):
    lane = spoken.panel.words
    drag(spoken, lane, [at(spoken, lane, 1035), at(spoken, lane, 1037), at(spoken, lane, 1040)])
    assert spans(spoken) == [("ho", 1010, 1016), ("ma", 1035, 1045)]
    assert spoken.tweak.spoken.words[1].phones[0] == SpokenPhone("m", 1035, 1039, (1030, 1034))
    assert lane.spoken[1].first == 1035 and lane.spoken[1].by_hand
    wait_for_version(spoken, "word 2=@1035.00..1045.00")
    spoken.actions["undo"].trigger()
    spoken.qtbot.waitUntil(lambda: spoken.tweak.spoken is None)
    assert lane.spoken[1].first == 1030


def test_a_dragged_edge_retimes_a_phone_and_pushes_its_neighbour(spoken):
    lane = spoken.panel.phones
    drag(spoken, lane, [at(spoken, lane, 1034), at(spoken, lane, 1035), at(spoken, lane, 1036)])
    (m, a) = spoken.tweak.spoken.words[1].phones
    assert m.last == a.first and {m.last, a.first} <= {1036.0}
    assert spans(spoken)[1] == ("ma", 1030, 1040)


def test_a_click_changes_nothing(spoken):
    lane = spoken.panel.words
    drag(spoken, lane, [at(spoken, lane, 1035), at(spoken, lane, 1035)])
    assert spoken.tweak.spoken is None and lane.chosen == 2
    assert spoken.session.frame == 1030
    drag(spoken, spoken.panel.phones, [at(spoken, lane, 1012), at(spoken, lane, 1012)])
    assert (lane.chosen, spoken.panel.phones.chosen) == (0, 1)


def test_a_phone_is_typed_over_another_and_an_unknown_one_is_refused(spoken):
    lane, told = spoken.panel.phones, []
    spoken.session.message.connect(lambda text, stays: told.append(text))
    spoken.qtbot.mouseDClick(lane, Qt.LeftButton, Qt.NoModifier, at(spoken, lane, 1037))
    assert lane.field.isVisible() and lane.field.text() == "a"
    QTest.keyClicks(lane.field, "qq")
    QTest.keyClick(lane.field, Qt.Key_Return)
    assert spoken.tweak.spoken is None and "known phones" in told[-1]
    spoken.qtbot.mouseDClick(lane, Qt.LeftButton, Qt.NoModifier, at(spoken, lane, 1037))
    QTest.keyClicks(lane.field, "sh")
    assert "sh for ʃ" in told[-1]
    QTest.keyClick(lane.field, Qt.Key_Return)
    assert spoken.tweak.spoken.words[1].phones[1] == SpokenPhone("ʃ", 1034, 1040, None)
    assert not lane.field.isVisible()


def test_a_double_click_on_an_empty_place_adds_a_word_where_there_is_room(spoken):
    lane = spoken.panel.words
    spoken.qtbot.mouseDClick(lane, Qt.LeftButton, Qt.NoModifier, at(spoken, lane, 1025))
    QTest.keyClicks(lane.field, "mo")
    QTest.keyClick(lane.field, Qt.Key_Return)
    spoken.qtbot.waitUntil(lambda: spoken.tweak.spoken is not None)
    assert spans(spoken)[1] == ("mo", 1025, 1030)
    assert {p.symbol for p in spoken.tweak.spoken.words[1].phones} == {"m", "o"}


def test_keys_choose_nudge_and_delete(spoken):
    lane = spoken.panel.words
    lane.setFocus(Qt.TabFocusReason)
    spoken.qtbot.waitUntil(lane.hasFocus)
    QTest.keyClick(lane, Qt.Key_Right)
    QTest.keyClick(lane, Qt.Key_Right)
    assert lane.chosen == 2 and spoken.session.frame == 1030
    assert lane.accessibleDescription() == "word 2, ma"
    QTest.keyClick(lane, Qt.Key_Right, Qt.AltModifier)
    assert spans(spoken)[1] == ("ma", 1031, 1041)
    QTest.keyClick(lane, Qt.Key_Delete)
    assert spans(spoken) == [("ho", 1010, 1016)]
    wait_for_version(spoken, "delete word 2")


def test_a_blocked_shot_is_read_only(make_bench, monkeypatch):
    bench = make_bench(state="blocked")
    monkeypatch.setattr(word_hand, "heard_in", lambda project, shot: {"MARC": HEARD})
    bench.panel._label = lambda: None
    bench.session.project = object()
    bench.panel.hand.read()
    bench.qtbot.waitUntil(lambda: bench.panel.hand.track is not None)
    lane = bench.panel.words
    drag(bench, lane, [at(bench, lane, 1035), at(bench, lane, 1045)])
    bench.qtbot.mouseDClick(lane, Qt.LeftButton, Qt.NoModifier, at(bench, lane, 1035))
    assert bench.tweak.spoken is None and not lane.field.isVisible()
