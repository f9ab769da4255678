"""What the faces of one shot need of their footage: counted where the shot is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.coverage import Coverage
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.shot import Shot
from dubsync.core.steps import Actor, Engine
from dubsync.service.qc.coverage.beyond_footage import ShotBeyond, beyond_footage
from dubsync.service.reel.pipeline import Part

#: Lacking frames no further apart than this are listed as one run.
JOINED_FRAMES = 6


@dataclass(frozen=True, slots=True)
class ShotNeed:
    """The frames of a character that one shot needs.

    frames   frames that the dub moves
    lacking  of those, frames that resemble no exemplar in the bank
    runs     (first, last) plate frames of each run of lacking frames
    """

    shot: str
    frames: int
    lacking: int
    runs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class FaceNeed:
    """What one face of a shot needs, as head turn and mouth opening of frames.

    wanted   (n, 2) of the frames that the dub moves
    lacking  (m, 2) of those that resemble no exemplar in the bank
    seen     (k, 2) of the bank
    shown    (l, 2) of the frames in which the plate shows the face
    """

    character: str
    need: ShotNeed
    wanted: Array
    lacking: Array
    seen: Array
    shown: Array


@dataclass(frozen=True, slots=True, eq=False)
class ShotCoverage:
    """What one shot needs of its plate and others; see `Covering`."""

    shot: str
    plate: str
    faces: tuple[FaceNeed, ...]
    beyond: tuple[ShotBeyond, ...]


def shot_coverage(shot: Shot, parts: Sequence[Part], engine: Engine) -> ShotCoverage:
    """What each face in `parts` needs, against the bank of its actor."""
    faces = tuple(_face(shot, part, engine) for part in parts)
    return ShotCoverage(
        shot.name, shot.plate.name, faces, tuple(beyond_footage(shot, parts, engine))
    )


def _face(shot: Shot, part: Part, engine: Engine) -> FaceNeed:
    result = engine.coverage(part.actor, [part.corrected])
    moved = np.asarray(part.performance.weight) > 0
    lacks = moved & result.lacking
    runs = _runs(np.flatnonzero(lacks) + part.corrected.frames.start)
    need = ShotNeed(shot.name, int(moved.sum()), int(lacks.sum()), runs)
    shown = frames_of_face(part.actor, part.track, part.original, engine)
    wanted, lacking = result.wanted[moved], result.wanted[lacks]
    return FaceNeed(part.character, need, wanted, lacking, result.seen, shown)


def frames_of_face(actor: Actor, track: FaceTrack, motion: MotionTrack, engine: Engine) -> Array:
    """(T, 2) head turn and mouth opening of the frames that show the face."""
    shown: Coverage = engine.coverage(actor, [motion])
    return shown.wanted[np.asarray(track.confidence) > 0]


def _runs(frames: np.ndarray[Any, Any]) -> tuple[tuple[int, int], ...]:
    if not len(frames):
        return ()
    apart = np.flatnonzero(np.diff(frames) > JOINED_FRAMES) + 1
    return tuple((int(run[0]), int(run[-1])) for run in np.split(frames, apart))
