"""Draw a face: the actor's own frames, warped onto the target mouth and matched to the plate.

A trained actor has a learned renderer (network/learned_renderer.py) that improves the warped
frames; without one the warp is the picture. A patch has two layers. The lips and what is between
them, and skin that moves far, come from an exemplar of the bank; skin that moves little is the
plate's own, warped by the same movement, so that pores, stubble, light and grain stay the same.
Where the target mouth is nearly the plate's own, the plate's own is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import EngineError, ShapeError
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.picture import Frame, Region
from dubsync.core.steps import Actor, Patch, RendererName
from dubsync.core.tweak.choices import Region as DrawnRegion
from dubsync.core.tweak.matte_edit import MatteShape
from dubsync.engine.actor import LearntActor, ours
from dubsync.engine.compositing import colour_match
from dubsync.engine.compositing.matte import borders, eye_distance_px
from dubsync.engine.compositing.mouth_inside import opening
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.bank import face_region, features_of, finite_rgb, light_of
from dubsync.engine.exemplars.layers import Layers
from dubsync.engine.exemplars.sheet import Sheet, Source
from dubsync.engine.motion.fit import moved_landmarks
from dubsync.engine.network.learned_renderer import LearnedRenderer
from dubsync.engine.network.mouth_net import Inputs
from dubsync.engine.render import occlusion
from dubsync.engine.render.face_above import FaceAbove, face_above, face_frames
from dubsync.engine.render.head_turn import HeadTurn, head_turn
from dubsync.engine.render.holdout_edge import held_out, hold_out
from dubsync.engine.render.kept import FRAMES_HELD, Kept, held
from dubsync.engine.render.matte_edge import check_growth, edge_at
from dubsync.engine.render.plan import Plan, plan_of
from dubsync.engine.render.take_inside import TakeInside
from dubsync.engine.render.upper_face import UpperFace, merge_patches, upper_face

#: Exemplars whose low frequencies are averaged; detail comes from one alone.
NEIGHBOURS = 8
#: Frames that go through the network together on a GPU; fewer than FRAMES_HELD.
NETWORK_FRAMES = 16
#: Update rate of the colour fit, per frame.
FOLLOW = 0.35
#: Colour is fitted on skin whose occlusion is below this.
BARE = 0.02
#: Width of the edge towards pixels that the exemplar cannot show, eye distances.
HIDDEN_EDGE = 0.07
#: Update rate of the landmark refinement, per frame.
STEADY = 0.65

Sources = Literal["bank and plate", "bank"]


class FaceRenderer:
    """Draws one face through one shot.  Frames come in order; see `prepare`."""

    def __init__(
        self,
        actor: LearntActor,
        track: FaceTrack,
        plan: Plan,
        learned: LearnedRenderer | None,
        layers: Layers,
        above: UpperFace | None = None,
        face: FaceAbove | None = None,
        turn: HeadTurn | None = None,
        kept: Kept | None = None,
        matte: MatteShape | None = None,
        inside: TakeInside | None = None,
    ) -> None:
        bank = actor.bank
        self._inside = inside
        self._shares: Array | None = None  # of what a take lends, known with the exemplars
        self._matte = matte
        self._kept = kept or Kept()
        self._bank = bank
        self._appearance = actor.appearance
        self._learned = learned
        self._known: Array | None = None  # errors on this plate, see `fusion.errors`
        self._knows_face = learned is not None or actor.appearance is not None
        self._track = track
        self._plan = plan
        self._pose = plan.pose
        self._poses = self._pose.features
        self._borders = (borders(track.landmarks), borders(plan.wanted))
        self._layers = layers
        self._above = above
        self._face = face
        self._turn = turn
        self._chosen: tuple[NDArray[np.intp], Array] | None = None
        self._fits: dict[int, colour_match.Fit] = {}

    def __call__(self, frames: Sequence[Frame]) -> list[Patch | None]:
        """A Patch for each frame, None where the plate is unchanged.

        On a GPU the network draws up to NETWORK_FRAMES of them together.
        """
        most = 1 if self._layers.device.type == "cpu" else NETWORK_FRAMES
        return [
            patch
            for first in range(0, len(frames), most)
            for patch in self._drawn(frames[first : first + most])
        ]

    def _drawn(self, frames: Sequence[Frame]) -> list[Patch | None]:
        begun = [self._begin_mouth(frame) for frame in frames]
        waiting = [one.inputs for one in begun if one is not None and one.inputs is not None]
        made = iter(self._learned.finish_all(waiting) if self._learned is not None else ())
        mouths = [
            None
            if one is None
            else self._end_mouth(one, None if one.inputs is None else next(made))
            for one in begun
        ]
        return [self._draw_frame(*both) for both in zip(frames, mouths, strict=True)]

    def jump(self) -> None:
        """The next frame does not follow the last: its colour is not smoothed over time."""
        self._fits, self._known = {}, None

    def _draw_frame(self, frame: Frame, patch: Patch | None) -> Patch | None:
        """The mouth `patch`, the upper face over it, and both turned with the head."""
        if self._above is not None:
            patch = merge_patches(patch, self._unoccluded_upper(frame, self._above(frame)))
        if self._face is not None:
            patch = merge_patches(patch, self._unoccluded_upper(frame, self._face(frame, patch)))
        patch = patch and self._with_inside(patch, frame)
        inside = "" if patch is None else patch.inside
        patch = self._turn(frame, patch) if self._turn is not None else patch
        patch = replace(patch, inside=inside) if patch is not None and inside else patch
        return held_out(patch, self._track, frame.number)

    def lent(self, t: int) -> str:
        """The take whose mouth's inside is seen in frame `t`, once it is drawn; "": none's."""
        seen = self._inside is not None and self._shares is not None and self._shares[t] > 0
        return self._inside.name(t) if seen and self._inside is not None else ""

    def _with_inside(self, patch: Patch, frame: Frame) -> Patch:
        """With what a take lends between lips that open beyond their exemplars."""
        if self._inside is None or self._chosen is None:
            return patch
        plan, t = self._plan, frame.number - self._track.frames.start
        if self._shares is None:
            bank = np.array([opening(points) for points in self._bank.points])
            own = np.array([opening(points) for points in plan.wanted])
            theirs = bank[self._chosen[0][:, 0]]
            drawn = np.asarray(theirs + plan.own * (own - theirs), np.float32)
            self._shares = self._inside.shares(plan.wanted, drawn, bank.tolist())
        moved = self._kept.moved.get(frame.number, np.zeros(3, np.float32))
        return self._inside.laid(
            patch, t, plan.wanted[t] + moved, self._track.landmarks[t], frame, self._shares
        )

    def _unoccluded_upper(self, frame: Frame, patch: Patch | None) -> Patch | None:
        """The upper face without occluded pixels; None where nothing of it is left."""
        t = frame.number - self._track.frames.start
        front = self._kept.front.get(frame.number)
        if patch is None or front is None or self._appearance is None or front.max() < 1 / 255:
            return patch
        landmarks = self._track.landmarks[t] + self._kept.moved[frame.number]
        share = occlusion.occlusion_in_region(
            front, self._appearance, landmarks, patch.region, eye_distance_px(landmarks)
        )
        matte = np.asarray(np.rint(patch.matte * (1 - share)), np.uint8)
        return replace(patch, matte=matte) if matte.any() else None

    def _begin_mouth(self, frame: Frame) -> _Mouth | None:
        """The mouth up to the network; None where the plate is unchanged."""
        if frame.number not in self._track.frames:
            raise ShapeError(f"frame {frame.number} is not in {self._track.frames}")
        t = frame.number - self._track.frames.start
        if not self._plan.shown[t]:
            return None
        face = _Face.of(frame, self._track.landmarks[t]) if self._knows_face else None
        moved = self._refined(face, frame.number)
        sheet = self._layers.sheet(
            frame,
            self._track.landmarks[t] + moved,
            self._plan.wanted[t] + moved,
            (self._borders[0][t], self._borders[1][t]),
            float(self._plan.strength[t]),
            edge_at(self._matte, frame.number),
        )
        sheet = sheet and self._unoccluded(sheet, face, moved, frame.number)
        sheet = sheet and hold_out(sheet, self._track, frame.number, self._layers)
        if sheet is None:
            return None
        nearest, shares = self._exemplars(sheet.plate, self._track.landmarks[t], sheet.region)
        first = int(nearest[t, 0])
        chosen, share = _uncovered(self._sources(nearest[t]), shares[t])
        own_speed = self._bank.pose.speed[first] * sheet.unit
        blur = colour_match.motion_kernel(self._plan.wanted_speed[t], own_speed, sheet.unit)
        reach = 0 if blur is None else len(blur) // 2
        picture = self._layers.exemplar(sheet, chosen, share, reach)
        sheet = self._without_hidden(sheet, chosen[0])
        picture = colour_match.blurred_by(blur, picture)
        fit = self._layers.fit(sheet, picture)
        known = self._fits.get(first)
        self._fits = {first: known.towards(fit, FOLLOW) if known else fit}
        picture = colour_match.apply_fit(picture, self._fits[first])
        inputs = None
        if self._learned is not None and face is not None:
            plane = self._learned.regression.plane
            flat, seen = plane.flatten(face.picture, face.points + moved[:, :2])
            inputs, self._known = self._learned.begin(
                sheet, picture, self._poses[t], flat, seen, self._known
            )
        return _Mouth(sheet, picture, inputs, float(self._plan.own[t]), frame.number)

    def _end_mouth(self, begun: _Mouth, finished: Array | None) -> Patch:
        """The patch of a mouth, with what the network made of its inputs."""
        picture = begun.picture
        if self._learned is not None and begun.inputs is not None and finished is not None:
            picture = self._learned.end(begun.sheet, picture, begun.inputs, finished)
        return self._layers.patch(begun.sheet, picture, begun.own, begun.number)

    def _refined(self, face: _Face | None, frame: int) -> Array:
        """(478, 3) correction of the frame's landmarks by the appearance model, smoothed."""
        return held(self._kept.moved, frame, lambda: self._correction(face, frame), FRAMES_HELD)

    def _correction(self, face: _Face | None, frame: int) -> Array:
        if self._appearance is None or face is None:
            return np.zeros(self._track.landmarks.shape[1:], np.float32)
        result = np.zeros((len(face.points), 3), np.float32)
        result[:, :2] = self._appearance.refined(face.luma, face.points) - face.points
        before = self._kept.moved.get(frame - 1)
        return result if before is None else before + np.float32(STEADY) * (result - before)

    def _unoccluded(
        self, sheet: Sheet, face: _Face | None, moved: Array, frame: int
    ) -> Sheet | None:
        """The sheet, its matte without occluded pixels; None where nothing is left."""
        if self._appearance is None or face is None:
            return sheet
        appearance, points = self._appearance, face.points + moved[:, :2]

        def make() -> Array:
            result = occlusion.occlusion_mask(appearance, face.luma, points)
            return occlusion.update_mask(self._kept.front.get(frame - 1), result)

        front = held(self._kept.front, frame, make, FRAMES_HELD)
        if front.max() < 1 / 255:
            return sheet
        share = occlusion.occlusion_in_region(
            front, appearance, sheet.landmarks, sheet.region, sheet.unit
        )
        matte = np.asarray(np.rint(sheet.matte * (1 - share)), np.uint8)
        skin = share < BARE
        if not matte.any():
            return None
        trusted, textured = sheet.trusted & skin, sheet.textured & skin
        return replace(sheet, matte=matte, trusted=trusted, textured=textured)

    def _exemplars(
        self, plate: Array, landmarks: Array, region: Region
    ) -> tuple[NDArray[np.intp], Array]:
        """Exemplars of every frame, selected once, in the light of the first frame drawn."""
        if self._chosen is None:
            if self._kept.light is None:
                offset = np.array([region.left, region.top, 0], np.float32)
                self._kept.light = light_of(plate, landmarks - offset)
            offered, oddness, apart = self._kept.offered(self._bank)
            costs = selection.distances(features_of(self._pose, self._kept.light), offered)
            costs += selection.ODD_COST * oddness
            path = selection.cheapest_path(costs, apart)
            self._chosen = selection.neighbours(costs, path, NEIGHBOURS)
        return self._chosen

    def _without_hidden(self, sheet: Sheet, source: Source) -> Sheet:
        """The sheet, its matte without pixels for which the exemplar has no face to show."""
        hidden = self._layers.hidden(sheet, source)
        if hidden is None:
            return sheet
        unit = np.float32(max(HIDDEN_EDGE * sheet.unit, 1.0))
        away = cv2.distanceTransform((~hidden).astype(np.uint8), cv2.DIST_L2, 5)
        free = np.asarray(np.clip(away / unit, 0, 1), np.float32)
        return replace(sheet, matte=np.asarray(np.rint(sheet.matte * free), np.uint8))

    def _sources(self, chosen: NDArray[np.intp]) -> list[Source]:
        """The chosen exemplars on the device; of all but the first only low frequencies."""
        first, *others = (int(n) for n in chosen)
        lows = [self._kept.low(self._bank, n, self._layers) for n in others]
        return [self._kept.source(self._bank, first, self._layers), *lows]


def _uncovered(sources: Sequence[Source], share: Array) -> tuple[Sequence[Source], Array]:
    """The sources to average: the first alone where something stands in front of one of them."""
    if all(source.hidden is None for source in sources):
        return sources, share
    return sources[:1], np.ones(1, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Mouth:
    """A mouth that waits for the network: what goes in, and what its patch is made of."""

    sheet: Sheet
    picture: Array
    inputs: Inputs | None
    own: float
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class _Face:
    """The whole face in a frame: picture (h, w, 3), its luma, and its landmarks there, (478, 2)."""

    picture: Array
    luma: Array
    points: Array

    @classmethod
    def of(cls, frame: Frame, landmarks: Array) -> _Face | None:
        """None where the face lies outside the frame."""
        region = face_region(landmarks, frame)
        if region is None:
            return None
        corner = np.array([region.left, region.top], np.float32)
        picture = finite_rgb(frame, region)
        points = np.asarray(landmarks[:, :2] - corner, np.float32)
        return cls(picture, colour_match.luma_of(picture), points)


def prepare(
    actor: Actor,
    track: FaceTrack,
    original: MotionTrack,
    corrected: MotionTrack,
    weight: Array,
    *,
    renderer: RendererName = "warp",
    device: torch.device,
    half: bool = False,
    sources: Sources = "bank and plate",
    plain: bool = False,
    kept: Kept | None = None,
    matte: MatteShape | None = None,
    region: Sequence[DrawnRegion] | None = None,
    inside: TakeInside | None = None,
    regrained: bool = False,
) -> FaceRenderer:
    """Implements `core.steps.Prepare`.

    Args:
        half: the network is computed in bfloat16.
        sources: "bank" draws nothing from the plate's own frames, to evaluate the renderer on
            held-out frames.
        plain: the baseline renderer that others are compared with.
        kept: of this actor's face on this plate; None: nothing is kept.
        matte: how it is grown and feathered; `inside`: lends the mouth's.  None: as usual.
        regrained: the plate's grain is given afterwards, so none is added here.
        region: of each frame; None: the mouth.  "head" draws the face here, as "face" does.

    Raises:
        ModelError: an actor of another engine, or motions of another basis.
        EngineError: renderer "actor" for an actor that was not trained.
        SettingsError: a matte that is grown beyond what is drawn.
        ShapeError: weight, track and motions differ in their frames.
    """
    learnt = ours(actor)
    if renderer == "actor" and learnt.renderer is None:
        why = f"{learnt.character} has no renderer of their own yet"
        raise EngineError(why, hint="dubsync train")
    if len(weight) != len(track.frames):
        raise ShapeError(f"{len(weight)} weights for {len(track.frames)} frames")
    wanted = moved_landmarks(track, original, corrected, learnt.model)
    shown = (weight > 0) & (track.confidence > 0)
    check_growth(matte, track, shown)
    plan = plan_of(track, wanted, shown, learnt.bank.model, owned=sources == "bank and plate")
    learned = (
        learnt.renderer.on(device, half=half) if learnt.renderer and renderer == "actor" else None
    )
    layers = Layers(device, keep_skin=sources == "bank and plate", plain=plain,
                    own_grain=not regrained, whole=learned is not None)  # fmt: skip
    whole = face_frames(region, track)
    above = upper_face(track, original, corrected, wanted, device, ~whole)
    face = face_above(
        learnt, track, original, corrected, whole, may_own=sources == "bank and plate"
    )
    turn = head_turn(track, original, corrected)
    more = (kept, matte, inside)
    return FaceRenderer(learnt, track, plan, learned, layers, above, face, turn, *more)
