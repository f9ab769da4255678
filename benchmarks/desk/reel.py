"""How soon a long reel is seen, and whether it scrolls without a gap.

    python -m benchmarks.desk --part reel [--shots 500] [--json]

The reel is made of a few short plates that every event of the cut uses again; each shot has a
record of a render, a finding and a score, so that everything the rows show is read from disk.
1,800 shots are a reel of two hours.  The window is offscreen: what is timed is Qt's own painting.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_FONT_DPI", "96")

from PyQt5.QtCore import QEvent, QObject, QSettings
from PyQt5.QtWidgets import QApplication

from benchmarks.desk.long_reel import long_reel
from dubsync.desk.open_desk import make_application
from dubsync.desk.shell.window import REEL, DeskWindow

#: Scrolling stops: so many rows a step, as a wheel does.
STEP_ROWS = 3


class PaintTimes(QObject):
    """How long each paint of one widget took, seconds."""

    def __init__(self, widget: QObject) -> None:
        super().__init__()
        self.times: list[float] = []
        self.spent: list[float] = []  #: of the processor, which other programs do not lengthen
        self._inside = False
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() != QEvent.Paint or self._inside:
            return False
        self._inside, began, cpu = True, time.perf_counter(), time.thread_time()
        QApplication.sendEvent(watched, event)
        self.times.append(time.perf_counter() - began)
        self.spent.append(time.thread_time() - cpu)
        self._inside = False
        return True


def middle(values: list[float]) -> float:
    """The median."""
    return sorted(values)[len(values) // 2]


def turn(application: QApplication, seconds: float) -> float:
    """Run the event loop; the longest time between two turns of it, seconds."""
    end, longest = time.perf_counter() + seconds, 0.0
    while (now := time.perf_counter()) < end:
        application.processEvents()
        longest = max(longest, time.perf_counter() - now)
        time.sleep(0.002)
    return longest


def measured(folder: Path, shots: int) -> dict[str, float]:
    """The figures of one reel."""
    settings = folder / "settings"
    QSettings.setDefaultFormat(QSettings.IniFormat)
    QSettings.setPath(QSettings.IniFormat, QSettings.UserScope, str(settings))
    application = make_application([sys.argv[0]])
    window = DeskWindow()
    window.resize(1440, 900)
    window.show()
    window.session.states.close()
    turn(application, 0.5)
    page, seen = window.reel_page, []
    painted = PaintTimes(page.table.viewport())
    window.session.rows_changed.connect(lambda: seen.append(time.perf_counter()))
    began, cpu = time.perf_counter(), time.process_time()
    window.open(folder / "REEL")
    window.show_page(REEL)
    while not seen or not page.shown.rowCount() or not painted.times:
        application.processEvents()
        time.sleep(0.002)
    application.processEvents()
    opened, spent = time.perf_counter() - began, time.process_time() - cpu
    window.show_page(REEL)
    held = turn(application, 3.0)  # the first thumbnails come
    painted.times.clear()
    painted.spent.clear()
    bar, height = page.table.verticalScrollBar(), 40
    steps, longest = 0, 0.0
    for at in range(0, bar.maximum(), STEP_ROWS * height):
        bar.setValue(at)
        longest = max(longest, turn(application, 0.016))
        steps += 1
    grown = turn(application, 2.0)
    result = {
        "shots": float(shots),
        "first rows painted, s": round(opened, 2),
        "first rows painted, processor time of the desk, s": round(spent, 2),
        "longest paint while scrolling, ms": round(1000 * max(painted.times), 1),
        "median paint while scrolling, ms": round(1000 * middle(painted.times), 1),
        "longest paint, processor time, ms": round(1000 * max(painted.spent), 1),
        "median paint, processor time, ms": round(1000 * middle(painted.spent), 1),
        "longest turn of Qt's loop while thumbnails come, ms": round(1000 * held, 1),
        "longest turn of Qt's loop while scrolling, ms": round(1000 * max(longest, grown), 1),
        "steps of scrolling": float(steps),
        "load of the machine": round(os.getloadavg()[0], 1),
        "memory, MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0),
    }
    window.close()
    return result


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="make the reel here, or use the one that is here")
    chosen = parser.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp())
    try:
        if not (folder / "REEL" / "dubsync.toml").is_file():
            long_reel(folder, chosen.shots)
        figures = measured(folder, chosen.shots)
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    if chosen.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:<54} {value:>9,.6g}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
