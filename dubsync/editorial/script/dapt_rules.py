"""The rules of DAPT that a document can break; each is named with its line.

Source: W3C, "Dubbing and Audio description Profiles of TTML2", CR 2025-03-11; its test suite has a
document for each rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dubsync.core.script import SCRIPT_KINDS
from dubsync.editorial.files.text_file import UTF16_MARKS
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.script.dapt_names import (
    CONTENT_PROFILE,
    DAPTM,
    ID,
    LANG,
    SHOWN,
    TT,
    TTM,
    TTP,
)

#: The registries of DAPT: types of a description, and content descriptors by their first part.
DESCRIPTION_TYPES = ("pronunciationNote", "scene", "plotSignificance")
_CONTENT = ("audio", "visual")
_DESCRIPTOR = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_NAME = re.compile(r"[^\W\d][\w.\-\u00b7]*")
#: A language tag, BCP 47 section 2.1.
_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+|i(?:-[a-z0-9]{2,8})+",
    re.IGNORECASE,
)

Fault = tuple[str, str]


def faults_of(root: Element) -> Iterator[Fault]:
    """(place, message) of every rule that a DAPT document breaks."""
    yield from _root_faults(root)
    yield from _agent_faults(root)
    origins = [e for e in root.descendants() if e.tag == DAPTM + "daptOriginTimecode"]
    if len(origins) > 1:
        yield _at(origins[1]), "a second daptm:daptOriginTimecode; DAPT allows one"
    for element in root.descendants():
        yield from _element_faults(element)
    body = root.first(TT + "body")
    if body is not None:
        allowed = root.get(DAPTM + "scriptRepresents").split()
        yield from _represents_faults(body, root.get(DAPTM + "represents"), allowed)
        yield from _sound_faults(body, root.get(LANG))


def encoding_faults(data: bytes) -> Iterator[Fault]:
    """What is wrong with the encoding of a document: DAPT is UTF-8."""
    stated = re.match(rb"(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}encoding=[\"\']([^\"\']{1,40})", data)
    encoding = stated[1].decode("ascii", "replace") if stated else "UTF-8"
    if data[:2] in UTF16_MARKS:
        encoding = "UTF-16"
    if encoding.upper() not in ("UTF-8", "UTF8"):
        yield "line 1", f"the encoding is {encoding}; DAPT is UTF-8"


def is_event(element: Element) -> bool:
    """Whether a div is a script event: DAPT requires an xml:id and no div inside."""
    return bool(element.get(ID)) and not element.all(TT + "div")


def _at(element: Element) -> str:
    return f"line {element.line}"


def _root_faults(root: Element) -> Iterator[Fault]:
    where = _at(root)
    if CONTENT_PROFILE not in re.split(r"[\s()]+", root.get(TTP + "contentProfiles")):
        yield where, f"ttp:contentProfiles does not name DAPT's profile, {CONTENT_PROFILE}"
    if TTP + "profile" in root.attributes:
        yield where, "ttp:profile is not allowed in DAPT; ttp:contentProfiles takes its place"
    kind = root.get(DAPTM + "scriptType")
    if not kind:
        yield where, "daptm:scriptType is missing"
    elif kind not in SCRIPT_KINDS:
        known = ", ".join(SCRIPT_KINDS)
        yield where, f"daptm:scriptType {kind[:40]!r} is not one of DAPT's: {known}"
    represents = root.get(DAPTM + "scriptRepresents")
    if not represents.strip():
        yield where, "daptm:scriptRepresents is missing"
    for one in represents.split():
        if not _is_content(one):
            yield where, f"daptm:scriptRepresents: {one[:40]!r} is not a content descriptor"
    if LANG not in root.attributes:
        yield where, "xml:lang of the document is missing"
    elif not root.get(LANG):
        yield where, "xml:lang of the document is empty"


def _element_faults(element: Element) -> Iterator[Fault]:
    for name, said in ((LANG, "xml:lang"), (DAPTM + "langSrc", "daptm:langSrc")):
        value = element.attributes.get(name)
        if value == "" and name != LANG:
            yield _at(element), f"{said} is empty"
        elif value and not _TAG.fullmatch(value):
            yield _at(element), f"{said} {value[:40]!r} is not a language tag (BCP 47)"
    shown = element.attributes.get(DAPTM + "onScreen")
    if shown is not None and shown not in SHOWN:
        yield _at(element), f"daptm:onScreen {shown[:20]!r} is not one of {', '.join(SHOWN)}"
    kind = element.attributes.get(DAPTM + "descType")
    if kind is not None and kind not in DESCRIPTION_TYPES and not kind.startswith("x-"):
        known = ", ".join(DESCRIPTION_TYPES)
        yield _at(element), f"daptm:descType {kind[:40]!r} is neither {known} nor begins with x-"
    if element.tag == TT + "data" and element.all(TT + "source"):
        yield _at(element), "a <source> inside <data>; in DAPT data holds only the sound"


def _agent_faults(root: Element) -> Iterator[Fault]:
    agents = [e for e in root.descendants() if e.tag == TTM + "agent"]
    known = {agent.get(ID) for agent in agents}
    for agent in agents:
        name = agent.get(ID)
        if not name:
            yield _at(agent), "a ttm:agent without an xml:id"
        elif not _NAME.fullmatch(name):
            yield _at(agent), f"xml:id {name[:40]!r} of a ttm:agent is not an XML name"
        if not agent.all(TTM + "name"):
            yield _at(agent), f"ttm:agent {name[:40]!r} has no ttm:name"
        for actor in agent.all(TTM + "actor"):
            played = actor.get("agent")
            if not _NAME.fullmatch(played):
                yield _at(actor), f"ttm:actor names {played[:40]!r}, which is not an XML name"
            elif played == name:
                yield _at(actor), f"ttm:actor of {name[:40]!r} names its own ttm:agent"
            elif played not in known:
                yield _at(actor), f"ttm:actor names {played[:40]!r}, which is no ttm:agent"


def _represents_faults(element: Element, above: str, allowed: list[str]) -> Iterator[Fault]:
    """What is wrong with what each script event represents, as it inherits it."""
    value = element.get(DAPTM + "represents") or above
    if element.tag == TT + "div" and is_event(element):
        if not value:
            yield _at(element), "daptm:represents is missing for a script event"
        elif not _is_content(value):
            yield _at(element), f"daptm:represents {value[:40]!r} is not a content descriptor"
        elif not any(value == one or value.startswith(one + ".") for one in allowed):
            said = " ".join(allowed)
            yield (
                _at(element),
                f"daptm:represents {value[:40]!r} is not within "
                + (f"daptm:scriptRepresents {said[:60]!r}"),
            )
    for child in element.all(TT + "div"):
        yield from _represents_faults(child, value, allowed)


def _sound_faults(element: Element, above: str) -> Iterator[Fault]:
    """Sound in another language than the text that it belongs to."""
    language = element.attributes.get(LANG, above)
    if element.tag == TT + "audio" and language.lower() != above.lower():
        yield _at(element), f"xml:lang {language!r} of <audio> differs from its text's, {above!r}"
    for child in element.children:
        yield from _sound_faults(child, language)


def _is_content(text: str) -> bool:
    first = text.partition(".")[0]
    known = first in _CONTENT or first.startswith("x-")
    return known and _DESCRIPTOR.fullmatch(text) is not None
