"""What stands behind heads that are drawn anew: gathered while rendering, kept in the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from dubsync.core.learning.background import FrameBackground
from dubsync.core.steps import Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.qc.head.findings import BehindHead
from dubsync.service.render.frame_cache import FrameReuse

Rows = dict[str, list[dict[str, Any]]]


class BehindHeads:
    """Gathers the FrameBackgrounds of each character, as `pipeline.make_frames` tells them."""

    def __init__(self) -> None:
        self._found: dict[str, list[FrameBackground]] = {}

    def __call__(self, character: str, patch: Patch, frame: int) -> None:
        """Note what `patch` of `frame` says of the background; it may count moments itself."""
        if patch.behind is not None:
            self._found.setdefault(character, []).append(replace(patch.behind, frame=frame))

    def plain(self, reused: FrameReuse) -> Rows:
        """Character -> a table for each frame, for the record; empty where no head is drawn.

        Frames that are `reused` as they are have the tables of their own renders.
        """
        result = {
            name: [_rounded(asdict(one)) for one in frames] for name, frames in self._found.items()
        }
        for name, rows in reused_rows(reused).items():
            result.setdefault(name, []).extend(rows)
        return {name: sorted(rows, key=_number) for name, rows in result.items()}


def reused_rows(reused: FrameReuse) -> Rows:
    """Character -> the tables of the frames that are taken over as they are, in order."""
    result: Rows = {}
    drawn = set(reused.drawn)
    for render in reused.sources:
        taken = {n for n, one in reused.kept.items() if one is render and n not in drawn}
        for name, rows in render.record.get("background", {}).items():
            result.setdefault(name, []).extend(row for row in rows if row["frame"] in taken)
    return {name: sorted(rows, key=_number) for name, rows in result.items() if rows}


def behind_of(record: Mapping[str, Any], frames: FrameRange) -> dict[str, BehindHead]:
    """Character -> what is behind their head in `frames`, as a record says."""
    return {name: _curves(rows, frames) for name, rows in record.get("background", {}).items()}


def _curves(rows: Sequence[Mapping[str, Any]], frames: FrameRange) -> BehindHead:
    elsewhere, filled, made_up = (np.full(len(frames), np.nan) for _ in range(3))
    for row in rows:
        if row["frame"] not in frames:
            continue
        at = row["frame"] - frames.start
        made_up[at] = row["uncovered"] * row["inpainted"]
        if row["uncovered"]:
            elsewhere[at], filled[at] = 100 * row["elsewhere"], 100 * row["inpainted"]
    return BehindHead(elsewhere, filled, made_up)


def _number(row: Mapping[str, Any]) -> int:
    return int(row["frame"])


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    whole = {key: round(v, 4) if isinstance(v, float) else v for key, v in values.items()}
    return whole | {"because": list(values["because"])}
