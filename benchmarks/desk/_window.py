"""A real window for measurements and pictures: offscreen where there is no screen, with settings
of its own, and events as a hand makes them."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_FONT_DPI", "96")  # offscreen says 100: pixels would not be pixels
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="desk_runtime_"))

from PyQt5.QtCore import QSettings, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QWidget

from dubsync.desk.open_desk import make_application
from dubsync.desk.shell.window import DeskWindow


def scratch_settings() -> None:
    """Layouts and names that a measurement stores are its own."""
    QSettings.setDefaultFormat(QSettings.IniFormat)
    folder = tempfile.mkdtemp(prefix="desk_settings_")
    QSettings.setPath(QSettings.IniFormat, QSettings.UserScope, folder)


def application() -> QApplication:
    """The dressed application; once a process."""
    return QApplication.instance() or make_application(["desk"])


def wait_for(true: Callable[[], object], seconds: float, what: str) -> None:
    """Let the window work until `true()`.  Raises TimeoutError, which names `what`."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {seconds:.0f} s")
        QTest.qWait(10)


def open_window(reel: Path, size: tuple[int, int] = (1440, 900)) -> DeskWindow:
    """A window that shows the reel's rows."""
    window = DeskWindow()
    window.resize(*size)
    window.show()
    window.open(reel)
    wait_for(lambda: window.session.rows, 120, "the reel opening")
    return window


def press(window: DeskWindow, keys: str) -> None:
    """Press one of the window's keys, as "Ctrl+R" or "c"."""
    *held, key = keys.split("+") if keys != "+" else ("+",)
    modifiers = Qt.NoModifier
    for name in held:
        modifiers |= {"Ctrl": Qt.ControlModifier, "Shift": Qt.ShiftModifier,
                      "Alt": Qt.AltModifier}[name]  # fmt: skip
    code = getattr(Qt, f"Key_{key}") if len(key) > 1 else key
    focus = QApplication.focusWidget()
    inside = focus is not None and window.isAncestorOf(focus)
    QTest.keyClick(focus if inside else window, code, modifiers)


def type_text(field: QWidget, text: str) -> None:
    """Type into a field and press Enter."""
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key_Return)
