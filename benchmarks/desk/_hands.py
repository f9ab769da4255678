"""A seeded monkey at the desk: keys, clicks, drags, wheels, typing."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from PyQt5.QtCore import QPoint, QPointF, Qt, QTimer
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from benchmarks.desk._window import press
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.parts.actions import types_text
from dubsync.desk.shell.action_table import ACTIONS
from dubsync.desk.shell.make_actions import keys_of
from dubsync.desk.shell.window import DeskWindow

#: Actions that end the sitting, ask for a file of the system's, or keep every core busy.
LEFT_OUT = frozenset(
    {"quit", "open reel", "new reel", "close reel", "manual", "render", "viewer alone"}
)
_WORDS = ("0.5", "1.2", "m", "closed", "x" * 40, "", "99999", "-1")


@dataclass
class Monkey:
    """Does one random thing at a time.

    drafts  (language, shot) -> what its tweaks must be at the end
    """

    window: DeskWindow
    seed: int
    done: list[str] = field(default_factory=list)
    drafts: dict[tuple[str, str], Mapping[str, Tweak]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        edits = self.window.session.edits
        edits.changed.connect(self._note)
        # A menu under a button waits until it is closed: another hand closes it.
        self._closer = QTimer(self.window, interval=250)
        self._closer.timeout.connect(self._close_popups)
        self._closer.start()
        self.keys = [keys_of(row)[0] for row in ACTIONS if row.keys and row.name not in LEFT_OUT]

    def run(self, seconds: float) -> None:
        """Go on for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.step()

    def let_read(self, seconds: float = 5.0) -> None:
        """Wait for tweaks that are being read, as after an undo: the window shows them next."""
        end = time.monotonic() + seconds
        while self.window.session.edits.reading and time.monotonic() < end:
            QTest.qWait(5)

    def step(self) -> None:
        """One thing, and a moment for the window to answer."""
        act = self.random.choices(
            (self._key, self._click, self._drag, self._wheel, self._type, self._resize),
            (40, 25, 15, 10, 8, 2),
        )[0]
        act()
        QTest.qWait(self.random.choice((0, 0, 5, 20, 60)))

    def _note(self) -> None:
        session = self.window.session
        older_is_shown = session.edits.looked_at is not None
        if session.current is not None and session.project is not None and not older_is_shown:
            of = session.project.language, session.current.name
            self.drafts[of] = dict(session.edits.tweaks)

    # -- what hands do -----------------------------------------------------------------------

    def _key(self) -> None:
        key = self.random.choice(self.keys)
        self.done.append(f"key {key}")
        if key == "?":
            self.window.commands["shortcuts"].trigger()
        else:
            press(self.window, {"Ctrl+.": "Ctrl+.", "Del": "Delete"}.get(key, _single(key)))

    def _click(self) -> None:
        widget = self._any()
        if widget is None:
            return
        self.done.append(f"click {type(widget).__name__} {widget.accessibleName()}")
        button = Qt.LeftButton
        QTest.mouseClick(widget, button, self._held(), self._in(widget))
        self._close_popups()

    def _drag(self) -> None:
        widget = self._any()
        if widget is None:
            return
        start, stop = self._in(widget), self._in(widget)
        self.done.append(f"drag {type(widget).__name__}")
        QTest.mousePress(widget, Qt.LeftButton, Qt.NoModifier, start)
        for n in range(1, 6):
            QTest.mouseMove(widget, start + (stop - start) * n / 5)
            QTest.qWait(1)
        QTest.mouseRelease(widget, Qt.LeftButton, Qt.NoModifier, stop)
        self._close_popups()

    def _wheel(self) -> None:
        widget = self._any()
        if widget is None:
            return
        at = self._in(widget)
        self.done.append(f"wheel {type(widget).__name__}")
        turned = QPoint(0, self.random.choice((-120, 120)))
        event = QWheelEvent(
            QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), turned, Qt.NoButton,
            self._held(), Qt.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def _type(self) -> None:
        fields = [one for one in self.window.findChildren(QLineEdit) if one.isVisible()]
        if not fields:
            return
        line = self.random.choice(fields)
        text = self.random.choice(_WORDS)
        self.done.append(f"type {line.accessibleName()} {text}")
        line.setFocus()
        QTest.keyClicks(line, text)
        QTest.keyClick(line, self.random.choice((Qt.Key_Return, Qt.Key_Escape, Qt.Key_Tab)))

    def _resize(self) -> None:
        size = self.random.choice(((1120, 700), (1280, 800), (1440, 900), (1920, 1080)))
        self.done.append(f"resize {size}")
        self.window.resize(*size)

    # -- where ---------------------------------------------------------------------------------

    def _any(self) -> QWidget | None:
        """A visible widget, on whose button no dialog of the system opens."""
        widgets = [
            one for one in self.window.findChildren(QWidget)
            if one.isVisible() and one.isEnabled() and one.width() > 4 and one.height() > 4
            and not (isinstance(one, QAbstractButton) and _opens_a_dialog(one))
            and not types_text(one)
        ]  # fmt: skip
        return self.random.choice(widgets) if widgets else None

    def _in(self, widget: QWidget) -> QPoint:
        return QPoint(
            self.random.randrange(1, max(2, widget.width() - 1)),
            self.random.randrange(1, max(2, widget.height() - 1)),
        )

    def _held(self) -> Qt.KeyboardModifier:
        return self.random.choice(
            (Qt.NoModifier, Qt.NoModifier, Qt.ControlModifier, Qt.ShiftModifier)
        )

    def _close_popups(self) -> None:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            QTest.keyClick(popup, self.random.choice((Qt.Key_Escape, Qt.Key_Down)))
            if (popup := QApplication.activePopupWidget()) is not None:
                popup.close()


def threads_left(before: set[str], seconds: float = 5.0) -> list[str]:
    """Names of threads that ran not before and still run `seconds` after the window closed."""
    end = time.monotonic() + seconds
    while left := sorted(one.name for one in threading.enumerate() if one.name not in before):
        if time.monotonic() > end:
            break
        time.sleep(0.05)
    return left


def _opens_a_dialog(button: QAbstractButton) -> bool:
    text = f"{button.text()} {button.toolTip()}"
    words = ("...", "Quit", "Open", "folder", "Render", "Deliver", "Repair", "sample", "report")
    return any(word in text for word in words)


def _single(key: str) -> str:
    *held, last = key.split("+") if key != "+" else ("+",)
    return "+".join([*held, last.lower() if len(last) == 1 else last])
