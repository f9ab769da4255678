"""Prepare to draw a whole head through one shot: the step that `Engine.prepare` is for a mouth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.steps import Actor, Renderer
from dubsync.core.tweak.matte_edit import MatteShape
from dubsync.engine.actor import LearntActor, ours
from dubsync.engine.clean_plate.clean_plate import CleanPlate
from dubsync.engine.compositing.matte import eye_distance_px
from dubsync.engine.face_region.lids import no_further_than_shut
from dubsync.engine.geometry.pose import align_robustly, to_matrices, to_vectors
from dubsync.engine.head.far_cheek import seen_share
from dubsync.engine.head.head_crop import working_scale
from dubsync.engine.head.head_model import HeadModel, jaw_of
from dubsync.engine.head.head_path import HeadPath, path_of
from dubsync.engine.head.outline import base
from dubsync.engine.head.own_outline import OwnFrames, carried, departures
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.choose import pose_features
from dubsync.engine.head_draw.choose.head_choice import (
    OTHER_FRAME,
    OWN,
    Offered,
    choose,
    cuts,
    neighbours_at_cuts,
)
from dubsync.engine.head_draw.choose.pose_features import HEAD, LIDS, LIPS, Looks
from dubsync.engine.head_draw.choose.steady_path import moved_with, steadied
from dubsync.engine.head_draw.even_outline import evened
from dubsync.engine.head_draw.head_plan import Chosen, HeadPlan, kept_residuals
from dubsync.engine.head_draw.head_renderer import HeadRenderer
from dubsync.engine.head_draw.inlay.low_band import MOST, REACH
from dubsync.engine.head_draw.shelf import Person, Shelf
from dubsync.engine.head_shell.far_turn import far_turn
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.fit import moved_landmarks
from dubsync.engine.render.head_turn import turned_with_head
from dubsync.engine.render.strength import strength_of

Values = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Sources:
    """What a head may be drawn from.

    own    the shot's own frames
    fade   the low band at cuts
    """

    own: bool = True
    fade: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """T frames of the wanted head, plate pixels.

    landmarks  (T, 478, 3) wanted
    mouthed    (T, 478, 3) the shot's own landmarks with the wanted mouth, the head as it was
    path       of the wanted head; its rest is where the shot's shoulders are
    own        of the shot's own head
    """

    landmarks: Array
    mouthed: Array
    path: HeadPath
    own: HeadPath


EVERYTHING = Sources()


def prepare_head(
    actor: Actor,
    head: HeadModel,
    plate: CleanPlate,
    track: FaceTrack,
    original: MotionTrack,
    corrected: MotionTrack,
    weight: Array,
    *,
    plate_name: str = "",
    mouth: Renderer | None = None,
    sources: Sources = EVERYTHING,
    person: Person | None = None,
    matte: MatteShape | None = None,
    others: Sequence[FaceTrack] = (),
    frames: OwnFrames | None = None,
) -> HeadRenderer:
    """The renderer of a shot's whole head: a `core.steps.Renderer`.

    Args:
        actor: learnt from the same footage as `head`.
        plate: the shot's background; its region is all that the head may reach.
        track, original: the face and its motion in the shot.
        corrected: the motion that is wanted.
        weight: (T,) 0 keeps the plate.
        plate_name: the plate that the shot is cut from, as in `head.keys`.
        mouth: draws the corrected mouth into the shot's own frames (`Engine.prepare`).
        person: finds the person in a frame; None: `PersonMatte`.
        matte: how an artist grew and feathered its edge; None: as usual.
        others: the other faces tracked in the shot.
        frames: the shot's own, to follow the outline in; None: it is foretold by pose alone.

    Raises:
        ModelError: a head of another actor, or motions of another basis.
        ShapeError: weight, track and motions differ in their frames.
    """
    learnt = ours(actor)
    mouthed = moved_landmarks(track, original, corrected, learnt.model)
    # A take or an expression shuts lids by more than the whole eye: they would be drawn crossed.
    units = np.array([eye_distance_px(points) for points in track.landmarks])
    mouthed = no_further_than_shut(track.landmarks, mouthed, units)
    seen = np.asarray(track.confidence) > 0
    own = _rested(path_of(original, seen), head, plate_name)
    now = np.asarray(corrected.head, np.float64)
    path = replace(own, rotation=to_matrices(now[:, :3]), shift=now[:, 3:5], scale=now[:, 6])
    turned = np.asarray(turned_with_head(mouthed, original, corrected), np.float32)
    return prepare_driven(
        actor, head, plate, track, Wanted(turned, mouthed, path, own), weight,
        plate_name=plate_name, mouth=mouth, sources=sources, person=person, matte=matte,
        others=others, frames=frames,
    )  # fmt: skip


def prepare_driven(
    actor: Actor, head: HeadModel, plate: CleanPlate, track: FaceTrack, wanted: Wanted,
    weight: Array, *, plate_name: str = "", mouth: Renderer | None = None,
    sources: Sources = EVERYTHING, person: Person | None = None, matte: MatteShape | None = None,
    others: Sequence[FaceTrack] = (), frames: OwnFrames | None = None,
) -> HeadRenderer:  # fmt: skip
    """As `prepare_head`, the wanted landmarks given as they are."""
    learnt = ours(actor)
    if head.actor not in ("", learnt.digest):
        raise ModelError(
            f"this head of {head.character} was learnt with another state of the actor",
            hint="learn the head again",
        )
    if len(weight) != len(track.frames) or len(wanted.path) != len(track.frames):
        raise ShapeError(f"{len(weight)} weights for {len(track.frames)} frames")
    seen = np.asarray(track.confidence) > 0
    shown = (np.asarray(weight) > 0) & seen
    known = track.landmarks[seen] if seen.any() else track.landmarks
    canvas = Canvas(plate.region, working_scale(known))
    # What draws the corrected mouth draws it into the shot's own frames: they offer it.
    offered = track.landmarks if mouth is None else wanted.mouthed
    plan = _plan(
        learnt, head, canvas, (track.landmarks, offered), shown, wanted, sources, plate_name
    )
    shelf = Shelf(head, plate, canvas, plate_name, mouth, person, others)
    if frames is not None and shown.any():
        plan = _followed(plan, head, shelf, canvas, track, wanted, frames)
    before = wanted.own.in_picture(canvas.corner, canvas.px)
    own = plan.original if sources.own else None
    usual = plan.wanted + plan.kept
    plan = replace(plan, far=far_turn(head, plan.rests, before, plan.head.path, usual, own))
    return HeadRenderer(head, plate, track, plan, canvas, shelf, matte)


def _rested(path: HeadPath, head: HeadModel, plate: str) -> HeadPath:
    """The path with its shoulders at rest where the plate's key frames have them.

    A shot may lean where the plate as a whole does not; only without key frames of the plate is the
    shot's own median the best guess.
    """
    keys = [key for key in head.keys if key.plate == plate]
    if not keys:
        return path
    places = [key.path.rest_shift[0] * key.scale + np.asarray(key.origin) for key in keys]
    sizes = [float(key.path.rest_scale[0]) * key.scale for key in keys]
    count = len(path)
    return replace(
        path,
        rest_shift=np.broadcast_to(np.median(places, axis=0), (count, 2)),
        rest_scale=np.full(count, float(np.median(sizes))),
    )


def _plan(
    actor: LearntActor, head: HeadModel, canvas: Canvas, own: tuple[Array, Array],
    shown: NDArray[np.bool_], wanted: Wanted, sources: Sources, plate: str,
) -> HeadPlan:  # fmt: skip
    there, own_path = (
        path.in_picture(canvas.corner, canvas.px) for path in (wanted.path, wanted.own)
    )
    basis = actor.model
    now = looks_on(canvas.working(wanted.landmarks), there, basis)
    before = looks_on(canvas.working(own[1]), own_path, basis)
    keys, offered = offered_keys(head, basis)
    looks = now, keys, before

    def chosen(
        part: Callable[[Looks], Array], where: str | None = None, other: Values | float = 0.0
    ) -> Chosen:
        asked, features, own = (part(one) for one in looks)
        return _chosen(
            asked, replace(offered, features=features), own if sources.own else None,
            sources.fade, where, other,
        )  # fmt: skip

    # The own frame serves no turn to the camera that its far cheek would show in.
    seen = seen_share(*(np.degrees(one.turn[:, 1]) for one in (own_path, there)))
    whole = chosen(lambda one: one.features(HEAD), plate or None, OTHER_FRAME * (2 * seen - 1))
    right, left = (chosen(partial(eye_features, eye=eye)) for eye in (0, 1))
    path = steadied(there, whole.path != OWN)
    outline = head.foretold(path, _features(head, path, wanted.landmarks, basis, canvas))
    original = head.foretold(own_path, _features(head, own_path, own[0], basis, canvas))
    rigid = base(head.outline, path), base(head.outline, own_path)
    return HeadPlan(
        shown,
        strength_of(shown),
        wanted.landmarks,
        _moved_with(wanted.landmarks, there, path, canvas, basis),
        wanted.mouthed,
        evened(outline, original, rigid, head.outline.points, whole.path),
        original,
        kept_residuals(head, whole.path),
        path,
        whole,
        chosen(lambda one: one.features(LIPS)),
        (right, left),
    )


def eye_features(looks: Looks, eye: int) -> Array:
    """(T, D) what the right (0) or the left (1) eye is chosen by."""
    return looks.of_eye(eye).features(LIDS)


def _moved_with(
    landmarks: Array, before: HeadPath, after: HeadPath, canvas: Canvas, basis: Basis
) -> Array:
    """Landmarks (T, 478, 3), plate pixels, of a head brought from one path to another."""
    points = canvas.working(landmarks)
    pose = align_robustly(points, np.asarray(basis.rest), np.asarray(basis.skull, np.float64))
    moved = moved_with(points, pose, before, after)
    return np.asarray(landmarks + (moved - points) * canvas.px, np.float32)


def _followed(
    plan: HeadPlan, head: HeadModel, shelf: Shelf, canvas: Canvas, track: FaceTrack,
    wanted: Wanted, frames: OwnFrames,
) -> HeadPlan:  # fmt: skip
    """The plan with the outline that the shot's own frames show."""
    own = departures(head, shelf.keyed_own, canvas.region, track, plan.original, plan.shown, frames)
    if own is None:
        return plan
    between = wanted.own.rotation.transpose(0, 2, 1) @ wanted.path.rotation
    degrees = np.degrees(np.linalg.norm(to_vectors(between), axis=1))
    kept = carried(own, np.asarray(head.outline.share, np.float64), degrees)
    return replace(plan, original=plan.original + own, kept=kept)


def _chosen(
    wanted: Array, offered: Offered, own: Array | None, fade: bool, plate: str | None,
    other_frame: Values | float,
) -> Chosen:  # fmt: skip
    path = choose(wanted, offered, own, plate, other_frame=other_frame)
    cut = cuts(path, offered)
    reach = REACH if fade else 0
    return Chosen(path, neighbours_at_cuts(path, cut, reach, MOST), cut)


def looks_on(points: Values, path: HeadPath, basis: Basis, speed: Values | None = None) -> Looks:
    """The looks of landmarks (T, 478, 3) on a path, in the same pixels; see `looks_of`."""
    pose = align_robustly(points, np.asarray(basis.rest), np.asarray(basis.skull, np.float64))
    return pose_features.looks_of(pose.remove(points), path, speed)


def offered_keys(head: HeadModel, basis: Basis) -> tuple[Looks, Offered]:
    """The looks of all keys, and the exemplars that they are."""
    parts = [
        looks_on(np.asarray(key.landmarks[None], np.float64), key.path, basis, key.speed[None])
        for key in head.keys
    ]
    looks = pose_features.joined(parts)
    frames = np.array([key.frame for key in head.keys], np.int64)
    return looks, Offered(looks.mouth, tuple(key.plate for key in head.keys), frames)


def _features(
    head: HeadModel, path: HeadPath, points: Array, basis: Basis, canvas: Canvas
) -> Array:
    """(T, f) what the outline is foretold from."""
    there = canvas.working(points)
    pose = align_robustly(there, np.asarray(basis.rest), np.asarray(basis.skull, np.float64))
    return head.features(path, jaw_of(pose.remove(there), head.rest))
