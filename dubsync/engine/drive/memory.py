"""What a drive remembers from one tweak to the next: takes and sound, which few tweaks change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

T = TypeVar("T")


class Memory:
    """Results by the inputs that they were made from, which it holds so that none is mistaken.

    Used for one face of one shot; the result unused for longest is forgotten.
    """

    MOST = 64

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, tuple[tuple[object, ...], object]] = OrderedDict()

    def held(self, key: Hashable, of: tuple[object, ...], make: Callable[[], T]) -> T:
        """The result of `make`, from an earlier call with the same `key` and the very same `of`."""
        whole = (key, *map(id, of))
        if whole not in self._known:
            self._known[whole] = of, make()
        self._known.move_to_end(whole)
        while len(self._known) > self.MOST:
            self._known.popitem(last=False)
        return cast(T, self._known[whole][1])


class Forgetful(Memory):
    """Remembers nothing: for a face that is driven once."""

    def held(self, key: Hashable, of: tuple[object, ...], make: Callable[[], T]) -> T:
        return make()


NOTHING = Forgetful()
