"""A seeded monkey at the desk, with a watchdog on the Qt thread.

    python -m benchmarks.desk --part monkey --reel REEL [--minutes 30] [--seed 1] [--limit 50]

REEL is copied first.  It fails where the window dies, a Qt warning is said, an edit is lost, a
thread is left, or an event keeps the Qt thread for more than the limit (ms of its own time).
"""

from __future__ import annotations

import argparse
import faulthandler
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from PyQt5.QtCore import QtMsgType, qInstallMessageHandler

from benchmarks.desk._hands import Monkey, threads_left
from benchmarks.desk._watchdog import LIMIT_MS, WatchedApplication
from benchmarks.desk._window import open_window, scratch_settings
from dubsync.desk.open_desk import make_application, take_apart
from dubsync.service.project import Project
from dubsync.service.tweaks.tweak_store import TweakStore


def main() -> int:
    """Run it and print what broke; the exit code is the number of kinds of faults."""
    faulthandler.enable()  # where the process dies, what it did is the answer
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reel", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=LIMIT_MS)
    asked = parser.parse_args()
    said: list[str] = []
    raised: list[str] = []
    sys.excepthook = lambda kind, error, _trace: raised.append(f"{kind.__name__}: {error}")
    qInstallMessageHandler(lambda level, _where, text: _keep(said, level, text))
    scratch_settings()
    application = make_application(["desk"], WatchedApplication)
    application.limit_ms = asked.limit
    with tempfile.TemporaryDirectory() as folder:
        reel = shutil.copytree(asked.reel, Path(folder) / asked.reel.name)
        # The one that looks whether disks answer is the process's own, whoever asked first.
        before = {one.name for one in threading.enumerate()} | {"answering"}
        window = open_window(reel)
        monkey = Monkey(window, asked.seed)
        monkey.run(60 * asked.minutes)
        monkey.let_read()
        window.close()
        lost = lost_edits(reel, monkey)
        left = threads_left(before)
        take_apart(window)
    # What Qt says while Python ends must not call a function that is gone: one exit crashed.
    qInstallMessageHandler(None)
    print(f"{len(monkey.done)} things done in {asked.minutes:g} min, seed {asked.seed}")
    faults = {
        "raised": raised, "Qt said": said, "edits lost": lost, "threads left": left,
        "long calls": [str(one) for one in application.long],
    }  # fmt: skip
    for name, found in faults.items():
        print(f"{name}: {len(found)}")
        for one in found[:12]:
            print(f"  {one}")
    return sum(bool(found) for found in faults.values())


def lost_edits(reel: Path, monkey: Monkey) -> list[str]:
    """Shots whose newest tweaks are not those that the window showed last."""
    project = Project.open(reel)
    lost = []
    for (language, shot), draft in monkey.drafts.items():
        layout = project.into(language).store.layout
        kept = dict(TweakStore(project.file.folder, layout).latest(shot).tweaks)
        if kept != {name: tweak for name, tweak in draft.items() if not tweak.neutral}:
            lost.append(f"{shot} in {language}")
    return lost


def _keep(said: list[str], level: QtMsgType, text: str) -> None:
    """What Qt warns of; what the offscreen platform cannot do is no fault of the window."""
    quiet = level in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg)
    if not quiet and not text.startswith("This plugin does not support"):
        said.append(text)


if __name__ == "__main__":
    sys.exit(main())
