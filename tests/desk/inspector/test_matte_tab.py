"""The matte in the Face tab and on the picture: drawn, dragged, keyed, nudged, deleted, undone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QPointF, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QPushButton

from dubsync.core.tweak.matte_edit import CutOut
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.inspector.inspector_panel import FACE, TWEAK
from tests.desk.inspector.conftest import drag, save, until
from tests.small_reel import MARC

CORNERS = ((10, 10), (60, 12), (58, 40), (12, 38))


@pytest.fixture
def hand(window, inspector):
    """The cut-outs in hand, the Face tab open, the picture there."""
    inspector.tabs.setCurrentIndex(FACE)
    view = window.viewer.view
    until(lambda: view.state.size[0] and view.isVisible())
    window.session.matte.leave()
    yield window.session.matte
    inspector.tabs.setCurrentIndex(TWEAK)


def place(window, x, y):
    """Where a plate pixel is on the picture."""
    view = window.viewer.view
    rect, size = view.picture_rect(), view.state.size
    return QPointF(
        rect.left() + x * rect.width() / size[0], rect.top() + y * rect.height() / size[1]
    )


def tweak(window):
    return window.session.edits.tweak(window.session.character)


def draw(window, hand):
    view = window.viewer.view
    QTest.mouseClick(window.inspector.face.cut_outs.draw, Qt.LeftButton)
    for corner in CORNERS:
        QTest.mouseClick(view, Qt.LeftButton, Qt.NoModifier, place(window, *corner).toPoint())
    QTest.keyClick(view, Qt.Key_Return)
    return hand.in_hand


def test_a_polygon_is_drawn_by_clicks_and_closed_by_enter(window, hand):
    one = draw(window, hand)
    assert one is not None and one.keys[0][0] == window.session.frame
    px = window.viewer.view.state.size[0] / window.viewer.view.picture_rect().width()
    for (x, y), (u, v) in zip(one.keys[0][1], CORNERS, strict=True):
        assert abs(x - u) <= px and abs(y - v) <= px
    names = [one.accessibleName() for one in window.inspector.face.cut_outs.list.findChildren(
        QPushButton)]  # fmt: skip
    assert f"Cut-out {one.name}, whole shot, 1 key" in names


def test_a_point_is_dragged_keyed_nudged_and_deleted(window, hand):
    session, view = window.session, window.viewer.view
    one = draw(window, hand)
    first = session.frame
    drag(view, place(window, *one.keys[0][1][1]), place(window, 62, 14), place(window, 66, 16))
    moved = hand.in_hand
    assert len(moved.keys) == 1 and moved.keys[0][1][1] == pytest.approx((66, 16), abs=1)
    assert moved.keys[0][1][0] == one.keys[0][1][0]

    session.show_frame(first + 6)
    QTest.keyClick(view, Qt.Key_K, Qt.ShiftModifier)
    assert [frame for frame, _ in hand.in_hand.keys] == [first, first + 6]
    at, record = hand.in_hand.at(first + 6)[1], session.frame
    QTest.keyClick(view, Qt.Key_Right)
    QTest.keyClick(view, Qt.Key_Down, Qt.ShiftModifier)
    assert session.frame == record
    assert hand.in_hand.at(first + 6)[1] == pytest.approx((at[0] + 1, at[1] + 10))
    assert hand.in_hand.at(first)[1] == pytest.approx(at)

    QTest.keyClick(view, Qt.Key_Delete)
    assert {len(outline) for _, outline in hand.in_hand.keys} == {3}
    hand.choose(hand.chosen)
    QTest.keyClick(view, Qt.Key_Delete)
    assert not tweak(window).cut_outs


def test_undo_takes_back_what_was_cut(window, hand):
    draw(window, hand)
    save(window)
    assert tweak(window).cut_outs
    window.session.edits.undo()
    save(window)
    assert not tweak(window).cut_outs
    window.session.edits.redo()
    save(window)
    assert tweak(window).cut_outs


def test_growth_and_the_eye_of_a_cut_out_go_through_the_tweak(window, hand):
    one = CutOut("hand", ((window.session.frame, CORNERS),))
    window.session.edits.change(window.session.character, Tweak().cutting(one), "cut hand")
    rows = window.inspector.face.matte.rows_of.rows
    rows["matte_grow"].asked.emit(3.0)
    assert tweak(window).curve("matte_grow").value == 3
    hand.switch_shown("hand")
    assert not tweak(window).cut_out("hand").shown


def test_without_the_face_tab_the_picture_is_panned_as_ever(window, hand):
    draw(window, hand)
    window.inspector.tabs.setCurrentIndex(TWEAK)
    before = tweak(window)
    view = window.viewer.view
    drag(view, place(window, *CORNERS[1]), place(window, 70, 20))
    assert tweak(window) == before
    assert not view.layer.active


def test_another_shot_has_nothing_in_hand(window, hand):
    draw(window, hand)
    save(window)
    other = next(row.name for row in window.session.rows if row.name != MARC)
    window.session.show_shot(other)
    assert hand.in_hand is None and hand.drawing is None
    window.session.show_shot(MARC)
    QApplication.processEvents()


def test_a_landmark_is_dragged_where_they_are_shown_and_taken_back(window, hand):
    session, view = window.session, window.viewer.view
    shares = np.full((478, 2), 0.9)
    shares[61] = 0.3, 0.5
    view.show_state(replace(view.state, landmarks={session.character: shares}))
    size = view.state.size
    drag(view, place(window, 0.3 * size[0], 0.5 * size[1]), place(window, 50, 40))
    (key,) = tweak(window).landmarks
    assert (key.frame, key.index) == (session.frame, 61)
    assert (key.x, key.y) == pytest.approx((50, 40), abs=1)
    QTest.mouseClick(window.inspector.face.landmarks.back, Qt.LeftButton)
    assert not tweak(window).landmarks
