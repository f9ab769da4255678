"""One window on a real reel for all tests of a module, and hands that move its mouse."""

from __future__ import annotations

import shutil
import time

import pytest
from PyQt5.QtCore import QEvent, QPointF, QSettings, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtWidgets import QApplication, QWidget

from dubsync.desk.shell.window import SHOT, DeskWindow
from tests.small_reel import MARC


def until(true, seconds: float = 20.0) -> None:
    """Let Qt work until `true()`; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        QApplication.processEvents()
        time.sleep(0.002)


def drag(widget: QWidget, begin: QPointF, *to: QPointF) -> None:
    """Press at a place, go through others with the button held, and let go."""
    events = [(QEvent.MouseButtonPress, begin, Qt.LeftButton)]
    events += [(QEvent.MouseMove, place, Qt.NoButton) for place in to]
    events += [(QEvent.MouseButtonRelease, (begin, *to)[-1], Qt.LeftButton)]
    for kind, place, button in events:
        held = Qt.NoButton if kind == QEvent.MouseButtonRelease else Qt.LeftButton
        event = QMouseEvent(kind, place, QPointF(widget.mapToGlobal(place.toPoint())), button,
                            held, Qt.NoModifier)  # fmt: skip
        QApplication.sendEvent(widget, event)


@pytest.fixture(scope="module")
def window(qapp, rendered_reel, tmp_path_factory):
    """The Shot page on the shot of MARC, whose actor has a take."""
    folder = tmp_path_factory.mktemp("inspector")
    QSettings.setDefaultFormat(QSettings.IniFormat)
    QSettings.setPath(QSettings.IniFormat, QSettings.UserScope, str(folder / "settings"))
    reel = shutil.copytree(rendered_reel, folder / "reel")
    made = DeskWindow()
    made.resize(1440, 900)
    made.show()
    made.open(reel)
    until(lambda: made.session.rows)
    made.show_page(SHOT)
    show(made, MARC)
    yield made
    made.close()
    made.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def inspector(window):
    """The inspector of the window, on MARC, without a tweak."""
    show(window, MARC)
    edits = window.session.edits
    edits.look_at(None)
    edits.change_all({}, "reset")
    save(window)
    window.session.show_frame(window.session.current.shot.source.start)
    return window.inspector


def show(window, shot: str) -> None:
    """Make a shot the current one, and wait until all is known of it."""
    window.session.show_shot(shot)
    about = window.session.about
    until(lambda: about.now is not None and about.now.shot == shot)
    window.session.background.run(lambda: None).result()
    QApplication.processEvents()


def save(window) -> None:
    """Save what is unsaved, and wait for it."""
    window.session.edits.save()
    window.session.background.run(lambda: None).result()
    for _ in range(5):
        QApplication.processEvents()
