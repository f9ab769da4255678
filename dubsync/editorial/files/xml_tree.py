"""Reads XML safely: elements, attributes and text, but no entities and no external references.

expat is set to stop at the first entity that a document declares or uses without declaring it.
This prevents entity expansion attacks ("billion laughs") with any version of expat.  A document
type that only names an external definition is harmless: that definition is never opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from sys import getsizeof
from xml.parsers import expat

from dubsync.core.errors import TurnoverError
from dubsync.editorial.files.xml_type import refuse_entities, without_external_type

DEEPEST = 200
LARGEST = 128 * 1024 * 1024
#: Limit of the estimated memory of a document and its tree, in bytes.
MOST_MEMORY = 800 << 20
_ELEMENT, _ATTRIBUTE = 480, 120  # approximate bytes of each in the tree
_AGAIN = "export the timeline again"


@dataclass(slots=True)
class Element:
    """An element, and the line of the file on which it begins.

    after  number of pieces of its parent's text before it
    begin, end  byte range in the file, half-open
    close  byte position of its end tag; None for a self-closing element
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
        """Its own text, stripped."""
        return "".join(self.pieces).strip()

    def get(self, name: str, otherwise: str = "") -> str:
        """The value of an attribute, or `otherwise`."""
        return self.attributes.get(name, otherwise)

    def first(self, *tags: str) -> Element | None:
        """The first element along a path of child tags."""
        result: Element | None = self
        for tag in tags:
            result = next((c for c in result.children if c.tag == tag), None) if result else None
        return result

    def text_at(self, *tags: str, otherwise: str = "") -> str:
        """The text of the first element along a path of child tags, or `otherwise`."""
        result = self.first(*tags)
        return result.text if result else otherwise

    def all(self, *tags: str) -> list[Element]:
        """Its children with any of `tags`, in order."""
        return [child for child in self.children if child.tag in tags]

    def descendants(self) -> Iterator[Element]:
        """The element and all elements below it, in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(element.children)


def _memory_limit(size: int, most: int, where: str) -> Callable[[int], None]:
    """A function that counts the memory of a growing tree; call it with the bytes of each part.

    Raises:
        TurnoverError: the document, or the tree with it, exceeds the limit.
    """
    hint = "export one reel at a time"
    if size > LARGEST:
        raise TurnoverError(f"{where} has more than {LARGEST >> 20} MiB of XML", hint=hint)
    taken = 2 * size

    def take(part: int) -> None:
        nonlocal taken
        taken += part
        if taken > most:
            message = f"{where} needs more than {most >> 20} MiB of memory"
            raise TurnoverError(message, hint=hint)

    return take


def xml_tree(data: bytes, where: str, *, most: int = 0) -> Element:
    """The root element of an XML document.

    Args:
        most: limit of its estimated memory in bytes; 0: MOST_MEMORY.

    Raises:
        TurnoverError: not well-formed, nested deeper than DEEPEST, too large, or it declares or
            uses entities.
    """
    take = _memory_limit(len(data), most or MOST_MEMORY, where)
    data = without_external_type(data, where)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    root = Element("", {}, 0)
    path = [root]

    def start(tag: str, attributes: dict[str, str]) -> None:
        take(_ELEMENT + sum(_ATTRIBUTE + len(value) for value in attributes.values()))
        if len(path) > DEEPEST:
            raise TurnoverError(f"{where} is nested more than {DEEPEST} levels deep", hint=_AGAIN)
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

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    refuse_entities(parser, where)
    _parse(parser, data, where, path)
    return root.children[0]


def _parse(parser: expat.XMLParserType, data: bytes, where: str, path: list[Element]) -> None:
    """Parse the document; expat's errors become TurnoverErrors.

    Args:
        path: the open elements, outermost first.
    """
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        inner = path[-1]
        open_ = f", inside <{inner.tag[:40]}> of line {inner.line}" if inner.line else ""
        raise TurnoverError(
            f"{where} is damaged at line {error.lineno}: {expat.ErrorString(error.code)}{open_}",
            hint="it may be incomplete; export the timeline again",
        ) from error
    except (ValueError, LookupError) as error:  # an unknown encoding
        raise TurnoverError(f"{where} cannot be decoded: {error}", hint="save as UTF-8") from error


def _close(element: Element, data: bytes, at: int) -> None:
    """Set where an element ends: `at` is its end tag, or the byte after its "/>"."""
    element.end, element.close = at, None
    if element.children or element.pieces or not _ends(data, at, b"/>"):
        element.end, element.close = _past(data, at), at


def _ends(data: bytes, at: int, mark: bytes) -> bool:
    """Whether `mark` is directly before position `at` of a document."""
    return data[max(at - 2 * len(mark), 0) : at].replace(b"\0", b"").endswith(mark)


def _past(data: bytes, at: int) -> int:
    """The end of the end tag that begins at `at`; its only ">" is its last character."""
    stop = data.index(b">", at) + 1
    return stop + (data[at + 1 : at + 2] == b"\0")  # UTF-16, the low byte first
