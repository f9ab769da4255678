"""Reads iXML: the clock and the names that a recorder or mixing desk writes into a WAV."""

from __future__ import annotations

import re
from fractions import Fraction

from dubsync.core.errors import TurnoverError
from dubsync.core.sound.clock import SoundClock
from dubsync.editorial.files.text import one_line
from dubsync.editorial.files.xml_tree import Element, xml_tree

_RATE = re.compile(r"(\d{1,9})(?:\s*/\s*(\d{1,9}))?")


def read_ixml(chunk: bytes, where: str) -> SoundClock:
    """The clock in an iXML chunk; an empty clock if there is no chunk.

    A chunk that cannot be read is reported in `odd`, since the sound itself can be intact.
    """
    body = chunk.strip(b"\0 \t\r\n")
    if not body:
        return SoundClock()
    try:
        root = xml_tree(body, f"{where}'s iXML")
    except TurnoverError as error:
        return SoundClock(odd=(str(error),))
    if root.tag != "BWFXML":
        return SoundClock(odd=(f"its iXML begins with {root.tag[:40]!r}",))
    odd: list[str] = []
    speed = root.first("SPEED") or Element("SPEED", {}, 0)
    high = _count(speed, "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI", odd)
    low = _count(speed, "TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO", odd)
    flag = speed.text_at("TIMECODE_FLAG").upper()
    tracks = root.first("TRACK_LIST")
    return SoundClock(
        timecode_rate=_rate(speed, "TIMECODE_RATE", odd),
        drop={"DF": True, "NDF": False}.get(flag),
        master_speed=_rate(speed, "MASTER_SPEED", odd),
        current_speed=_rate(speed, "CURRENT_SPEED", odd),
        samples=None if low is None else (high or 0) << 32 | low,
        timestamp_rate=_count(speed, "TIMESTAMP_SAMPLE_RATE", odd),
        sample_rate=_count(speed, "FILE_SAMPLE_RATE", odd),
        project=one_line(root.text_at("PROJECT")),
        scene=one_line(root.text_at("SCENE")),
        take=one_line(root.text_at("TAKE")),
        tape=one_line(root.text_at("TAPE")),
        note=one_line(speed.text_at("NOTE")),
        tracks=tuple(one_line(t.text_at("NAME")) for t in tracks.all("TRACK")) if tracks else (),
        odd=tuple(odd),
    )


def _rate(speed: Element, name: str, odd: list[str]) -> Fraction | None:
    text = speed.text_at(name)
    if not text:
        return None
    result = _RATE.fullmatch(text)
    if not result or not int(result[1]) or result[2] and not int(result[2]):
        odd.append(f"its iXML has {name} {text[:40]!r}")
        return None
    return Fraction(int(result[1]), int(result[2] or 1))


def _count(speed: Element, name: str, odd: list[str]) -> int | None:
    text = speed.text_at(name)
    if not text:
        return None
    if not re.fullmatch(r"\d{1,12}", text):
        odd.append(f"its iXML has {name} {text[:40]!r}")
        return None
    return int(text)
