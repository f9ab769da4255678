"""A pipeline of real processes, with an engine that takes a known time and can be made to fail."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing import Pipe

import numpy as np
import pytest

from dubsync.core.driven.live import Hold, LiveSubject
from dubsync.core.settings import EngineSettings
from dubsync.service.live import parts
from dubsync.service.live.parts import Driver, EngineName, RingEnd, draw_part
from dubsync.service.live.session import LiveRefused, LiveSession
from dubsync.service.plugins import allow_engine
from tests.conftest import ROOT
from tests.service.live.driver_movie import grey_movie

ENGINE = "tests.service.live.live_double:build"
FRAMES = 45
#: Starts a session that draws, says its processes, and is then killed from outside.
_STARTER = """
import sys, time
from pathlib import Path
from tests.service.live.test_session import session
from dubsync.service.live.parts import Driver
if __name__ == "__main__":
    with session(Driver(movie=Path(sys.argv[1]))) as live:
        while live.newest(0.1) is None:
            pass
        print(*live.processes().values(), flush=True)
        time.sleep(60)
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    return Driver(movie=grey_movie(tmp_path_factory.mktemp("driver") / "driver.mov", FRAMES))


def session(driver, what=0):
    """A session with the double; `what` happens as live_double.py says."""
    allow_engine(ENGINE)
    pictures = (np.full((4, 4, 3), what, np.uint8),)
    return LiveSession(driver, LiveSubject("still", pictures), EngineSettings(engine=ENGINE))


def gone(pid):
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def all_gone(pids, seconds=10):
    until = time.monotonic() + seconds
    while not all(map(gone, pids)):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_frames_come_in_order_the_last_one_too_and_keys_reach_the_parts(driver):
    shown, held, markers = [], [], []
    with session(driver) as live:
        pids = live.processes().values()
        while not live.ended:
            frame = live.newest(0.2)
            if frame is None:
                continue
            live.shown(frame)
            shown.append(frame.number)
            held.append(frame.hold)
            markers.append(int(frame.rgb[1, 1, 0]))
            assert abs(int(frame.rgb[0, 0, 0]) - (255 - 16 - 4 * frame.number)) <= 3
            if len(shown) == 5:
                live.take_neutral()
            if len(shown) == 15:
                live.another_driver()
        figures = live.figures()
    assert shown == sorted(set(shown))
    assert shown[-1] == FRAMES - 1
    assert Hold.STARTING in held[5:] and held[-1] == Hold.FOLLOWS
    assert markers[0] == 0 and markers[-1] == 7  # the follower was told to forget
    assert figures.shown + figures.dropped == FRAMES - shown[0]
    assert 8 < figures.draw.median < 60 and figures.latency.median > figures.draw.median
    assert all_gone(pids)


def test_a_part_that_dies_ends_the_run_with_words_and_leaves_no_process(driver):
    with pytest.raises(LiveRefused, match="draw ended unexpectedly, by signal 9"):  # noqa: SIM117
        with session(driver, what=3) as live:
            pids = live.processes().values()
            while not live.ended:
                live.newest(0.2)
    assert all_gone(pids)


def test_a_part_that_cannot_do_its_work_says_why(monkeypatch):
    monkeypatch.setattr(parts.signal, "signal", lambda number, handler: None)
    ours, theirs = Pipe()
    nothing = RingEnd("", theirs)
    subject = LiveSubject("still", (np.full((4, 4, 3), 1, np.uint8),))
    engine = EngineName(EngineSettings(engine=ENGINE), (ENGINE,))
    draw_part(engine, subject, nothing, nothing, theirs)
    told = json.loads(ours.recv_bytes())
    assert told == {"kind": "refused", "error": "the photograph shows no face",
                    "hint": "give another", "of": "NoFace"}  # fmt: skip


def test_parts_end_when_the_process_that_started_them_is_killed(driver):
    command = [sys.executable, "-c", _STARTER, str(driver.movie)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as starter:
        pids = [int(pid) for pid in starter.stdout.readline().split()]
        assert len(pids) == 3 and not any(map(gone, pids))
        os.kill(starter.pid, signal.SIGKILL)
        starter.wait()
    assert all_gone(pids)
