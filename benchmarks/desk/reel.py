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
from PyQt5.QtWidgets import QApplication, QScrollBar

from benchmarks.desk.long_reel import long_reel
from dubsync.desk.open_desk import make_application
from dubsync.desk.shell.window import REEL, DeskWindow

#: Scrolling stops: so many rows a step, as a wheel does.
STEP_ROWS, ROW = 3, 40


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


def turn(application: QApplication, seconds: float) -> tuple[float, float]:
    """Run the event loop; its longest turn, seconds by the clock and of the thread's own time."""
    end, longest, spent = time.perf_counter() + seconds, 0.0, 0.0
    while (now := time.perf_counter()) < end:
        cpu = time.thread_time()
        application.processEvents()
        longest = max(longest, time.perf_counter() - now)
        spent = max(spent, time.thread_time() - cpu)
        time.sleep(0.002)
    return longest, spent


def scroll(application: QApplication, bar: QScrollBar) -> tuple[int, tuple[float, float]]:
    """Scroll from the first row to the last; how many steps, and the longest turn as `turn`."""
    steps, longest = 0, (0.0, 0.0)
    for at in range(0, bar.maximum(), STEP_ROWS * ROW):
        bar.setValue(at)
        one = turn(application, 0.016)
        longest = max(longest[0], one[0]), max(longest[1], one[1])
        steps += 1
    return steps, longest


def resident_mb() -> float:
    """Memory that the process has now; 0 where the system does not tell it as Linux does."""
    status = Path("/proc/self/statm")
    pages = int(status.read_text().split()[1]) if status.is_file() else 0
    return round(pages * resource.getpagesize() / 1e6, 0)


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
    longest = 0.0
    while not seen or not page.shown.rowCount() or not painted.times:
        longest = max(longest, turn(application, 0.001)[1])
    longest = max(longest, turn(application, 0.001)[1])
    opened, spent = time.perf_counter() - began, time.process_time() - cpu
    window.show_page(REEL)
    held = turn(application, 3.0)  # the first thumbnails come
    painted.times.clear()
    painted.spent.clear()
    steps, scrolled = scroll(application, page.table.verticalScrollBar())
    grown = turn(application, 2.0)
    result = {
        "shots": float(shots),
        "first rows painted, s": round(opened, 2),
        "first rows painted, processor time of the desk, s": round(spent, 2),
        "longest turn while opening, processor time, ms": round(1000 * longest, 1),
        "longest paint while scrolling, ms": round(1000 * max(painted.times), 1),
        "median paint while scrolling, ms": round(1000 * middle(painted.times), 1),
        "longest paint, processor time, ms": round(1000 * max(painted.spent), 1),
        "median paint, processor time, ms": round(1000 * middle(painted.spent), 1),
        "longest turn while thumbnails come, ms": round(1000 * held[0], 1),
        "longest turn while thumbnails come, processor time, ms": round(1000 * held[1], 1),
        "longest turn while scrolling, ms": round(1000 * max(scrolled[0], grown[0]), 1),
        "longest turn while scrolling, processor time, ms": round(
            1000 * max(scrolled[1], grown[1]), 1
        ),
        "steps of scrolling": float(steps),
        "load of the machine": round(os.getloadavg()[0], 1),
        "most memory, MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0),
        "memory at the end, MB": resident_mb(),
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
