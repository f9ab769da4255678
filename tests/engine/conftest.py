"""A clock that the tests of training share."""

from types import SimpleNamespace

import pytest


@pytest.fixture
def clock(monkeypatch):
    """Every step of a training takes one second by this clock, and all of the time is planned."""
    now = iter(range(10**6))
    ticking = SimpleNamespace(perf_counter=lambda: float(next(now)))
    monkeypatch.setattr("dubsync.engine.train.schedule.PLANNED_SHARE", 1.0)
    monkeypatch.setattr("dubsync.engine.train.schedule.time", ticking)
