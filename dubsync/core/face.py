"""Face tracks, motion tracks and performances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ShapeError
from dubsync.core.holdout import Holdout
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.take_lane import TakeLane

LANDMARKS = 478  #: Face Landmarker v2: 468 of the face mesh, 10 of the irises
BLENDSHAPES = 52  #: Face Landmarker v2's named expression scores
FACE_SHAPES = 5  #: width, jaw, chin, eyes, nose
#: Distance of two face descriptors up to which two runs of one plate, and two plates, show one
#: person, and from which on they show two.  Between them it is not certain.  Measured:
#: docs/reference/face_network.md.
SAME_IN_PLATE, SAME_FACE, OTHER_FACE = 0.40, 0.34, 0.50

#: Where a person pointed at a face: the number that faces.png gives it; or x, y in plate pixels; or
#: x, y and the plate frame in which it is there.
Point = tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """One tracked face of a plate, over `frames` (T of them).

    face         number of the face in the plate: 1, 2, ... in order of first appearance
    landmarks    (T, 478, 3)  pixels of the plate in square pixels, x right, y down, pixel centres
                 at .5; z in pixels, smaller is nearer.  Interpolated linearly where confidence is 0
    blendshapes  (T, 52)      0..1, in the order of `engine.track.landmarker.BLENDSHAPE_NAMES`
    confidence   (T,)         0 where the face is not seen, otherwise the landmarker's score
    appearance   (128,)       face descriptor: near for one person, far for two (`apart`).
                              Biometric data: kept in the project alone
    holdout      what stands in front of the face in the same frames; None: not looked for
    """

    face: int
    frames: FrameRange
    landmarks: Array
    blendshapes: Array
    confidence: Array
    appearance: Array
    holdout: Holdout | None = None

    def __post_init__(self) -> None:
        t = len(self.frames)
        if self.holdout is not None and self.holdout.frames != self.frames:
            raise ShapeError(f"holdout mattes of {self.holdout.frames} for {self.frames}")
        seal(self, "landmarks", t, LANDMARKS, 3)
        seal(self, "blendshapes", t, BLENDSHAPES)
        seal(self, "confidence", t)
        seal(self, "appearance", None)

    def apart(self, other: FaceTrack) -> float:
        """Distance of the two faces' descriptors; see SAME_FACE and OTHER_FACE.

        Raises:
            ShapeError: descriptors of different engines.
        """
        if self.appearance.shape != other.appearance.shape:
            raise ShapeError(
                f"face descriptors of {self.appearance.shape} and {other.appearance.shape} cannot "
                "be compared"
            )
        return float(np.linalg.norm(self.appearance - other.appearance))

    def part(self, start: int, stop: int) -> FaceTrack:
        """The frames `start` up to `stop`, counted from the track's first."""
        first, rows = self.frames.start, slice(start, stop)
        return replace(
            self,
            frames=FrameRange(first + start, first + stop, self.frames.rate),
            landmarks=self.landmarks[rows],
            blendshapes=self.blendshapes[rows],
            confidence=self.confidence[rows],
            holdout=self.holdout and self.holdout.part(start, stop),
        )

    def without(self, frames: NDArray[np.bool_]) -> FaceTrack:
        """The track with confidence 0 in the flagged frames (T,): they are neither learnt from nor
        drawn on."""
        confidence = np.where(frames, 0, self.confidence)
        return replace(self, confidence=np.asarray(confidence, np.float32))


def runs_of_one_face(tracks: Sequence[FaceTrack]) -> tuple[tuple[FaceTrack, ...], ...]:
    """The tracks of one plate, those of one person together, in order of first appearance.

    A face that leaves and returns, or is cut away from, has several tracks.  Two tracks of one
    frame are two people, however alike.
    """
    groups = [[track] for track in sorted(tracks, key=lambda track: track.frames.start)]
    while True:
        best, pair = SAME_IN_PLATE, None
        for n, group in enumerate(groups):
            for m, other in enumerate(groups[:n]):
                if any(a.frames.overlap(b.frames) for a in group for b in other):
                    continue
                apart = float(np.mean([a.apart(b) for a in group for b in other]))
                if apart <= best:
                    best, pair = apart, (m, n)
        if pair is None:
            return tuple(tuple(group) for group in groups)
        joined = groups[pair[0]] + groups.pop(pair[1])
        groups[pair[0]] = sorted(joined, key=lambda track: track.frames.start)


@dataclass(frozen=True, slots=True, eq=False)
class MotionTrack:
    """Parametric motion of one face over `frames` (T of them).

    basis   digest of the actor's linear model that `mouth` and `upper` refer to
    mouth   (T, M)  jaw and lip coefficients; 0 is the actor's closed mouth at rest
    upper   (T, U)  brow, lid and cheek coefficients; 0 is rest
    head    (T, 7)  rotation vector, radians; translation of the model's origin, plate pixels
                    (x, y, 0); scale, plate pixels per model unit (1 = distance between the eyes)
    gaze    (T, 4)  left then right iris, offset from the eye's centre in eye widths
    blendshapes (T, 52)  the tracker's scores for the same frames
    face_shape  (T, 5)  change of the face's width, jaw, chin, eyes and nose, as a fraction of each;
                None where the face keeps its shape
    lids    (T, 2)  how far left and right lids are shut by hand or by a take's wink, 0..1, from
                where they are; below 0 they are opened; None where none is
    """

    frames: FrameRange
    basis: str
    mouth: Array
    upper: Array
    head: Array
    gaze: Array
    blendshapes: Array
    face_shape: Array | None = None
    lids: Array | None = None

    def __post_init__(self) -> None:
        t = len(self.frames)
        if self.face_shape is not None:
            seal(self, "face_shape", t, FACE_SHAPES)
        if self.lids is not None:
            seal(self, "lids", t, 2)
        seal(self, "mouth", t, None)
        seal(self, "upper", t, None)
        seal(self, "head", t, 7)
        seal(self, "gaze", t, 4)
        seal(self, "blendshapes", t, BLENDSHAPES)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames `first` to `last`, both included, and the source of their mouth.

    source  "sound", "plate" (the plate is kept), or a take's name
    reason  why the source is not a take, or not the take used before; "" if there is no reason
    """

    first: int
    last: int
    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """The target movement of a face, and where the picture must follow it.

    mouth   (T, M)  target jaw and lip coefficients, in `basis`
    weight  (T,)    blend weight: 1 where the original or the dub speaks (where only the original
                    speaks, the mouth must rest), 0 where neither does and the plate is kept

    The other fields are what a take adds to the plate's own motion, at share 1; None without a
    take.

    brows   (T, U)  brow and cheek coefficients, in `basis`
    blinks  (T, U)  lid coefficients, in `basis`
    gaze    (T, 4)  as `MotionTrack.gaze`
    head    (T, 7)  rotation vector in the face's own frame, radians; translation, plate pixels;
                    scale, as a natural logarithm
    lids    (T, 2)  how far left and right lids shut beyond `blinks`, as `MotionTrack.lids`: a wink

    by_hand (T, U)  what controls of expression and lids add to the upper face in full
    ahead   (4,)    gaze, as `MotionTrack.gaze`, of the actor's eyes when they look straight ahead
    neck    (3,)    the joint of the actor's neck about which the head turns, model units
    reach   (2, 7)  lowest and highest turn (rotation vector, radians) and gaze that the actor's
                    footage shows, for a soft stop

    stretches  sources of the mouth, in order of frames; frames without weight are in no stretch,
               unless the plate is kept because it already fits the dub
    lanes      what each take offers in these frames, used or not
    """

    source: Literal["audio", "take", "plate"]
    basis: str
    frames: FrameRange
    mouth: Array
    weight: Array
    brows: Array | None = None
    blinks: Array | None = None
    gaze: Array | None = None
    head: Array | None = None
    lids: Array | None = None
    by_hand: Array | None = None
    ahead: Array | None = None
    neck: Array | None = None
    reach: Array | None = None
    stretches: tuple[Stretch, ...] = ()
    lanes: tuple[TakeLane, ...] = ()

    def __post_init__(self) -> None:
        t = len(self.frames)
        seal(self, "mouth", t, None)
        seal(self, "weight", t)
        if self.ahead is not None:
            seal(self, "ahead", 4)
        if self.neck is not None:
            seal(self, "neck", 3)
        if self.reach is not None:
            seal(self, "reach", 2, 7)
        widths = {"brows": None, "blinks": None, "gaze": 4, "head": 7, "lids": 2, "by_hand": None}
        for name, width in widths.items():
            if getattr(self, name) is not None:
                seal(self, name, t, width)
