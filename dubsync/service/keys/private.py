"""The private half of a key: in a file of ours, in a PEM file of the house, or in a token."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from dubsync.core.errors import HouseKeyError
from dubsync.service.keys.certificates import PrivateKey, PublicKey, known_public
from dubsync.service.keys.pem_file import pem_text

#: The environment variable with the passphrase of a PEM file, or the PIN of a token.
PASSPHRASE = "DUBSYNC_PASSPHRASE"
_LARGEST = 1 << 16


class Private(Protocol):
    """What signs.  No method gives the key away."""

    def public(self) -> PublicKey:
        """The public half.  Raises HouseKeyError."""

    def sign(self, data: bytes) -> bytes:
        """64 raw bytes over `data`.  Raises HouseKeyError."""

    def needs_passphrase(self) -> bool:
        """Whether it signs only with a passphrase or PIN that nobody has given yet."""


@dataclass(frozen=True, slots=True)
class PemKey:
    """A key in a PEM file (PKCS#8, or what OpenSSL writes); encrypted or not."""

    path: Path

    def public(self) -> PublicKey:
        """The public half.  Raises HouseKeyError as `sign`."""
        return known_public(self._key().public_key(), self.path)

    def sign(self, data: bytes) -> bytes:
        """64 raw bytes over `data`.

        Raises:
            HouseKeyError: the file is gone, closed or damaged, or its passphrase is not known.
        """
        key = self._key()
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(data)
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def needs_passphrase(self) -> bool:
        """Whether the file is encrypted, and DUBSYNC_PASSPHRASE is not set."""
        return b"ENCRYPTED" in self._text() and not passphrase()

    def _text(self) -> bytes:
        return pem_text(
            self.path, "the house's key", largest=_LARGEST,
            gone="connect the disk it is on, or choose another key: dubsync keys use",
            too_long="name a PEM file with one private key",
        )  # fmt: skip

    def _key(self) -> PrivateKey:
        text = self._text()
        encrypted, word = b"ENCRYPTED" in text, passphrase()
        if encrypted and not word:
            raise HouseKeyError(
                f"the house's key is encrypted, and its passphrase is not known: {self.path}",
                hint=f"set {PASSPHRASE}, or run the command in a terminal, where it asks",
            )
        try:
            key = load_pem_private_key(text, word.encode() if encrypted else None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # The library's own words are not passed on: they could quote what is in the file.
            raise HouseKeyError(
                f"{self.path} is not a private key in PEM that can be read"
                + (" with this passphrase" if encrypted else ""),
                hint="check the passphrase, and that the file is whole" if encrypted
                else "name a PEM file with one private key, Ed25519 or P-256",
            ) from None  # fmt: skip
        known_public(key.public_key(), self.path)
        assert isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey)
        return key


@dataclass(frozen=True, slots=True)
class RemovedKey:
    """The private half is gone; what it signed can still be checked."""

    def public(self) -> PublicKey:
        """Raises HouseKeyError."""
        raise _gone()

    def sign(self, data: bytes) -> bytes:
        """Raises HouseKeyError."""
        raise _gone()

    def needs_passphrase(self) -> bool:
        """It does not."""
        return False


def _gone() -> HouseKeyError:
    return HouseKeyError(
        "this key was removed from the machine, so it signs nothing any more",
        hint="make another: dubsync keys new --house NAME",
    )


def needs_word(where: str) -> bool:
    """Whether the key in a PEM file or in a token (a pkcs11 URI) needs a passphrase or PIN yet."""
    return (
        not passphrase() if where.startswith("pkcs11:") else PemKey(Path(where)).needs_passphrase()
    )


def passphrase() -> str:
    """The passphrase or PIN that the user gave; "" if none.  Never print it."""
    return os.environ.get(PASSPHRASE, "")
