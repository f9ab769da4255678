"""The lanes under real hands: mouse and keys change the tweak by exactly what was meant."""

from __future__ import annotations

import random

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtWidgets import QMenu

from dubsync.core.contact import ContactKey
from dubsync.core.tweak.controls import CONTROLS
from dubsync.core.tweak.curve import Curve, Span
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.curves.lanes.control_lane import TOLERANCE


def keyed(bench, *keys: tuple[int, float]) -> None:
    tweak = Tweak()
    for frame, value in keys:
        tweak = tweak.keyed("jaw", frame, value)
    bench.session.edits.change("MARC", tweak, "jaw=1@1000")


def at(bench, frame: float, value: float) -> QPoint:
    """The point of the control lane where a frame has a value."""
    lane = bench.panel.control
    return QPoint(round(bench.panel.view.axis.x(frame + 0.5)), round(lane.values.y(value)))


def drag(bench, lane, points, modifiers=Qt.NoModifier) -> None:
    target, qtbot = lane.viewport() if hasattr(lane, "viewport") else lane, bench.qtbot
    qtbot.mousePress(target, Qt.LeftButton, modifiers, points[0])
    for point in points[1:]:
        move(target, point, modifiers)
    qtbot.mouseRelease(target, Qt.LeftButton, modifiers, points[-1])


def move(target, point, modifiers=Qt.NoModifier) -> None:
    """A move with the button held, which QTest does not send."""
    from PyQt5.QtCore import QEvent, QPointF
    from PyQt5.QtGui import QMouseEvent
    from PyQt5.QtWidgets import QApplication

    place = QPointF(point)
    event = QMouseEvent(
        QEvent.MouseMove, place, QPointF(target.mapToGlobal(point)), Qt.NoButton, Qt.LeftButton,
        modifiers,
    )  # fmt: skip
    QApplication.sendEvent(target, event)


def test_a_dragged_key_changes_the_tweak_by_exactly_that_and_undo_brings_it_back(bench):
    keyed(bench, (1020, 1.0), (1040, 1.2), (1060, 1.0))
    bench.session.edits.save()
    bench.qtbot.waitUntil(lambda: not bench.session.edits.unsaved)
    before = bench.tweak
    bench.actions["snap"].setChecked(False)
    lane = bench.panel.control
    start = at(bench, 1040, 1.2)
    to = at(bench, 1045, 1.2)
    drag(bench, lane, [start, start + QPoint(4, 0), to])
    assert bench.tweak.curve("jaw").keys == ((1020, 1.0), (1045, 1.2), (1060, 1.0))
    up = at(bench, 1045, 1.2)
    drag(bench, lane, [up, up + QPoint(0, -4), up + QPoint(0, -9)])
    rise = bench.tweak.curve("jaw").keys[1][1] - 1.2
    assert rise == pytest.approx(9 * lane.values.unit, abs=0.006)
    with bench.qtbot.waitSignal(bench.session.edits.saved):
        bench.session.edits.save()
    assert bench.session.edits.version.request[-1].startswith("jaw=")
    with bench.qtbot.waitSignal(bench.session.edits.changed):
        bench.actions["undo"].trigger()
    assert bench.tweak == before


def test_a_drag_is_one_version_when_the_hand_rests(bench):
    keyed(bench, (1020, 1.0), (1060, 1.0))
    with bench.qtbot.waitSignal(bench.session.edits.saved):
        bench.session.edits.save()
    number = bench.session.edits.version.number
    start = at(bench, 1020, 1.0)
    drag(bench, bench.panel.control, [start + QPoint(n, n) for n in range(0, 30, 2)])
    with bench.qtbot.waitSignal(bench.session.edits.saved, timeout=3000):
        pass
    assert bench.session.edits.version.number == number + 1


def test_a_key_never_passes_its_neighbour(bench):
    keyed(bench, (1020, 1.0), (1040, 1.2))
    start = at(bench, 1020, 1.0)
    drag(bench, bench.panel.control, [start, start + QPoint(6, 0), at(bench, 1100, 1.0)])
    assert [frame for frame, _ in bench.tweak.curve("jaw").keys] == [1039, 1040]


def test_a_drawn_stroke_becomes_a_few_keys_along_it(bench):
    bench.actions["tool draw"].trigger()
    lane = bench.panel.control
    stroke = [at(bench, 1030 + n, 1 + 0.4 * n / 40) for n in range(0, 41, 2)]
    unit = lane.values.unit
    drag(bench, lane, stroke)
    curve = bench.tweak.curve("jaw")
    under = [frame for frame, _ in curve.keys if 1030 <= frame <= 1070]
    assert 2 <= len(under) <= 8
    values = bench.tweak.at("jaw", bench.session.frames)
    first = bench.session.frames.start
    for n in range(0, 41, 2):
        assert values[1030 + n - first] == pytest.approx(1 + 0.4 * n / 40,
                                                         abs=TOLERANCE + unit)  # fmt: skip
    assert values[0] == values[-1] == 1


def test_c_closes_the_lips_at_the_playhead_and_delete_takes_it_back(bench):
    bench.session.show_frame(1044)
    bench.actions["close lips"].trigger()
    assert bench.tweak.contacts == (ContactKey(1044, 1044, "closed lips"),)
    bench.actions["nudge later"].trigger()
    assert bench.tweak.contacts == (ContactKey(1045, 1045, "closed lips"),)
    bench.actions["delete"].trigger()
    assert bench.tweak.neutral


def test_a_drag_over_the_empty_lane_makes_a_span_and_the_span_is_dragged_up(bench):
    lane = bench.panel.control
    low = lane.values.y(0.7)
    y = QPoint(0, round(low))
    first = QPoint(round(bench.panel.view.axis.middle(1030)), 0) + y
    last = QPoint(round(bench.panel.view.axis.middle(1050)), 0) + y
    drag(bench, lane, [first, first + QPoint(8, 0), last])
    assert bench.tweak.curve("jaw").spans == (Span(1030, 1050, 1.0),)
    middle = at(bench, 1040, 1.0)
    drag(bench, lane, [middle, middle - QPoint(0, 4), middle - QPoint(0, 8)])
    span = bench.tweak.curve("jaw").spans[0]
    assert (span.first, span.last) == (1030, 1050)
    assert span.value == pytest.approx(1 + 8 * lane.values.unit, abs=0.006)
    edge = QPoint(round(bench.panel.view.axis.x(1051)), round(lane.values.y(span.value)))
    bench.actions["snap"].setChecked(False)
    to = QPoint(round(bench.panel.view.axis.x(1061)), edge.y())
    drag(bench, lane, [edge, edge + QPoint(4, 0), to])
    assert bench.tweak.curve("jaw").spans[0].last == 1060


def test_s_spans_the_word_under_the_playhead(bench):
    bench.session.show_frame(1035)
    bench.actions["set span"].trigger()
    assert bench.tweak.curve("jaw").spans == (Span(1032, 1051, 1.0),)
    bench.actions["more"].trigger()
    assert bench.tweak.curve("jaw").spans == (Span(1032, 1051, 1.05),)


def test_keys_are_made_moved_and_typed_without_a_mouse(bench):
    bench.session.show_frame(1020)
    bench.actions["set key"].trigger()
    bench.session.show_frame(1040)
    bench.actions["set key"].trigger()
    bench.actions["more"].trigger()
    assert bench.tweak.curve("jaw").keys == ((1020, 1.0), (1040, 1.05))
    bench.actions["nudge later"].trigger()
    bench.actions["less"].trigger()
    bench.actions["less"].trigger()
    assert bench.tweak.curve("jaw").keys == ((1020, 1.0), (1041, 0.95))
    bench.actions["key before"].trigger()
    assert bench.session.frame == 1020
    bench.actions["delete"].trigger()
    assert bench.tweak.curve("jaw").keys == ((1041, 0.95),)
    bench.actions["reset control"].trigger()
    assert bench.tweak.neutral


def test_dragging_the_waveform_slips_the_mouth(bench):
    frame = bench.panel.view.axis.scale
    drag(bench, bench.panel.sound, [QPoint(400, 18), QPoint(420, 18),
                                    QPoint(round(400 + 3 * frame), 18)])  # fmt: skip
    assert bench.tweak.curve("slip_ms") == Curve(125.0)


def test_a_drag_of_an_edge_is_drawn_to_a_word(bench):
    lane = bench.panel.control
    bench.session.edits.change(
        "MARC", Tweak().spanned("jaw", 1012, 1025, 1.2), "jaw=1.2@1012..1025"
    )
    edge = QPoint(round(bench.panel.view.axis.x(1026)), round(lane.values.y(1.2)))
    word = QPoint(round(bench.panel.view.axis.x(1028)) + 4, edge.y())
    drag(bench, lane, [edge, edge + QPoint(4, 0), word])
    assert bench.tweak.curve("jaw").spans[0].last == 1027


def test_a_blocked_shot_is_read_only_at_half_strength(make_bench):
    bench = make_bench(state="blocked")
    for name in ("close lips", "set key", "set span", "more"):
        bench.actions[name].trigger()
    start = at(bench, 1030, 1.0)
    drag(bench, bench.panel.control, [start, start + QPoint(50, 0)])
    assert bench.tweak.neutral
    assert all(lane.faint for lane in bench.panel.lanes)


def test_the_ruler_moves_the_playhead_and_words_step_it(bench):
    drag(bench, bench.panel.ruler, [QPoint(round(bench.panel.view.axis.middle(1077)), 10)])
    assert bench.session.frame == 1077
    bench.actions["word before"].trigger()
    assert bench.session.frame == 1032
    bench.actions["word before"].trigger()
    assert bench.session.frame == 1008


def test_another_shots_late_curves_are_not_shown(bench):
    from tests.desk.curves.conftest import made_curves

    bench.show("SH020")
    bench.session.preview.curves.emit(made_curves(bench.shots[0]))
    assert bench.panel.curves.shot == "SH020"


def test_the_mix_cannot_become_nothing(bench):
    bench.session.show_control("take")
    with bench.qtbot.waitSignal(bench.session.message):
        for _ in range(21):
            bench.actions["less"].trigger()
    assert bench.tweak.curve("take").value > 0


@pytest.mark.parametrize("frames", [1, 2, 5000])
def test_shots_of_any_length_are_painted(make_bench, frames):
    bench = make_bench(frames=frames)
    bench.actions["whole shot"].trigger()
    bench.panel.view.zoom(500, 4)
    assert not bench.panel.grab().isNull()


def test_lanes_are_read_as_lists(bench):
    assert bench.panel.words.said() == ["word 1, ho", "word 2, promesso"]
    assert bench.panel.phones.said()[1] == "phone 2, p, lips closed"
    assert bench.panel.mouth.said()[1] == "closed lips at 1068, not met"


def test_a_press_in_a_takes_lane_makes_that_take_say_the_word(bench):
    lane = bench.panel.comp.takes[1]
    bench.qtbot.mouseClick(lane, Qt.LeftButton, pos=QPoint(
        round(bench.panel.view.axis.x(1040)), 8))  # fmt: skip
    (key,) = bench.tweak.comp
    assert (key.first, key.last, key.source, key.text) == (1032, 1051, "MARC_t02", "promesso")


def test_t_and_a_digit_choose_the_take_of_the_word_under_the_playhead(bench):
    bench.session.show_frame(1035)
    bench.actions["take of word"].trigger()
    menu = bench.panel.comp.findChild(QMenu, "", Qt.FindDirectChildrenOnly)
    bench.qtbot.waitExposed(menu)
    bench.qtbot.keyClick(menu, Qt.Key_2)
    assert [key.source for key in bench.tweak.comp] == ["MARC_t02"]
    bench.qtbot.waitUntil(lambda: not menu.isVisible())


def test_comp_and_takes_are_read_as_lists(bench):
    assert bench.panel.comp.comp.said() == [
        "t01, frames 1000 to 1030",
        "sound, frames 1031 to 1135, its face is turned away",
    ]
    assert bench.panel.comp.takes[0].said() == [
        "word 1, ho, used", "word 2, promesso, refused, its face is turned away",
    ]  # fmt: skip


def test_a_drag_ends_where_the_shot_changes_under_it(bench):
    keyed(bench, (1020, 1.0), (1060, 1.0))
    target, start = bench.panel.control.viewport(), at(bench, 1020, 1.0)
    bench.qtbot.mousePress(target, Qt.LeftButton, Qt.NoModifier, start)
    move(target, start + QPoint(10, 0))
    bench.show("SH020")
    move(target, start + QPoint(60, 0))
    bench.qtbot.mouseRelease(target, Qt.LeftButton, Qt.NoModifier, start + QPoint(60, 0))
    assert bench.tweak.neutral


def test_random_hands_leave_a_sound_tweak_and_raise_nothing(bench):
    chance = random.Random(16)
    names = ("close lips", "set key", "set span", "more", "less", "delete", "nudge later",
             "nudge earlier", "key after", "key before", "reset control", "whole shot",
             "zoom selection", "snap", "word after", "tool select", "tool draw", "tool smooth",
             "tool ease", "tool slip", "undo")  # fmt: skip
    lanes = [lane for lane in bench.panel.lanes if lane not in bench.panel.comp.takes]
    for n in range(150):
        if n % 3 == 0:
            bench.actions[chance.choice(names)].trigger()
        elif n % 25 == 1:
            bench.session.show_control(chance.choice(list(CONTROLS)))
        else:
            lane = chance.choice(lanes)
            points = [
                QPoint(chance.randrange(lane.width()), chance.randrange(lane.height()))
                for _ in range(4)
            ]
            drag(bench, lane, points, chance.choice([Qt.NoModifier, Qt.ShiftModifier,
                                                     Qt.ControlModifier]))  # fmt: skip
    frames = bench.session.frames
    for name, curve in bench.tweak.curves:
        assert [f for f, _ in curve.keys] == sorted({f for f, _ in curve.keys}), name
        assert all(f in frames for f, _ in curve.keys)
        assert all(span.first in frames and span.last in frames for span in curve.spans)
    assert (bench.tweak.shares(frames).sum(axis=1) > 0.99).all()
