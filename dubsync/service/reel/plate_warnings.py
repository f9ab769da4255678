"""Warnings about footage before anything is drawn: closed mouths, frames of two pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dubsync.core.face import FaceTrack
from dubsync.core.shot import Plate, ProjectWarning, Shot
from dubsync.qc.mouth import mouth_curves

#: Lip opening of a mouth that speaks varies by more than this, eye distances, between its 2nd and
#: 98th percentile: .10 to .36 in 2 s of nine people speaking (../shared/footage), .02 in silence.
SPEAKS = 0.05
LEAST_FRAMES = 12


def still_mouth_warning(character: str, tracks: Sequence[FaceTrack]) -> ProjectWarning | None:
    """A warning where the mouth hardly moves in all of `tracks`, from which an actor is learnt."""
    openings = []
    for track in tracks:
        seen = np.asarray(track.confidence) > 0
        openings.append(mouth_curves(np.asarray(track.landmarks), seen).opening[seen])
    opening = np.concatenate([*openings, np.zeros(0)])
    if len(opening) < LEAST_FRAMES:
        return None
    shut, open_ = np.percentile(opening, [2, 98])
    if open_ - shut > SPEAKS:
        return None
    how = "never opens" if open_ < 2 * SPEAKS else "never moves"
    return ProjectWarning(
        character,
        f"the mouth {how} in the {len(opening)} frames that show this face, so the shapes that "
        "the dub needs, teeth and tongue included, are guessed",
        "add footage in which this person speaks",
    )


def reading_warnings(plate: Plate) -> list[ProjectWarning]:
    """What a person must know of how a plate's file is read: flags that its pictures belie."""
    hint = "look at how it is read: dubsync probe " + plate.name
    return [ProjectWarning(plate.name, told, hint) for told in plate.reading.told]


def mixed_warnings(shot: Shot, frames: NDArray[np.intp]) -> list[ProjectWarning]:
    """A warning for each run of plate `frames` (rising) that mix two pictures."""
    runs = np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1) if len(frames) else []
    return [
        ProjectWarning(
            shot.plate.name,
            f"frames {run[0]} to {run[-1]} mix two pictures, as in a dissolve or a fade inside the "
            "plate: a mouth drawn there belongs to neither",
            "give the two source clips as plates, and put the dissolve into the cut",
        )
        for run in runs
    ]
