"""Finds the elements and attributes of a document that its reader does not know.

A reader states, for each element that it descends into, the children and attributes that it reads
or that change neither picture, sound, time nor markers.  Everything else is a loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dubsync.editorial.files.xml_tree import Element


@dataclass(frozen=True, slots=True)
class Known:
    """What a reader knows of one kind of element.

    children    tags of its children that are read, or are harmless; "adjust-*" stands for all
                tags that begin so
    attributes  the same for its attributes
    """

    children: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unknown:
    """One kind of thing that the reader does not know: "<tag>" or "attribute" of `parent`.

    line   of the first
    count  number of them
    """

    what: str
    parent: str
    line: int
    count: int
    attribute: bool


def known(children: str = "", attributes: str = "") -> Known:
    """A Known of names separated by spaces."""
    return Known(frozenset(children.split()), frozenset(attributes.split()))


def unknown_in(root: Element, grammar: Mapping[str, Known]) -> tuple[Unknown, ...]:
    """Everything below `root` that `grammar` does not name, each kind once, in file order.

    Args:
        grammar: element tag -> what is known of it.  The contents of an element without an entry
            are not searched: its reader knows it as a whole.
    """
    found: dict[tuple[str, str, bool], tuple[int, int]] = {}
    for element in _searched(root, grammar):
        entry = grammar[element.tag]
        strange = [(f"<{c.tag[:40]}>", c.line, False) for c in element.children
                   if not _in(c.tag, entry.children)]  # fmt: skip
        strange += [(f"attribute {name[:40]!r}", element.line, True) for name in element.attributes
                    if not _in(name, entry.attributes)]  # fmt: skip
        for what, line, attribute in strange:
            key = (what, element.tag, attribute)
            first, count = found.get(key, (line, 0))
            found[key] = (first, count + 1)
    return tuple(
        Unknown(what, parent, line, count, attribute)
        for (what, parent, attribute), (line, count) in found.items()
    )


def _searched(root: Element, grammar: Mapping[str, Known]) -> Iterator[Element]:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag in grammar:
            yield element
            waiting += reversed(element.children)


def _in(name: str, names: frozenset[str]) -> bool:
    """Whether `names` has the name, or a prefix of it that ends in "*"."""
    if name in names:
        return True
    return any(n[-1] == "*" and name.startswith(n[:-1]) for n in names)
