"""The pictures a shot's head is drawn from: key frames cut out, its own frames."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame, Region
from dubsync.core.steps import Patch, Renderer
from dubsync.engine.clean_plate.clean_plate import INPAINTED, CleanPlate
from dubsync.engine.exemplars.bank import finite_rgb
from dubsync.engine.head.follow import Keyed, keyed
from dubsync.engine.head.head_crop import working_picture
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.other_faces import OtherFaces, parted
from dubsync.engine.head.person_matte import PersonMatte
from dubsync.engine.head_draw.affine_warp import sample
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.cut_out import CutOut, background_of, cut_out
from dubsync.engine.render.kept import held
from dubsync.engine.track.detector import Box

Values = NDArray[Any]

#: (h, w) 0..1 of the person with landmarks (478, 3) in a picture (h, w, 3); see `PersonMatte`.
Person = Callable[[Array, Array | None], Array]

#: Key frames held, ready to be drawn from.
KEYS_HELD = 24
#: Backgrounds held at the working size.
BEHIND_HELD = 8
#: A picture this many times finer than the plate is scaled down first, so as not to alias.
FINER = 1.5
#: Other people are looked for in every so manieth frame while nobody is known to be there.
LOOK_EVERY = 8


@dataclass(frozen=True, eq=False)
class OwnFrame:
    """The shot's own frame over the canvas.

    picture    (H, W, 3) working colour, the corrected mouth drawn into it
    matte      (h, w) 0..1 person, working pixels
    landmarks  (478, 3) working pixels, as tracked
    drawn      landmarks of `picture`: the mouth's are the corrected ones where it was drawn
    """

    picture: Array
    matte: Array
    landmarks: Values
    drawn: Values


class Shelf:
    """Everything that one shot's head is drawn from.

    Args:
        mouth: draws the corrected mouth into the shot's own frames; None: nothing does.
        name: the shot's plate.
        person: finds the person; None: `PersonMatte`, loaded when first needed.
        others: the other faces tracked in the shot.
    """

    def __init__(
        self, head: HeadModel, plate: CleanPlate, canvas: Canvas, name: str,
        mouth: Renderer | None, person: Person | None = None, others: Sequence[FaceTrack] = (),
    ) -> None:  # fmt: skip
        self._head, self._plate = head, plate
        self._canvas, self._name, self._mouth = canvas, name, mouth
        self._person = person
        self._others = others
        self._find: OtherFaces | None = None
        self._looked: tuple[int, tuple[Box, ...]] = (-LOOK_EVERY, ())
        self._keys: OrderedDict[int, CutOut] = OrderedDict()
        self._scenery: OrderedDict[int, Array] = OrderedDict()
        # The last clean plate that was drawn whole, and its frame: the head is laid over it too.
        self._behind = -1, (np.zeros((0, 0, 3), np.float32), np.zeros((0, 0), np.uint8))

    def key(self, n: int) -> CutOut:
        """Key frame `n`, cut out of its background."""
        return held(self._keys, n, lambda: self._key(n), KEYS_HELD)

    def own(self, frame: Frame, landmarks: Values, wanted: Values) -> OwnFrame:
        """The shot's own frame.

        Args:
            landmarks: (478, 3) as tracked, plate pixels; `wanted`: with the corrected mouth.
        """
        canvas = self._canvas
        picture = finite_rgb(frame, canvas.region)
        there = canvas.working(landmarks)
        matte = self._person_matte(working_picture(picture, canvas.px), there, frame.number)
        drawn = there
        patch = self.mouth_patch(frame)
        if patch is not None:
            lay_patch(picture, patch, canvas.region)
            drawn = canvas.working(wanted)
        return OwnFrame(picture, matte, there, drawn)

    def keyed_own(self, frame: Frame, landmarks: Values) -> tuple[Keyed, NDArray[np.uint8]]:
        """The shot's own frame, ready to be followed, and its person matte (h, w), 0..255."""
        there = self._canvas.working(landmarks)
        small = working_picture(finite_rgb(frame, self._canvas.region), self._canvas.px)
        matte = np.rint(self._person_matte(small, there, frame.number) * 255).astype(np.uint8)
        return keyed(small, matte, np.asarray(there, np.float32)), matte

    def _person_matte(self, small: Array, landmarks: Values, frame_number: int) -> Array:
        """(h, w) 0..1 the person in a picture of the canvas at the working size."""
        if self._person is None:
            self._person = PersonMatte()
        shown, points = np.clip(small, 0, 1), np.asarray(landmarks, np.float32)
        others = self._beside(frame_number, shown, points)
        return parted(self._person(shown, points), points, others)

    def _beside(self, frame_number: int, shown: Array, points: Array) -> tuple[Box, ...]:
        """Faces of other people in a picture of the head.

        Where nobody else is tracked, and nobody was found at the last look, only every LOOK_EVERY
        frames are looked at: a look costs as much as the rest of a small head's mattes.
        """
        last, found = self._looked
        alone = not any(_shows(track, frame_number) for track in self._others)
        if alone and not found and 0 <= frame_number - last < LOOK_EVERY:
            return ()
        if self._find is None:
            self._find = OtherFaces()
        found = self._find(shown, points)
        self._looked = frame_number, found
        return found

    def mouth_patch(self, frame: Frame) -> Patch | None:
        """The corrected mouth in the shot's own frame; None where nothing draws it."""
        return self._mouth([frame])[0] if self._mouth is not None else None

    def cut_own(self, own: OwnFrame, frame: Frame, grid: Values) -> CutOut:
        """The shot's own frame, cut out; `grid` (n, 2) is its outline, working pixels."""
        behind = self._plate.both(frame.number)
        self._behind = frame.number, behind
        return cut_out(own.picture, own.matte, own.drawn, grid, self._canvas.px, behind)

    def background(self, frame_number: int) -> Array | None:
        """(h, w, 4) what is behind the canvas in a frame: colour, and 0..1 how sure it was seen.

        At the working size; None for a frame that the clean plate does not know.  Where the camera
        stands still, light and grain are those of one frame: it tells what lies where.
        """
        plate = self._plate
        if plate.canvas.still:
            frame_number = plate.numbers[0]
        if frame_number not in plate.numbers:
            return None

        def made() -> Array:
            number, last = self._behind
            colour, known = last if number == frame_number else plate.both(frame_number)
            seen = np.asarray(known != INPAINTED, np.float32)
            whole = np.concatenate([colour, seen[..., None]], axis=-1)
            return working_picture(whole, self._canvas.px)

        return held(self._scenery, frame_number, made, BEHIND_HELD)

    def behind_key(self, n: int, at: Array) -> Array | None:
        """(h, w, 4) `background` at points `at` (h, w, 2) of key `n`, working pixels of it.

        None for a key of another plate, and of a frame that the clean plate does not know.
        """
        key, canvas = self._head.keys[n], self._canvas
        there = self.background(key.frame) if self.shares_light(n) else None
        if there is None:
            return None
        start = (np.asarray(key.origin) - canvas.corner) / canvas.px
        spots = at * np.float32(key.scale / canvas.px) + np.asarray(start, np.float32)
        return sample(there, spots, cv2.INTER_LINEAR)

    def behind(self, frame_number: int, part: Region, wanted: NDArray[np.bool_]) -> Array:
        """(h, w, 3) the clean plate of a frame in `part`; see `CleanPlate.at`."""
        number, (whole, _) = self._behind
        if number != frame_number:
            return self._plate.at(frame_number, part, wanted)
        region = self._plate.region
        return whole[part.top - region.top : part.bottom - region.top,
                     part.left - region.left : part.right - region.left]  # fmt: skip

    def shares_light(self, n: int) -> bool:
        """Whether key `n` was filmed on the shot's own plate."""
        return self._head.keys[n].plate == self._name

    def _key(self, n: int) -> CutOut:
        key = self._head.keys[n]
        picture, scale = key.picture.astype(np.float32), key.scale
        behind = None
        if self.shares_light(n) and key.frame in self._plate.numbers:
            behind = background_of(self._plate, key.frame, key.origin, picture.shape[:2])
        matte = np.asarray(key.matte, np.float32) / np.float32(255)
        if scale > FINER * self._canvas.px:
            picture, scale = _scaled(picture, scale, self._canvas.px)
            behind = None
        # Another plate's background must not come along in a soft edge.
        soft = self.shares_light(n)
        return cut_out(picture, matte, key.landmarks, key.grid, scale, behind, soft=soft)


def lay_patch(picture: Array, patch: Patch, region: Region) -> None:
    """Blend a patch into `picture` (h, w, 3) of `region`, in place."""
    part = patch.region
    left, top = max(part.left, region.left), max(part.top, region.top)
    right, bottom = min(part.right, region.right), min(part.bottom, region.bottom)
    if right <= left or bottom <= top:
        return
    own = slice(top - part.top, bottom - part.top), slice(left - part.left, right - part.left)
    there = (
        slice(top - region.top, bottom - region.top),
        slice(left - region.left, right - region.left),
    )
    share = np.asarray(patch.matte[own], np.float32)[..., None] / np.float32(255)
    picture[there] += share * (patch.rgb[own] - picture[there])


def _shows(track: FaceTrack, frame_number: int) -> bool:
    row = frame_number - track.frames.start
    return 0 <= row < len(track.frames) and bool(track.confidence[row] > 0)


def _scaled(picture: Array, scale: float, px: float) -> tuple[Array, float]:
    """The picture at about `px` pixels per working pixel, and its exact scale."""
    width = max(8, round(picture.shape[1] * px / scale))
    height = max(8, round(picture.shape[0] * px / scale))
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32), scale * width / picture.shape[1]
