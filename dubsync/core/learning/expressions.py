"""Named expressions of one performer, found in their footage, and the step that finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dubsync.core.face import FaceTrack


@dataclass(frozen=True, slots=True)
class NamedExpression:
    """One frame that shows an expression.

    name      "smile"; "" where a frame was asked for
    track     which of the tracks, counted from 0
    frame     number of the frame in its plate
    strength  0..1 how clearly it shows
    scores    (name, offset) of the tracker's scores from the performer's own neutral face
    gaze      how far the eyes look to the picture's right and up, as gaze_x and gaze_y have it
    """

    name: str
    track: int
    frame: int
    strength: float
    scores: tuple[tuple[str, float], ...]
    gaze: tuple[float, float] = (0.0, 0.0)


class FindExpressions(Protocol):
    """Find the named expressions of one performer."""

    def __call__(
        self, tracks: Sequence[FaceTrack], *, at: tuple[int, int] | None = None
    ) -> tuple[NamedExpression, ...]:
        """For each name the frame that shows it best; names that no frame shows are left out.

        Args:
            tracks: of one person.
            at: (track, frame) to describe instead; one NamedExpression without a name.

        Raises:
            NoFace: no frame shows the face, or not the one asked for.
        """
