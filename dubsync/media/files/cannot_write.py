"""The error for a file that cannot be written: the reason, and what a full disk lacks."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from dubsync.core.errors import DeliveryError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_LEFT = "no partial file was left"
#: Error -> what it means, and what to do.
_REASONS = {
    **dict.fromkeys(
        (errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN, errno.ENXIO, errno.ENODEV),
        ("its disk or network share is gone", "connect it again, then run this again"),
    ),
    errno.ENOENT: (
        "its folder is gone", "connect its disk or share again, or see who moved it; run this again"
    ),
    errno.EIO: (
        "the disk reports an error",
        "check the disk, its cable or its share; or move the project to another disk",
    ),
    errno.EROFS: (
        "the disk is read-only", "mount it for writing, or copy the project to another disk"
    ),
    errno.EFBIG: (
        "the file is larger than the disk or this user's limit allows",
        "FAT holds files of 4 GB at most; see also: ulimit -f",
    ),
    errno.EMFILE: ("too many files are open", "raise the limit: ulimit -n 4096"),
}  # fmt: skip


def cannot_write(path: Path, error: BaseException, *, wanted: int | None = None) -> DeliveryError:
    """A DeliveryError for an `error` of FFmpeg or the system while `path` was written.

    Call it when partial files have been deleted: it says how much is free then.

    Args:
        wanted: bytes that the whole file, or all files written with it, would take.
    """
    if getattr(error, "errno", None) not in _FULL:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if reason := _REASONS.get(getattr(error, "errno", None) or 0):
            return DeliveryError(
                f"cannot write {path}: {reason[0]} ({why})", hint=f"{reason[1]}; {_LEFT}"
            )
        return DeliveryError(
            f"cannot write {path}: {why}",
            hint=f"free some disk space, or choose a folder with write permission; {_LEFT}",
        )
    facts = [f"{size(free)} are free"] if (free := _free(path.parent)) is not None else []
    if wanted:
        facts.append(f"about {size(wanted)} are needed")
    said = f" ({', '.join(facts)})" if facts else ""
    return DeliveryError(
        f"cannot write {path}: the disk is full{said}",
        hint=f"free some disk space, or move the project to a larger disk; {_LEFT}",
    )


def size(count: int) -> str:
    """A number of bytes for people: "820 KB", "3.1 MB", "12 GB".

    >>> size(3_140_000), size(999), size(12_000_000_000)
    ('3.1 MB', '1 KB', '12 GB')
    """
    value, unit = count / 1000, "KB"
    for larger in ("MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if unit != "KB" and value < 10 else f"{value:.0f} {unit}"


def _free(folder: Path) -> int | None:
    """Bytes that this user may still write in `folder`; None if that is not known."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
