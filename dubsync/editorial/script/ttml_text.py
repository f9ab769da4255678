"""Reads elements of a TTML document: text, agents, descriptions, the origin timecode."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dubsync.editorial.files.text import one_line
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.script.dapt_names import DAPTM, ID, SPACE, TT, TTM

_SILENT = (TT + "metadata", TT + "audio", TT + "animate", TT + "set")


def text_in(element: Element, preserve: bool) -> str:
    """The text of a p or span; a br becomes a newline."""
    parts: list[str] = []
    at = 0
    for child in element.children:
        parts.append(_spaced("".join(element.pieces[at : child.after]), preserve))
        at = child.after
        if child.tag == TT + "br":
            parts.append("\n")
        elif child.tag not in _SILENT and child.tag.startswith(TT):
            parts.append(text_in(child, preserves(child, preserve)))
    parts.append(_spaced("".join(element.pieces[at:]), preserve))
    return "".join(parts)


def _spaced(text: str, preserve: bool) -> str:
    return text if preserve else re.sub(r"\s+", " ", text)


def preserves(element: Element, above: bool) -> bool:
    """Whether spaces are preserved in `element` (xml:space), given its parent's value."""
    value = element.get(SPACE)
    return value == "preserve" if value else above


def agents_of(root: Element) -> dict[str, tuple[str, str]]:
    """xml:id -> (name of the character, name of the performer)."""
    agents = [
        e for head in root.all(TT + "head") for e in head.descendants() if e.tag == TTM + "agent"
    ]
    names = {}
    for agent in agents:
        alias = next((n for n in agent.all(TTM + "name") if n.get("type") == "alias"), None)
        name = alias or agent.first(TTM + "name")
        names[agent.get(ID)] = one_line(name.text) if name else agent.get(ID)
    result = {}
    for agent in agents:
        actor = agent.first(TTM + "actor")
        result[agent.get(ID)] = (
            names[agent.get(ID)], names.get(actor.get("agent"), "") if actor else ""
        )  # fmt: skip
    return result


def descriptions(element: Element) -> Iterator[str]:
    """The ttm:desc of a script event, each with its kind if it states one."""
    for desc in element.all(TTM + "desc"):
        kind = desc.get(DAPTM + "descType")
        text = re.sub(r"\s+", " ", desc.text).strip()
        if text:
            yield f"{kind}: {text}" if kind else text


def origin_timecode(root: Element) -> str:
    """daptm:daptOriginTimecode as printed; "" without one."""
    for element in root.all(TT + "head"):
        for metadata in (element, *element.all(TT + "metadata")):
            if text := metadata.text_at(DAPTM + "daptOriginTimecode"):
                return text
    return ""
