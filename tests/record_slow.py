"""Writes tests/slow.txt: the tests that `make quick` leaves out.

    make slow-list        (pytest -p tests.record_slow, the whole suite, on a quiet machine)

A test is slow when it takes more than SLOW CPU seconds alone: with its processes, and with every
shared fixture that it needs, though another test may have paid for that.  Of a parametrised test
the slowest case counts.  CPU time, so that other work beside the run does not matter much.
"""

import resource
from collections.abc import Generator
from pathlib import Path

import pytest

SLOW = 0.3  #: CPU seconds
LIST = Path(__file__).with_name("slow.txt")
_START = pytest.StashKey[float]()
_shared: dict[str, float] = {}  # CPU seconds of each shared fixture's set-up, by name
_paid = [0.0]  # CPU seconds of the shared fixtures that were set up in the test that now runs
_seconds: dict[str, float] = {}


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember when the test began."""
    item.stash[_START], _paid[0] = _cpu(), 0.0


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object],
) -> Generator[None, object, object]:
    """Measure the set-up of a shared fixture, less those that it is made of."""
    if fixturedef.scope == "function":
        return (yield)
    began, before = _cpu(), _paid[0]
    try:
        return (yield)
    finally:
        own = _cpu() - began - (_paid[0] - before)
        _shared[fixturedef.argname] = own
        _paid[0] += own


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Attach the seconds to the last report, which xdist carries to the controlling process."""
    if call.when == "teardown":
        needs = sum(_shared.get(name, 0.0) for name in getattr(item, "fixturenames", ()))
        item.user_properties.append(("cpu", _cpu() - item.stash[_START] - _paid[0] + needs))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the slowest case of each test."""
    if report.when == "teardown" and (seconds := dict(report.user_properties).get("cpu")):
        test = report.nodeid.partition("[")[0]
        _seconds[test] = max(_seconds.get(test, 0.0), float(str(seconds)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the list, in the controlling process only."""
    if not hasattr(session.config, "workerinput"):
        slow = sorted(test for test, seconds in _seconds.items() if seconds > SLOW)
        LIST.write_text("".join(f"{test}\n" for test in slow))
