"""Text of a file as we keep it: one form of every letter, no control characters."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[^\S\n]+")


def plain(text: str) -> str:
    """`text` with single spaces and no empty lines: what is said, not how it was laid out.

    Control characters go; newlines between printed lines stay.

    >>> plain("  Who's   there?\\r\\n\\n Nobody. ")
    "Who's there?\\nNobody."
    """
    lines = re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text)
    kept = ("".join(c for c in line if c == "\t" or _printed(c)) for line in lines)
    told = (_SPACES.sub(" ", line).strip() for line in kept)
    return "\n".join(line for line in told if line)


def _printed(character: str) -> bool:
    # XML 1.0 has neither surrogates nor U+FFFE and U+FFFF, and other files no controls.
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in "\ufffe\uffff"


def one_line(text: str) -> str:
    """`plain` text on one line."""
    return plain(text).replace("\n", " ")
