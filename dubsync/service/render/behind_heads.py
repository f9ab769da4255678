"""What stands behind heads that are drawn anew: gathered while rendering, kept in the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from dubsync.core.learning.background import FrameBackground
from dubsync.core.steps import Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.qc.head.findings import BehindHead


class BehindHeads:
    """Gathers the FrameBackgrounds of each character, as `pipeline.make_frames` tells them."""

    def __init__(self) -> None:
        self._found: dict[str, list[FrameBackground]] = {}

    def __call__(self, character: str, patch: Patch) -> None:
        """Note what `patch` says of the background."""
        if patch.behind is not None:
            self._found.setdefault(character, []).append(patch.behind)

    def plain(self) -> dict[str, list[dict[str, Any]]]:
        """Character -> a table for each frame, for the record; empty where no head is drawn."""
        return {
            name: [_rounded(asdict(one)) for one in sorted(frames, key=_number)]
            for name, frames in self._found.items()
        }


def behind_of(record: Mapping[str, Any], frames: FrameRange) -> dict[str, BehindHead]:
    """Character -> what is behind their head in `frames`, as a record says; NaN where it says
    nothing, or where a frame uncovers nothing."""
    return {name: _curves(rows, frames) for name, rows in record.get("background", {}).items()}


def _curves(rows: Sequence[Mapping[str, Any]], frames: FrameRange) -> BehindHead:
    elsewhere, filled = (np.full(len(frames), np.nan) for _ in range(2))
    for row in rows:
        if row["frame"] in frames and row["uncovered"]:
            at = row["frame"] - frames.start
            elsewhere[at], filled[at] = 100 * row["elsewhere"], 100 * row["inpainted"]
    return BehindHead(elsewhere, filled)


def _number(one: FrameBackground) -> int:
    return one.frame


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    whole = {key: round(v, 4) if isinstance(v, float) else v for key, v in values.items()}
    return whole | {"because": list(values["because"])}
