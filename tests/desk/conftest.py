"""The desk's tests: a real window, offscreen, with settings of its own."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

pytest.importorskip("PyQt5", reason="the desk is not installed: make desk")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_FONT_DPI", "96")  # offscreen says 100: pixels would not be pixels
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())  # else Qt warns

from PyQt5.QtCore import QSettings
from PyQt5.QtWidgets import QApplication

from dubsync.desk.open_desk import make_application
from tests.desk.small_reel import rendered_small_reel


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return QApplication


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """One dressed application for all tests of a process."""
    return make_application(["desk"])


@pytest.fixture(autouse=True)
def scratch_settings(tmp_path):
    """Layouts and keys that a test stores are its own."""
    QSettings.setDefaultFormat(QSettings.IniFormat)
    QSettings.setPath(QSettings.IniFormat, QSettings.UserScope, str(tmp_path / "settings"))
    return tmp_path


@pytest.fixture(scope="session")
def rendered_reel(tmp_path_factory):
    """A real reel of two shots, rendered and checked; tests must not change it."""
    return rendered_small_reel(tmp_path_factory.mktemp("reel") / "small_reel")


@pytest.fixture
def own_reel(rendered_reel, tmp_path):
    """A copy of the rendered reel that a test may change."""
    return shutil.copytree(rendered_reel, tmp_path / "small_reel")
