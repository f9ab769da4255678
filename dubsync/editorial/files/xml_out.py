"""Writes XML: elements as deterministic text, and patches to an existing document.

A patched document is copied byte for byte, except for numbers that are replaced; new elements are
inserted between its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dubsync.editorial.files.xml_tree import Element

#: Characters that XML 1.0 (fifth edition, 2.2) forbids, even as references.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
#: The number in an attribute of a start tag, and in an element that contains nothing else.
_IN_TAG = (
    r"""<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*?\s+{}\s*=\s*["'](?P<number>-?\d+)"""
)
_IN_ELEMENT = r"<[^>]*>\s*(?P<number>-?\d+)"


@dataclass(slots=True)
class Node:
    """An element to write. It has text or children, not both."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def add(self, *nodes: Node | None) -> Node:
        """Append children, skipping None; return the element itself."""
        self.children += [node for node in nodes if node is not None]
        return self


def leaf(tag: str, text: object) -> Node:
    """An element with text only."""
    return Node(tag, text=str(text))


def written(node: Node, depth: int = 0) -> str:
    """An element as text, one line per element, indented by `depth` steps or more."""
    lines: list[str] = []
    _write(node, depth, lines)
    return "\n".join(lines) + "\n"


def legal(text: str) -> str:
    """`text` with U+FFFD for characters that XML forbids.

    >>> legal("a\\0b")
    'a\\ufffdb'
    """
    return _ILLEGAL.sub("\ufffd", text)


def _write(node: Node, depth: int, lines: list[str]) -> None:
    pad = "    " * depth
    attributes = "".join(
        f' {name}="{_attribute(value)}"' for name, value in node.attributes.items()
    )
    if node.children:
        lines.append(f"{pad}<{node.tag}{attributes}>")
        for child in node.children:
            _write(child, depth + 1, lines)
        lines.append(f"{pad}</{node.tag}>")
    elif node.text:
        lines.append(f"{pad}<{node.tag}{attributes}>{_escaped(node.text)}</{node.tag}>")
    else:
        lines.append(f"{pad}<{node.tag}{attributes}/>")


def _escaped(text: str) -> str:
    text = legal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")


def _attribute(text: str) -> str:
    text = _escaped(text).replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")


@dataclass(slots=True)
class Patch:
    """Changes to a document, by byte position; `data` is the original document."""

    data: bytes
    _added: list[tuple[int, int, str]] = field(default_factory=list)
    _closed: dict[int, tuple[Element, list[Node], int]] = field(default_factory=dict)

    def insert(
        self, parent: Element, before: Element | None, nodes: Sequence[Node], depth: int
    ) -> None:
        """Insert children into an element, before the child `before` or at its end.

        Args:
            depth: their indentation, in steps.
        """
        if not nodes:
            return
        text = "".join(written(node, depth) for node in nodes).strip() + "\n"
        if before is not None:
            self._added.append((before.begin, before.begin, text + "    " * depth))
        elif parent.close is not None:
            self._added.append((parent.close, parent.close, f"    {text}{'    ' * (depth - 1)}"))
        else:  # <parent/> becomes <parent></parent>
            self._closed.setdefault(parent.begin, (parent, [], depth))[1].extend(nodes)

    def remove(self, element: Element) -> None:
        """Leave an element out.  Elements before it are inserted first."""
        self._added.append((element.begin, element.end, ""))

    def renumber(self, element: Element, number: int, attribute: str = "") -> None:
        """Replace the number in an attribute, or in the text of the element."""
        wide = 2 if _codec(self.data).startswith("utf-16") else 1
        until = element.children[0].begin if element.children else element.close or element.end
        text = self.data[element.begin : until].decode(
            _codec(self.data) if wide == 2 else "latin-1"
        )
        result = re.match(_IN_TAG.format(attribute) if attribute else _IN_ELEMENT, text)
        if result is not None:
            start, stop = (element.begin + wide * edge for edge in result.span("number"))
            self._added.append((start, stop, str(number)))

    def written(self) -> bytes:
        """The document with all changes, in its own encoding."""
        codec = _codec(self.data)
        mark = 4 if codec.startswith("utf-16") else 2
        added = list(self._added)
        for parent, nodes, depth in self._closed.values():
            text = "".join(written(node, depth) for node in nodes)
            text = f">\n{text}{'    ' * (depth - 1)}</{parent.tag}>"
            added.append((parent.end - mark, parent.end, text))
        pieces, at = [], 0
        for start, stop, text in sorted(added, key=lambda one: one[0]):
            pieces += [self.data[at:start], _encoded(text, codec)]
            at = stop
        return b"".join(pieces) + self.data[at:]


def _codec(data: bytes) -> str:
    """The codec for text inserted into a document, or "ascii-refs": ASCII with references."""
    if data[:2] == b"\xff\xfe" or data[1:2] == b"\0":
        return "utf-16-le"
    if data[:2] == b"\xfe\xff" or data[:1] == b"\0":
        return "utf-16-be"
    result = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))
    if result is None or result[1].lower() in (b"utf-8", b"utf8"):
        return "utf-8"
    return "ascii-refs"


def _encoded(text: str, codec: str) -> bytes:
    if codec == "ascii-refs":
        return text.encode("ascii", "xmlcharrefreplace")
    return text.encode(codec)
