"""Houses whose signatures are trusted here: the own ones, and those added by a public file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import HouseKeyError
from dubsync.service.keys.certificates import (
    PublicKey,
    algorithm_of,
    fingerprint_of,
    house_of,
    known_public,
    made_by,
    read_chain,
)
from dubsync.service.keys.pem_file import pem_text
from dubsync.service.keys.places import keys_folder

#: How the name of a house's public file ends.
PUBLIC = ".house.pem"
KEY_FACTS = "key.json"
CHAIN = "chain.pem"
SCHEMA = "dubsync.house_key/1"
_LARGEST = 1 << 18


@dataclass(frozen=True, slots=True)
class House:
    """A house by its public certificates.

    name         as its certificate says; it proves nothing that the trust in the file did not
    fingerprint  of the key that signs, 64 hex digits
    algorithm    "Ed25519" or "ES256"
    chain_pem    the certificates in PEM, the signing one first
    since        from when the signing certificate holds
    until        to when it holds
    own          whether it is this machine's
    leaked       the day on which the house reported the key as leaked, ISO 8601; "": not
    """

    name: str
    fingerprint: str
    algorithm: str
    chain_pem: str
    since: datetime
    until: datetime
    own: bool = False
    leaked: str = ""

    def made(self, signature: bytes, data: bytes) -> bool:
        """Whether the raw `signature` over `data` was made with the house's key."""
        return made_by(_public(self.chain_pem), signature, data)

    def public_key(self) -> PublicKey:
        """The public half of its key."""
        return _public(self.chain_pem)

    def held(self, at: datetime) -> bool:
        """Whether the certificate held at a time, which has a time zone."""
        return self.since <= at <= self.until


def house_in(text: bytes, where: object, *, own: bool = False, leaked: str = "") -> House:
    """The house of the certificates in a PEM text.

    Raises:
        HouseKeyError: as `read_chain`, or the key is of a kind that does not sign here.
    """
    chain = read_chain(text, where)
    key = known_public(chain[0].public_key(), where)
    return House(
        house_of(chain), fingerprint_of(key), algorithm_of(key), text.decode("ascii", "replace"),
        chain[0].not_valid_before_utc, chain[0].not_valid_after_utc, own, leaked,
    )  # fmt: skip


def read_house(path: Path) -> House:
    """The house in a public file.

    Raises:
        HouseKeyError: it cannot be read, or as `house_in`.
    """
    named = "name the file NAME.house.pem that the house gave you"
    text = pem_text(path, "the house's public file", largest=_LARGEST, gone=named, too_long=named)
    return house_in(text, path)


def trusted_houses(extra: Iterable[Path] = ()) -> tuple[House, ...]:
    """The houses trusted here: own keys, those of `dubsync keys trust`, and the files `extra`.

    Args:
        extra: public files that are trusted for this call only.

    Raises:
        HouseKeyError: a file of a house is damaged; says which.
    """
    found: dict[str, House] = {}
    for house in (*own_houses(), *(read_house(path) for path in trusted_files())):
        found.setdefault(house.fingerprint, house)
    for path in extra:
        house = read_house(path)
        found.setdefault(house.fingerprint, house)
    return tuple(found.values())


def trusted_files() -> tuple[Path, ...]:
    """The public files of other houses that are trusted here, by name."""
    return tuple(sorted((keys_folder() / "trusted").glob(f"*{PUBLIC}")))


def own_folders() -> tuple[Path, ...]:
    """The folders of the house's own keys, also of those that no longer sign."""
    return tuple(sorted(path.parent for path in (keys_folder() / "own").glob(f"*/{KEY_FACTS}")))


def own_houses() -> tuple[House, ...]:
    """The house's own keys by their certificates."""
    return tuple(own_house(folder) for folder in own_folders())


def own_house(folder: Path) -> House:
    """The house of the own key in `folder`.  Raises HouseKeyError."""
    path = folder / CHAIN
    leaked = key_facts(folder)["leaked"]
    try:
        return house_in(path.read_bytes(), path, own=True, leaked=leaked)
    except OSError as error:
        raise damaged(path, error.strerror or "it cannot be read") from error


def key_facts(folder: Path) -> dict[str, str]:
    """What is noted of an own key: kind, where, made, leaked.

    Raises:
        HouseKeyError: the note is damaged, or of a newer dubsync.
    """
    path = folder / KEY_FACTS
    try:
        facts = read_json(path)
    except (OSError, DamagedDocument) as error:
        raise damaged(path, str(error)) from error
    if not isinstance(facts, dict) or facts.get("schema") != SCHEMA:
        raise damaged(path, f"it is not of the form {SCHEMA}")
    names = ("kind", "where", "made", "leaked")
    if not all(isinstance(facts.get(name), str) for name in names):
        raise damaged(path, "it lacks kind, where, made or leaked")
    return {name: facts[name] for name in names}


def facts_text(kind: str, where: str, made: datetime, leaked: str = "") -> str:
    """The note of an own key, as JSON."""
    when = made.astimezone(UTC).isoformat(timespec="seconds")
    facts = {"schema": SCHEMA, "kind": kind, "where": where, "made": when, "leaked": leaked}
    return json.dumps(facts, indent=2) + "\n"


def damaged(path: Path, why: str) -> HouseKeyError:
    """An error for a file of the folder of keys that cannot be used."""
    return HouseKeyError(
        f"the folder of keys is damaged: {path}: {why}",
        hint="restore that file from your backup of the folder of keys",
    )


@lru_cache(maxsize=64)
def _public(chain_pem: str) -> PublicKey:
    chain = read_chain(chain_pem.encode(), "the house's certificates")
    return known_public(chain[0].public_key(), "the house's certificates")
