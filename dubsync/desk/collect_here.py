"""Collects garbage on the Qt thread alone.

Python collects cycles on whichever thread happens to allocate.  Where a cycle holds a widget, that
thread destroys it, which Qt allows its own thread only: the process may then die much later, in
whatever walks over the widgets.
"""

from __future__ import annotations

import gc

from PyQt5.QtCore import QObject, QTimer

#: Milliseconds between two looks, and the generations by age.
EVERY_MS, GENERATIONS = 200, (2, 1, 0)


class CollectsHere(QObject):
    """Takes over from Python's own collections, at its own thresholds, for as long as it lives.

    What is there when it begins is left out for good: the modules, through which a collection
    would look for longer than a window may stick.

    Args:
        parent: lives in the Qt thread.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.collect()
        gc.freeze()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation that is due, and those younger with it."""
        due = zip(gc.get_count(), gc.get_threshold(), strict=True)
        counts = [count > most for count, most in due]
        for generation in GENERATIONS:
            if counts[generation]:
                gc.collect(generation)
                return
