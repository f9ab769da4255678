"""Lists keys, hands the public file on, trusts other houses, and removes keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from dubsync.core.errors import HouseKeyError
from dubsync.service.keys.house_key import OWN_KEY, HouseKey, every_house_key, house_key
from dubsync.service.keys.houses import (
    KEY_FACTS,
    PUBLIC,
    House,
    facts_text,
    key_facts,
    own_houses,
    read_house,
    trusted_files,
)
from dubsync.service.keys.in_use import USING
from dubsync.service.keys.keyring import closed_folder, file_name
from dubsync.service.keys.places import keys_folder, open_to_others
from dubsync.service.store.atomic_write import unwritable, write_whole
from dubsync.service.store.one_writer import OneWriter

#: Fewest hex digits by which a key may be named.
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of the house, as it is listed.

    public    its public half
    kind      "made" by dubsync, the house's "pem" file, in a token ("pkcs11"), or "removed"
    where     path of the PEM file or the pkcs11 URI; "": in the folder of keys
    in_use    whether it signs
    warnings  what is wrong with it, in words
    """

    public: House
    kind: str
    where: str
    in_use: bool
    warnings: tuple[str, ...] = ()


def own_keys(today: datetime | None = None) -> tuple[OwnKey, ...]:
    """Every own key, the one in use first.

    Args:
        today: now; default: by the clock.

    Raises:
        HouseKeyError: the folder of keys is damaged.
    """
    now, using = today or datetime.now(UTC), house_key()
    found = []
    for key in every_house_key():
        facts = key_facts(key.folder)
        warnings = list(key.warnings())
        if key.public.leaked:
            warnings.append(f"reported as leaked on {key.public.leaked}: its signatures are no "
                            "proof any more")  # fmt: skip
        elif not key.public.held(now):
            warnings.append(f"its certificate held until {key.public.until:%Y-%m-%d}: make another "
                            "key with dubsync keys new --another")  # fmt: skip
        in_use = using is not None and using.folder == key.folder
        found.append(OwnKey(key.public, facts["kind"], facts["where"], in_use, tuple(warnings)))
    return tuple(found)


def trusted_others() -> tuple[House, ...]:
    """The other houses that are trusted here.  Raises HouseKeyError."""
    own = {house.fingerprint for house in own_houses()}
    read = (read_house(path) for path in trusted_files())
    return tuple(house for house in read if house.fingerprint not in own)


def named_key(text: str) -> HouseKey:
    """The own key whose fingerprint begins with `text`.  Raises HouseKeyError."""
    every = every_house_key()
    return every[_chosen(text, [key.public for key in every])]


def export(into: Path) -> tuple[Path, House]:
    """Write the public file of the key in use, NAME.house.pem, into a folder: nothing secret.

    Returns its path, and the house.

    Raises:
        HouseKeyError: there is no key, or another file of that name is there.
        DeliveryError: the disk refuses.
    """
    key = house_key()
    if key is None:
        raise HouseKeyError(
            "this machine has no key", hint='make one: dubsync keys new --house "NAME"'
        )
    path = into / f"{file_name(key.house, key.fingerprint)}{PUBLIC}"
    if path.exists():
        if read_house(path).fingerprint != key.fingerprint:
            raise HouseKeyError(f"another file is there: {path}", hint="move it away")
        return path, key.public
    write_whole(path, key.chain_pem)
    return path, key.public


def trust(path: Path) -> tuple[House, bool]:
    """Trust the house of a public file from now on; and whether that is new.

    Raises:
        HouseKeyError: it is no public file of a house.
        DeliveryError: the disk refuses.
    """
    house = read_house(path)
    home = keys_folder() / "trusted"
    known = {one.fingerprint for one in (*own_houses(), *trusted_others())}
    if house.fingerprint in known:
        return house, False
    closed_folder(keys_folder())
    with OneWriter(home):
        write_whole(home / f"{file_name(house.name, house.fingerprint)}{PUBLIC}", house.chain_pem)
    return house, True


@dataclass(frozen=True, slots=True)
class Removed:
    """What `remove` did.

    house    whose key it was
    deleted  the files that are gone
    own      whether it was a key of this machine
    """

    house: House
    deleted: tuple[Path, ...]
    own: bool


def meant(text: str) -> House:
    """The own or trusted house that `text` names: what `remove` would remove."""
    houses = [*own_houses(), *trusted_others()]
    return houses[_chosen(text, houses)]


def remove(text: str, *, leaked: bool = False, today: date | None = None) -> Removed:
    """Stop signing with an own key, or stop trusting another house.

    Of an own key only the private half that dubsync made is deleted, so that what it signed can
    still be checked, and its marks still read.  A PEM file or a token of the house is left alone.

    Args:
        text: first digits of the fingerprint.
        leaked: somebody else may have the key: its signatures are no proof from now on.
        today: the day of the report; default: by the clock.

    Raises:
        HouseKeyError: there is no such key.
        DeliveryError: the disk refuses.
    """
    house = meant(text)
    if not house.own:
        if leaked:
            raise HouseKeyError(
                f"only {house.name} can say that its key leaked",
                hint="to trust it no longer: dubsync keys remove, without --leaked",
            )
        files = [
            path for path in trusted_files() if read_house(path).fingerprint == house.fingerprint
        ]
        return Removed(house, _deleted(files), own=False)
    key = named_key(house.fingerprint)
    facts, using = key_facts(key.folder), house_key()
    day = (today or datetime.now(UTC).date()).isoformat() if leaked else facts["leaked"]
    made = datetime.fromisoformat(facts["made"])
    write_whole(key.folder / KEY_FACTS, facts_text("removed", "", made, day))
    gone = [key.folder / OWN_KEY] if (key.folder / OWN_KEY).exists() else []
    if using is not None and using.folder == key.folder:
        gone.append(keys_folder() / USING)
    return Removed(house, _deleted(gone), own=True)


def folder_warning() -> str:
    """What is wrong with the folder of keys itself; "": nothing."""
    return open_to_others(keys_folder())


def _deleted(paths: Sequence[Path]) -> tuple[Path, ...]:
    for path in paths:
        try:
            path.unlink()
        except OSError as error:
            raise unwritable(path, error) from error
    return tuple(paths)


def _chosen(text: str, houses: Sequence[House]) -> int:
    digits = text.lower()
    found = [n for n, house in enumerate(houses) if house.fingerprint.startswith(digits)]
    if len(digits) < _FEWEST or len(found) != 1:
        why = "several keys begin" if len(digits) >= _FEWEST and found else "no key begins"
        raise HouseKeyError(
            f"{why} with {text[:64]!r}", hint=f"dubsync keys list shows them; give {_FEWEST} or "
            "more of the first digits of the fingerprint",
        )  # fmt: skip
    return found[0]
