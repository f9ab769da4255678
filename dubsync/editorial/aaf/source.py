"""Where an AAF clip comes from: its chain of mobs, down to the tape's or file's own timecode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite
from typing import Any

from dubsync.core.timeline.runs import Keyframe, TimeMap
from dubsync.editorial.timeline.time_maps import simplified

Node = Mapping[str, Any]
#: Sources inside sources deeper than this are no camera original.
DEEPEST = 32


def rate_of(slot: Node) -> Fraction | None:
    """A slot's edit rate; None where it has none that counts anything."""
    text = slot.get("rate")
    if not isinstance(text, str):
        return None
    rate = Fraction(text)
    return rate if 0 < rate <= 10**6 else None


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a clip's chain of sources ends: its first frame there, and what that is called.

    has  how many seconds its media has before that frame, and in all; None where nobody says
    """

    frame: Fraction
    rate: Fraction | None
    drop: bool = False
    reel: str = ""
    path: str = ""
    has: tuple[Fraction, Fraction] | None = None


def follow(clip: Node, rate: Fraction, mobs: Mapping[str, Node]) -> Followed:
    """Follow a clip from mob to mob; timecode is taken from the last that has one."""
    frame, at = Fraction(0), rate
    reel = path = ""
    code: Followed | None = None
    has: tuple[Fraction, Fraction] | None = None
    seen = set()
    node: Node | None = clip
    while node is not None and node["type"] == "SourceClip" and node["mob"] not in seen:
        mob = mobs.get(node["mob"])
        if mob is None:
            break
        seen.add(node["mob"])
        slot = next((s for s in mob["slots"] if s["id"] == node["slot"]), None)
        frame += int(node["start"] or 0)
        own = rate_of(slot) if slot else None
        if slot is None or own is None:
            break
        frame, at = frame * own / at + int(slot["origin"] or 0), own
        path = path or next(iter(mob["paths"]), "")
        length = slot["segment"].get("length")
        if mob["type"] == "MasterMob" and has is None and isinstance(length, int) and length > 0:
            has = frame / own, length / own
        if mob["type"] == "SourceMob":
            found_code = timecode_at(mob, frame, own)
            if found_code is not None:
                code = found_code
                reel = str(mob["name"])
        node = inner_clip(slot["segment"])
    if code is not None:
        return replace(code, reel=reel, path=path, has=has)
    return Followed(frame, at, reel=reel, path=path, has=has)


def timecode_at(mob: Node, frame: Fraction, rate: Fraction) -> Followed | None:
    """A frame of a mob as its own timecode slot counts it."""
    for slot in mob["slots"]:
        segment, own = slot["segment"], rate_of(slot)
        if segment["type"] == "Sequence" and segment["parts"]:
            segment = segment["parts"][0]
        if segment["type"] == "Timecode" and own is not None:
            first = Fraction(int(segment["start"]))
            counts = own if own <= 120 else rate
            return Followed(first + frame * counts / rate, counts, bool(segment["drop"]))
    return None


def inner_clip(segment: Node) -> Node | None:
    """The first clip inside a source's segment."""
    for _ in range(DEEPEST):
        if segment["type"] == "SourceClip":
            return segment
        parts = segment.get("parts") or []
        if not parts:
            return None
        segment = parts[0]
    return None


def motion(group: Node) -> tuple[Keyframe, ...]:
    """A Motion Control's line: frames of its output against frames of what is put in.

    Avid keeps it twice over: SPEED_OFFSET_MAP counts frames, OFFSET_MAP counts from 0 at the
    first frame to 1 at the last.  The value at a frame is the frame then shown.
    """
    points, unit = group.get("PARAM_SPEED_OFFSET_MAP_U") or [], 1
    if not points:
        points, unit = group.get("PARAM_OFFSET_MAP_U") or [], max((group["length"] or 2) - 1, 1)
    if not all(isfinite(x) and abs(x) < 1e9 for point in points for x in point):
        return ()
    exact = sorted(
        (Fraction(t).limit_denominator(10**6) * unit, Fraction(v).limit_denominator(10**6))
        for t, v in points
    )
    line = simplified(tuple(exact))
    steady = {slope.limit_denominator(10**5) for slope in TimeMap(line).speeds} if line else set()
    return (line[0], line[-1]) if len(steady) == 1 else line


def speed_of(line: Sequence[Keyframe], group: Node) -> Fraction | None:
    """The steady speed of a Motion Control; None where it changes."""
    if len(line) == 2:
        (t0, v0), (t1, v1) = line
        return ((v1 - v0) / (t1 - t0)).limit_denominator(10**5)
    if line:
        return None
    try:
        ratio = Fraction(str(group.get("ratio")))
    except (ValueError, ZeroDivisionError):
        return None
    return 1 / ratio if ratio else None
