"""Tab QC: the findings of the newest report, the contacts that were missed, and the coverage."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from dubsync.desk.inspector.section import Section
from dubsync.desk.inspector.told.coverage_map import CoverageMap
from dubsync.desk.inspector.told.qc_words import (
    contact_rows,
    contacts_words,
    finding_rows,
    repairable,
    stale_words,
)
from dubsync.desk.inspector.told.told_list import ToldList, ToldRow
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL, pixmap
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.session.session import Session
from dubsync.service.about_shot import ShotCoverage, ShotQC


class QCTab(QWidget):
    """A click on a row goes to its frame; Q goes to the next one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.state = _StateLine(self)
        self.findings = ToldList("Findings of QC", self, grows=True)
        self.contacts = Section("Contacts", self)
        self.missed = ToldList("Contacts that are missed", self, grows=True)
        self.maps: list[tuple[Section, CoverageMap]] = []
        self._make()
        self.state.button.clicked.connect(self._act)
        for told in (self.findings, self.missed):
            told.go_to.connect(session.show_frame)
        session.about.changed.connect(self.show_qc)
        session.jobs.changed.connect(self._show_state)
        self.show_qc()

    def _make(self) -> None:
        inside = QWidget(self)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.repair = text_button("Repair", flat=True)
        self.repair.setAccessibleName("Repair contacts")
        self.repair.setFixedHeight(22)
        self.contacts.on_head(self.repair)
        self.contacts.add(self.missed)
        self._column.addWidget(self.findings)
        self._column.addWidget(self.contacts)
        self._column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.NoFrame)
        scroll.setFocusPolicy(Qt.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        scroll.setStyleSheet(f"QScrollArea {{ background: {tokens.BG2}; }}")
        inside.setAutoFillBackground(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        page.addWidget(self.state)
        page.addWidget(scroll, 1)

    @property
    def qc(self) -> ShotQC:
        about = self._session.about.now
        return about.qc if about is not None else ShotQC()

    @property
    def open_findings(self) -> int:
        """How many findings a person is to look at."""
        return sum(one.verdict in ("fail", "review") for one in self.qc.findings)

    # -- what is shown -----------------------------------------------------------------------

    def show_qc(self) -> None:
        """Show what the newest report says of the current shot."""
        qc = self.qc
        several = len({one.character for one in qc.findings if one.character}) > 1
        self.findings.show_rows(finding_rows(qc.findings, several))
        self.missed.show_rows(contact_rows(qc.contacts, several))
        self.contacts.setVisible(bool(qc.contacts))
        self.contacts.call(f"Contacts, {contacts_words(qc.contacts)}")
        self._allow_repair()
        self._show_maps(qc.coverage)
        self._show_state()

    def _allow_repair(self) -> None:
        """Offer the repair where the newest check found open contacts of the newest render."""
        about = self._session.about.now
        newest = about.versions[0] if about is not None and about.versions else ""
        stale, found = stale_words(self.qc, newest), repairable(self.qc)
        self.repair.setEnabled(found > 0 and not stale)
        self.repair.setToolTip(
            stale or (f"Repair contacts: set {found} of them in a new version, and check it"
                      if found else "Repair contacts: none that a repair can set is open")
        )  # fmt: skip

    def _show_maps(self, coverage: tuple[ShotCoverage, ...]) -> None:
        while len(self.maps) > len(coverage):
            section, _ = self.maps.pop()
            section.hide()
            section.deleteLater()
        for n, one in enumerate(coverage):
            if n == len(self.maps):
                section, drawn = Section("Coverage", self), CoverageMap(self)
                section.add(drawn)
                section.say("turn across, opening down")
                self._column.insertWidget(self._column.count() - 1, section)
                self.maps.append((section, drawn))
            section, drawn = self.maps[n]
            section.call(f"Coverage of {one.character}")
            drawn.show_coverage(one)

    def _show_state(self) -> None:
        about, row = self._session.about.now, self._session.current
        job = self._session.jobs.of(row.name) if row is not None else None
        newest = about.versions[0] if about is not None and about.versions else ""
        if job is not None and job.state == "failed":
            self.state.show_state(
                "warning-octagon-fill", tokens.REJECTED,
                f"{job.words}: {job.message}" + (f". {job.hint}" if job.hint else ""), "Try again",
            )  # fmt: skip
        elif job is not None:
            self.state.show_state("spinner-gap", tokens.ACCENT, job.words, "")
        elif not newest:
            words = "There is no render yet, so there is nothing to measure"
            self.state.show_state("circle", tokens.TX3, words if row is not None else "", "")
        elif stale := stale_words(self.qc, newest):
            self.state.show_state("clock-clockwise", tokens.STALE, stale, f"Check {newest}")
        else:
            self.state.hide()

    def _act(self) -> None:
        """What the state line's button does."""
        row = self._session.current
        if row is None:
            return
        job = self._session.jobs.of(row.name)
        if job is not None and job.state == "failed":
            self._session.jobs.try_again(job)
        else:
            self._session.queue([row.name], "check")

    # -- what a hand asks for ----------------------------------------------------------------

    def next_finding(self) -> ToldRow | None:
        """Go to the next finding or missed contact that has a frame."""
        return self.findings.step() or self.missed.step()

    @property
    def picked(self) -> ToldRow | None:
        """The finding or contact on which the keys stand."""
        if self.missed.hasFocus():
            return self.missed.current
        return self.findings.current or self.missed.current


class _StateLine(QWidget):
    """One line above the findings: of which render they are, and what can be done."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._mark = QLabel(self)
        self._mark.setFixedSize(SMALL, SMALL)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setProperty("tone", "second")
        self.button = text_button("Check")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(self._mark, 0, Qt.AlignTop)
        row.addWidget(self.words, 1)
        row.addWidget(self.button)

    def show_state(self, icon: str, colour: str, words: str, button: str) -> None:
        self._mark.setPixmap(pixmap(icon, SMALL, colour, self.devicePixelRatioF()))
        self.words.setText(words)
        self.button.setText(button)
        self.button.setAccessibleName(button)
        self.button.setVisible(bool(button))
        self.setVisible(bool(words))
