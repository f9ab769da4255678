"""Who speaks where no name is given."""

from __future__ import annotations

import getpass
import os
from hashlib import sha256

from dubsync.core.errors import SettingsError

#: Environment variable with the name under which one judges and takes notes.
AUTHOR = "DUBSYNC_AUTHOR"
#: Most characters of a name.
LONGEST = 100


def author(name: str = "") -> str:
    """`name`; if it is empty, the one in $DUBSYNC_AUTHOR, else an id of the system's user.

    Notes and judgements leave the house.  The name of a login is none that its owner chose to give
    away, so an id stands for it: user-1a2b3c, the same for the same login.

    Raises:
        SettingsError: there is none, or it is not a name.
    """
    result = " ".join((name or os.environ.get(AUTHOR, "") or _id(login())).split())
    if not result:
        raise SettingsError("it is not known who judges", hint="name them, as in --by Anna")
    if len(result) > LONGEST or not result.isprintable():
        raise SettingsError(f"{result[:30]!r} is not a name", hint="name them, as in --by Anna")
    return result


def author_id(name: str, house: str) -> str:
    """What stands for a person in a ledger, which leaves the house: 16 hex digits, not the name.

    Whoever knows the name finds it again; the same name has another id in another house.

    Args:
        house: fingerprint of the house's key.
    """
    return sha256(f"{house}|{name}".encode()).hexdigest()[:16]


def login() -> str:
    """The name of the system's user, to be confirmed before it is used; "" where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without a user database
        return ""


def _id(user: str) -> str:
    return f"user-{sha256(user.encode()).hexdigest()[:6]}" if user else ""
