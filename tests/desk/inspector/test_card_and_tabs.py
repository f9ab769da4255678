"""What is said of a shot in its card and read in the tabs."""

from __future__ import annotations

import sys

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QLabel

from dubsync.core.note import Note
from dubsync.desk.inspector.notes_tab import note_rows
from dubsync.desk.inspector.told.qc_words import finding_rows
from dubsync.service.judge import Judging
from tests.desk.inspector.conftest import save, show, until
from tests.small_reel import ELISE, MARC, SILENT


def judging(window):
    return Judging(window.session.project, with_engine=False)


def words(window, text):
    """Type a line into the card, and Enter."""
    line = window.inspector.card.words.line
    assert line.isVisible()
    line.selectAll()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key_Return)
    save(window)


def test_who_approves_is_asked_once_and_the_approval_is_kept(window, inspector):
    window.commands["approve"].trigger()
    words(window, "Anna")
    until(lambda: judging(window).judgements(MARC))
    said = judging(window).judgements(MARC)[-1]
    assert (said.judged, said.version, said.by) == ("approved", "v001", "Anna")
    until(lambda: window.session.row(MARC).state == "approved")
    until(lambda: inspector.card.word.text() == "Approved by Anna")
    inspector.card.back.click()
    until(lambda: not judging(window).judgements(MARC))


def test_a_rejection_takes_a_reason_in_the_card(window, inspector):
    window.session.about.keep_author("Anna")
    window.commands["reject"].trigger()
    line = inspector.card.words.line
    QTest.keyClick(line, Qt.Key_Return)
    assert line.isVisible(), "a rejection without a reason was taken"
    words(window, "late on promesso")
    until(lambda: judging(window).judgements(MARC))
    assert judging(window).judgements(MARC)[-1].reason == "late on promesso"
    judging(window).take_back(MARC)


def test_escape_says_nothing(window, inspector):
    window.session.about.keep_author("Anna")
    window.commands["reject"].trigger()
    QTest.keyClick(inspector.card.words.line, Qt.Key_Escape)
    assert not inspector.card.words.isVisible()
    assert not judging(window).judgements(MARC)


def test_a_note_is_of_the_frame_shown_and_is_answered_in_its_tab(window, inspector):
    window.session.about.keep_author("Anna")
    frame = window.session.frame + 7
    window.session.show_frame(frame)
    window.commands["note"].trigger()
    words(window, "lips open on the m")
    until(lambda: inspector.notes.notes)
    assert inspector.notes.notes[0].frame == frame
    window.session.show_frame(frame - 7)
    window.commands["next note"].trigger()
    assert window.session.frame == frame
    inspector.notes.answer.choices.choose("best possible")
    inspector.notes.answer.reply.setText("the plate hides it")
    inspector.notes.answer.yes.click()
    until(lambda: inspector.notes.notes[0].answer == "best possible")
    assert judging(window).notes(MARC)[0].reply == "the plate hides it"


def test_a_shot_that_keeps_its_plate_cannot_be_judged_and_says_why(window, inspector):
    window.session.show_shot(SILENT)
    card = inspector.card
    assert not card.approve.isEnabled()
    assert "no shot" in card.approve.toolTip() or "no render" in card.approve.toolTip()


def test_a_click_on_a_finding_goes_to_its_frame(window, inspector):
    rows = inspector.qc.findings.rows
    place = next(n for n, row in enumerate(rows) if row.frame is not None)
    inspector.qc.findings.clicked.emit(inspector.qc.findings.model().index(place))
    assert window.session.frame == rows[place].frame


def test_findings_are_listed_worst_first(window, inspector):
    findings = window.session.about.now.qc.findings
    order = [row.mark[0] for row in finding_rows(tuple(reversed(findings)), several=False)]
    worst = ["warning-octagon-fill", "warning-fill", "question", "check"]
    assert order == sorted(order, key=worst.index)


def test_q_goes_from_finding_to_finding(window, inspector):
    window.commands["next finding"].trigger()
    first = inspector.qc.findings.current
    window.commands["next finding"].trigger()
    assert inspector.qc.findings.current != first


def test_the_provenance_lists_consent_inputs_and_what_drove_the_mouth(window, inspector):
    lists = inspector.provenance.lists
    assert any("SYNTHETIC" in row.head for row in lists["Consent"].rows)
    outside = next(row for row in lists["Render"].rows if row.key == "outside")
    assert outside.value == "0"
    assert any(row.head == f"{MARC}.mov" for row in lists["Inputs"].rows)
    stretch = lists["What drove the mouth"].rows[0]
    lists["What drove the mouth"].clicked.emit(lists["What drove the mouth"].model().index(0))
    assert window.session.frame == stretch.frame


def test_the_face_that_is_drawn_is_named_with_the_trackers_confidence(window, inspector):
    section = inspector.face.faces[0]
    assert section.head.words == "MARC"
    assert any("at least" in label.text() for label in section.findChildren(QLabel))


def test_another_shot_shows_another_record(window, inspector):
    show(window, ELISE)
    assert any(row.head == f"{ELISE}.mov" for row in inspector.provenance.lists["Inputs"].rows)


@pytest.mark.parametrize("severity", [1, 2, 3])
def test_a_note_says_how_much_it_matters_until_it_is_answered(severity):
    open_note = Note("N0001", MARC, 7, "lips", "Anna", severity)
    assert note_rows([open_note])[0].value in ("must be mended", "should be mended", "may stay")
    answered = Note("N0001", MARC, 7, "lips", "Anna", severity, "fix", "done", answered_by="Bo")
    row = note_rows([answered])[0]
    assert row.value == "fix"
    assert any("done" in text for text, _ in row.lines)


def test_a_render_that_fails_shows_on_its_shot_and_can_be_tried_again(window, inspector, tmp_path):
    engine = tmp_path / "engine.py"
    engine.write_text(
        "import json, sys\n"
        'row = {"name": sys.argv[5], "status": "failed", "reason": "the face is lost",\n'
        '       "hint": "point at it"}\n'
        'print(json.dumps({"schema": "dubsync.sync/1", "shots": [row]}))\n'
        "sys.exit(1)\n"
    )
    jobs = window.session.jobs
    program, jobs.program = jobs.program, [sys.executable, str(engine)]
    window.commands["render"].trigger()
    until(lambda: jobs.of(MARC) is not None and jobs.of(MARC).state == "failed")
    assert inspector.card.word.text() == "Render failed: the face is lost"
    assert "the face is lost" in inspector.qc.state.words.text()
    assert window.status.left.text().startswith("001: the face is lost. point at it")
    assert window.top.jobs.text() == "1 failed"
    inspector.tabs.setCurrentIndex(2)
    inspector.qc.state.button.click()
    assert jobs.running is not None
    until(lambda: jobs.of(MARC).state == "failed")
    jobs.cancel(jobs.of(MARC))
    assert "failed" not in inspector.card.word.text()
    jobs.program = program


def test_without_consent_a_shot_is_neither_approved_nor_rendered_and_says_what_helps(
    window, inspector, tmp_path
):
    consent = window.session.project.file.folder / "consent" / "synthetic-562.toml"
    kept = consent.rename(tmp_path / consent.name)
    try:
        window.session.about.read()
        until(lambda: not inspector.card.approve.isEnabled())
        assert not inspector.bar.render_button.isEnabled()
        assert inspector.card.note.isEnabled()
        assert inspector.card.word.text().startswith("Blocked")
        row = inspector.provenance.lists["Consent"].rows[0]
        assert any("consent" in text for text, _ in row.lines)
    finally:
        kept.rename(consent)
    window.session.about.read()
    until(lambda: inspector.card.approve.isEnabled())
