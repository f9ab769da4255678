"""A render that is stale for its mark says so, and what to do."""

from dataclasses import dataclass
from types import SimpleNamespace

from dubsync.service.status.why_stale import _mark

MARKED = {"mark": {"payload": "dd58c539", "version": "dubsync-1"}, "signature": {"key": "ab" * 32}}


@dataclass(frozen=True)
class _House:
    house: str = "ab" * 32
    version: str = "dubsync-1"

    @property
    def marker(self):
        return SimpleNamespace(version=self.version)


def said(record, house, *, on=True):
    settings = SimpleNamespace(proof=SimpleNamespace(mark=on))
    return tuple(_mark(record, SimpleNamespace(house_mark=house, settings=settings)))


def test_a_machine_without_the_key_is_told_so():
    (why,) = said(MARKED, None)
    assert "abababababababab" in why and "not on this machine" in why


def test_a_first_key_and_another_key_and_another_mark_are_told():
    assert said({}, _House()) == ("it has no mark, and this machine has a house key now",)
    (why,) = said(MARKED, _House(house="cd" * 32))
    assert "another key" in why
    assert said(MARKED, _House(version="dubsync-2")) == (
        "the mark changed: dubsync-1 to dubsync-2",
    )
    assert said(MARKED, None, on=False) == ("the mark is turned off now",)
    assert said({"mark": {"off_reason": "a test"}}, _House()) == ("the mark is turned on now",)


def test_a_mark_that_is_as_it_was_is_no_reason():
    assert said(MARKED, _House()) == ()
    assert said({}, None) == ()
