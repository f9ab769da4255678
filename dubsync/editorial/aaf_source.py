"""Where an AAF clip comes from: its chain of mobs, down to the tape's or file's own timecode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite
from typing import Any

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
    """Where a clip's chain of sources ends: its first frame there, and what that is called."""

    frame: Fraction
    rate: Fraction | None
    drop: bool = False
    reel: str = ""
    path: str = ""


def follow(clip: Node, rate: Fraction, mobs: Mapping[str, Node]) -> Followed:
    """Follow a clip from mob to mob; timecode is taken from the last that has one."""
    frame, at = Fraction(0), rate
    reel = path = ""
    code: Followed | None = None
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
        if mob["type"] == "SourceMob":
            found_code = timecode_at(mob, frame, own)
            if found_code is not None:
                code = found_code
                reel = str(mob["name"])
        node = inner_clip(slot["segment"])
    if code is not None:
        return replace(code, reel=reel, path=path)
    return Followed(frame, at, reel=reel, path=path)


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


def motion(group: Node) -> Fraction | None:
    """The steady speed of a Motion Control; None where it changes."""
    points = group.get("PARAM_SPEED_OFFSET_MAP_U") or []
    if len(points) == 2 and all(isfinite(x) and abs(x) < 1e9 for point in points for x in point):
        (t0, v0), (t1, v1) = ([Fraction(x).limit_denominator(10**6) for x in p] for p in points)
        if t1 > t0:
            return ((v1 - v0) / (t1 - t0)).limit_denominator(10**5)
    if points or group.get("PARAM_OFFSET_MAP_U"):
        slopes = {
            round((b[1] - a[1]) / (b[0] - a[0]), 6)
            for a, b in zip(points, points[1:], strict=False)
            if b[0] > a[0]
        }
        return Fraction(slopes.pop()).limit_denominator(10**5) if len(slopes) == 1 else None
    try:
        ratio = Fraction(str(group.get("ratio")))
    except (ValueError, ZeroDivisionError):
        return None
    return 1 / ratio if ratio else None
