"""The generated parts of a page: found, filled, and refused where the comments do not agree."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_BEGIN = re.compile(r"^<!-- generated: ([\w-]+) -->$", re.MULTILINE)


class PageError(Exception):
    """A page lacks a generated part, or has one that nothing writes."""


def names(page: str) -> list[str]:
    """Names of the generated parts of a page, in order."""
    return _BEGIN.findall(page)


def filled(page: str, bodies: Mapping[str, str]) -> str:
    """`page` with each generated part replaced by its body.

    Args:
        page: Markdown of a whole page.
        bodies: name of a part -> Markdown between its comments, without blank lines around it.

    Raises:
        PageError: the parts in the page are not those of `bodies`, or one has no end.

    >>> filled("<!-- generated: a -->\\nold\\n<!-- end of generated: a -->\\n", {"a": "new"})
    '<!-- generated: a -->\\n\\nnew\\n\\n<!-- end of generated: a -->\\n'
    """
    if sorted(names(page)) != sorted(bodies):
        raise PageError(f"the page has parts {names(page)}; the generator writes {list(bodies)}")
    for name, body in bodies.items():
        begin, end = f"<!-- generated: {name} -->", f"<!-- end of generated: {name} -->"
        head, _, rest = page.partition(begin)
        _, found, tail = rest.partition(end)
        if not found:
            raise PageError(f"the part {name!r} has no line {end!r}")
        page = f"{head}{begin}\n\n{body.strip()}\n\n{end}{tail}"
    return page


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; a bar inside a cell is escaped.

    >>> print(table(("a", "b"), [("x|y", "1")]))
    | a | b |
    | --- | --- |
    | x\\|y | 1 |
    """
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
