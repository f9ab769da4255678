"""The key with which this machine signs for its house."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import HouseKeyError
from dubsync.service.keys.houses import House, damaged, key_facts, own_folders, own_house
from dubsync.service.keys.in_use import USING, key_in_use
from dubsync.service.keys.places import keys_folder, open_to_others
from dubsync.service.keys.private import PemKey, Private, RemovedKey

USING_SCHEMA = "dubsync.key_in_use/1"
MARK_SECRET = "mark.secret"
OWN_KEY = "key.pem"
MARK_BYTES = 32


class HouseKey:
    """A key of the house.  The private half stays inside: it signs, and is never given away.

    house         name of the house
    fingerprint   of the public key, 64 hex digits
    algorithm     "Ed25519" or "ES256"
    chain_pem     certificates in PEM, the signing one first
    folder        where its facts are kept
    """

    __slots__ = ("_private", "folder", "public")

    def __init__(self, public: House, folder: Path, private: Private) -> None:
        self.public, self.folder, self._private = public, folder, private

    @property
    def house(self) -> str:
        """Name of the house."""
        return self.public.name

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key's SubjectPublicKeyInfo in DER, 64 hex digits."""
        return self.public.fingerprint

    @property
    def algorithm(self) -> str:
        """ "Ed25519" or "ES256"."""
        return self.public.algorithm

    @property
    def chain_pem(self) -> str:
        """Certificates in PEM, the signing one first."""
        return self.public.chain_pem

    @property
    def mark_secret(self) -> bytes:
        """32 bytes that key the invisible mark.  Never write or log them.

        Raises:
            HouseKeyError: the file is gone or damaged.
        """
        path = self.folder / MARK_SECRET
        try:
            secret = bytes.fromhex(path.read_text("ascii"))
        except OSError as error:
            raise damaged(path, error.strerror or "it cannot be read") from error
        except ValueError:
            raise damaged(path, "it is not hex digits") from None
        if len(secret) != MARK_BYTES:
            raise damaged(path, f"it has not {MARK_BYTES} bytes")
        return secret

    @property
    def may_sign(self) -> bool:
        """Whether it can sign now: not leaked, at hand, unlocked and permitted to."""
        try:
            self.ready()
        except HouseKeyError:
            return False
        return True

    @property
    def needs_passphrase(self) -> bool:
        """Whether it signs only with a passphrase or PIN that nobody has given yet."""
        return self._private.needs_passphrase()

    def ready(self) -> None:
        """Sign a few bytes, so that a key that cannot sign is found before hours of work.

        Raises:
            HouseKeyError: it cannot sign, or its certificate does not hold today; says why and
                what to do.
        """
        if not self.public.held(datetime.now(UTC)):
            raise HouseKeyError(
                f"the certificate of {self.house} holds from {self.public.since:%Y-%m-%d} to "
                f"{self.public.until:%Y-%m-%d}, and not today by this machine's clock",
                hint="set the clock, or make another key: dubsync keys new --another --house "
                f'"{self.house}"',
            )
        self.sign(b"dubsync: may this key sign?")

    def sign(self, data: bytes) -> bytes:
        """The raw signature over `data`, 64 bytes: Ed25519, or R and S of ES256.

        Raises:
            HouseKeyError: it cannot sign, or it is not the key of its certificate.
        """
        if self.public.leaked:
            raise HouseKeyError(
                f"this key of {self.house} was reported as leaked on {self.public.leaked}, so it "
                "signs nothing any more",
                hint=f'make another: dubsync keys new --house "{self.house}"',
            )
        raw = self._private.sign(data)
        if not self.public.made(raw, data):
            raise HouseKeyError(
                f"the key of {self.house} is not the one in its certificate "
                f"({self.folder / 'chain.pem'})",
                hint="choose the key again: dubsync keys use, or restore it from your backup",
            )
        return raw

    def warnings(self) -> tuple[str, ...]:
        """Files of the key that other users of the machine can open, in words."""
        files = (self.folder, self.folder / MARK_SECRET, self.folder / OWN_KEY)
        named = (self._private.path,) if isinstance(self._private, PemKey) else ()
        found = (open_to_others(path) for path in dict.fromkeys((*files, *named)))
        return tuple(one for one in found if one)

    def __repr__(self) -> str:
        return f"HouseKey({self.house!r}, {self.algorithm}, {self.fingerprint[:16]})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a house key is not copied into another process: call house_key() there")


def house_key() -> HouseKey | None:
    """The key that signs on this machine; None where there is none.

    Raises:
        HouseKeyError: the folder of keys is damaged, or in a place where no key may be.
    """
    if not key_in_use():
        return None
    path = keys_folder() / USING
    try:
        value = read_json(path)
        name = value["key"] if value["schema"] == USING_SCHEMA else None
    except (OSError, DamagedDocument, KeyError, TypeError) as error:
        raise damaged(path, str(error)) from error
    if not isinstance(name, str) or name != Path(name).name or not name:
        raise damaged(path, "it does not name a key")
    return opened(keys_folder() / "own" / name)


def every_house_key() -> tuple[HouseKey, ...]:
    """Every own key, also those that no longer sign: their marks are still read.

    The one in use comes first.  Raises HouseKeyError.
    """
    using = house_key()
    keys = [opened(folder) for folder in own_folders()]
    return tuple(sorted(keys, key=lambda one: using is None or one.folder != using.folder))


def opened(folder: Path) -> HouseKey:
    """The own key whose facts are in `folder`.  Raises HouseKeyError."""
    facts = key_facts(folder)
    if facts["kind"] == "pkcs11":
        from dubsync.service.keys.token import TokenKey

        return HouseKey(own_house(folder), folder, TokenKey(facts["where"]))
    if facts["kind"] == "removed":
        return HouseKey(own_house(folder), folder, RemovedKey())
    path = folder / OWN_KEY if facts["kind"] == "made" else Path(facts["where"])
    return HouseKey(own_house(folder), folder, PemKey(path))
