"""Fades of a clip from or to nothing, which Kdenlive and Shotcut write as filters on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.mlt.document import Document, properties
from dubsync.editorial.mlt.time import frames_in, keyframes_in, number_in

_PICTURE, _SOUND = ("brightness", "movit.opacity"), ("volume",)


@dataclass(frozen=True, slots=True)
class Fade:
    """A fade of `length` frames at the begin ("in") or end ("out") of a clip."""

    filter: Element
    end: str
    length: int


def fades_of(filters: list[Element], document: Document, *, sound: bool) -> Iterator[Fade]:
    """The fades among the filters of a clip; filters that are something else are passed over."""
    for element in filters:
        stated = properties(element)
        if stated.get("mlt_service") not in (_SOUND if sound else _PICTURE):
            continue
        if stated.get("disable") == "1":
            continue
        try:
            fade = _fade(element, stated, document, sound=sound)
        except TimecodeError:  # keyframes of another kind: an effect
            continue
        if fade is not None:
            yield fade


def _fade(
    element: Element, stated: dict[str, str], document: Document, *, sound: bool
) -> Fade | None:
    for name in ("level", "alpha", "opacity"):
        keys, _ = keyframes_in(stated.get(name, ""), document.rate) if "=" in stated.get(name, "") \
            else ((), True)  # fmt: skip
        if len(keys) != 2:
            continue
        (t0, v0), (t1, v1) = keys
        low, high = (v0 < v1, v1 < v0)
        full = Fraction(0) if sound and name == "level" else Fraction(1)  # decibels
        if low and v1 == full and v0 <= 0:
            return Fade(element, "in", int(t1 - t0))
        if high and v0 == full and v1 <= 0:
            return Fade(element, "out", int(t1 - t0))
    first = number_in(stated.get("start", stated.get("gain", "")))
    last = number_in(stated.get("end", ""))
    whole = {first, last} == {Fraction(0), Fraction(1)}
    if whole and stated.get("in") and stated.get("out"):
        length = frames_in(stated["out"], document.rate) - frames_in(stated["in"], document.rate)
        return Fade(element, "in" if first == 0 else "out", length + 1)
    return None
