"""Verbs that sign: the passphrase is asked for before their work, not after it."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from dubsync.service.keys.house_key import HouseKey

#: Said once by a verb whose results nobody could prove.
UNSIGNED = (
    "Records are not signed and pixels are not marked: dubsync keys new --house NAME makes a key."
)


def signs(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """`function` as one that signs: it says so where it cannot, and asks for a passphrase.

    The key signs a few bytes first, so that one that cannot sign ends the verb before its work.
    """

    @wraps(function)
    def run(*args: Any, **options: Any) -> int | None:
        unlock()
        return function(*args, **options)

    return run


def unlocks(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """`function` as one that signs a line at its end: asks for a passphrase first, says no more."""

    @wraps(function)
    def run(*args: Any, **options: Any) -> int | None:
        from dubsync.service.keys.in_use import key_in_use

        if key_in_use():
            _asked()
        return function(*args, **options)

    return run


def unlock() -> None:
    """Make the house's key ready; where there is none, say so on standard error.

    Raises:
        HouseKeyError: there is a key, and it cannot sign.
    """
    from dubsync.service.keys.in_use import key_in_use

    if not key_in_use():
        click.echo(UNSIGNED, err=True)
        return
    key = _asked()
    for warning in key.warnings() if key else ():
        click.echo(f"  ? {warning}", err=True)
    if key:
        key.ready()


def _asked() -> HouseKey | None:
    """The house's key, after its passphrase was asked for if it needs one."""
    from dubsync.service.keys.house_key import house_key

    key = house_key()
    if key and key.needs_passphrase and at_terminal():
        give_passphrase(getpass.getpass(f"Passphrase or PIN of the key of {key.house}: "))
    return key


def at_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def give_passphrase(word: str) -> None:
    """Keep a passphrase for the rest of this process, and for those that it starts."""
    from dubsync.service.keys.private import PASSPHRASE

    os.environ[PASSPHRASE] = word
