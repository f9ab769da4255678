"""Region, look and expressions are set by hand; what goes beyond the footage is told at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtTest import QTest

from dubsync.core.learning.expressions import NamedExpression
from dubsync.core.learning.reach import Beyond, Held
from dubsync.service.preview.reach import CharacterReach, ShotReach
from dubsync.service.preview.shown_expressions import ShotExpressions, ShownExpression
from tests.desk.inspector.conftest import save
from tests.desk.inspector.test_tweak_tab import press, row, stored, tweak

SMILE = NamedExpression("smile", 0, 10, 0.7, (("mouthSmileLeft", 0.6),))
LOOK = NamedExpression("look left", 0, 20, 0.6, (), (-0.6, 0.1))


@pytest.fixture(autouse=True)
def told_by_the_test(window, monkeypatch):
    """The preview process would tell of the reach too, at a time of its own."""
    monkeypatch.setattr(window.session.preview, "ask_reach", lambda shot, tweaks: None)


def reach(window, *, beyond=(), refused="", hint="", yaw=(-9.0, 4.0)):
    """Let the window know how far MARC's footage goes, as the preview process tells it."""
    session = window.session
    frames = session.frames
    ones = np.ones(len(frames), np.float32)
    held = (Held("yaw", yaw[0] * ones, yaw[1] * ones, 9 * ones),
            Held("smile", 0 * ones, 0 * ones, 0 * ones))  # fmt: skip
    mine = CharacterReach(held, tuple(beyond))
    found = ShotReach(session.current.name, frames, {"MARC": mine}, refused, hint)
    session.preview.reach.emit(found)


def segment(section, text):
    return next(b for b in section.region.findChildren(type(section.region._buttons["head"]))
                if b.text() == text)  # fmt: skip


def test_a_click_on_head_lets_the_whole_head_change_and_can_be_undone(window, inspector):
    QTest.mouseClick(segment(inspector.tweak.region, "Head"), Qt.LeftButton)
    assert tweak(window).region.value == "head"
    save(window)
    assert stored(window).request == ("region=head",)
    window.session.edits.change("MARC", tweak(window).chosen("region", "mouth"), "region=mouth")


def test_the_region_over_a_span_is_the_heads_there_and_the_mouths_elsewhere(window, inspector):
    section, session = inspector.tweak.region, window.session
    frame = session.frames.start + 20
    session.show_frame(frame)
    QTest.mouseClick(section.region_span, Qt.LeftButton)

    (span,) = tweak(window).region.spans
    assert (span.value, tweak(window).region.value) == ("head", "mouth")
    assert span.first <= frame <= span.last
    spans = section.list.findChildren(type(section.list.children()[-1]))
    spans[0].field.setText(f"{frame}..{frame + 5}")
    spans[0].field.setModified(True)
    spans[0].field.editingFinished.emit()
    assert [(s.first, s.last) for s in tweak(window).region.spans] == [(frame, frame + 5)]


def test_frames_outside_the_shot_are_refused_with_those_it_has(window, inspector):
    section, said = inspector.tweak.region, []
    window.session.message.connect(lambda text, _stays: said.append(text))
    QTest.mouseClick(section.region_span, Qt.LeftButton)
    before = tweak(window)
    spans = section.list.findChildren(type(section.list.children()[-1]))
    spans[0].moved.emit(1, 2)
    assert tweak(window) == before
    assert "are not in" in said[-1] and str(window.session.frames.start) in said[-1]


def test_the_point_that_eyes_look_at_is_clicked_on_the_picture(window, inspector):
    session, view = window.session, window.viewer.view
    QTest.mouseClick(inspector.tweak.region.pick, Qt.LeftButton)
    assert session.look.picking
    rect = view._rect_at(view.rect().center())
    QTest.mouseClick(view, Qt.LeftButton, pos=QPoint(int(rect.center().x()),
                                                     int(rect.center().y())))  # fmt: skip
    x, y = (float(part) for part in tweak(window).look_at.value.split(","))
    wide, high = view.state.size
    assert abs(x - wide / 2) < 4 and abs(y - high / 2) < 4
    assert not session.look.picking
    session.look.begin()
    QTest.keyClick(view, Qt.Key_Escape)
    assert not session.look.picking


def test_a_row_shows_how_far_the_footage_goes_and_what_is_beyond(window, inspector):
    reach(window)
    yaw = row(inspector, "yaw")
    assert "The footage shows \N{MINUS SIGN}9.0 ° to 4.0 °; up to 9.0 ° farther" in (
        yaw.slider.toolTip()
    )
    assert "beyond" not in yaw.slider.toolTip()
    window.session.edits.change("MARC", tweak(window).held("yaw", 14), "yaw=14")
    assert "Here it goes beyond that." in yaw.slider.toolTip()
    assert "never shows it" in row(inspector, "smile").slider.toolTip()


def test_what_goes_beyond_is_told_with_its_frames_before_it_is_rendered(window, inspector):
    frame = window.session.frames.start + 3
    far = Beyond("yaw", frame, frame + 4, frame + 2, 5.2, "degrees", "no head is near it",
                 "turn less")  # fmt: skip
    reach(window, beyond=[far])
    assert inspector.tweak.reach.lines == (
        "Yaw: 5.2 degrees beyond the footage", "No head is near it. Turn less."
    )  # fmt: skip
    inspector.tweak.reach.go_to.emit(frame + 2)
    assert window.session.frame == frame + 2


def test_consent_that_is_missing_is_told_in_words_with_what_to_do(window, inspector):
    reach(window, refused="no consent record covers head_reenact of p1", hint="dubsync consent X")
    assert inspector.tweak.reach.lines == (
        "No consent record covers head_reenact of p1.", "dubsync consent X"
    )  # fmt: skip


def test_a_shot_that_its_own_tweak_blocks_can_be_changed_back(window, inspector, monkeypatch):
    blocked = replace(window.session.current, state="blocked", reasons=("no consent",))
    monkeypatch.setattr(window.session, "current", blocked)
    reach(window)
    assert not row(inspector, "yaw").slider.isEnabled()
    reach(window, refused="no consent record covers head_reenact of p1")
    assert row(inspector, "yaw").slider.isEnabled()
    assert inspector.tweak.region.region.isEnabled()


def test_a_control_that_its_region_does_not_show_is_told(window, inspector):
    reach(window)
    window.session.edits.change("MARC", tweak(window).held("yaw", 9), "yaw=9")
    assert inspector.tweak.reach.lines == ("Yaw: seen in full only with region=head.",)


def test_a_face_of_the_sheet_gives_its_expression_and_a_second_click_takes_it(window, inspector):
    section = inspector.tweak.expressions
    picture = np.zeros((8, 8, 3), np.uint8)
    found = {"MARC": tuple(ShownExpression(one, "A.mov", picture) for one in (SMILE, LOOK))}
    window.session.preview.expressions.emit(ShotExpressions(window.session.current.name, found))

    section.open(True)
    QTest.mouseClick(section.faces["smile"], Qt.LeftButton)
    (key,) = tweak(window).likes
    assert (key.source, key.strength, key.scores) == ("MARC:smile", 1.0, SMILE.scores)
    assert section.faces["smile"].isChecked()
    section._rows[0].field.changed.emit(0.6)
    assert tweak(window).likes[0].strength == 0.6
    press(section.faces["look left"], Qt.Key_Space)
    assert [key.source for key in tweak(window).likes] == ["MARC:look left"]
    assert tweak(window).curve("gaze_x").value == -0.6
    QTest.mouseClick(section.faces["look left"], Qt.LeftButton)
    assert tweak(window).neutral
