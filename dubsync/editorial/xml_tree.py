"""XML in, with its teeth drawn: elements, attributes and text; nothing that a document could
make us expand, open or fetch.

expat alone, told to stop at the first entity or external name that a document declares, so a
billion laughs end before the first, and no older expat's mercy is relied on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.parsers import expat

from dubsync.core.errors import TurnoverError

DEEPEST = 200
MOST_ELEMENTS = 4_000_000
_AGAIN = "export the timeline again"


@dataclass(slots=True)
class Element:
    """An element, and the line of the file it begins on."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, spaces around it taken off."""
        return "".join(self.pieces).strip()

    def get(self, name: str, otherwise: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, otherwise)

    def first(self, *tags: str) -> Element | None:
        """The first element along a path of child tags."""
        found: Element | None = self
        for tag in tags:
            found = next((c for c in found.children if c.tag == tag), None) if found else None
        return found

    def said(self, *tags: str, otherwise: str = "") -> str:
        """The text at a path of child tags."""
        found = self.first(*tags)
        return found.text if found else otherwise

    def all(self, *tags: str) -> list[Element]:
        """Its children of any of `tags`, in order."""
        return [child for child in self.children if child.tag in tags]

    def within(self) -> Iterator[Element]:
        """It and everything below it, in order of the document."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(element.children)


def xml_tree(data: bytes, where: str) -> Element:
    """The root element of an XML document.

    Raises:
        TurnoverError: not well-formed, deeper than DEEPEST, or it declares entities or names
            things outside itself.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    root = Element("", {}, 0)
    path = [root]
    count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(path) > DEEPEST:
            raise TurnoverError(f"{where} is nested more than {DEEPEST} deep", hint=_AGAIN)
        if count > MOST_ELEMENTS:
            raise TurnoverError(f"{where} has more than {MOST_ELEMENTS} elements", hint=_AGAIN)
        element = Element(tag, attributes, parser.CurrentLineNumber)
        path[-1].children.append(element)
        path.append(element)

    def refuse(*_: Any) -> NoReturn:
        raise TurnoverError(
            f"{where} declares XML entities or names a document outside itself; it is not read",
            hint="export it again from the editing system, which does neither",
        )

    def doctype(_: str, system: str | None, public: str | None, __: int) -> None:
        if system or public:
            refuse()

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = lambda text: path[-1].pieces.append(text)
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise TurnoverError(
            f"{where} is damaged at line {error.lineno}: {expat.ErrorString(error.code)}",
            hint="it may be cut short; export the timeline again",
        ) from error
    except (ValueError, LookupError) as error:  # an encoding nobody knows
        raise TurnoverError(f"{where} cannot be decoded: {error}", hint="save as UTF-8") from error
    return root.children[0]
