"""A hand on the controls: each change shows at once, is saved, and can be undone."""

from __future__ import annotations

import pytest
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication

from dubsync.service.tweaks.tweak_store import TweakStore
from tests.desk.inspector.conftest import drag, save, show, until
from tests.small_reel import ELISE, MARC


def stored(window, shot=MARC):
    project = window.session.project
    return TweakStore(project.file.folder, project.store.layout).latest(shot)


def tweak(window):
    return window.session.edits.tweak(window.session.character)


def row(inspector, name):
    inspector.tabs.setCurrentIndex(0)
    return inspector.tweak.rows.rows[name]


def press(widget, key, held=Qt.NoModifier):
    widget.window().activateWindow()
    widget.setFocus()
    QTest.keyClick(widget, key, held)


def test_a_slider_that_is_dragged_changes_the_tweak_at_once_and_is_saved(window, inspector):
    slider = row(inspector, "jaw").slider
    middle = slider.height() / 2
    drag(slider, QPointF(slider.width() / 2, middle), QPointF(slider.width() * 0.6, middle),
         QPointF(slider.width() * 0.75, middle))  # fmt: skip
    value = tweak(window).curve("jaw").value
    assert 1.4 < value < 1.6
    assert row(inspector, "jaw").field.text() == f"{value:.2f}"
    save(window)
    assert stored(window).tweaks["MARC"].curve("jaw").value == value
    assert stored(window).request == (f"jaw={value:g}",)


def test_a_change_makes_the_render_stale_and_says_what_changed(window, inspector):
    assert not inspector.card.word.text().startswith("Stale")
    press(row(inspector, "jaw").slider, Qt.Key_PageUp)
    assert inspector.card.word.text() == "Stale: jaw changed"
    press(row(inspector, "jaw").slider, Qt.Key_Backspace)
    assert not inspector.card.word.text().startswith("Stale")


def test_a_number_that_is_typed_is_taken(window, inspector):
    field = row(inspector, "slip_ms").field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "-20")
    QTest.keyClick(field, Qt.Key_Return)
    assert tweak(window).curve("slip_ms").value == -20
    assert field.text() == "\N{MINUS SIGN}20 ms"


def test_a_number_out_of_range_is_refused_with_the_range_and_nothing_changes(
    window, inspector, qtbot
):
    field = row(inspector, "jaw").field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "7")
    with qtbot.waitSignal(window.session.message) as said:
        QTest.keyClick(field, Qt.Key_Return)
    assert "0 to 2" in said.args[0]
    assert tweak(window).neutral
    assert field.text() == "1.00"


def test_arrows_change_a_slider_and_leave_the_frame_alone(window, inspector):
    slider, frame = row(inspector, "jaw").slider, window.session.frame
    press(slider, Qt.Key_Right)
    press(slider, Qt.Key_PageUp)
    assert tweak(window).curve("jaw").value == pytest.approx(1.11)
    assert window.session.frame == frame
    press(slider, Qt.Key_Backspace)
    assert tweak(window).neutral


def test_a_key_is_set_and_a_change_on_another_frame_sets_another(window, inspector):
    slider, frame = row(inspector, "jaw").slider, window.session.frame
    press(slider, Qt.Key_K, Qt.ShiftModifier)
    window.session.show_frame(frame + 10)
    press(slider, Qt.Key_PageUp)
    assert dict(tweak(window).curve("jaw").keys) == {frame: 1.0, frame + 10: pytest.approx(1.1)}
    window.session.show_frame(frame)
    assert slider.shown == 1.0
    assert "sets a key" in slider.toolTip()


def test_a_double_click_resets(window, inspector):
    slider = row(inspector, "jaw").slider
    press(slider, Qt.Key_PageUp)
    QTest.mouseDClick(slider, Qt.LeftButton, Qt.NoModifier, QPoint(10, 12))
    assert tweak(window).neutral


def test_a_wheel_over_a_slider_without_the_focus_changes_nothing(window, inspector):
    slider = row(inspector, "jaw").slider
    slider.clearFocus()
    place = QPointF(20, 12)
    event = QWheelEvent(
        place, QPointF(slider.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 120),
        Qt.NoButton, Qt.NoModifier, Qt.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(slider, event)
    assert tweak(window).neutral


def test_undo_and_redo_go_through_every_change(window, inspector):
    press(row(inspector, "jaw").slider, Qt.Key_PageUp)
    save(window)
    inspector.tweak.undo.click()
    until(lambda: tweak(window).neutral)
    until(lambda: inspector.tweak.redo.isEnabled())
    inspector.tweak.redo.click()
    until(lambda: tweak(window).curve("jaw").value == pytest.approx(1.1))


def test_the_history_goes_back_to_a_version_as_a_new_one(window, inspector):
    press(row(inspector, "jaw").slider, Qt.Key_PageUp)
    save(window)
    first = stored(window)
    press(row(inspector, "jaw").slider, Qt.Key_PageUp)
    save(window)
    until(lambda: inspector.tweak.history.versions[0] == stored(window))
    history = inspector.tweak.history
    place = next(n for n, one in enumerate(history.versions) if one.number == first.number)
    history.clicked.emit(history.model().index(place))
    save(window)
    assert stored(window).tweaks == first.tweaks
    assert stored(window).number > first.number + 1


def test_b_is_seen_and_not_changed_and_y_goes_back(window, inspector):
    press(row(inspector, "jaw").slider, Qt.Key_PageUp)
    save(window)
    press(row(inspector, "jaw").slider, Qt.Key_PageUp)
    save(window)
    until(lambda: inspector.tweak.history.versions[0] == stored(window))
    window.commands["other version"].trigger()
    assert tweak(window).curve("jaw").value == pytest.approx(1.1)
    assert not row(inspector, "jaw").slider.isEnabled()
    window.commands["other version"].trigger()
    assert tweak(window).curve("jaw").value == pytest.approx(1.2)
    assert row(inspector, "jaw").slider.isEnabled()


def test_a_border_of_the_mix_is_dragged(window, inspector):
    bar = inspector.tweak.rows.mix
    drag(bar, QPointF(bar.border_x(0), 6), QPointF(bar.width() * 0.7, 6))
    take, sound, original = bar.shares
    assert take == pytest.approx(0.7, abs=0.03)
    assert sound == pytest.approx(1 - take)
    assert original == 0
    assert tweak(window).curve("take").value == take


def test_a_control_that_needs_a_take_says_so_where_there_is_none(window, inspector):
    assert row(inspector, "brows").slider.isEnabled()
    show(window, ELISE)
    brows = row(inspector, "brows")
    assert not brows.slider.isEnabled()
    assert "no take" in brows.slider.toolTip()
    assert inspector.tweak.rows.mix.shares == (0.0, 1.0, 0.0)


def test_a_tweak_is_copied_to_another_shot(window, inspector):
    press(row(inspector, "jaw").slider, Qt.Key_PageUp)
    window.commands["copy tweak"].trigger()
    show(window, ELISE)
    window.commands["paste tweak"].trigger()
    assert tweak(window).curve("jaw").value == pytest.approx(1.1)
    window.session.edits.change_all({}, "reset")
    save(window)


def test_a_tweak_is_applied_to_the_selection(window, inspector):
    assert not inspector.bar.apply.isEnabled()
    press(row(inspector, "jaw").slider, Qt.Key_PageUp)
    window.session.select((MARC, ELISE))
    assert inspector.bar.apply.isEnabled()
    inspector.bar.what_menu().actions()[0].trigger()
    save(window)
    assert stored(window, ELISE).tweaks["ELISE"].curve("jaw").value == pytest.approx(1.1)
    window.session.select(())


def test_what_a_terminal_wrote_meanwhile_is_taken(window, inspector):
    project = window.session.project
    store = TweakStore(project.file.folder, project.store.layout)
    store.change(MARC, {"MARC": tweak(window).held("jaw", 1.5)}, ["jaw=1.5"])
    window.session.reread()
    until(lambda: tweak(window).curve("jaw").value == 1.5)


def test_a_preset_is_saved_and_put_over_another_tweak(window, inspector):
    press(row(inspector, "jaw").slider, Qt.Key_PageUp)
    presets = inspector.tweak.presets
    presets.ask_name()
    QTest.keyClicks(presets.words.line, "Loose jaw")
    QTest.keyClick(presets.words.line, Qt.Key_Return)
    until(lambda: presets.choice.findText("Loose jaw") >= 0)
    window.session.edits.change_all({}, "reset")
    presets.choice.activated.emit(presets.choice.findText("Loose jaw"))
    assert tweak(window).curve("jaw").value == pytest.approx(1.1)


def test_every_control_has_a_name_a_value_and_a_meaning(inspector):
    for name, one in inspector.tweak.rows.rows.items():
        assert one.slider.accessibleName(), name
        assert one.slider.accessibleDescription(), name
        assert one.form.control.meaning in one.slider.toolTip(), name
        assert one.slider.minimum() < one.slider.maximum(), name


def test_tab_goes_through_the_controls_from_top_to_bottom(window, inspector):
    inspector.tabs.setCurrentIndex(0)
    window.activateWindow()
    inspector.card.approve.setFocus()
    heights = []
    while True:
        QTest.keyClick(window.focusWidget(), Qt.Key_Tab)
        focus = window.focusWidget()
        if not inspector.isAncestorOf(focus):
            break
        heights.append(focus.mapTo(inspector, QPoint(0, focus.height() // 2)).y())
        assert len(heights) < 200
    scrolled = [b - a for a, b in zip(heights, heights[1:], strict=False)]
    assert len(heights) > 40
    assert sum(step < -12 for step in scrolled) <= 5  # the page may scroll beneath the focus
