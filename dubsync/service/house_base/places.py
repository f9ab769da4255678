"""Where bases are kept: a folder of the user's own, outside every project.

NAME/v001/card.json                   what it was taught on, by whose consent; signed
NAME/v001/base_network.safetensors    the network that actors' networks start from
NAME/v001/sound_head.safetensors      the sound head; absent where the one that ships was no worse
NAME/v001/refused.json                consent was withdrawn: it is used no more
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from dubsync.core.errors import SettingsError
from dubsync.service.keys.places import keys_folder

FOLDER = "DUBSYNC_BASES"
CARD, NETWORK, HEAD, REFUSED = (
    "card.json", "base_network.safetensors", "sound_head.safetensors", "refused.json",
)  # fmt: skip
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_VERSION = re.compile(r"v\d{3,6}")


def bases_folder() -> Path:
    """The folder of bases on this machine: DUBSYNC_BASES, else beside the keys; it need not exist.

    Raises:
        SettingsError: DUBSYNC_BASES is not absolute.
        HouseKeyError: as `keys_folder`.
    """
    named = os.environ.get(FOLDER, "")
    if not named:
        return keys_folder().parent / "bases"
    if not Path(named).is_absolute():
        raise SettingsError(
            f"{FOLDER} is not an absolute path: {named}",
            hint=f"set {FOLDER} to the whole path of a folder outside your projects",
        )
    return Path(named)


def base_name(name: str) -> str:
    """`name`, if a base can be called so.

    Raises:
        SettingsError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"a base cannot be called {name!r}",
            hint="use small letters, digits, _ and -, forty at most: --name studio_nord",
        )
    return name


def base_folder(reference: str) -> Path:
    """The folder of the base "NAME/v001"; it need not exist.

    Raises:
        SettingsError: that names no base.
    """
    name, _, version = reference.partition("/")
    if not (_NAME.fullmatch(name) and _VERSION.fullmatch(version)):
        raise SettingsError(
            f"{reference!r} names no base", hint='write NAME/v001: engine.base = "studio_nord/v001"'
        )
    return bases_folder() / name / version
