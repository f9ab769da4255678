"""A call that does not return is told with its path, and so is its return."""

import logging
import os
import subprocess
import sys
import threading
import time

import pytest

from dubsync.core.digest import file_digest
from dubsync.core.waiting import answering as module
from dubsync.core.waiting.answering import answered, answering


@pytest.fixture
def hasty(monkeypatch, caplog):
    """Calls are told after 50 ms."""
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    monkeypatch.setattr(module, "_WATCH", module._Watch())
    caplog.set_level(logging.WARNING)
    return caplog


def told(caplog, words, seconds=5.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if words in caplog.text:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_file_that_does_not_answer_is_named_and_the_work_goes_on_when_it_does(hasty, tmp_path):
    os.mkfifo(tmp_path / "plate.mov")  # opening it waits for the other side, as on a dead share
    found = []
    work = threading.Thread(target=lambda: found.append(file_digest(tmp_path / "plate.mov")))
    work.start()
    assert told(hasty, "plate.mov has not answered for 0 s (opening it to read its digest)")
    with (tmp_path / "plate.mov").open("wb") as other:
        other.write(b"x")
    work.join(5)
    assert len(found[0]) == 64 and told(hasty, "plate.mov answers again")


def test_each_of_many_calls_is_looked_at_by_itself(hasty):
    def packets():
        for _ in range(4):
            time.sleep(0.015)  # together longer than the patience, each shorter
            yield 1
        time.sleep(0.2)
        yield 2

    assert list(answered(packets(), "share/plate.mov", "reading")) == [1, 1, 1, 1, 2]
    assert hasty.text.count("has not answered") == 1


def test_calls_that_return_are_not_told_and_leave_nothing(hasty):
    for _ in range(100):
        with answering("a", "b"):
            pass
    with pytest.raises(OSError, match="gone"), answering("a", "b"):
        raise OSError("gone")
    assert not module._WATCH.calls and not hasty.text


def test_a_message_comes_within_ten_seconds():
    assert module.PATIENCE_S + module.LOOK_S < 10


def test_no_thread_that_looks_is_left_while_python_ends():
    ends = (
        "import atexit, threading\n"
        "atexit.register(lambda: print([one.name for one in threading.enumerate()]))\n"
        "from dubsync.core.waiting.answering import answering\n"
        "with answering('plate.mov', 'reading'): pass\n"
    )
    said = subprocess.run([sys.executable, "-c", ends], capture_output=True, text=True, timeout=60)
    assert said.stdout == "['MainThread']\n" and not said.stderr
