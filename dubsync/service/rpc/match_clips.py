"""Which shots of a reel the clips of a host are."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import parse_rate
from dubsync.service.overview import ShotRow
from dubsync.service.rpc.asked import Clip, Span


def matched(clips: Sequence[Clip], rows: Sequence[ShotRow], rate: Fraction) -> list[dict[str, Any]]:
    """For each clip the names of its shots, or why it has none."""
    return [{"id": clip.id, **_of(clip, rows, rate)} for clip in clips]


def _of(clip: Clip, rows: Sequence[ShotRow], rate: Fraction) -> dict[str, Any]:
    called = clip.name or clip.id
    if not clip.enabled:
        return _none(f"{called} is switched off in the timeline")
    if clip.rate:
        try:
            theirs = parse_rate(clip.rate)
        except TimecodeError as error:
            return _none(f"{called}: {error}")
        if theirs != rate:
            return _none(
                f"{called} is in a timeline of {float(theirs):.6g} fps, the reel has "
                f"{float(rate):.6g} fps: send the timeline again"
            )
    here = [row for row in rows if _overlap(clip.record, (row.record.start, row.record.stop))]
    if not clip.media:
        return _none(f"{called} has no media: it is offline, a title or a generator")
    same = [row for row in here if _is_media(clip, row)]
    if not same and clip.source is not None:
        # The clip was moved since the timeline was sent: its source frames still tell.
        same = [
            row for row in rows
            if _is_media(clip, row) and row.shot is not None
            and _overlap(clip.source, (row.shot.file_source.start, row.shot.file_source.stop))
        ]  # fmt: skip
    if not same:
        return _none(f"no shot of the reel shows {called}: send the timeline again")
    able = [row for row in same if row.shot is not None]
    if not able:
        why = "; ".join(same[0].reasons) or f"it is {same[0].state}"
        return _none(f"{called} cannot be synced: {why}")
    return {"shots": [row.name for row in able], "why": ""}


def _none(why: str) -> dict[str, Any]:
    return {"shots": [], "why": why}


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _is_media(clip: Clip, row: ShotRow) -> bool:
    """Whether a clip plays the row's media; its plate may be another file of the same name."""
    names = {_stem(clip.media)}
    theirs = {_stem(row.event.media), _stem(row.event.clip)}
    if row.plate is not None:
        theirs |= {_stem(row.plate.path), _stem(row.plate.name)}
    return bool(names & (theirs - {""}))


def _stem(path: str) -> str:
    """A file's name as hosts of all kinds write it, without folder, suffix and case."""
    name = PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
    return name.rsplit(".", 1)[0].lower() if "." in name else name.lower()
