"""XML in, with its teeth drawn: elements, attributes and text; nothing that a document could
make us expand, open or fetch.

expat alone, told to stop at the first entity or external name that a document declares, so a
billion laughs end before the first, and no older expat's mercy is relied on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from sys import getsizeof
from typing import Any, NoReturn
from xml.parsers import expat

from dubsync.core.errors import TurnoverError

DEEPEST = 200
LARGEST = 128 * 1024 * 1024
#: Memory that a document and its tree may be estimated to take.
MOST_MEMORY = 800 << 20
_ELEMENT, _ATTRIBUTE = 480, 120  # bytes of each in the tree, about
_AGAIN = "export the timeline again"


@dataclass(slots=True)
class Element:
    """An element, and the line of the file it begins on.

    after  how many pieces of its parent's text stand before it
    begin, end  its first byte in the file, and the one past its last
    close  where its end tag begins; None for one that closes itself
    """

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    after: int = 0
    begin: int = 0
    end: int = 0
    close: int | None = None

    @property
    def text(self) -> str:
        """Its own text, spaces around it taken off."""
        return "".join(self.pieces).strip()

    def get(self, name: str, otherwise: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, otherwise)

    def first(self, *tags: str) -> Element | None:
        """The first element along a path of child tags."""
        result: Element | None = self
        for tag in tags:
            result = next((c for c in result.children if c.tag == tag), None) if result else None
        return result

    def text_at(self, *tags: str, otherwise: str = "") -> str:
        """The text at a path of child tags."""
        result = self.first(*tags)
        return result.text if result else otherwise

    def all(self, *tags: str) -> list[Element]:
        """Its children of any of `tags`, in order."""
        return [child for child in self.children if child.tag in tags]

    def descendants(self) -> Iterator[Element]:
        """It and everything below it, in order of the document."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(element.children)


def _scales(size: int, most: int, where: str) -> Callable[[int], None]:
    """What weighs a tree as it grows: call it with the bytes that a part takes.

    Raises:
        TurnoverError: the document, or all parts with it, are more than memory should hold.
    """
    hint = "export a reel at a time"
    if size > LARGEST:
        raise TurnoverError(f"{where} is XML of more than {LARGEST >> 20} MiB", hint=hint)
    taken = 2 * size

    def take(part: int) -> None:
        nonlocal taken
        taken += part
        if taken > most:
            told = f"{where} would take more than {most >> 20} MiB of memory"
            raise TurnoverError(told, hint=hint)

    return take


def xml_tree(data: bytes, where: str, *, most: int = 0) -> Element:
    """The root element of an XML document.

    Args:
        most: bytes of memory that it may be estimated to take; 0: MOST_MEMORY.

    Raises:
        TurnoverError: not well-formed, deeper than DEEPEST, more than memory should hold, or it
            declares entities or names things outside itself.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    root = Element("", {}, 0)
    path = [root]
    take = _scales(len(data), most or MOST_MEMORY, where)

    def start(tag: str, attributes: dict[str, str]) -> None:
        take(_ELEMENT + sum(_ATTRIBUTE + len(value) for value in attributes.values()))
        if len(path) > DEEPEST:
            raise TurnoverError(f"{where} is nested more than {DEEPEST} deep", hint=_AGAIN)
        after = len(path[-1].pieces)
        element = Element(tag, attributes, parser.CurrentLineNumber, after=after)
        element.begin = parser.CurrentByteIndex
        path[-1].children.append(element)
        path.append(element)

    def end(_: str) -> None:
        _close(path.pop(), data, parser.CurrentByteIndex)

    def characters(text: str) -> None:
        take(getsizeof(text))
        path[-1].pieces.append(text)

    def refuse(*_: Any) -> NoReturn:
        raise TurnoverError(
            f"{where} declares XML entities or names a document outside itself; it is not read",
            hint="export it again from the editing system, which does neither",
        )

    def doctype(_: str, system: str | None, public: str | None, __: int) -> None:
        if system or public:
            refuse()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.StartDoctypeDeclHandler = doctype
    _parse(parser, data, where)
    return root.children[0]


def _parse(parser: expat.XMLParserType, data: bytes, where: str) -> None:
    """Run the document through `parser`, its own complaints turned into ours."""
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise TurnoverError(
            f"{where} is damaged at line {error.lineno}: {expat.ErrorString(error.code)}",
            hint="it may be cut short; export the timeline again",
        ) from error
    except (ValueError, LookupError) as error:  # an encoding nobody knows
        raise TurnoverError(f"{where} cannot be decoded: {error}", hint="save as UTF-8") from error


def _close(element: Element, data: bytes, at: int) -> None:
    """Note where an element ends: `at` is its end tag, or past its own "/>"."""
    element.end, element.close = at, None
    if element.children or element.pieces or not _ends(data, at, b"/>"):
        element.end, element.close = _past(data, at), at


def _ends(data: bytes, at: int, mark: bytes) -> bool:
    """Whether `mark` stands right before a place in a document."""
    return data[max(at - 2 * len(mark), 0) : at].replace(b"\0", b"").endswith(mark)


def _past(data: bytes, at: int) -> int:
    """Where the end tag ends that begins at `at`; it holds no ">" but its own."""
    stop = data.index(b">", at) + 1
    return stop + (data[at + 1 : at + 2] == b"\0")  # UTF-16, the low byte first
