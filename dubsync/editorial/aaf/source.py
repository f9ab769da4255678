"""Follows an AAF clip through its chain of mobs to the timecode of its tape or file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isfinite
from typing import Any

from dubsync.core.timeline.runs import Keyframe, TimeMap
from dubsync.editorial.timeline.time_maps import simplified

Node = Mapping[str, Any]
#: Limit of nesting inside a source.
DEEPEST = 32


def rate_of(slot: Node) -> Fraction | None:
    """The edit rate of a slot; None without a valid one."""
    text = slot.get("rate")
    if not isinstance(text, str):
        return None
    rate = Fraction(text)
    return rate if 0 < rate <= 10**6 else None


@dataclass(frozen=True, slots=True)
class FollowedSource:
    """The end of a clip's chain of sources: its first frame there, the reel and the path.

    extent  (seconds of media before that frame, seconds in all); None if unknown
    """

    frame: Fraction
    rate: Fraction | None
    drop: bool = False
    reel: str = ""
    path: str = ""
    extent: tuple[Fraction, Fraction] | None = None


def follow(clip: Node, rate: Fraction, mobs: Mapping[str, Node]) -> FollowedSource:
    """Follow a clip from mob to mob; the timecode is that of the last file or tape that has one.

    A master has a timecode of its own if neither its file nor its tape has one, as mixdowns do.
    """
    frame, at = Fraction(0), rate
    reel = path = ""
    code: FollowedSource | None = None
    master: FollowedSource | None = None
    extent: tuple[Fraction, Fraction] | None = None
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
        if mob["type"] == "MasterMob" and extent is None and isinstance(length, int) and length > 0:
            extent = frame / own, length / own
        if mob["type"] == "MasterMob":
            master = master or timecode_at(mob, frame, own)
        if mob["type"] == "SourceMob":
            code_here = timecode_at(mob, frame, own)
            if code_here is not None:
                code = code_here
                reel = str(mob["name"])
        node = inner_clip(slot["segment"])
    code = code or master
    if code is not None:
        return replace(code, reel=reel, path=path, extent=extent)
    return FollowedSource(frame, at, reel=reel, path=path, extent=extent)


def timecode_at(mob: Node, frame: Fraction, rate: Fraction) -> FollowedSource | None:
    """A frame of a mob in the timecode of its own timecode slot; None without one."""
    for slot in mob["slots"]:
        segment, own = slot["segment"], rate_of(slot)
        if segment["type"] == "Sequence" and segment["parts"]:
            segment = segment["parts"][0]
        if segment["type"] == "Timecode" and own is not None:
            first = Fraction(int(segment["start"]))
            counts = own if own <= 120 else rate
            return FollowedSource(first + frame * counts / rate, counts, bool(segment["drop"]))
    return None


def inner_clip(segment: Node) -> Node | None:
    """The first clip inside the segment of a source, or None."""
    for _ in range(DEEPEST):
        if segment["type"] == "SourceClip":
            return segment
        parts = segment.get("parts") or []
        if not parts:
            return None
        segment = parts[0]
    return None


def motion_line(group: Node) -> tuple[Keyframe, ...]:
    """The keyframes of a Motion Control: output frames to input frames.

    Avid stores them in two forms: SPEED_OFFSET_MAP counts frames, OFFSET_MAP counts from 0 at the
    first frame to 1 at the last.  The value at an output frame is the input frame shown.
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
    """The constant speed of a Motion Control; None if it varies."""
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
