"""Gives memory that pictures took, and that is free again, back to the system."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back_freed() -> None:
    """Free what only circles hold, and give free pages back to the system, where it can (glibc).

    PyAV's containers and streams hold each other: an encoder, with all its pictures, is freed by a
    collection alone, which cannot know how large it is.  glibc keeps what was freed for the next
    request, in pieces between what is still held: some 250 MB after ten shots.  Both take some
    tenths of a second: after a shot, not after a frame.
    """
    gc.collect()
    if sys.platform != "linux":
        return
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # musl has none
        return
    trim(0)
