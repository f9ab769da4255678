"""The parts of an MLT XML document: its profile, its services by id, and their properties.

Source: MLT, docs/mlt-xml.txt and mlt-xml.dtd 7.0; Kdenlive, dev-docs/fileformat.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.timecode import NTSC
from dubsync.editorial.files.xml_tree import Element

#: Elements that play something.
PLAYED = ("producer", "chain", "playlist", "tractor", "multitrack")
#: Decimal rates that stand for the exact rates of television.
_NEAR = Fraction(1, 500)
_AGAIN = "save the project again in Kdenlive or Shotcut"


def properties(element: Element) -> dict[str, str]:
    """The properties of a service: its <property> elements, and what it states as attributes."""
    result = {name: value for name, value in element.attributes.items() if name != "id"}
    for child in element.all("property"):
        result[child.get("name")] = child.get("value") or child.text
    return result


def grouped(element: Element, name: str) -> list[Element]:
    """The nested <properties> in an element's <properties name=...>."""
    group = next((e for e in element.all("properties") if e.get("name") == name), None)
    return group.all("properties") if group is not None else []


@dataclass(frozen=True, slots=True)
class Document:
    """A document of MLT XML.

    rate      frames per second of its profile
    services  the elements that play something, by id
    folder    folder that relative paths start in, as the document states it; "" for its own
    """

    root: Element
    rate: Fraction
    services: Mapping[str, Element]
    folder: str

    def played(self, element: Element) -> Element | None:
        """What an <entry> or <track> plays: the service it refers to, or holds; None without."""
        if element.tag in PLAYED:
            return element
        held = next((child for child in element.children if child.tag in PLAYED), None)
        return held if held is not None else self.services.get(element.get("producer"))


def document_of(root: Element, where: str) -> Document:
    """The parts of a document.

    Raises:
        TurnoverError: not MLT XML, or without a valid profile.
    """
    if root.tag not in ("mlt", "westley"):
        raise TurnoverError(f"{where} begins with <{root.tag[:40]}>, not <mlt>", hint=_AGAIN)
    services = {e.get("id"): e for e in root.descendants() if e.tag in PLAYED and e.get("id")}
    return Document(root, _rate(root, where), services, root.get("root").rstrip("/\\"))


def _rate(root: Element, where: str) -> Fraction:
    """The exact frame rate of the profile, which MLT would otherwise assume to be 25."""
    profile = root.first("profile")
    if profile is None:
        named = (
            f", only the name of one ({root.get('profile')[:40]!r})" if root.get("profile") else ""
        )
        raise TurnoverError(
            f"{where} has no <profile>{named}: its frame rate is not stated",
            hint="save it in Kdenlive or Shotcut, which write the profile",
        )
    numbers = [profile.get(f"frame_rate_{part}") for part in ("num", "den")]
    if not all(re.fullmatch(r"\d{1,9}", text) and int(text) for text in numbers):
        raise TurnoverError(f"{where}: the frame rate of its profile is not valid", hint=_AGAIN)
    rate = Fraction(int(numbers[0]), int(numbers[1]))
    if not Fraction(1) <= rate <= 1000:
        raise TurnoverError(f"{where}: a frame rate of {rate} is not valid", hint=_AGAIN)
    return exact_rate(rate)


def exact_rate(rate: Fraction) -> Fraction:
    """A rate of television for its decimal approximation; else the rate itself.

    >>> exact_rate(Fraction(2997, 100)), exact_rate(Fraction(25))
    (Fraction(30000, 1001), Fraction(25, 1))
    """
    exact = Fraction(round(rate) * 1000, NTSC)
    return exact if rate.denominator != 1 and abs(rate - exact) < _NEAR else rate


def main_service(document: Document) -> Element | None:
    """What plays when the document is played: its last service, without main_bin."""
    played = [e for e in document.root.children if e.tag in PLAYED and e.get("id") != "main_bin"]
    return played[-1] if played else None


def sequences(document: Document) -> list[Element]:
    """The timelines of a document: Kdenlive's sequences, the open one first; else what plays."""
    last = main_service(document)
    if last is None:
        return []
    found = [e for e in document.root.all("tractor") if properties(e).get("kdenlive:uuid")]
    if properties(last).get("kdenlive:projectTractor") == "1" or last in found:
        opened = document.played(tracks_of(last)[0]) if tracks_of(last) else None
        first = last if last in found else opened
        return ([first] if first is not None else []) + [e for e in found if e is not first]
    return [last]


def tracks_of(tractor: Element) -> list[Element]:
    """The tracks of a tractor, lowest first; a bare service stands for a track of it."""
    inner = tractor.first("multitrack") if tractor.tag == "tractor" else tractor
    return (inner or tractor).all("track", *PLAYED)


def media_path(folder: str, resource: str) -> str:
    """The path or URL of a resource; relative to the document's own folder if it states none."""
    absolute = resource.startswith(("/", "\\")) or re.match(r"[A-Za-z]:[\\/]|[a-z]+://", resource)
    path = resource if absolute or not folder else f"{folder}/{resource}"
    if "%" not in path or "://" in path:
        return path
    pieces = re.split(r"(%0?\d*d)", path)  # other readers take a path as percent-encoded
    return "".join(p if n % 2 else p.replace("%", "%25") for n, p in enumerate(pieces))
