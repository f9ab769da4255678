"""kill -9 in mid-edit: what is lost is at most the last two seconds."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from benchmarks.desk._window import open_window, wait_for
from dubsync.service.tweaks.tweak_store import TweakStore
from tests.small_reel import MARC

#: A hand that never rests: every 100 ms the jaw is a little wider, and it says so.
_HAND = """
import sys, time
from pathlib import Path
from benchmarks.desk._window import application, open_window, scratch_settings, wait_for
from PyQt5.QtTest import QTest
scratch_settings()
kept = application()
window = open_window(Path(sys.argv[1]))
window.session.show_shot(sys.argv[2])
QTest.qWait(1500)
edits = window.session.edits
for n in range(1, 900):
    edits.change("MARC", edits.tweak("MARC").held("jaw", 1 + n / 1000), f"jaw={1 + n / 1000}")
    print(time.time(), 1 + n / 1000, flush=True)
    QTest.qWait(100)
"""


def test_a_killed_desk_loses_at_most_two_seconds_of_edits(qtbot, own_reel):
    made = []
    command = [sys.executable, "-c", _HAND, str(own_reel), MARC]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as hand:
        for line in hand.stdout:
            at, value = map(float, line.split())
            made.append((at, value))
            if len(made) == 35:  # more than two seconds of them
                break
        killed = time.time()
        hand.send_signal(signal.SIGKILL)
    window = open_window(own_reel)
    window.session.show_shot(MARC)
    wait_for(lambda: window.session.edits.version.number, 30, "the draft being saved")
    window.close()
    kept = TweakStore(own_reel).latest(MARC).tweaks["MARC"].curve("jaw").value
    late = [at for at, value in made if value <= kept + 1e-9]
    assert killed - late[-1] <= 2.0
