"""The boundary of one piece of work: an unexpected exception ends that piece, and nothing else.

Errors of dubsync's own kinds are expected, and each caller handles them.  Any other exception is a
fault of dubsync or the operating system's refusal (a full disk, a lost network drive).  `bounded`
is the one place that catches every exception, so that one shot's fault does not cost the others.
"""

from __future__ import annotations

import getpass
import logging
import os
import platform
import shlex
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dubsync.core.errors import Cancelled, DubsyncError
from dubsync.core.proof.outside_text import outside_text
from dubsync.core.version import __version__

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Fault(DubsyncError):
    """An exception that dubsync did not expect; the hint names the file to send.

    file  path of the file with its details; "" if it could not be written
    """

    def __init__(self, error: BaseException) -> None:
        message, hint = described(error)
        self.file = kept_details(error)
        where = f"details: {self.file}" if self.file else "its details could not be written"
        super().__init__(message, hint=f"{hint}; {where}")


def bounded(work: Callable[[], T]) -> T:
    """The value of `work()`.

    Raises:
        DubsyncError, Cancelled: as `work`.
        Fault: `work` raised anything else.
    """
    try:
        return work()
    except (DubsyncError, Cancelled):
        raise
    except Exception as error:  # the one such place: tests/test_architecture.py names it
        fault = Fault(error)
        _log.info("%s", fault, exc_info=True)
        raise fault from error


def described(error: BaseException) -> tuple[str, str]:
    """(message, hint) of an unexpected exception, in words for the user."""
    if isinstance(error, OSError):
        message = f"the operating system refused: {error}"
        return message, "free space or check permissions, and run the command again"
    if isinstance(error, MemoryError):
        return "there was not enough memory", "close other programs, and run the command again"
    message = f"dubsync has a fault: {type(error).__name__}: {error}"
    return message, "run the command again; if it fails again, send us the file"


def kept_details(error: BaseException) -> str:
    """The path of a new file with the traceback, the command and the versions; "" if none.

    The file is to be sent to us, so of paths only names are left, and no user or host.
    """
    text = _told_outside(f"{shlex.join(sys.argv)}\n\n{''.join(traceback.format_exception(error))}")
    text = (
        f"dubsync {__version__}, Python {platform.python_version()}, {platform.platform()}\n{text}"
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="dubsync_fault_", suffix=".txt", encoding="utf-8",
            errors="backslashreplace", delete=False,
        ) as file:  # fmt: skip
            file.write(text)
    except OSError:
        return ""
    return file.name


def _told_outside(text: str) -> str:
    program = str(Path(__file__).parents[2])
    roots = dict.fromkeys((program, sys.prefix, sys.base_prefix), "<python>")
    roots[os.path.expanduser("~")] = "~"
    return outside_text(text, roots, {_login(): "USER", platform.node(): "HOST"})


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without a user database
        return ""
