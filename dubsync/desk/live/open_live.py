"""Opens the window of a live run, in the process that holds the run."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PyQt5.QtCore import QTimer

from dubsync.desk.live.live_window import LiveWindow
from dubsync.desk.open_desk import make_application, take_apart
from dubsync.service.live.run import LiveRun


def open_live(run: LiveRun, title: str, stop: Callable[[], bool], seconds: float = 0.0) -> None:
    """Show a run in a window until it ends or the window is closed.

    Args:
        stop: whether somebody has stopped the command in its terminal.
        seconds: close the window after so long; 0: do not.

    Raises:
        DubsyncError: what ended the run: a part of the pipeline, a sink, withdrawn consent.
    """
    application = make_application([sys.argv[0]])
    window = LiveWindow(run, title, stop)
    window.show()
    window.activateWindow()
    if seconds:
        QTimer.singleShot(round(seconds * 1000), window.close)
    application.exec_()
    failed = window.failed
    take_apart(window)
    if failed is not None:
        raise failed
