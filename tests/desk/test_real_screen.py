"""The window on a real X screen, with keys and a mouse that come from outside the process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest

from dubsync.service.tweaks.tweak_store import TweakStore
from tests.small_reel import MARC

pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="Xvfb or xdotool is not installed: sh .ci/system-packages python3 desk-test",
)
SCREEN = ":93"
_DESK = """
import sys
from pathlib import Path
from PyQt5.QtCore import QSettings, QTimer
QSettings.setDefaultFormat(QSettings.IniFormat)
QSettings.setPath(QSettings.IniFormat, QSettings.UserScope, sys.argv[2])
from dubsync.desk.open_desk import make_application
from dubsync.desk.shell.window import SHOT, DeskWindow
application = make_application(["desk"])
window = DeskWindow()
window.resize(1440, 900)
window.move(0, 0)
window.show()
def ready():
    window.session.show_shot(sys.argv[3])
    window.show_page(SHOT)
    QTimer.singleShot(1500, lambda: (window.activateWindow(), print("ready", flush=True)))
window.session.reel_opened.connect(ready)
window.session.edits.saved.connect(lambda: print("saved", flush=True))
window.session.frame_changed.connect(lambda frame: print("frame", frame, flush=True))
window.open(Path(sys.argv[1]))
sys.exit(application.exec_())
"""


@pytest.fixture
def screen():
    command = ["Xvfb", SCREEN, "-screen", "0", "1440x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        time.sleep(1.5)
        yield {"DISPLAY": SCREEN, "QT_QPA_PLATFORM": "xcb", "QT_FONT_DPI": "96"}
        server.terminate()


def test_keys_and_a_mouse_from_outside_shape_a_performance(screen, own_reel, tmp_path):
    env = {**os.environ, **screen}
    command = [sys.executable, "-c", _DESK, str(own_reel), str(tmp_path / "s"), MARC]

    def tool(*arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=env, check=True, timeout=30)

    def said(desk: subprocess.Popen[str], word: str) -> str:
        for line in desk.stdout:
            if line.startswith(word):
                return line
        raise AssertionError(f"the desk ended before it said {word!r}")

    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as desk:
        try:
            said(desk, "ready")
            tool("mousemove", "650", "250", "click", "1")
            tool("key", "Right")
            first = int(said(desk, "frame").split()[1])
            tool("key", "Right")
            assert int(said(desk, "frame").split()[1]) == first + 1
            tool("key", "c")
            said(desk, "saved")
            tool("key", "ctrl+q")
            assert desk.wait(timeout=60) == 0
        finally:
            desk.kill()
    (contact,) = TweakStore(own_reel).latest(MARC).tweaks["MARC"].contacts
    assert contact.first == first + 1
