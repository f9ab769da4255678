"""Draw a still as it is driven: one warp of its own picture, and what it lacks from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Region
from dubsync.engine.compositing.matte import flat_eye_distance
from dubsync.engine.compositing.mouth_inside import (
    OpenMouth,
    SkinTone,
    inside_share,
    skin_tone,
    with_inside,
)
from dubsync.engine.exemplars.mouth_interior import mouth_dark
from dubsync.engine.face_region.wrinkles import Skin, wrinkles
from dubsync.engine.geometry.mesh import FACE_CONTROLS
from dubsync.engine.head_draw.affine_warp import at_pixels, field, pins, sample
from dubsync.engine.head_draw.head_matte import by_movement, soft
from dubsync.engine.head_draw.visible_points import beside_face, facing
from dubsync.engine.still.drawn_inside import drawn_inside
from dubsync.engine.still.driver_motion import DriverMove
from dubsync.engine.still.eye_ball import with_ball
from dubsync.engine.still.eye_frame import smooth
from dubsync.engine.still.lent import Lent, with_lent
from dubsync.engine.still.lid_skin import with_lid
from dubsync.engine.still.own_inside import own_inside
from dubsync.engine.still.still_model import WORKING_EYE, StillKey, StillModel
from dubsync.engine.still.transfer import DrivenFace

Values = NDArray[np.float64]

#: The matte is whole so far outside the person, then falls off over so much, working pixels.
WHOLE_PX, SOFT_PX = 4.0, 14.0
#: The same where the head moves far: else it drags its background about.
TIGHT_PX = (0.0, 3.0)
#: Movement up to which a pixel of the background is left as it is, working pixels.
RESTS_PX = 1.2
#: Wrinkles keep so far from eyes and brows, and from the face's edge; eye distances.  Less than on
#: plates: the lines of a frown lie between the brows.
CLEAR = 0.06
#: A fold takes less from red than from blue: shade on skin is warm, and grey on it looks dirty.
SHADED = np.array([0.8, 1.05, 1.15], np.float32)
#: The body's movement dies away over this share of the moving part's height.
DIES = 0.35
#: Skin faces away below this cosine, and is let go where that changes by more than this.
LEAST_FACING, FACING_CHANGE = 0.02, 0.12


@dataclass(frozen=True, slots=True, eq=False)
class DriverFrame:
    """The driver as filmed in one frame, for what a still lacks: the mouth's inside, wrinkles.

    picture  (h, w, 3) working colour
    move     its `landmarks` are in pixels of `picture`
    rest     picture and landmarks of a calm frame with a like turn of the head
             (`DriverMotion.calm_like`); without it no wrinkles are taken over
    tone     of the driver's skin; None: found in `picture`
    """

    picture: Array
    move: DriverMove
    rest: Skin | None = None
    tone: SkinTone | None = None

    def __post_init__(self) -> None:
        if self.picture.ndim != 3 or self.picture.shape[2] != 3:
            raise ShapeError(f"a driver's picture is (h, w, 3), not {self.picture.shape}")


@dataclass(frozen=True, slots=True)
class Parts:
    """What is drawn over the warped still; all of it, unless a measurement leaves some out."""

    inside: bool = True
    irises: bool = True
    wrinkles: bool = True
    lids: bool = True


ALL = Parts()


class StillRenderer:
    """Draws one still, frame by frame; frames may come in any order.

        still = learn_still([photo], landmarker)
        draw = StillRenderer(still).draw
        for move in DriverMotion.of(track).moves:
            picture = draw(driven_face(still.key.face, move))

    Outside `still.key.region` the picture is the still's own, bit for bit.
    """

    def __init__(self, still: StillModel) -> None:
        self.still = still
        self._part = still.key.part
        self._soft = soft(still.key.matte, WHOLE_PX, SOFT_PX)
        self._tight = soft(still.key.matte, *TIGHT_PX)
        self._local = np.asarray(still.key.tracked * still.key.scale, np.float32)
        self._dark = mouth_dark(self._part, self._local[:, :2], flat_eye_distance(self._local))

    def draw(
        self,
        target: DrivenFace,
        driver: DriverFrame | None = None,
        parts: Parts = ALL,
        lent: Lent | None = None,
    ) -> Array:
        """(H, W, 3) working colour, the first still's size, with its face as `target` wants it.

        Args:
            target: from `driven_face`, of `still.key.face`.
            driver: the driver as filmed; without it the mouth's inside is the still's own, or a
                drawn one where it has none: `StillModel.inside` says which.
            lent: which other stills mouth and eyes come from (`choose_lent`); None: none.
        """
        key = self.still.key
        region = key.region
        wanted = wanted_landmarks(key, target)
        part = self._warped(wanted, target)
        if driver is not None and driver.rest is not None and parts.wrinkles:
            part *= self._wrinkles(wanted, driver, driver.rest)[..., None] ** SHADED
        local = np.asarray(wanted * key.scale, np.float32)
        lent = lent or Lent()
        for eye in range(2):
            if parts.irises and not lent.eyes:
                part = with_ball(part, local, key.balls[eye])
            if parts.lids and not lent.eyes:
                part = with_lid(part, local, key.lids[eye], eye)
        if parts.inside and not lent.mouth:
            part = self._inside(part, local, driver)
        part = with_lent(part, self.still, wanted, lent)
        if lent.mouth and driver is not None and parts.inside:
            part = self._borrowed(part, local, driver, self.still.keys[lent.mouth].opening)
        result = key.picture.copy()
        result[region.rows, region.columns] = np.clip(part, 0, None)
        return result

    def alpha(self, target: DrivenFace, matte: Array) -> Array:
        """(H, W) 0..1 a matte of the first still, (H, W), moved as `draw` moves the picture."""
        region, key = self.still.key.region, self.still.key
        at = _field(key, wanted_landmarks(key, target), target)
        part = np.ascontiguousarray(matte[region.rows, region.columns], np.float32)
        result = np.array(matte, np.float32)
        result[region.rows, region.columns] = np.clip(
            sample(part, _at_pixels(key, at), cv2.INTER_LINEAR), 0, 1
        )
        return result

    def _warped(self, wanted: Values, target: DrivenFace) -> Array:
        """The moving part (h, w, 3), plate pixels, over what is behind it."""
        key = self.still.key
        at = _field(key, wanted, target)
        size = (key.region.height, key.region.width)
        moved = sample(self._part, _at_pixels(key, at))
        wide, tight = (sample(m, at, cv2.INTER_LINEAR) for m in (self._soft, self._tight))
        matte = np.maximum(np.clip(by_movement(wide, tight, at), 0, 1), _unmoved(at))
        full = cv2.resize(matte, size[::-1], interpolation=cv2.INTER_LINEAR)[..., None]
        return np.asarray(key.behind + full * (moved - key.behind), np.float32)

    def _wrinkles(self, wanted: Values, driver: DriverFrame, rest: Skin) -> Array:
        key = self.still.key
        height, width = key.size
        now = Skin(driver.picture, driver.move.landmarks)
        whole = Region(0, 0, width, height)
        ratio = wrinkles(now, rest, wanted, whole, clear=CLEAR)
        size = (key.region.width, key.region.height)
        return np.asarray(cv2.resize(ratio, size, interpolation=cv2.INTER_LINEAR), np.float32)

    def _inside(self, part: Array, local: Array, driver: DriverFrame | None) -> Array:
        key = self.still.key
        part = own_inside(part, self._part, self._dark, local, self._local)
        if driver is not None:
            return self._borrowed(part, local, driver, key.opening)
        if self.still.inside(driver=False) == "drawn":
            share = inside_share(local, key.opening)
            return with_inside(part, local, drawn_inside(), key.tone, share)
        return part

    def _borrowed(self, part: Array, local: Array, driver: DriverFrame, own: float) -> Array:
        """With the driver's mouth inside, as far as one that was `own` open lacks it."""
        share = inside_share(local, own)
        if share <= 0:
            return part
        points = driver.move.landmarks
        tone = driver.tone or skin_tone(driver.picture, points)
        return with_inside(
            part, local, OpenMouth(driver.picture, points, tone), self.still.key.tone, share
        )


def wanted_landmarks(key: StillKey, target: DrivenFace) -> Values:
    """(478, 3) working pixels of the moving part: as `target` wants them, with what the still's own
    landmarks have beyond its model."""
    beyond = key.tracked - key.face.pose.place(key.face.front[None])[0]
    return np.asarray(target.landmarks + beyond, np.float64)


def drawn_landmarks(key: StillKey, target: DrivenFace) -> Array:
    """(478, 3) pixels of the whole picture that `StillRenderer.draw` gives for `target`."""
    points = wanted_landmarks(key, target) * key.scale
    points[:, :2] += (key.region.left, key.region.top)
    return np.asarray(points, np.float32)


def _field(key: StillKey, wanted: Values, target: DrivenFace) -> Array:
    """(h, w, 2) working pixels of the still for each working pixel of what is drawn."""
    source = np.asarray(key.tracked, np.float64)
    used = _seen_controls(wanted, source)
    outline = key.outline
    body = np.asarray(target.body, np.float64) * WORKING_EYE * _rises(key)[:, None]
    grid = outline.at(target.pose, body)
    kept = beside_face(grid, outline.points, wanted, source, WORKING_EYE)
    size = key.size
    fixed = _pins(key)
    to = np.concatenate([wanted[used, :2], grid[kept], fixed])
    come_from = np.concatenate([source[used, :2], outline.points[kept], fixed])
    return _within(field(to, come_from, size))


def _unmoved(at: Array) -> Array:
    """(h, w) 1 where a field leaves the picture where it is: no fill is as right as itself."""
    height, width = at.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32) + np.float32(0.5)
    return np.asarray(1 - smooth(np.hypot(at[..., 0] - x, at[..., 1] - y) / RESTS_PX))


def _at_pixels(key: StillKey, at: Array) -> Array:
    """(H, W, 2) a field (h, w, 2) at the pixels of the moving part, in its pixels.

    By the scale, not by the two sizes: the part is no whole number of working pixels, and a still
    at rest must be itself to the pixel.
    """
    whole = Region(0, 0, key.region.width, key.region.height)
    return at_pixels(at * np.float32(key.scale), whole, key.scale)


def _within(at: Array) -> Array:
    """A field whose points outside the moving part are reflected at its edge: hair that the
    picture cuts off goes on as hair, not as streaks."""
    height, width = at.shape[:2]
    last = np.array([width, height], np.float32)
    return np.asarray(last - np.abs(last - np.abs(at)), np.float32)


def _rises(key: StillKey) -> Values:
    """(n,) share of the body's movement at each point of the outline: it dies away towards the
    moving part's lower edge, unless that is the picture's own."""
    if key.region.bottom >= key.picture.shape[0]:
        return np.ones(len(key.outline.points))
    height = key.size[0]
    rest = np.asarray((height - key.outline.points[:, 1]) / (DIES * height), np.float32)
    return np.asarray(smooth(rest), np.float64)


def _seen_controls(wanted: Values, source: Values) -> NDArray[np.intp]:
    """Face controls without those that are hidden in one of the two pictures and not in the other.

    Only what is turned away for certain: a still has no other frame to take a far cheek from.
    """
    now, then = facing(wanted), facing(source)
    hidden = (np.minimum(now, then) < LEAST_FACING) & (np.abs(now - then) > FACING_CHANGE)
    return np.asarray(FACE_CONTROLS[~hidden[FACE_CONTROLS]], np.intp)


def _pins(key: StillKey) -> Values:
    """Points of the moving part's border that stay: all but those of the body, at the picture's own
    edge."""
    height, width = key.size
    border = np.asarray(pins(key.size, 9), np.float64)
    cut = key.region.bottom >= key.picture.shape[0]
    x = np.clip(border[:, 0].astype(int), 0, width - 1)
    y = np.clip(border[:, 1].astype(int), 0, height - 1)
    body = cut & (border[:, 1] >= height) & (key.matte[y, x] > 0.3)
    return np.asarray(border[~body])
