"""A pipeline of processes, with an engine that takes a known time."""

import os
import time
from contextlib import suppress

import numpy as np
import pytest

from dubsync.core.live import Hold, LiveSubject
from dubsync.core.settings import EngineSettings
from dubsync.service.live.parts import Driver
from dubsync.service.live.session import LiveRefused, LiveSession
from dubsync.service.plugins import allow_engine
from tests.service.live.driver_movie import grey_movie

ENGINE = "tests.service.live.live_double:build"
FRAMES = 30


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    return Driver(movie=grey_movie(tmp_path_factory.mktemp("d") / "driver.mov", FRAMES))


def session(driver, what=0):
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


def test_x(driver):
    with session(driver) as live:
        pids = live.processes()
        t=time.monotonic()
        n=[]
        while not live.ended:
            f = live.newest(0.2)
            if f is not None:
                n.append(f.number)
                live.shown(f)
        print(n, live.figures(), time.monotonic()-t)
    assert all(map(gone, pids.values()))
