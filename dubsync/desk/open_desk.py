"""Opens the desk: the application, its look, its window."""

from __future__ import annotations

import sys
from pathlib import Path

from PyQt5 import sip
from PyQt5.QtCore import QCoreApplication, Qt
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import QApplication, QWidget

from dubsync.core.version import __version__
from dubsync.desk.collect_here import CollectsHere
from dubsync.desk.look.style import dress
from dubsync.desk.session.preview_link import PreviewLink
from dubsync.desk.shell.window import DeskWindow


def make_application(arguments: list[str], kind: type[QApplication] = QApplication) -> QApplication:
    """The application, dressed; pixels stay pixels at every scale of the screen.

    Args:
        kind: its class; measurements watch how long each event takes.
    """
    QCoreApplication.setAttribute(Qt.AA_EnableHighDpiScaling)
    QCoreApplication.setAttribute(Qt.AA_UseHighDpiPixmaps)
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    application = kind(arguments)
    application.setOrganizationName("dubsync")
    application.setApplicationName("desk")
    application.setApplicationVersion(__version__)
    dress(application)
    CollectsHere(application)
    return application


def open_desk(reel: Path | None, language: str = "", shot: str = "") -> int:
    """Open the window on a project, or on the page of a first start; its exit code at the end.

    Args:
        shot: to begin at; "": the first.
    """
    application = make_application([sys.argv[0]])
    window = DeskWindow()
    window.show()
    if reel is not None:
        if shot:
            window.begin_at(shot)
        window.take(reel, language)
    code = int(application.exec_())
    take_apart(window)
    return code


def take_apart(window: QWidget) -> None:
    """Destroy a closed window while the application stands.

    Python drops what a function held in the order of its names.  An application that goes before
    its widgets destroys them itself, half gone: a process was seen to die so at its end.
    A preview that is still ending has a thread that answers to the window: it is waited for.
    """
    for link in window.findChildren(PreviewLink):
        link.wait_ended()
    sip.delete(window)
