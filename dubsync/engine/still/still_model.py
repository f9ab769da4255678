"""What is learnt from one to 32 stills of a person: face, matte, background, own expression.

The first still is the picture that is moved; the others lend what it lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import NoFace, ShapeError
from dubsync.core.learning.moving_still import StillReach
from dubsync.core.picture import Region
from dubsync.engine.compositing.mouth_inside import SkinTone, enough, opening, skin_tone, teeth_seen
from dubsync.engine.geometry.mesh import skull_weights
from dubsync.engine.geometry.pose import align_robustly, to_vectors
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.head.person_matte import PersonMatte
from dubsync.engine.motion.basis import neutral_units
from dubsync.engine.still.behind import behind_person
from dubsync.engine.still.eye_ball import EyeBall, eye_ball
from dubsync.engine.still.lid_skin import LidSkin, lid_skin
from dubsync.engine.still.own_expression import own_expression
from dubsync.engine.still.still_outline import StillOutline, still_outline
from dubsync.engine.still.transfer import StillFace
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES, Landmarker, canonical_face

#: Geometry is worked out with the eyes so far apart, pixels.
WORKING_EYE = 50.0
#: The part of the picture that may move, in heights of the face (forehead to chin) from its middle:
#: to either side, above, below.
ASIDE, ABOVE, BELOW = 1.35, 1.3, 1.6
MOST_STILLS = 32
#: Degrees at which a turned still begins to show it, of a frontal one; and of any, at the least.
MOST_YAW, MOST_PITCH, MOST_ROLL, LEAST_TURN = 15.0, 13.0, 12.0, 6.0
#: Score of eyeBlink from which on lids are shut; share of teeth between lips that is not nothing.
SHUT, TOOTHY = 0.5, 0.12
_BLINKS = tuple(BLENDSHAPE_NAMES.index(f"eyeBlink{side}") for side in ("Left", "Right"))


@dataclass(frozen=True, slots=True, eq=False)
class StillKey:
    """One still.

    picture   (H, W, 3) working colour, the whole still
    region    the part of it that may move
    scale     picture pixels per working pixel
    face      its face; `face.pose` places it in working pixels of `region`
    tracked   (478, 3) landmarks as found, working pixels of `region`
    scores    (52,) expression scores
    matte     (h, w) 0..1 the person, working pixels of `region`
    outline   hair, neck and shoulders
    behind    (H, W, 3) what is behind the person in `region`, filled where it was never seen
    balls     right and left eye
    lids      right and left upper lid, shut
    tone      of the skin
    opening   of the lips, eye distances
    teeth     share of what lies between the lips that is teeth
    """

    picture: Array
    region: Region
    scale: float
    face: StillFace
    tracked: Array
    scores: Array
    matte: Array
    outline: StillOutline
    behind: Array
    balls: tuple[EyeBall, EyeBall]
    lids: tuple[LidSkin, LidSkin]
    tone: SkinTone
    opening: float
    teeth: float

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of `region`, working pixels."""
        height, width = self.matte.shape
        return height, width

    @property
    def part(self) -> Array:
        """`region` of the picture."""
        return np.ascontiguousarray(self.picture[self.region.rows, self.region.columns])


@dataclass(frozen=True, slots=True, eq=False)
class StillModel:
    """1 to 32 stills of one person, ready to be driven; see `learn_still`."""

    keys: tuple[StillKey, ...]

    @property
    def key(self) -> StillKey:
        """The still that is moved."""
        return self.keys[0]

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of what `StillRenderer.draw` gives, pixels: the first still's own."""
        height, width = self.key.picture.shape[:2]
        return height, width

    def inside(self, *, driver: bool) -> Literal["driver", "own", "drawn"]:
        """Where the inside of a mouth comes from that opens wider than the stills': for the record.

        Args:
            driver: whether the driver's picture is drawn with.
        """
        if driver:
            return "driver"
        return "own" if self.key.teeth > TOOTHY else "drawn"

    @property
    def range(self) -> StillReach:
        """How far it can go, to be told before anything is rendered."""
        pitch, yaw, _ = np.degrees(np.abs(to_vectors(self.key.face.pose.rotation)[0]))
        return StillReach(
            max(MOST_YAW - 0.4 * float(yaw), LEAST_TURN),
            max(MOST_PITCH - 0.4 * float(pitch), LEAST_TURN),
            MOST_ROLL,
            max(enough(key.opening) for key in self.keys),
            any(min(key.scores[list(_BLINKS)]) > SHUT for key in self.keys),
            any(key.teeth > TOOTHY for key in self.keys),
        )


def learn_still(
    pictures: Sequence[Array], landmarker: Landmarker, landmarks: Sequence[Array] | None = None
) -> StillModel:
    """A model of one person from 1 to 32 stills.  The first is the one that will be moved.

    Scale a still down first where a smaller result will do: what is drawn has its size.

    Args:
        pictures: (H, W, 3) working colour, 0..1, each with the person's face.
        landmarks: (478, 3) pixels of each picture, where they are known; else the largest face's.

    Raises:
        NoFace: a picture without a face.
        ShapeError: no picture, too many, or one of another form.
    """
    if not 1 <= len(pictures) <= MOST_STILLS:
        raise ShapeError(f"{len(pictures)} stills; 1 to {MOST_STILLS} can be learnt from")
    keys = []
    matte = PersonMatte()
    for n, picture in enumerate(pictures):
        if picture.ndim != 3 or picture.shape[2] != 3:
            raise ShapeError(f"still {n + 1} is {picture.shape}, not (H, W, 3)")
        points = landmarks[n] if landmarks is not None else _found(picture, landmarker, n)
        keys.append(still_key(np.asarray(picture, np.float32), points, landmarker, matte))
    return StillModel(tuple(keys))


def still_key(
    picture: Array, landmarks: Array, landmarker: Landmarker, person: PersonMatte
) -> StillKey:
    """A still with landmarks (478, 3), pixels of `picture` (H, W, 3)."""
    points = np.asarray(landmarks, np.float64)
    skull = skull_weights(canonical_face())
    scale = float(align_robustly(points[None], neutral_units(), skull).scale[0]) / WORKING_EYE
    region = _moving_part(picture, points)
    local = points.copy()
    local[:, :2] -= (region.left, region.top)
    tracked = np.asarray(local / scale, np.float32)
    pose = align_robustly(tracked[None], neutral_units(), skull)
    front = np.asarray(pose.remove(tracked[None])[0], np.float32)
    part = np.ascontiguousarray(picture[region.rows, region.columns])
    size = (max(8, round(region.height / scale)), max(8, round(region.width / scale)))
    small = cv2.resize(part, size[::-1], interpolation=cv2.INTER_AREA)
    matte = person(np.asarray(small, np.float32), tracked)
    tone = skin_tone(part, local)
    flat = np.asarray(local, np.float32)
    return StillKey(
        picture, region, scale,
        StillFace(front, own_expression(front, landmarker.expression), pose),
        tracked,
        landmarker.expression(np.asarray(points, np.float32)),
        matte,
        still_outline(matte, tracked, front, pose),
        behind_person(part, matte),
        (eye_ball(part, flat, 0), eye_ball(part, flat, 1)),
        (lid_skin(part, flat, 0), lid_skin(part, flat, 1)),
        tone,
        opening(flat),
        teeth_seen(part, flat, tone),
    )  # fmt: skip


def _moving_part(picture: Array, points: NDArray[np.float64]) -> Region:
    height, width = picture.shape[:2]
    top, chin = points[10, :2], points[152, :2]
    face = float(np.linalg.norm(top - chin))
    x, y = (top + chin) / 2
    left, right = max(0, int(x - ASIDE * face)), min(width, int(np.ceil(x + ASIDE * face)))
    above, below = max(0, int(y - ABOVE * face)), min(height, int(np.ceil(y + BELOW * face)))
    return Region(left, above, right, below)


def _found(picture: Array, landmarker: Landmarker, number: int) -> Array:
    shown = np.ascontiguousarray(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8))
    faces = landmarker.find(rgb_frame(shown))
    if not faces:
        raise NoFace(
            f"no face in still {number + 1}", hint="use a picture in which both eyes are seen"
        )
    return faces[0].points
