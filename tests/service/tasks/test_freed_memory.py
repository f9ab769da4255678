"""What farms rely on: memory that is free again goes back, and no system fails over it."""

import ctypes
import gc
import weakref

import pytest

from dubsync.media import freed_memory


@pytest.fixture
def no_collection(monkeypatch):
    """Of pytest's own heap, which takes a second."""
    monkeypatch.setattr(gc, "collect", lambda: 0)


@pytest.mark.usefixtures("no_collection")
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize("library", [object(), None], ids=["no_such_call", "no_library"])
def test_a_system_that_cannot_give_memory_back_goes_on(monkeypatch, platform, library):
    def opened(name):
        if library is None:
            raise OSError("no C library")
        return library

    monkeypatch.setattr(freed_memory.sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", opened)
    freed_memory.give_back_freed()


def test_what_only_circles_hold_is_freed():
    class Container:
        pass

    container = Container()
    container.stream = [container]
    gone = weakref.ref(container)
    gc.disable()
    try:
        del container
        freed_memory.give_back_freed()
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.usefixtures("no_collection")
def test_free_memory_is_given_back_in_every_arena(monkeypatch):
    asked = []

    class Library:
        def malloc_trim(self, pad):
            asked.append(pad)

    monkeypatch.setattr(freed_memory.sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library())
    freed_memory.give_back_freed()
    assert asked == [0]
