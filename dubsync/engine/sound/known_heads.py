"""Sound heads by their fingerprints: the one that ships, and those of houses' own bases.

An actor's model of sound belongs to one head, and says which.  Whoever drives the actor finds that
head here, so that nobody has to carry it along.
"""

from __future__ import annotations

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from dubsync.core.arrays import Array
from dubsync.core.errors import DubsyncError, ModelError
from dubsync.engine.sound import sound_head
from dubsync.engine.sound.model import head_mark
from dubsync.engine.sound.sound_head import Head

_PARTS = ("level", "spread", "weights")
_known: dict[bytes, Head] = {}


def head_from(data: bytes, name: str) -> Head:
    """The head in the bytes of a file, known from now on.

    Args:
        name: of the base that it belongs to, for messages.

    Raises:
        ModelError: it is no sound head of this version.
    """
    try:
        held = load(data)
        head = Head(*(held[part].astype(np.float32) for part in _PARTS))
    except (SafetensorError, KeyError, DubsyncError) as error:
        raise ModelError(
            f"the sound head of the base {name} does not fit this version of dubsync",
            hint="teach the base again: dubsync base teach",
        ) from error
    _known[head_mark(head).tobytes()] = head
    return head


def head_bytes(head: Head) -> bytes:
    """A head as its file holds it: weights in 16 bits."""
    arrays = {part: np.array(getattr(head, part), np.float32) for part in _PARTS}
    return save({**arrays, "weights": arrays["weights"].astype(np.float16)})


def head_of(mark: Array) -> Head:
    """The head that has this fingerprint.

    Raises:
        ModelError: no head that is known here has it.
    """
    shipped = sound_head.shipped_head()
    if np.array_equal(mark, head_mark(shipped)):
        return shipped
    head = _known.get(np.asarray(mark, np.float32).tobytes())
    if head is None:
        raise ModelError(
            "the actor was learnt with another sound head",
            hint="learn the actor again, or set engine.base to the base that it was learnt on",
        )
    return head
