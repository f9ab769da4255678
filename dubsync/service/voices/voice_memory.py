"""Voiceprints of the voices that the user named, so that a new mix need not ask again.

A voiceprint identifies a person: it stays in the project's derived data, is never delivered, and
is deleted when consent is withdrawn.  A character has a different voice in every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors

from dubsync.core.arrays import Array
from dubsync.service.store.atomic_write import write_derived, write_whole
from dubsync.service.store.folder import Store


def recall(store: Store) -> dict[str, Array]:
    """Character -> voiceprint of the voice last assigned to them, in the store's language."""
    prefix, stored = _prefix(store), _stored(store)
    plain = {name: known for name, known in stored.items() if _SEPARATOR not in name}
    own = {
        key.removeprefix(prefix): stored[key] for key in stored if prefix and key.startswith(prefix)
    }
    return {**(plain if store.layout.first else {}), **own}


def remember(store: Store, prints: Mapping[str, Array]) -> None:
    """Store `prints` (character -> voiceprint); they replace older ones of the same character."""
    known = recall(store)
    if all(name in known and (known[name] == new).all() for name, new in prints.items()):
        return
    prefixed = {_prefix(store) + name: new for name, new in prints.items()}
    write_derived(_path(store), to_safetensors({**_stored(store), **prefixed}))


def forget(store: Store, characters: Iterable[str]) -> None:
    """Delete the voiceprints of `characters`, and those of every stem that they may be in."""
    gone = set(characters)
    left = {
        key: known
        for key, known in _stored(store).items()
        if key.rpartition(_SEPARATOR)[2] not in gone
    }
    for path in _path(store).parent.glob("*.safetensors"):
        path.unlink()
    if left:
        write_whole(_path(store), to_safetensors(left))


_SEPARATOR = "/"  #: between a language and a character; character names cannot contain it


def _prefix(store: Store) -> str:
    """The prefix of a character's name for the store's language."""
    return store.layout.language + _SEPARATOR if store.layout.several else ""


def _stored(store: Store) -> dict[str, Array]:
    try:
        return dict(from_safetensors(_path(store).read_bytes()))
    except (FileNotFoundError, SafetensorError):  # damaged: the answer in dubsync.toml still holds
        return {}


def _path(store: Store) -> Path:
    return store.derived / "voices" / "named.safetensors"
