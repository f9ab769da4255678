"""How much memory a process takes, and how much is free: so many workers run as fit."""

from __future__ import annotations

import os
from pathlib import Path

#: Part of the free memory that is left to others.
LEFT = 0.15
_GROUP = Path("/sys/fs/cgroup")


def taken(process: int | None = None) -> tuple[int, int]:
    """(now, at most so far) bytes of memory that a process holds; zeros where nobody tells.

    Args:
        process: its number; None: this one.
    """
    found = {"VmRSS": 0, "VmHWM": 0}
    try:
        status = Path("/proc", "self" if process is None else str(process), "status")
        for line in status.read_text().splitlines():
            name, _, value = line.partition(":")
            if name in found:
                found[name] = int(value.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        return _by_resource() if process is None else (0, 0)
    return found["VmRSS"], found["VmHWM"]


def free() -> int | None:
    """Bytes of memory that processes may still take; None where the system does not tell."""
    known = [one for one in (_of_machine(), _of_group()) if one is not None]
    return min(known, default=None)


def workers_that_fit(wanted: int, each: int, memory: int | None) -> int:
    """How many workers may run: at least one, at most `wanted`.

    Args:
        each: bytes that one takes at most.
        memory: bytes that are free, and those that workers hold already; None: not known.
    """
    if memory is None or each <= 0:
        return max(1, wanted)
    return max(1, min(wanted, int(memory * (1 - LEFT) // each)))


def _of_machine() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None


def _of_group() -> int | None:
    """Of a container with a limit of its own."""
    try:
        most = (_GROUP / "memory.max").read_text().strip()
        now = int((_GROUP / "memory.current").read_text())
        return None if most == "max" else max(0, int(most) - now)
    except (OSError, ValueError):
        return None


def _by_resource() -> tuple[int, int]:
    try:
        import resource
    except ImportError:
        return 0, 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 0, peak if os.uname().sysname == "Darwin" else peak * 1024
