"""The render's faces, tracked again, beside the plate's faces and the planned motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.face import FaceTrack
from dubsync.core.result import RenderedShot
from dubsync.core.steps import Engine
from dubsync.core.timeline.timecode import FrameRange
from dubsync.qc.head.head_and_eyes import moved_apart
from dubsync.qc.mouth import Curve, MouthCurves, eye_distance, mouth_curves, opening_of
from dubsync.service.reel.pipeline import Part

#: A re-tracked face is the plate's if their landmarks are this near, in eye distances.
SAME_FACE = 0.5
#: A head that is turned and shifted by no more lies where it was, degrees (`moved_apart`).
SAME_PLACE = 1.0
#: Weight up to which a frame keeps the plate's mouth.
OURS = 1e-6
#: Eye corners and the bridge of the nose: landmarks that do not move with the mouth.
STILL = [33, 133, 362, 263, 168]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One character over all T frames of the render: their Parts joined.

    landmarks  (T, 478, 3)  in the plate; undefined where not `seen`
    seen       (T,)         False where the face is not found, or something covers its lower part
    weight     (T,)         0 where the plate's mouth is kept
    shifted    (T, 2)       pixels by which the head is moved in the picture
    moved      (T,)         whether the head is moved so far that it lies on other pixels
    """

    character: str
    parts: tuple[Part, ...]
    landmarks: NDArray[np.float32]
    seen: NDArray[np.bool_]
    weight: Curve
    shifted: NDArray[np.float32]
    moved: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class TrackedAgain:
    """A character's face as tracked in the render, over its T frames.

    landmarks    (T, 478, 3)  the plate's where not `seen`
    blendshapes  (T, 52)
    seen         (T,)
    tracks       the render's tracks that show it
    """

    landmarks: NDArray[np.float32]
    blendshapes: NDArray[np.float32]
    seen: NDArray[np.bool_]
    tracks: tuple[FaceTrack, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Mouth:
    """One character's mouth over T frames: in the plate, as planned and in the render.

    wanted    (T,)    planned opening, in eye distances; NaN if there is none
    target     (T, M)  planned coefficients; `drawn`: those fitted to the render
    """

    plate: MouthCurves
    render: MouthCurves
    wanted: Curve
    target: Curve
    drawn: Curve


def joined_face(character: str, parts: Sequence[Part], frames: FrameRange) -> Face:
    """The character's Parts, placed on the render's `frames`."""
    mine = tuple(part for part in parts if part.character == character)
    total = len(frames)
    landmarks = np.zeros((total, 478, 3), np.float32)
    seen = np.zeros(total, bool)
    weight = np.zeros(total, np.float64)
    shifted = np.zeros((total, 2), np.float32)
    moved = np.zeros(total, bool)
    for part in mine:
        place, own = places(part, frames)
        shifted[place] = (part.corrected.head - part.original.head)[own, 3:5]
        moved[place] = moved_apart(part.corrected.head, part.original.head)[own] > SAME_PLACE
        landmarks[place] = part.track.landmarks[own]
        seen[place] = part.track.confidence[own] > 0
        if part.track.holdout is not None:
            seen[place] &= ~part.track.holdout.covered[own]
        weight[place] = part.performance.weight[own]
    return Face(character, mine, landmarks, seen, weight, shifted, moved)


def places(part: Part, frames: FrameRange) -> tuple[slice, slice]:
    """The frames that both have, as a slice of the render's `frames` and one of the part's."""
    both = part.track.frames.overlap(frames)
    if both is None:
        return slice(0, 0), slice(0, 0)
    mine, theirs = part.track.frames.start, frames.start
    return (
        slice(both.start - theirs, both.stop - theirs),
        slice(both.start - mine, both.stop - mine),
    )


def tracked_again(face: Face, tracks: Sequence[FaceTrack], rendered: RenderedShot) -> TrackedAgain:
    """The same face in the render.

    In each frame the re-tracked face that is nearest to where the head was moved is taken, if it
    is within SAME_FACE.
    """
    total = len(rendered.frames)
    landmarks = face.landmarks.copy()
    shapes = np.zeros((total, 52), np.float32)
    nearest = np.full(total, np.inf)
    owner = np.full(total, -1)
    scale = np.maximum(eye_distance(face.landmarks), 1e-6)
    expected = face.landmarks[:, STILL, :2].mean(axis=1) + face.shifted
    for n, track in enumerate(tracks):
        shift = track.frames.start - rendered.frames.start
        for own in np.flatnonzero(track.confidence > 0):
            place = int(own) + shift
            if not (0 <= place < total and face.seen[place]):
                continue
            apart = track.landmarks[own, STILL, :2].mean(axis=0) - expected[place]
            away = float(np.linalg.norm(apart))
            if away / scale[place] < min(SAME_FACE, nearest[place]):
                nearest[place], owner[place] = away / scale[place], n
                landmarks[place], shapes[place] = track.landmarks[own], track.blendshapes[own]
    mine = tuple(track for n, track in enumerate(tracks) if (owner == n).any())
    return TrackedAgain(landmarks, shapes, np.isfinite(nearest), mine)


def again_in(part: Part, again: TrackedAgain, rendered: RenderedShot) -> FaceTrack:
    """The face as tracked in the render, on the part's frames; elsewhere the plate's."""
    place, own = places(part, rendered.frames)
    return replace(
        part.track,
        landmarks=_spread(part.track.landmarks, again.landmarks, place, own),
        blendshapes=_spread(part.track.blendshapes, again.blendshapes, place, own),
        confidence=_spread(part.track.confidence, again.seen.astype(np.float32), place, own),
    )


def mouth_of(face: Face, again: TrackedAgain, engine: Engine, rendered: RenderedShot) -> Mouth:
    """The face's mouth in plate, plan and render, in eye distances and in coefficients."""
    seen = again.seen
    width = face.parts[0].corrected.mouth.shape[1]
    total = len(rendered.frames)
    target, drawn, original = (np.full((total, width), np.nan) for _ in range(3))
    for part in face.parts:
        place, own = places(part, rendered.frames)
        if not seen[place].any():
            continue
        target[place] = part.corrected.mouth[own]
        original[place] = part.original.mouth[own]
        drawn[place] = engine.fit(again_in(part, again, rendered), part.actor).mouth[own]
    drawn[~seen] = np.nan
    plate, render = mouth_curves(face.landmarks, face.seen), mouth_curves(again.landmarks, seen)
    both = [np.isfinite(c).all(axis=1) for c in (original, drawn)]
    wanted = np.full(total, np.nan)
    there = np.isfinite(target).all(axis=1)
    wanted[there] = opening_of(
        target[there],
        np.concatenate([original[both[0]], drawn[both[1]]]),
        np.concatenate([plate.opening[both[0]], render.opening[both[1]]]),
    )
    return Mouth(plate, render, wanted, target, drawn)


def _spread(
    whole: NDArray[np.float32], part: NDArray[np.float32], place: slice, own: slice
) -> NDArray[np.float32]:
    """`whole` with `part[place]` put at `own`."""
    spread = np.array(whole)
    spread[own] = part[place]
    return spread
