"""The desk's tests: a real window, offscreen, with settings of its own.

Without PyQt5, which only `make desk` brings, none of them is collected; the summary says so.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import tempfile

import pytest

#: Why the desk cannot be tested here; "": it can.
LACKING = " and ".join(
    name for name in ("PyQt5", "pytestqt") if importlib.util.find_spec(name) is None
)
collect_ignore_glob = ["*"] if LACKING else []

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_FONT_DPI", "96")  # offscreen says 100: pixels would not be pixels
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())  # else Qt warns


@pytest.fixture(scope="session")
def qapp():
    """One dressed application for all tests of a process."""
    from dubsync.desk.open_desk import make_application

    return make_application(["desk"])


@pytest.fixture(autouse=True)
def _collected_here():
    """Windows that a test leaves are destroyed on the Qt thread, and not in a later test."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def scratch_settings(tmp_path):
    """Layouts and keys that a test stores are its own."""
    from PyQt5.QtCore import QSettings

    QSettings.setDefaultFormat(QSettings.IniFormat)
    QSettings.setPath(QSettings.IniFormat, QSettings.UserScope, str(tmp_path / "settings"))
    return tmp_path
