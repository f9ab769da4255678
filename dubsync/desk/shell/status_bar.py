"""The bar at the bottom: what is saved, what is rendering, the cache, the rate."""

from __future__ import annotations

from PyQt5.QtCore import QTime, QTimer
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL, pixmap
from dubsync.desk.parts.elided_label import ElidedLabel


class StatusBar(QWidget):
    """Facts at both ends; a message takes the left one for a while, or until it is read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(tokens.STATUS_BAR)
        self.setAutoFillBackground(True)
        self._mark = QLabel(self)
        self.left = ElidedLabel("", self)
        self.job = QLabel(self)
        self.progress = QProgressBar(self, textVisible=False)
        self.progress.setFixedWidth(96)
        self.progress.hide()
        self.facts: dict[str, QLabel] = {}
        self._rules: dict[str, QFrame] = {}
        self._right = QHBoxLayout()
        self._right.setSpacing(16)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self._mark)
        row.addWidget(self.left, 1)
        row.addWidget(self.job)
        row.addWidget(self.progress)
        row.addLayout(self._right)
        self._saved = "dubsync desk, ready"
        self._timer = QTimer(self, singleShot=True, interval=tokens.MESSAGE_STAYS)
        self._timer.timeout.connect(self._show_saved)

    def say(self, text: str, stays: bool = False) -> None:
        """Show a message for 4 s; an error stays until another message or an edit is saved."""
        self._mark.setPixmap(
            pixmap("warning-octagon-fill", SMALL, tokens.REJECTED) if stays
            else pixmap("check", SMALL, tokens.TX2)
        )  # fmt: skip
        self.left.setText(text)
        self.left.setToolTip(text)
        if stays:
            self._timer.stop()
        else:
            self._timer.start()

    def saved(self) -> None:
        """All edits are saved as of now."""
        self._saved = f"All edits saved {QTime.currentTime().toString('HH:mm:ss')}"
        self._show_saved()

    def fact(self, name: str, text: str) -> None:
        """Set one of the facts at the right ("cache", "rate", "preview"); "" hides it."""
        label = self.facts.get(name)
        if label is None:
            label = QLabel(self)
            label.setProperty("tone", "second")
            rule = QFrame(self)
            rule.setFixedSize(1, 16)
            rule.setStyleSheet(f"background: {tokens.EDGE}")
            self.facts[name], self._rules[name] = label, rule
            self._right.addWidget(rule)
            self._right.addWidget(label)
        label.setText(text)
        label.setVisible(bool(text))
        shown = [one for one in self.facts if self.facts[one].text()]
        for one, rule in self._rules.items():
            rule.setVisible(one in shown[1:])

    def _show_saved(self) -> None:
        self._mark.setPixmap(pixmap("check", SMALL, tokens.TX2))
        self.left.setText(self._saved)
        self.left.setToolTip("")
