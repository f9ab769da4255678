"""What voices a person has named sound like, so that a new mix need not ask again.

A voiceprint can tell a person apart: it stays in the project's derived data, is never delivered,
and goes when consent is withdrawn.  A character's voice is another in every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors

from dubsync.core.arrays import Array
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Store


def recall(store: Store) -> dict[str, Array]:
    """Character -> print of the voice that was last named theirs, in the store's language."""
    mark, named = _mark(store), _named(store)
    plain = {who: known for who, known in named.items() if _SEPARATOR not in who}
    own = {key.removeprefix(mark): named[key] for key in named if mark and key.startswith(mark)}
    return {**(plain if store.layout.first else {}), **own}


def remember(store: Store, prints: Mapping[str, Array]) -> None:
    """Keep `prints` (character -> print) for next time, over what was kept of them."""
    known = recall(store)
    if all(who in known and (known[who] == direction).all() for who, direction in prints.items()):
        return
    marked = {_mark(store) + who: direction for who, direction in prints.items()}
    write_whole(_path(store), to_safetensors({**_named(store), **marked}))


def forget(store: Store, characters: Iterable[str]) -> None:
    """Drop what is kept of `characters`, and every print taken of a stem they may be in."""
    gone = set(characters)
    left = {
        key: known
        for key, known in _named(store).items()
        if key.rpartition(_SEPARATOR)[2] not in gone
    }
    for path in _path(store).parent.glob("*.safetensors"):
        path.unlink()
    if left:
        write_whole(_path(store), to_safetensors(left))


_SEPARATOR = "/"  #: between a language and a character; no character's name holds one


def _mark(store: Store) -> str:
    """What the store's language puts before a character's name."""
    return store.layout.language + _SEPARATOR if store.layout.several else ""


def _named(store: Store) -> dict[str, Array]:
    try:
        return dict(from_safetensors(_path(store).read_bytes()))
    except (FileNotFoundError, SafetensorError):  # damaged: the person's answer still stands
        return {}


def _path(store: Store) -> Path:
    return store.derived / "voices" / "named.safetensors"
