"""Names of XML elements and attributes with their namespaces resolved (XML Names 1.0)."""

from __future__ import annotations

from dataclasses import replace

from dubsync.core.errors import TurnoverError
from dubsync.editorial.files.xml_tree import Element

XML = "http://www.w3.org/XML/1998/namespace"


def with_namespaces(root: Element, where: str) -> Element:
    """A copy of the tree with tags and attributes as "{namespace}name", or "name" without one.

    Raises:
        TurnoverError: an undeclared prefix.
    """
    return _resolved(root, {"xml": XML}, where)


def _resolved(element: Element, known: dict[str, str], where: str) -> Element:
    declared = {
        name.partition(":")[2]: value
        for name, value in element.attributes.items()
        if name == "xmlns" or name.startswith("xmlns:")
    }
    known = {**known, **declared} if declared else known
    attributes = {
        _full(name, known, element, where, bare=True): value
        for name, value in element.attributes.items()
        if name != "xmlns" and not name.startswith("xmlns:")
    }
    return replace(
        element,
        tag=_full(element.tag, known, element, where, bare=False),
        attributes=attributes,
        children=[_resolved(child, known, where) for child in element.children],
    )


def _full(name: str, known: dict[str, str], element: Element, where: str, *, bare: bool) -> str:
    prefix, colon, local = name.rpartition(":")
    if not colon and bare:
        return name
    space = known.get(prefix)
    if space is None and prefix:
        raise TurnoverError(
            f"{where}, line {element.line}: the prefix of {name[:60]!r} is not declared",
            hint="export it again",
        )
    return f"{{{space}}}{local}" if space else local
