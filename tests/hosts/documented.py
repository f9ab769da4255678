"""What fakes of hosts share: a call that its maker's documents do not have is refused."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


class NotInTheDocuments(AssertionError):
    """A call, or an argument, that the documents of the host's maker do not have."""


def call(*types: Any, needs: int | None = None) -> Callable[[Any], Any]:
    """A call of the API: checks its arguments; answers None while the world is mute."""

    def wrap(method: Any) -> Any:
        @functools.wraps(method)
        def checked(self: Any, *given: Any) -> Any:
            least = len(types) if needs is None else needs
            if not least <= len(given) <= len(types):
                raise NotInTheDocuments(f"{method.__name__} takes {len(types)}, not {len(given)}")
            for value, wanted in zip(given, types, strict=False):
                odd = isinstance(value, bool) and wanted is not bool
                if odd or not isinstance(value, wanted):
                    raise NotInTheDocuments(f"{method.__name__}({value!r}) is no {wanted}")
            return None if self.world.mute else method(self, *given)

        return checked

    return wrap
