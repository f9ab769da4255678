"""Draw a whole head: the actor's own frames cut out, warped, and laid over the shot's clean plate.

Hair, neck and shoulders follow the outline grid, the face its landmarks; mouth and eyes come from
exemplars of their own.  Adding the motion blur that an exemplar lacks was tried and lost
(docs/benchmarks.md, "Whole heads").  Geometry is worked out at the working size; the picture is
sampled once, at the plate's pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.face import FaceTrack
from dubsync.core.learning.background import FrameBackground
from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.steps import Patch
from dubsync.core.tweak.matte_edit import MatteShape
from dubsync.engine.clean_plate.background import frame_background
from dubsync.engine.clean_plate.clean_plate import CleanPlate
from dubsync.engine.compositing.colour_match import GAIN_RANGE
from dubsync.engine.compositing.origin import from_elsewhere
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.exemplars.bank import light_of
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.head.head_crop import working_size
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head_draw import affine_warp, head_matte
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.choose.head_choice import OWN
from dubsync.engine.head_draw.cut_out import CutOut, share_of
from dubsync.engine.head_draw.even_outline import smoothed
from dubsync.engine.head_draw.head_plan import HeadPlan
from dubsync.engine.head_draw.inlay.face_detail import meet_face_detail
from dubsync.engine.head_draw.inlay.insets import DARK, Shown
from dubsync.engine.head_draw.inlay.lay_face import lay_face
from dubsync.engine.head_draw.inlay.low_band import low_change
from dubsync.engine.head_draw.shelf import OwnFrame, Shelf
from dubsync.engine.head_draw.visible_points import (
    beside_face,
    carried,
    drawn_in,
    near_frame,
    visible_controls,
)
from dubsync.engine.head_shell.far_turn import FarTurn, Front
from dubsync.engine.render.holdout_edge import held_out
from dubsync.engine.render.matte_edge import edge_at

Values = NDArray[Any]

#: Outline points this far beyond the canvas still control the warp, working pixels.
ROOM_BEYOND = 60.0
#: Points that hold the warp along each side of the canvas.
PINS = 13
#: The patch covers the person who was there with this room, and fades over so much; working pixels.
ROOM_PX, FEATHER_PX = 7.0, 6.0
#: Over so many working pixels the patch fades at a side of the canvas that is not the frame's edge.
EDGE_PX = 14.0
#: The patch is whole where the new head's share is at least this.
SHARE = 0.02
#: A person hides what is behind them from this share on.
HIDES = 0.5
#: A head turned by more than this, radians, may end right beside its mouth or an eye.
ASIDE = np.radians(15)
#: Update rate of another plate's light, per frame.
FOLLOW = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A frame's new head.

    region  where, square pixels of the plate, on chroma sites
    rgb     (h, w, 3) working colour
    share   (h, w) 0..1 of the patch
    behind  how the background is known that it uncovers
    """

    region: Region
    rgb: Array
    share: Array
    behind: FrameBackground


class HeadRenderer:
    """Draws one head through one shot.  Implements `core.steps.Renderer`; see `prepare_head`."""

    def __init__(
        self, head: HeadModel, plate: CleanPlate, track: FaceTrack, plan: HeadPlan, canvas: Canvas,
        shelf: Shelf, matte: MatteShape | None = None,
    ) -> None:  # fmt: skip
        self._head, self._plate, self._track = head, plate, track
        self._plan, self._canvas, self._shelf, self._matte = plan, canvas, shelf, matte
        self._gains: dict[str, Array] = {}

    @property
    def plan(self) -> HeadPlan:
        """What every frame is drawn from."""
        return self._plan

    @property
    def canvas(self) -> Canvas:
        """Where the head is drawn."""
        return self._canvas

    @property
    def shelf(self) -> Shelf:
        """The pictures that it is drawn from."""
        return self._shelf

    def with_plan(self, plan: HeadPlan) -> HeadRenderer:
        """The same renderer, drawing by another plan."""
        given = self._canvas, self._shelf, self._matte
        return HeadRenderer(self._head, self._plate, self._track, plan, *given)

    @property
    def cuts(self) -> NDArray[np.bool_]:
        """(T,) whether the head's exemplar changes with a frame."""
        return self._plan.head.cut

    def __call__(self, frames: Sequence[Frame]) -> list[Patch | None]:
        """A Patch for each frame, None where the plate is unchanged."""
        return [self._patch(frame) for frame in frames]

    def _patch(self, frame: Frame) -> Patch | None:
        if frame.number not in self._track.frames:
            raise ShapeError(f"frame {frame.number} is not in {self._track.frames}")
        t = frame.number - self._track.frames.start
        if not self._plan.shown[t]:
            return None
        if self._stays(t):
            return held_out(self._shelf.mouth_patch(frame), self._track, frame.number)
        drawn = self.draw(frame)
        if drawn is None:
            return None
        matte = np.rint(255 * float(self._plan.strength[t]) * drawn.share).astype(np.uint8)
        if not matte.any():
            return None
        patch = Patch(drawn.region, drawn.rgb, matte, drawn.behind,
                      origin=from_elsewhere(drawn.region))  # fmt: skip
        return held_out(patch, self._track, frame.number)

    def draw(self, frame: Frame, everything: bool = False) -> Drawn | None:
        """The new head of one frame; None where no part of it is to be seen.

        Args:
            everything: over the whole canvas, not just where the plate changes.
        """
        t = frame.number - self._track.frames.start
        canvas, plan = self._canvas, self._plan
        own = self._shelf.own(frame, self._track.landmarks[t], plan.mouthed[t])
        number = int(plan.head.path[t])
        head = self._source(number, own, frame, t)
        steady = canvas.working(plan.steady[t])
        at, front = self._layers(t, number, head, steady)
        drawn = _at_working_size(head, at, front, self._dragged(number, frame, at))
        share = self._patch_share(own, drawn[1][..., 0], frame)
        place = self._place(share, frame.format, everything)
        if place is None:
            return None
        region = _moved(place, canvas.region)
        uncovered = (own.matte > HIDES) & (drawn[1][..., 0] < HIDES)
        small = cv2.merge([drawn[1][..., 0], share, np.asarray(uncovered, np.float32)])
        alpha, shown, bared = cv2.split(affine_warp.at_pixels(small, place, canvas.px))
        person = self._sampled(head, at, front, place, alpha > 0)
        gain = self._gain(number, frame, own)
        if (gain != 1).any():
            person = cv2.transform(person, np.diag(gain))
        change = self._low_change(t, drawn[0], steady)
        if change is not None:
            person += affine_warp.at_pixels(change, place, canvas.px)
        picture = np.zeros((canvas.region.height, canvas.region.width, 3), np.float32)
        picture[place.rows, place.columns] = head_matte.laid(
            person, self._shelf.behind(frame.number, region, alpha < 1), alpha
        )
        there = canvas.working(plan.landmarks[t])
        aside = abs(float(plan.rests.turn[t, 1])) > ASIDE
        before = picture.copy() if aside or front is not None else picture
        lay_face(picture, plan, t, there, lambda number: self._shown(number, own), canvas)
        if aside:
            # Beside a far cheek lies the background: lips and lashes end where the head does.
            inlaid = picture[place.rows, place.columns]
            inlaid += (1 - alpha[..., None]) * (before[place.rows, place.columns] - inlaid)
        if front is not None:
            # What lies beyond the face's silhouette stays as it was.
            beyond = affine_warp.at_pixels(front.beyond, canvas.whole, canvas.px)
            picture += beyond * (before - picture)
        meet_face_detail(picture, there, own.picture, own.drawn, canvas)
        rgb = np.ascontiguousarray(picture[place.rows, place.columns])
        behind = frame_background(self._plate, frame.number, region, bared > HIDES)
        return Drawn(region, rgb, np.clip(shown, 0, 1), behind)

    def _stays(self, t: int) -> bool:
        """Whether a frame is the shot's own and nothing but its mouth moves."""
        plan = self._plan
        own = all(one.path[t] == OWN for one in (plan.head, plan.mouth, *plan.eyes))
        return bool(own and np.array_equal(plan.landmarks[t], plan.mouthed[t]))

    def _source(self, number: int, own: OwnFrame, frame: Frame, t: int) -> CutOut:
        if number == OWN:
            return self._shelf.cut_own(own, frame, self._plan.original[t])
        return self._shelf.key(number)

    def _layers(
        self, t: int, number: int, head: CutOut, wanted: Values
    ) -> tuple[Array, Front | None]:
        """(h, w, 2) working source points in `head`, and the face over them where it hides much."""
        far = self._plan.far
        if far is None or not far.share[t]:
            return self._field(t, number, head, wanted), None
        at, share = self._field(t, number, head, wanted, far), far.share[t]
        if share < 1:
            near = self._field(t, number, head, wanted)
            at = near + share * (at - near)
        return at, far.front(t, wanted, head.landmarks, self._canvas.size)

    def _sampled(
        self, head: CutOut, at: Array, front: Front | None, place: Region,
        seen: NDArray[np.bool_],
    ) -> Array:  # fmt: skip
        """The exemplar's picture at the plate's pixels of `place`, where it is `seen` (h, w)."""
        px, scale = self._canvas.px, np.float32(head.scale)
        full = affine_warp.at_pixels(at * scale, place, px)
        person = affine_warp.sample(head.picture, full, wanted=seen, beyond=cv2.BORDER_REFLECT_101)
        if front is None:
            return person
        full = affine_warp.at_pixels(front.at * scale, place, px)
        cover = affine_warp.at_pixels(front.cover, place, px)
        return head_matte.laid(affine_warp.sample(head.picture, full), person, cover[..., 0])

    def _field(
        self, t: int, number: int, head: CutOut, wanted: Values, far: FarTurn | None = None
    ) -> Array:
        """(h, w, 2) working source points in `head` of the canvas's working pixels.

        Args:
            far: the shell that carries them; what its face hides is drawn as well.
        """
        size = self._canvas.size
        grid = self._plan.wanted[t] + self._plan.kept[t] if far is None else far.grid[t]
        chosen, behind = visible_controls(wanted, head.landmarks), None
        if far is not None:
            hidden, behind = far.hides(t, number)
            chosen = chosen[~hidden[chosen]]
        kept = beside_face(grid, head.grid, wanted, head.landmarks, self._canvas.unit, behind)
        border = affine_warp.pins(size, PINS)
        rest = border if number == OWN else self._pinned(t, number, border)
        outline, own = grid[kept], head.grid[kept]
        if number == OWN and far is None:
            oval = np.intersect1d(chosen, FACE_OVAL)
            own = smoothed(outline, own, (wanted[oval, :2], head.landmarks[oval, :2]))
        framed, persons = carried(border, rest, outline, own)
        outer = np.concatenate([outline, border])
        there = drawn_in(
            outer, np.concatenate([own, framed]),
            np.concatenate([np.ones(len(own)), persons]),
            size, working_size(head.picture.shape, head.scale),
        )  # fmt: skip
        points = np.concatenate([wanted[chosen, :2], outer])
        sources = np.concatenate([head.landmarks[chosen, :2], there])
        inside = near_frame(points, size, ROOM_BEYOND)
        return affine_warp.field(points[inside], sources[inside], size)

    def _pinned(self, t: int, number: int, border: Values) -> Values:
        """Where a key shows what lies at the canvas's border, were its shoulders at rest."""
        rests, there = self._plan.rests, self._head.keys[number].path
        away = (border - rests.rest_shift[t]) / float(rests.rest_scale[t])
        return np.asarray(there.rest_shift[0] + away * float(there.rest_scale[0]))

    def _dragged(self, number: int, frame: Frame, at: Array) -> Array | None:
        """See `head_matte.dragged`; None where the exemplar's background is not known."""
        here = self._shelf.background(frame.number)
        if here is None:
            return None
        if number == OWN:
            return head_matte.dragged(affine_warp.sample(here, at, cv2.INTER_LINEAR), here)
        came = self._shelf.behind_key(number, at)
        return None if came is None else head_matte.dragged(came, here)

    def _patch_share(self, own: OwnFrame, new: Array, frame: Frame) -> Array:
        """(h, w) 1 where the person was or now is, falling off as usual or as an artist has it."""
        form, edge = frame.format, edge_at(self._matte, frame.number)
        old = head_matte.soft(own.matte, ROOM_PX, FEATHER_PX)
        grown = cv2.dilate(np.asarray(new > SHARE, np.uint8), np.ones((5, 5), np.uint8))
        share = np.maximum(old, cv2.GaussianBlur(grown.astype(np.float32), (0, 0), 1.5))
        if any(edge):
            grow, feather = (by / self._canvas.px for by in edge)
            share = head_matte.shaped(share, grow, FEATHER_PX + feather)
        height, width = share.shape
        region = self._canvas.region
        y = np.arange(height, dtype=np.float32)[:, None] + np.float32(0.5)
        x = np.arange(width, dtype=np.float32)[None] + np.float32(0.5)
        sides = (
            (region.left > 0, x), (region.right < form.width, width - x),
            (region.top > 0, y), (region.bottom < form.height, height - y),
        )  # fmt: skip
        for inside, away in sides:
            if inside:
                share = share * smoothstep((away - 1) / EDGE_PX)
        return np.asarray(share, np.float32)

    def _place(self, share: Array, form: PictureFormat, everything: bool) -> Region | None:
        """The canvas's own pixels that change, on the plate's chroma sites; None: none do."""
        region = self._canvas.region
        if everything:
            return Region(0, 0, region.width, region.height)
        rows, columns = (np.flatnonzero(share.max(axis=axis) > 0) for axis in (1, 0))
        if not len(rows):
            return None
        box = Region(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        place = self._canvas.covered(box)
        if place is None:
            return None
        on_sites = _moved(place, region).aligned(form)
        left, top = max(on_sites.left, region.left), max(on_sites.top, region.top)
        right, bottom = min(on_sites.right, region.right), min(on_sites.bottom, region.bottom)
        return Region(
            left - region.left, top - region.top, right - region.left, bottom - region.top
        )

    def _low_change(self, t: int, person: Array, wanted: Values) -> Array | None:
        """See `low_band.low_change`, of the whole head; a plate's own frame is not mixed in."""
        others = []
        for number, weight in self._plan.head.near[t].items():
            if number != OWN:
                head = self._shelf.key(number)
                layers = self._layers(t, number, head, wanted)
                theirs, share = _at_working_size(head, *layers)
                # Their background is not mixed in.
                others.append((person + share * (theirs - person), weight))
        return low_change(person, others)

    def _shown(self, number: int, own: OwnFrame) -> Shown:
        """The picture that an inset is taken from."""
        if number == OWN:
            return Shown(own.picture, own.drawn, self._canvas.px)
        return self._shelf.key(number).shown

    def _gain(self, number: int, frame: Frame, own: OwnFrame) -> Array:
        """(3,) the gain that meets a key of another plate with this one's light, steadied."""
        if number == OWN or self._shelf.shares_light(number):
            return np.ones(3, np.float32)
        key = self._head.keys[number]
        theirs = light_of(key.picture, np.asarray(key.landmarks * key.scale))
        ours = light_of(own.picture, np.asarray(own.landmarks * self._canvas.px))
        ratio = np.median((ours + DARK) / (np.maximum(theirs, 0) + DARK), axis=0)
        gain = np.asarray(np.clip(ratio, *GAIN_RANGE), np.float32)
        before = self._gains.get(key.plate)
        gain = gain if before is None else before + np.float32(FOLLOW) * (gain - before)
        self._gains[key.plate] = gain
        return gain


def _at_working_size(
    head: CutOut, at: Array, front: Front | None = None, dragged: Array | None = None
) -> tuple[Array, Array]:
    """(h, w, 3) the warped picture, and (h, w, 1) the head's share of it."""
    picture, edges = head.small
    moving = head_matte.moving_share(at)
    if dragged is not None:
        moving = np.maximum(moving, dragged)
    share = share_of(affine_warp.sample(edges, at, cv2.INTER_LINEAR), moving[..., None])
    warped = affine_warp.sample(picture, at, cv2.INTER_LINEAR)
    if front is not None:
        face = affine_warp.sample(picture, front.at, cv2.INTER_LINEAR)
        warped += front.cover * (face - warped)
        share = np.maximum(share, front.cover)
    return warped, share


def _moved(place: Region, region: Region) -> Region:
    """A place of the canvas in the plate."""
    return Region(
        place.left + region.left, place.top + region.top,
        place.right + region.left, place.bottom + region.top,
    )  # fmt: skip
