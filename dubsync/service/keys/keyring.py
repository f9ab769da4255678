"""Makes and chooses the house's own keys in the folder of keys."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
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
    USING_SCHEMA,
    HouseKey,
    house_key,
    opened,
)
from dubsync.service.keys.houses import CHAIN, KEY_FACTS, facts_text, house_in
from dubsync.service.keys.in_use import USING
from dubsync.service.keys.places import keys_folder, refuse_project
from dubsync.service.keys.private import PemKey, Private
from dubsync.service.keys.token import TokenKey
from dubsync.service.keys.token_uri import SCHEME
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
    facts = facts_text("made", "", now)
    return _kept(private.public_key(), chain.encode(), {KEY_FACTS: facts.encode(), OWN_KEY: pem})


def use_key(
    where: str, *, house: str = "", certificate: Path | None = None, another: bool = False
) -> HouseKey:
    """Sign with a key that the house has: a PEM file or a key in a token.  It stays where it is.

    Args:
        where: path of a PEM file with a private key, or a pkcs11 URI.
        house: name of the house, where there is no certificate: one is made then.
        certificate: PEM file of the house's own certificates, the signing one first.
        another: use it although a key is in use; that one is kept.

    Raises:
        HouseKeyError: the key cannot be read or does not sign, or is not the certificate's.
        DeliveryError: the disk refuses.
    """
    _only_if_free(another)
    private: Private
    if where.startswith(SCHEME):
        kind, private = "pkcs11", TokenKey(where)
    else:
        path = Path(where).expanduser().absolute()
        refuse_project(path)
        kind, where, private = "pem", str(path), PemKey(path)
    now = datetime.now(UTC)
    if certificate is not None:
        chain = _certificates(certificate)
        theirs = house_in(chain, certificate)
        data = b"dubsync: is this the key of the certificate?"
        if not theirs.made(private.sign(data), data):
            raise HouseKeyError(
                f"the key is not the one of the first certificate in {certificate}",
                hint="name the certificate of this key",
            )
        public = theirs.public_key()
    elif house:
        public = private.public()
        private.sign(b"dubsync: may this key sign?")
        chain = new_chain(house_name(house), public, now).encode()
    else:
        raise HouseKeyError(
            "a key alone does not say whose it is",
            hint='add --house "Studio Nord", or --certificate with your own certificates',
        )
    return _kept(public, chain, {KEY_FACTS: facts_text(kind, where, now).encode()})


def _certificates(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise HouseKeyError(
            f"the certificates cannot be read: {path}: {error.strerror}",
            hint="name a PEM file with the signing certificate first",
        ) from error


def _only_if_free(another: bool) -> None:
    using = house_key()
    if using is not None and not another:
        raise HouseKeyError(
            f"this machine signs for {using.house} already ({using.fingerprint[:16]})",
            hint="to change to another key, add --another: the old one is kept",
        )


def _kept(public: PublicKey, chain: bytes, files: Mapping[str, bytes]) -> HouseKey:
    """The own key made of `files`, which appear complete or not at all, and is used from now on."""
    home = keys_folder() / "own"
    fingerprint, house = fingerprint_of(public), house_in(chain, "the certificates").name
    final = home / file_name(house, fingerprint)
    closed_folder(keys_folder())
    with OneWriter(home):
        home.chmod(0o700)
        if final.exists():
            raise HouseKeyError(
                f"that key is here already: {house} ({fingerprint[:16]})",
                hint="see dubsync keys list; dubsync keys use FINGERPRINT signs with it",
            )
        aside = home / f".making-{os.getpid()}"
        try:
            aside.mkdir(mode=0o700)
            secret = secrets.token_hex(MARK_BYTES).encode()
            for name, content in {**files, CHAIN: chain, MARK_SECRET: secret}.items():
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


def closed_folder(folder: Path) -> None:
    """Make `folder`, and close it to other users.  Raises DeliveryError."""
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
