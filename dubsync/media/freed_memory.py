"""Gives memory that pictures took, and that is free again, back to the system."""

from __future__ import annotations

import ctypes
import sys


def give_back_freed() -> None:
    """Give the C library's free pages back to the system, where it can (glibc on Linux).

    glibc keeps what was freed for the next request, in pieces between what is still held: after
    ten shots some 250 MB a process.  It takes some ten milliseconds: after a shot, not a frame.
    """
    if sys.platform != "linux":
        return
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # musl has none
        return
    trim(0)
