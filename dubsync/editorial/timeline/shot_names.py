"""Shot names: safe as file names, unique regardless of case, and stable between reads."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

LONGEST = 64
_ILLEGAL = re.compile(r"[^A-Za-z0-9._-]+")
_MEDIA_SUFFIX = re.compile(
    r"\.(mov|mp4|m4v|mxf|mkv|avi|exr|dpx|png|jpe?g|tiff?|wav)$", re.IGNORECASE
)
#: Device names reserved by Windows, with any suffix.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def shot_name(*candidates: str) -> str:
    """A legal name from the first usable candidate: `[A-Za-z0-9._-]`, at most 64 characters.

    Accents are dropped, letters of other scripts become code points, other characters become
    "_". A truncated name ends in a digest of the whole name.

    >>> shot_name("", "Élise 3/4.mov")
    'Elise_3_4'
    >>> shot_name("дом")
    'u0434u043Eu043C'
    """
    for text in candidates:
        name = _slug(_MEDIA_SUFFIX.sub("", text.strip()))
        if name:
            return name
    return "event"


def is_file_name(clip: str) -> bool:
    """Whether a clip's name is a media file name: an EDL has no other field for it.

    >>> is_file_name("A001C003_251114.mov"), is_file_name("ELISE CU 2.5x")
    (True, False)
    """
    return _MEDIA_SUFFIX.search(clip.strip()) is not None


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """`names`, made unique regardless of case by "_2", "_3" ..."""
    taken: set[str] = set()
    result = []
    for name in names:
        unique, n = name, 1
        while unique.lower() in taken:
            n += 1
            tail = f"_{n}"
            unique = name[: LONGEST - len(tail)] + tail
        taken.add(unique.lower())
        result.append(unique)
    return tuple(result)


def _slug(text: str) -> str:
    plain = "".join(_spelled(c) for c in unicodedata.normalize("NFKD", text))
    name = _ILLEGAL.sub("_", plain).strip("._- ")
    if _DEVICES.fullmatch(name):
        name = f"shot_{name}"
    if len(name) > LONGEST:
        tail = "_" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        name = name[: LONGEST - len(tail)] + tail
    return name


def _spelled(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.combining(character):
        return ""
    return f"u{ord(character):04X}" if character.isalnum() else "_"
