"""Docstrings that set names in a column, as Markdown lists: the API page shows them one a line."""

from __future__ import annotations

import re

#: A name or names, two spaces or more, then what it means.
_ENTRY = re.compile(r"^(`?\w+`?(?:, `?\w+`?)*)\s{2,}(\S.*)$")


def listed(text: str) -> str:
    """`text` with each paragraph of columns turned into a list.

    A paragraph is one of columns when its first line is a name, two spaces and a text, and every
    other line is such a line too, or is indented and continues the one before.

    >>> print(listed("One face.\\n\\nx, y   pixels of the\\n       plate\\nframe  number"))
    One face.
    <BLANKLINE>
    - `x, y`: pixels of the plate
    - `frame`: number
    """
    return "\n\n".join(_paragraph(paragraph) for paragraph in re.split(r"\n\s*\n", text))


def _paragraph(text: str) -> str:
    entries: list[str] = []
    for line in text.splitlines():
        entry = _ENTRY.match(line)
        if entry:
            entries.append(f"- `{entry[1].strip('`')}`: {entry[2]}")
        elif entries and line.startswith(" "):
            entries[-1] += f" {line.strip()}"
        else:
            return text
    return "\n".join(entries) or text
