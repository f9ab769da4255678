"""Who speaks where no name is given."""

from __future__ import annotations

import getpass
import hashlib
import os

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


def login() -> str:
    """The name of the system's user, to be confirmed before it is used; "" where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without a user database
        return ""


def _id(user: str) -> str:
    return f"user-{hashlib.sha256(user.encode()).hexdigest()[:6]}" if user else ""
