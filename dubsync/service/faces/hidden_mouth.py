"""Frames whose mouth is hidden keep the plate, and are said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dubsync.core.face import FaceTrack, Performance, Stretch
from dubsync.core.holdout import Mask, runs
from dubsync.core.plural import counted
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.service.faces.plate_sound import where_weighed

#: Why a stretch keeps the plate.
MOUTH_COVERED = "its mouth is covered"


def kept_where_hidden(performance: Performance, track: FaceTrack) -> Performance:
    """`performance` with weight 0, and the plate as its source, where the mouth cannot be seen."""
    hidden = _hidden(track, performance)
    if not hidden.any():
        return performance
    start = performance.frames.start
    weight = np.asarray(np.where(hidden, 0, performance.weight), np.float32)
    driven = [s for s in performance.stretches if s.source != "plate"]
    matched = [s for s in performance.stretches if s.source == "plate"]
    stretches = [
        *where_weighed(driven, start, weight),
        *(part for stretch in matched for part in _outside(stretch, hidden, start)),
        *(Stretch(first, last, "plate", MOUTH_COVERED) for first, last in runs(hidden, start)),
    ]
    ordered = tuple(sorted(stretches, key=lambda stretch: stretch.first))
    return replace(performance, weight=weight, stretches=ordered)


def without_hidden(track: FaceTrack) -> FaceTrack:
    """The track with confidence 0 where the mouth is hidden: nothing is drawn there."""
    return track if track.holdout is None else track.without(track.holdout.mouth_hidden)


def hidden_warnings(
    shot: Shot, character: str, performances: Sequence[Performance]
) -> list[ProjectWarning]:
    """A warning that names the dubbed frames in which the character's mouth is hidden."""
    spans = [
        (stretch.first, stretch.last) for performance in performances
        for stretch in performance.stretches if stretch.reason == MOUTH_COVERED
    ]  # fmt: skip
    if not spans:
        return []
    total = sum(last - first + 1 for first, last in spans)
    listed = ", ".join(f"{a}..{b}" if b > a else str(a) for a, b in spans[:8])
    more = ", ..." if len(spans) > 8 else ""
    return [
        ProjectWarning(
            shot.name,
            f"{character}'s mouth is covered in {counted(total, 'dubbed frame')} ({listed}{more}): "
            "they keep the plate",
            f'if it is not, give a holdout matte: [shots.{shot.name}] holdout = "MATTE.mov"',
        )
    ]


def _outside(stretch: Stretch, hidden: Mask, start: int) -> list[Stretch]:
    """The parts of a stretch in which the mouth is not hidden."""
    free = ~hidden[stretch.first - start : stretch.last + 1 - start]
    return [replace(stretch, first=a, last=b) for a, b in runs(free, stretch.first)]


def _hidden(track: FaceTrack, performance: Performance) -> Mask:
    """(T,) dubbed frames whose mouth cannot be seen."""
    if track.holdout is None:
        return np.zeros(len(performance.frames), bool)
    dubbed = np.asarray(performance.weight > 0)
    for stretch in performance.stretches:
        if stretch.source == "plate":
            start = performance.frames.start
            dubbed[stretch.first - start : stretch.last + 1 - start] = True
    return np.asarray(track.holdout.mouth_hidden & dubbed & (track.confidence > 0), bool)
