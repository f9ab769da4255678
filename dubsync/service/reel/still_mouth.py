"""Footage in which a mouth never opens: the dub needs shapes that it does not show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubsync.core.face import FaceTrack
from dubsync.core.shot import ProjectWarning
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
