"""Makes, chooses, exports, trusts and removes keys in the folder of keys."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from dubsync.core.errors import HouseKeyError
from dubsync.service.keys.certificates import PublicKey, fingerprint_of, house_name, new_chain
from dubsync.service.keys.house_key import (
    MARK_BYTES,
    MARK_SECRET,
    OWN_KEY,
    USING,
    USING_SCHEMA,
    HouseKey,
    house_key,
    opened,
)
from dubsync.service.keys.houses import (
    CHAIN,
    KEY_FACTS,
    facts_text,
)
from dubsync.service.keys.places import keys_folder
from dubsync.service.store.atomic_write import sync_file, sync_folder, unwritable, write_whole
from dubsync.service.store.one_writer import OneWriter

_UNSAFE = re.compile(r"[^\w]+")


def new_key(house: str, *, passphrase: str = "", another: bool = False) -> HouseKey:
    """Make a key for `house` (Ed25519), with certificates and the mark's secret, and use it.

    Args:
        house: name of the house, as others shall read it.
        passphrase: encrypts the private key; "": it is not encrypted.
        another: make one although a key is in use; that one is kept.

    Raises:
        HouseKeyError: the name cannot stand in a certificate, or there is a key already.
        DeliveryError: the disk refuses.
    """
    name = house_name(house)
    _only_if_free(another)
    private = ed25519.Ed25519PrivateKey.generate()
    closed = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, closed)
    now = datetime.now(UTC)
    chain = new_chain(name, private.public_key(), now)
    return _kept(name, private.public_key(), chain, {
        KEY_FACTS: facts_text("made", "", now).encode(), OWN_KEY: pem,
    })  # fmt: skip


def _only_if_free(another: bool) -> None:
    using = house_key()
    if using is not None and not another:
        raise HouseKeyError(
            f"this machine signs for {using.house} already ({using.fingerprint[:16]})",
            hint="to change to a new key, add --another: the old one is kept",
        )


def _kept(house: str, public: PublicKey, chain: str, files: dict[str, bytes]) -> HouseKey:
    """The own key made of `files`, which appear complete or not at all, and is used from now on."""
    home = keys_folder() / "own"
    fingerprint = fingerprint_of(public)
    final = home / file_name(house, fingerprint)
    _closed_folder(keys_folder())
    with OneWriter(home):
        home.chmod(0o700)
        if final.exists():
            raise HouseKeyError(
                f"that key is here already: {house} ({fingerprint[:16]})",
                hint="see dubsync keys list; dubsync keys use NUMBER signs with another",
            )
        aside = home / f".making-{os.getpid()}"
        try:
            aside.mkdir(mode=0o700)
            files = {**files, CHAIN: chain.encode(),
                     MARK_SECRET: secrets.token_hex(MARK_BYTES).encode()}  # fmt: skip
            for name, content in files.items():
                _write_closed(aside / name, content)
            sync_folder(aside)
            aside.rename(final)
            sync_folder(home)
        except OSError as error:
            raise unwritable(final, error) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    key = opened(final)
    use_own(key)
    return key


def use_own(key: HouseKey) -> None:
    """Sign with `key` from now on.  Raises DeliveryError."""
    text = json.dumps({"schema": USING_SCHEMA, "key": key.folder.name}) + "\n"
    write_whole(keys_folder() / USING, text)


def file_name(house: str, fingerprint: str) -> str:
    """A name for files of a key: studio_nord-1f2e3d4c5b6a7988."""
    return f"{_UNSAFE.sub('_', house.lower()).strip('_')[:40] or 'house'}-{fingerprint[:16]}"


def _closed_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise unwritable(folder, error) from error


def _write_closed(path: Path, content: bytes) -> None:
    """A new file that only its owner can open; never one that is there."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    sync_file(path)
