"""Qt objects that are garbage are destroyed on the Qt thread, whichever thread makes more of it."""

from __future__ import annotations

import gc
import threading
import weakref

from PyQt5.QtCore import QObject

from dubsync.desk.collect_here import CollectsHere


class Cycle:
    """Holds a Qt object, and itself."""

    def __init__(self, died: list[str]) -> None:
        self.held = QObject()
        weakref.finalize(self.held, lambda: died.append(threading.current_thread().name))
        self.me = self


def busy() -> None:
    """What any thread may do: it makes many objects."""
    kept = [[n] for n in range(30_000)]
    assert kept


def left_in_cycles() -> list[str]:
    """Twenty Qt objects are garbage, and another thread works: names of those that destroy them."""
    died: list[str] = []
    for _ in range(20):
        Cycle(died)
    other = threading.Thread(target=busy, name="other")
    other.start()
    other.join()
    return died


def test_a_qt_object_in_a_cycle_dies_on_the_qt_thread(qtbot, qapp):
    parent = QObject()
    CollectsHere(parent)
    died = left_in_cycles()
    assert not died
    kept: list[list[int]] = []

    def work_goes_on() -> bool:  # new objects are Python's own reason to look
        kept.extend([n] for n in range(100))
        return len(died) == 20

    qtbot.waitUntil(work_goes_on, timeout=10_000)
    assert set(died) == {"MainThread"}


def test_without_it_another_thread_destroys_them(qapp):
    """Why it is there: where this fails, Python has changed, and it may go."""
    gc.collect()
    gc.enable()
    died = left_in_cycles()
    gc.disable()
    assert "other" in died


def test_what_lives_is_not_collected_and_old_garbage_is(qtbot, qapp):
    parent = QObject()
    here = CollectsHere(parent)
    kept, died = [], []
    for _ in range(12):
        kept += [[[n]] for n in range(900)]
        Cycle(died)
        here.look()
    qtbot.waitUntil(lambda: len(died) == 12, timeout=20_000)
    assert all(one == [[n]] for one, n in zip(kept, [*range(900)] * 12, strict=True))
