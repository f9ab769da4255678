"""The desk's process ends well, whatever it was doing when its window was closed."""

from __future__ import annotations

import subprocess
import sys

from tests.small_reel import MARC

#: Opens the desk on a shot, whose preview process starts, and closes the window so soon after.
_DESK = """
import faulthandler, sys
from pathlib import Path
from benchmarks.desk._window import scratch_settings
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication
from dubsync.desk import open_desk
from dubsync.desk.shell.window import DeskWindow
faulthandler.enable()
scratch_settings()
def gone():
    print("closing down", QApplication.closingDown(), flush=True)
class Window(DeskWindow):
    def __init__(self):
        super().__init__()
        self.session.shot_changed.connect(
            lambda *_: QTimer.singleShot(int(sys.argv[3]), self.close))
        self.destroyed.connect(gone)
open_desk.DeskWindow = Window
code = open_desk.open_desk(Path(sys.argv[1]), shot=sys.argv[2])
print("ended", code, flush=True)
sys.exit(code)
"""


def test_a_window_closed_in_mid_work_goes_before_its_application(own_reel):
    for milliseconds in ("0", "700"):
        desk = subprocess.run(
            [sys.executable, "-c", _DESK, str(own_reel), MARC, milliseconds],
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert desk.stdout.splitlines() == ["closing down False", "ended 0"], (
            desk.stdout + desk.stderr
        )
        assert desk.returncode == 0, desk.stderr
        assert not desk.stderr
