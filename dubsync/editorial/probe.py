"""Reads any editorial file; its format is recognised by its content, not its name."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import ASSUMED, Loss, LossReport
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.files.text_file import COMPOUND_MARK, UTF8_MARK, ZIP_MARK, file_bytes
from dubsync.editorial.formats import Format, labels, sniffed, suffixes
from dubsync.editorial.reading import Content


def is_editorial(head: bytes, suffix: str) -> bool:
    """Whether a file that begins with `head` is an editorial file, rather than media."""
    if head[:8] == COMPOUND_MARK or suffix.lower() in suffixes():
        return True
    if head[:4] == ZIP_MARK:
        return True
    body = head.removeprefix(UTF8_MARK).lstrip()
    if body[:1] in (b"{", b"[", b"<"):
        return True
    return bool(body) and not any(byte < 32 and byte not in b"\t\r\n\x0c\x1a" for byte in body)


def probe_format(path: Path) -> Format:
    """The format of an editorial file, recognised by its content.

    Raises:
        MissingMedia: no such file, or it cannot be read.
        TurnoverError: empty, too large, or neither text nor a known binary format.
    """
    return sniffed(Content(file_bytes(path), path))


def probe_cut(path: Path, rate: Fraction | None = None) -> ProbedCut:
    """Everything that an editorial file lists, in any format of `formats.FORMATS` that is read.

    Args:
        rate: frames per second, for a file that does not state it; else the file's is used.

    Raises:
        MissingMedia: no such file, or it cannot be read.
        TimecodeError: invalid times, or times that `rate` does not have.
        TurnoverError: damaged, hostile, of an unknown format, or empty.
    """
    content = Content(file_bytes(path), path)
    result = _listed(content, rate)
    losses = (*content.losses, *result.losses) if content.is_text else tuple(result.losses)
    if rate is not None and result.rate not in (None, rate):
        what = f"the file states {result.rate} fps; the given {rate} fps are not used"
        losses = (Loss(path.name, what, ASSUMED), *losses)
    digest = hashlib.sha256(content.data).hexdigest()
    return replace(result, losses=LossReport.of(losses), digest=digest)


def _listed(content: Content, rate: Fraction | None) -> ProbedCut:
    reader = sniffed(content).read
    assert reader is not None  # a format without a reader is never recognised
    try:
        return reader(content, rate)
    except TurnoverError as error:
        if not str(error).startswith("no event in ") or content.path.suffix.lower() == ".edl":
            raise
        raise TurnoverError(
            f"{content.path.name} is not a known editorial format: expected {labels()}",
            hint=error.hint,
        ) from error
