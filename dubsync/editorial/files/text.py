"""Normalised text: single spaces, no empty lines, no control characters."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[^\S\n]+")


def plain(text: str) -> str:
    """`text` with single spaces and no empty lines, whatever its layout.

    Control characters are removed; newlines between printed lines are kept.

    >>> plain("  Who's   there?\\r\\n\\n Nobody. ")
    "Who's there?\\nNobody."
    """
    lines = re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text)
    kept = ("".join(c for c in line if c == "\t" or _printed(c)) for line in lines)
    spaced = (_SPACES.sub(" ", line).strip() for line in kept)
    return "\n".join(line for line in spaced if line)


def _printed(character: str) -> bool:
    # XML 1.0 allows neither surrogates nor U+FFFE and U+FFFF; other files no control characters.
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in "\ufffe\uffff"


def one_line(text: str) -> str:
    """`plain` text joined to one line."""
    return plain(text).replace("\n", " ")
