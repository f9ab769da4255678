"""A key that stays inside a PKCS#11 token: a card, an HSM, a software token."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from dubsync.core.errors import HouseKeyError
from dubsync.service.keys.certificates import PublicKey
from dubsync.service.keys.private import PASSPHRASE, passphrase
from dubsync.service.keys.token_uri import TokenUri, parse_token_uri

if TYPE_CHECKING:
    import pkcs11

#: A token's library is entered by one thread at a time: not every vendor's can do more.
_ENTERED = threading.Lock()
_RAW_BYTES = 64
#: The object identifier of P-256 in DER: what EC_PARAMS holds.
_P256 = bytes.fromhex("06082a8648ce3d030107")


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The key that a pkcs11 URI names."""

    uri: str

    def public(self) -> PublicKey:
        """The public half, from the token's public key object.

        Raises:
            HouseKeyError: as `sign`, or the token does not show the public half.
        """
        from pkcs11 import Attribute, KeyType, ObjectClass
        from pkcs11.exceptions import PKCS11Error

        named = parse_token_uri(self.uri)
        with _session(named) as session:
            found: Any = _one(session, named, ObjectClass.PUBLIC_KEY)
            try:
                kind, point = found.key_type, bytes(found[Attribute.EC_POINT])
                curve = bytes(found[Attribute.EC_PARAMS])
            except PKCS11Error as error:
                raise _unusable(named, "its public half cannot be read", error) from error
        try:
            if kind == KeyType.EC_EDWARDS:
                return ed25519.Ed25519PublicKey.from_public_bytes(_bare(point, 32))
            if kind == KeyType.EC and curve == _P256:
                return ec.EllipticCurvePublicKey.from_encoded_point(
                    ec.SECP256R1(), _bare(point, 65)
                )
        except ValueError as error:
            raise _unusable(named, "its public half is damaged", error) from error
        raise _unusable(named, "it is neither Ed25519 nor on the curve P-256")

    def sign(self, data: bytes) -> bytes:
        """64 raw bytes over `data`.

        Raises:
            HouseKeyError: the library, the token or the key is not there, the PIN is not known or
                wrong, or the key has no permission to sign.
        """
        from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
        from pkcs11.exceptions import PKCS11Error

        named = parse_token_uri(self.uri)
        with _session(named) as session:
            key: Any = _one(session, named, ObjectClass.PRIVATE_KEY)
            try:
                if not key[Attribute.SIGN]:
                    raise HouseKeyError(
                        f"a key without permission to sign: {_words(named)} has CKA_SIGN false",
                        hint="ask whoever runs the token for a key that may sign, then: dubsync "
                        "keys use URI",
                    )
                if key.key_type == KeyType.EC_EDWARDS:
                    raw = key.sign(data, mechanism=Mechanism.EDDSA)
                else:
                    raw = key.sign(hashlib.sha256(data).digest(), mechanism=Mechanism.ECDSA)
            except PKCS11Error as error:
                raise _unusable(named, "it does not sign", error) from error
        if len(raw) != _RAW_BYTES:
            raise _unusable(named, "it is neither Ed25519 nor on the curve P-256")
        return bytes(raw)

    def needs_passphrase(self) -> bool:
        """Whether its PIN is not known: DUBSYNC_PASSPHRASE is not set."""
        return not passphrase()


@contextmanager
def _session(named: TokenUri) -> Iterator[pkcs11.Session]:
    """The token, opened with the PIN that the user gave.  Raises HouseKeyError."""
    if find_spec("pkcs11") is None:
        raise HouseKeyError(
            "the house's key is in a token, and python-pkcs11 is not installed",
            hint="install it: pip install 'dubsync[pkcs11]'",
        )
    import pkcs11
    from pkcs11.exceptions import NoSuchToken, PinIncorrect, PinLocked, PKCS11Error

    pin = passphrase()
    if not pin:
        raise HouseKeyError(
            f"the PIN of {_words(named)} is not known",
            hint=f"set {PASSPHRASE}, or run the command in a terminal, where it asks",
        )
    with _ENTERED:
        try:
            library = pkcs11.lib(named.module)
            wanted = {"token_label": named.token or None,
                      "token_serial": named.serial.encode() or None}  # fmt: skip
            token = library.get_token(**{name: part for name, part in wanted.items() if part})
            session = token.open(user_pin=pin)
        except PinIncorrect:
            os.environ.pop(PASSPHRASE, None)  # another try with it could lock the token
            raise HouseKeyError(
                f"the PIN of {_words(named)} is wrong",
                hint="give the right one; the token locks itself after a few wrong ones",
            ) from None
        except PinLocked as error:
            raise _unusable(named, "its PIN is locked after too many wrong ones", error) from error
        except NoSuchToken as error:
            raise _unusable(named, "the token is not there", error) from error
        except (PKCS11Error, OSError) as error:
            raise _unusable(named, "the token cannot be opened", error) from error
        with session:
            yield session


def _one(session: pkcs11.Session, named: TokenUri, kind: pkcs11.ObjectClass) -> pkcs11.Object:
    """The one key of the session that `named` means."""
    from pkcs11 import Attribute
    from pkcs11.exceptions import PKCS11Error

    wanted: dict[Any, Any] = {Attribute.CLASS: kind}
    if named.label:
        wanted[Attribute.LABEL] = named.label
    if named.id:
        wanted[Attribute.ID] = named.id
    try:
        found = list(session.get_objects(wanted))
    except PKCS11Error as error:
        raise _unusable(named, "the token does not show the key", error) from error
    if len(found) != 1:
        several = "the token holds several such keys: name its id"
        raise _unusable(named, several if found else "the token holds no such key")
    return found[0]


def _bare(point: bytes, length: int) -> bytes:
    """The point itself: tokens give it bare, or as an OCTET STRING in DER."""
    return point[2:] if len(point) == length + 2 and point[0] == 4 else point


def _words(named: TokenUri) -> str:
    key = f"the key {named.label}" if named.label else f"the key with id {named.id.hex()}"
    return f"{key} of the token {named.token or named.serial or 'in ' + named.module}"


def _unusable(named: TokenUri, why: str, error: Exception | None = None) -> HouseKeyError:
    kind = f" ({type(error).__name__})" if error else ""
    return HouseKeyError(
        f"{_words(named)} cannot be used: {why}{kind}",
        hint=f"check that the token is connected and that {named.module} is its library",
    )
