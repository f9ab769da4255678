"""Read key frames: the picture, its matte, its landmarks and where the head is in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Frame, Region
from dubsync.engine.exemplars.bank import finite_rgb
from dubsync.engine.exemplars.refine import Appearance
from dubsync.engine.geometry.mesh import NOSE_BASE
from dubsync.engine.geometry.pose import align_robustly
from dubsync.engine.head.follow import Keyed, keyed
from dubsync.engine.head.head_crop import working_picture
from dubsync.engine.head.head_key import HeadKey, Picture, standing
from dubsync.engine.head.head_model import jaw_of
from dubsync.engine.head.head_path import HeadPath, Values
from dubsync.engine.head.other_faces import OtherFaces, parted, touches
from dubsync.engine.head.person_matte import WORKING_EYE_PX, PersonMatte
from dubsync.engine.head.ridge import features_of
from dubsync.engine.motion.basis import Basis

#: A refined landmark stays within this of the tracked one, eye distances.  The tracker is right to
#: about so much; what goes farther has taken a brow for a lid (docs/benchmarks.md, "Whole heads").
FARTHEST_REFINED = 0.02
#: Share of the frame's edge above the mouth that may be the person's before the hair counts as cut.
CUT_SHARE = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One frame of a head as read, before its outline is known; fields as of `HeadKey`.

    picture  None where only the outline is learnt from it
    crowded  another person touches this one: the edge between them is no outline
    keyed    ready to be followed
    """

    plate: str
    frame: int
    picture: Picture | None
    origin: tuple[int, int]
    scale: float
    landmarks: Array
    matte: NDArray[np.uint8]
    path: HeadPath
    features: Array
    cut: bool
    crowded: bool
    keyed: Keyed
    speed: Array = field(default_factory=standing)

    def key(self, grid: Array) -> HeadKey:
        """The key frame whose outline is `grid` (n, 2).  Raises ShapeError without a picture."""
        if self.picture is None:
            raise ShapeError(f"frame {self.frame} of {self.plate} was read without its picture")
        return HeadKey(
            self.plate, self.frame, self.picture, self.origin, self.scale, self.landmarks,
            self.matte, grid, self.path, self.features, self.cut, self.speed,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """Where a plate's head rests: plate pixels, and pixels per model unit."""

    shift: Values
    scale: float


class Reader:
    """Reads the key frames of one actor.  Not to be shared between threads."""

    def __init__(
        self, basis: Basis, appearance: Appearance | None, matte: PersonMatte, middle_turn: Values
    ) -> None:
        self._basis, self._appearance, self._matte = basis, appearance, matte
        self.middle_turn = middle_turn
        self._others = OtherFaces()

    def look(
        self, frame: Frame, plate: str, points: Array, region: Region, scale: float, rest: Rest,
        keep: bool = True, speed: Array | None = None,
    ) -> Look:  # fmt: skip
        """A frame read.

        Args:
            points: (478, 3) tracked landmarks, plate pixels.
            region: the head's part of the frame.
            scale: plate pixels per working pixel.
            keep: whether the picture is kept to draw from; the outline is learnt either way.
            speed: (2,) of the head, eye distances a frame; None: it stands.
        """
        full = finite_rgb(frame, region)
        start = np.array([region.left, region.top, 0], np.float32)
        placed = np.asarray(points, np.float32) - start
        if self._appearance is not None:
            placed = not_far(placed, self._appearance.refined(full, placed), scale)
        small = working_picture(full, scale)
        landmarks = np.asarray(placed / np.float32(scale), np.float32)
        others = self._others(small, landmarks)
        person = self._matte(small, landmarks)
        matte = np.asarray(np.rint(parted(person, landmarks, others) * 255), np.uint8)
        path = self._path(landmarks, rest, (region.left, region.top), scale)
        features = features_of(path, self._jaw(landmarks), self.middle_turn)[0]
        return Look(
            plate, frame.number, full.astype(np.float16) if keep else None,
            (region.left, region.top), scale,
            landmarks, matte, path, features, hair_cut(matte, landmarks, region, frame),
            touches(person, others),
            keyed(small, matte, landmarks), standing() if speed is None else speed,
        )  # fmt: skip

    def _path(
        self, landmarks: Array, rest: Rest, origin: tuple[int, int], scale: float
    ) -> HeadPath:
        skull = np.asarray(self._basis.skull, np.float64)
        pose = align_robustly(landmarks[None], self._basis.rest, skull)
        return HeadPath(
            pose.rotation,
            pose.shift[:, :2],
            pose.scale,
            ((rest.shift - origin) / scale)[None],
            np.array([rest.scale / scale]),
        )

    def _jaw(self, landmarks: Array) -> Values:
        skull = np.asarray(self._basis.skull, np.float64)
        pose = align_robustly(landmarks[None], self._basis.rest, skull)
        return jaw_of(pose.remove(landmarks[None]), self._basis.rest)


def not_far(tracked: Array, refined: Array, scale: float) -> Array:
    """Refined landmarks (..., 478, 3), each at most FARTHEST_REFINED away from the tracked one.

    Args:
        tracked: (..., 478, 3); scale: their pixels per working pixel.
    """
    most = np.float32(FARTHEST_REFINED * WORKING_EYE_PX * scale)
    moved = refined[..., :2] - tracked[..., :2]
    length = np.linalg.norm(moved, axis=-1, keepdims=True)
    result = np.array(refined, np.float32)
    result[..., :2] = tracked[..., :2] + moved * np.minimum(1, most / np.maximum(length, most))
    return result


def hair_cut(matte: NDArray[np.uint8], landmarks: Array, region: Region, frame: Frame) -> bool:
    """Whether the frame's own edge cuts the person above the mouth.

    Args:
        matte: (h, w) and landmarks (478, 3), working pixels, of `region`.
    """
    above = max(1, min(len(matte), int(landmarks[NOSE_BASE, 1])))
    sides = []
    if region.top <= 0:
        sides.append(matte[0])
    if region.left <= 0:
        sides.append(matte[:above, 0])
    if region.right >= frame.format.width:
        sides.append(matte[:above, -1])
    return any(float((side > 127).mean()) > CUT_SHARE for side in sides)
