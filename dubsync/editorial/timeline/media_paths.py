"""Media paths and URLs of a cut: the file they name, and whether it is inside the media folders.

No file is opened here. Symbolic links are only resolved.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import quote, unquote, urlsplit

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_WINDOWS_PATH = re.compile(r"[A-Za-z]:[\\/]|\\\\")

#: How Python holds the bytes of a file name that are not UTF-8, and writes them as they were.
_BYTES = "surrogateescape"


def base_name(media: str) -> str:
    """The file name at the end of a media path or URL, percent-decoded.

    >>> base_name("file:///plates/A001%20C003.mov")
    'A001 C003.mov'
    """
    return PureWindowsPath(_decoded(media)).name  # takes both / and \ as separators


def media_url(path: str) -> str:
    """A path as a URL: file:/// if it is absolute, else a percent-encoded relative reference.

    A URL is returned unchanged. Relative references are relative to the document.  Bytes of a file
    name that are not UTF-8 are percent-encoded as they are.

    >>> media_url("/plates/A 1.mov"), media_url("../r/A#1.mov"), media_url("C:\\\\x\\\\a.mov")
    ('file:///plates/A%201.mov', '../r/A%231.mov', 'file:///C:/x/a.mov')
    >>> media_url("file://localhost/a%20b.mov")
    'file://localhost/a%20b.mov'
    >>> media_url("\\\\\\\\server\\\\x\\\\a.mov")
    'file://server/x/a.mov'
    """
    if _WINDOWS_PATH.match(path):
        slashed = quote(path.replace("\\", "/"), safe="/:", errors=_BYTES)
        return f"file:{slashed}" if slashed.startswith("//") else f"file:///{slashed}"
    if _URL.match(path):
        return path
    scheme = "file://" if PurePosixPath(path).is_absolute() else ""
    return scheme + quote(path, errors=_BYTES)


def path_text(path: str) -> str:
    """A path or name for a text field: bytes that are not UTF-8 become U+FFFD.

    >>> path_text("caf\\udce9.mov") == "caf\\ufffd.mov"
    True
    """
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def local_path(media: str, folder: Path) -> Path | None:
    """The absolute path of a media path or URL; relative ones are relative to `folder`.

    None if it is not a local file: other schemes, other hosts, Windows paths on other systems.
    """
    if not media or "\0" in _decoded(media):
        return None
    if _WINDOWS_PATH.match(media):
        return Path(media) if os.name == "nt" else None
    try:
        parts = urlsplit(media)
    except ValueError:  # an unclosed [ in what looked like a host
        return None
    if parts.scheme and parts.scheme != "file":
        return None
    if parts.netloc not in ("", "localhost"):
        return None
    decoded = _decoded(media)
    return Path(decoded) if PurePosixPath(decoded).is_absolute() else folder / decoded


def inside(path: Path, roots: Sequence[Path]) -> bool:
    """Whether `path`, with links resolved, is inside one of `roots`."""
    try:
        real = path.resolve()
        return any(real.is_relative_to(root.resolve()) for root in roots)
    except (OSError, RuntimeError, ValueError):  # a loop of links, a name too long
        return False


def _decoded(media: str) -> str:
    """The path of a URL or path, percent-decoded, except the %04d of a sequence."""
    path = media
    if media.startswith("file:"):
        path = media.removeprefix("file:")
        if path.startswith("//"):
            path = "/" + path[2:].partition("/")[2]
    pieces = re.split(r"(%0\dd)", path)
    return "".join(p if n % 2 else unquote(p, errors=_BYTES) for n, p in enumerate(pieces))


def plain_path(media: str) -> str:
    """A media path or URL as a path for formats that have no URLs; other URLs are unchanged.

    >>> plain_path("file:///plates/A%201.mov"), plain_path("file:///C:/x/a.mov")
    ('/plates/A 1.mov', 'C:/x/a.mov')
    """
    path = _decoded(media)
    if media.startswith("file:") and re.match(r"/[A-Za-z]:/", path):
        return path[1:]
    return media if "://" in media and not media.startswith("file:") else path
