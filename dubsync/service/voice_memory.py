"""What voices a person has named sound like, so that a new mix need not ask again.

A voiceprint can tell a person apart: it stays in the project's derived data, is never delivered,
and goes when consent is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors

from dubsync.core.arrays import Array
from dubsync.service.atomic import write_whole
from dubsync.service.store import Store


def recall(store: Store) -> dict[str, Array]:
    """Character -> print of the voice that was last named theirs."""
    try:
        return dict(from_safetensors(_path(store).read_bytes()))
    except (FileNotFoundError, SafetensorError):  # damaged: the person's answer still stands
        return {}


def remember(store: Store, prints: Mapping[str, Array]) -> None:
    """Keep `prints` (character -> print) for next time, over what was kept of them."""
    known = recall(store)
    if all(who in known and (known[who] == direction).all() for who, direction in prints.items()):
        return
    write_whole(_path(store), to_safetensors({**known, **prints}))


def forget(store: Store, characters: Iterable[str]) -> None:
    """Drop what is kept of `characters`, and every print taken of a stem they may be in."""
    known = recall(store)
    left = {who: direction for who, direction in known.items() if who not in set(characters)}
    for path in _path(store).parent.glob("*.safetensors"):
        path.unlink()
    if left:
        write_whole(_path(store), to_safetensors(left))


def _path(store: Store) -> Path:
    return store.derived / "voices" / "named.safetensors"
