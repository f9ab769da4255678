"""The picture in the viewer is the frame that was asked for, on the side that was asked for."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication

from dubsync.desk.viewer.picture.wipe import Wipe
from dubsync.desk.viewer.picture.zoom import FIT
from tests.desk.viewer.synthetic_shot import (
    HANDLES,
    RECORD,
    number_in,
    painted,
    synthetic_shot,
)
from tests.media.reading_synthesis import write_numbered


@pytest.fixture
def shot(tmp_path):
    return synthetic_shot(tmp_path)


@pytest.fixture
def rendered(qtbot, tmp_path, shot, open_viewer):
    """A viewer with a render of which every frame shows its number plus 100."""
    path = tmp_path / "render.mkv"
    write_numbered(path, "ffv1", n=40 + 100, rate=shot.plate.frames.rate)
    window = open_viewer(shot, renders=[("v001", path)])
    qtbot.waitUntil(lambda: "v001" in window.panel.stage.pictures.renders, timeout=10_000)
    pictures = window.panel.stage.pictures
    source, matte = pictures.renders["v001"]
    object.__setattr__(source, "shift", source.shift + 100)
    return window, matte


def shows(window, number):
    return lambda: number_in(painted(window.panel.view)) == number


def test_the_frame_that_is_asked_for_is_shown(qtbot, open_viewer, shot):
    window = open_viewer(shot)
    for frame in (HANDLES, 30, 11, 0, 39, 12):
        window.session.show_frame(frame)
        qtbot.waitUntil(shows(window, frame), timeout=5000)
    assert window.panel.transport.frame.text().find("9 of 32") > 0


def test_a_step_by_key_goes_a_frame_and_home_and_end_go_to_the_cut(qtbot, open_viewer, shot):
    window = open_viewer(shot)
    for name, frame in (("on a frame", 5), ("on a frame", 6), ("back a frame", 5),
                        ("last frame", 35), ("first frame", 4)):  # fmt: skip
        window.commands[name].trigger()
        qtbot.waitUntil(shows(window, frame), timeout=5000)
        assert window.session.frame == frame
    window.commands["with handles"].setChecked(True)
    window.commands["last frame"].trigger()
    qtbot.waitUntil(shows(window, 39), timeout=5000)


def test_the_wipe_shows_a_on_its_left_and_b_on_its_right_to_the_pixel(qtbot, rendered):
    window, _ = rendered
    view = window.panel.view
    window.session.show_frame(20)
    pictures = {}
    for side, look, number in (("a", "plate", 20), ("b", "render", 120)):
        window.panel.show_look(look)
        qtbot.waitUntil(shows(window, number), timeout=5000)
        pictures[side] = painted(view)
    window.panel.show_look("wipe")
    for wipe in (Wipe(0.37, 0.5, 0.0), Wipe(0.5, 0.5, 30.0), Wipe(0.6, 0.4, -75.0)):
        view.set_wipe(wipe)
        qtbot.waitUntil(lambda: view.state.b is not None, timeout=5000)
        seen = painted(view)
        height, width = seen.shape[:2]
        y, x = np.mgrid[:height, :width] + 0.5
        angle = np.radians(wipe.angle)
        away = (x - wipe.x * width) * np.cos(angle) + (y - wipe.y * height) * np.sin(angle)
        middle = np.zeros((height, width), bool)
        middle[height * 2 // 5 : height * 3 // 5] = True
        for side, here in (("a", away < -20), ("b", away > 20)):
            assert (seen[here & middle] == pictures[side][here & middle]).all(), (wipe, side)
        if wipe.angle == 0:  # upright: exact but for the line itself
            edge = round(wipe.x * width)
            row = slice(height // 2 + 20, height * 3 // 5)
            assert (
                seen[row, edge - 12 : edge - 3] == pictures["a"][row, edge - 12 : edge - 3]
            ).all()
            assert (
                seen[row, edge + 3 : edge + 12] == pictures["b"][row, edge + 3 : edge + 12]
            ).all()


def test_the_wipe_is_dragged_by_its_handle_and_turned_by_its_knob(qtbot, rendered):
    window, _ = rendered
    window.panel.show_look("wipe")
    view = window.panel.view
    qtbot.waitUntil(lambda: view.state.b is not None, timeout=5000)
    rect = view.picture_rect()
    handle, to = view.wipe.handle(rect).toPoint(), rect.center().toPoint() + QPoint(80, 30)
    drag(view, handle, to)
    assert (view.wipe.handle(rect) - QPointF(to)).manhattanLength() < 2
    drag(view, view.wipe.knob(rect).toPoint(), to + QPoint(60, -60))
    assert view.wipe.angle == pytest.approx(45, abs=1)
    drag(view, to + QPoint(-90, 0), to + QPoint(-60, 0), Qt.AltModifier)
    assert view.wipe.angle == pytest.approx(-90, abs=1)


def drag(view, start, end, held=Qt.NoModifier):
    """A left drag; QTest's moves carry no button."""
    for kind, at, button, buttons in (
        (QEvent.MouseButtonPress, start, Qt.LeftButton, Qt.LeftButton),
        (QEvent.MouseMove, end, Qt.NoButton, Qt.LeftButton),
        (QEvent.MouseButtonRelease, end, Qt.LeftButton, Qt.NoButton),
    ):
        event = QMouseEvent(kind, QPointF(at), button, Qt.MouseButtons(buttons), held)
        QApplication.sendEvent(view, event)


def test_the_difference_of_equal_pictures_is_black_and_of_others_is_not(qtbot, rendered):
    window, _ = rendered
    panel = window.panel
    panel.stage.looking.gain = 64
    panel.show_look("difference")
    qtbot.waitUntil(lambda: panel.view.state.look == "difference", timeout=5000)
    middle = painted(panel.view)[120:200]
    assert middle.max() > 100
    panel._choose("plate", "plate")
    qtbot.waitUntil(lambda: painted(panel.view)[120:200].max() == 0, timeout=5000)


def test_exposure_brightens_the_picture_for_the_eye_and_e_takes_it_back(qtbot, open_viewer, shot):
    window = open_viewer(shot)
    view = window.panel.view
    before = painted(view)[150:200].astype(int)
    window.panel.bar.exposure._change(1.0)
    qtbot.waitUntil(lambda: painted(view)[150:200].mean() > before.mean() + 10, timeout=5000)
    window.commands["exposure back"].trigger()
    qtbot.waitUntil(lambda: (painted(view)[150:200] == before).all(), timeout=5000)


def test_z_shows_one_picture_pixel_on_each_pixel_of_the_screen(qtbot, open_viewer, shot):
    window = open_viewer(shot)
    view = window.panel.view
    window.commands["pixels"].trigger()
    assert painted(view).shape[:2] == (144, 256)
    assert window.panel.bar.zoom.shown == "100 %"
    qtbot.waitUntil(shows(window, HANDLES), timeout=5000)
    window.commands["fit"].trigger()
    assert view.zoom == FIT and painted(view).shape[1] > 256


def test_the_wheel_keeps_the_point_under_the_cursor(qtbot, open_viewer, shot):
    window = open_viewer(shot)
    view = window.panel.view
    at = QPointF(view.rect().center()) + QPointF(90, -40)
    before = view.picture_rect()
    share = (at.x() - before.left()) / before.width(), (at.y() - before.top()) / before.height()
    view.zoom_by(1.25, at)
    after = view.picture_rect()
    assert after.width() == pytest.approx(before.width() * 1.25, abs=1)
    assert (at.x() - after.left()) / after.width() == pytest.approx(share[0], abs=0.005)
    assert (at.y() - after.top()) / after.height() == pytest.approx(share[1], abs=0.005)


def test_the_scrub_bar_goes_where_the_hand_is(qtbot, open_viewer, shot):
    window = open_viewer(shot)
    scrub = window.panel.scrub
    x = round(scrub.place(RECORD + 20.5))
    QTest.mousePress(scrub, Qt.LeftButton, Qt.NoModifier, QPoint(x, 8))
    QTest.mouseRelease(scrub, Qt.LeftButton, Qt.NoModifier, QPoint(x, 8))
    qtbot.waitUntil(shows(window, HANDLES + 20), timeout=5000)


def test_closing_the_viewer_leaves_no_thread(qtbot, open_viewer, shot):
    before = set(threading.enumerate())
    window = open_viewer(shot)
    window.commands["play"].trigger()
    qtbot.wait(60)
    window.panel.close_view()
    window.session.close()
    assert set(threading.enumerate()) <= before


def test_keys_move_and_turn_the_wipe(qtbot, rendered):
    window, _ = rendered
    window.panel.show_look("wipe")
    view = window.panel.view
    qtbot.waitUntil(lambda: view.state.b is not None, timeout=5000)
    before = view.wipe
    held = Qt.ControlModifier | Qt.ShiftModifier
    QTest.keyClick(view, Qt.Key_Right, held)
    assert view.wipe.x > before.x and view.wipe.angle == 0
    QTest.keyClick(view, Qt.Key_Right, held | Qt.AltModifier)
    assert view.wipe.angle == 5


def test_single_keys_choose_the_look_step_and_play(qtbot, rendered):
    window, _ = rendered
    panel = window.panel
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5000)
    for key, look in ((Qt.Key_R, "render"), (Qt.Key_V, "wipe"), (Qt.Key_B, "both"),
                      (Qt.Key_D, "difference"), (Qt.Key_P, "plate")):  # fmt: skip
        QTest.keyClick(panel.view, key)
        assert panel.stage.looking.look == look == panel.bar.looks.choice
    QTest.keyClick(panel.view, Qt.Key_Right)
    assert panel.playback.record == RECORD + 1
    QTest.keyClick(panel.view, Qt.Key_I)
    QTest.keyClick(panel.view, Qt.Key_Right)
    QTest.keyClick(panel.view, Qt.Key_O)
    assert len(panel.playback.loop) == 2
    QTest.keyClick(panel.view, Qt.Key_2)
    assert panel.playback.out.heard == "original" == panel.transport.heard.choice
    QTest.keyClick(panel.view, Qt.Key_Space)
    assert panel.playback.playing
    QTest.keyClick(panel.view, Qt.Key_K)
    assert not panel.playback.playing
