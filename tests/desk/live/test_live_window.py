"""The live window on a real X screen, with keys that come from outside the process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT
from tests.service.live.driver_movie import grey_movie

pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="Xvfb or xdotool is not installed: sh .ci/system-packages python3 desk-test",
)
SCREEN = ":94"
_WINDOW = """
import sys
from pathlib import Path
from PyQt5.QtCore import QTimer
from dubsync.desk.live.live_window import EDGE, LiveWindow
from dubsync.desk.open_desk import make_application
from dubsync.service.live.parts import Driver
from dubsync.service.live.run import LiveRun
from tests.service.live.test_session import session

def say(*words):
    print(*words, flush=True)

if __name__ == "__main__":
    with session(Driver(movie=Path(sys.argv[1]))) as live:
        application = make_application(["live"])
        run = LiveRun(live, [], lambda: None)
        window = LiveWindow(run, "test", lambda: False)
        window.move(0, 0)
        window.show()
        window.activateWindow()
        def look():
            if window.words() == ("Loading",):
                return
            shot = window.grab().toImage()
            inside = shot.pixelColor(shot.width() // 2, 200)
            edge = [shot.pixelColor(x, shot.height() - EDGE // 2 - 8).lightness()
                    for x in range(12, 300)]
            say("shows", inside.lightness(), max(edge) - min(edge), "|".join(window.words()))
        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(50)
        say("open", *live.processes().values())
        application.exec_()
        figures = live.figures()
    say("closed", figures.shown, round(figures.latency.median))
"""


@pytest.fixture
def screen():
    command = ["Xvfb", SCREEN, "-screen", "0", "800x600x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        time.sleep(1.0)
        yield {"DISPLAY": SCREEN, "QT_QPA_PLATFORM": "xcb", "QT_FONT_DPI": "96"}
        server.terminate()


def test_the_window_shows_the_picture_takes_keys_and_closes_with_its_processes(screen, tmp_path):
    driver = grey_movie(tmp_path / "driver.mov", 50, rate=8)
    env = {**os.environ, **screen, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _WINDOW, str(driver)]

    def press(key):
        subprocess.run(["xdotool", "key", key], env=env, check=True, timeout=30)

    def said(window, word):
        for line in window.stdout:
            if line.startswith(word):
                return line.split(maxsplit=3 if word == "shows" else -1)
        raise AssertionError(f"the window ended before it said {word!r}")

    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as window:
        try:
            parts = [int(pid) for pid in said(window, "open")[1:]]
            _, inside, words_show, told = said(window, "shows")
            assert 100 < int(inside) < 245  # the double's inverted greys
            assert int(words_show) > 60
            assert "Somebody else is in the picture" in told
            assert "neutral" not in told
            press("n")
            while "the neutral face is being taken" not in told:
                told = said(window, "shows")[3]
            levels = {inside}
            while len(levels) < 4:  # it goes on
                levels.add(said(window, "shows")[1])
            press("Escape")
            _, shown, latency = said(window, "closed")
            assert int(shown) > 2 and 10 <= int(latency) < 2000
            assert window.wait(timeout=30) == 0
        finally:
            window.kill()
    for pid in parts:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
