"""Prepare to draw a whole head through one shot: the step that `Engine.prepare` is for a mouth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.steps import Actor, Renderer
from dubsync.engine.actor import LearntActor, ours
from dubsync.engine.clean_plate.clean_plate import CleanPlate
from dubsync.engine.geometry.pose import align_robustly, to_matrices
from dubsync.engine.head.head_crop import working_scale
from dubsync.engine.head.head_model import HeadModel, jaw_of
from dubsync.engine.head.head_path import HeadPath, path_of
from dubsync.engine.head.outline import base
from dubsync.engine.head_draw import pose_features
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.even_outline import evened
from dubsync.engine.head_draw.head_choice import Offered, choose, cuts, neighbours_at_cuts
from dubsync.engine.head_draw.head_plan import Chosen, HeadPlan, kept_residuals
from dubsync.engine.head_draw.head_renderer import HeadRenderer
from dubsync.engine.head_draw.low_band import MOST, REACH
from dubsync.engine.head_draw.pose_features import HEAD, LIDS, LIPS, Looks
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

    Raises:
        ModelError: a head of another actor, or motions of another basis.
        ShapeError: weight, track and motions differ in their frames.
    """
    learnt = ours(actor)
    mouthed = moved_landmarks(track, original, corrected, learnt.model)
    seen = np.asarray(track.confidence) > 0
    own = _rested(path_of(original, seen), head, plate_name)
    now = np.asarray(corrected.head, np.float64)
    path = replace(own, rotation=to_matrices(now[:, :3]), shift=now[:, 3:5], scale=now[:, 6])
    turned = np.asarray(turned_with_head(mouthed, original, corrected), np.float32)
    return prepare_driven(
        actor, head, plate, track, Wanted(turned, mouthed, path, own), weight,
        plate_name=plate_name, mouth=mouth, sources=sources, person=person,
    )  # fmt: skip


def prepare_driven(
    actor: Actor, head: HeadModel, plate: CleanPlate, track: FaceTrack, wanted: Wanted,
    weight: Array, *, plate_name: str = "", mouth: Renderer | None = None,
    sources: Sources = EVERYTHING, person: Person | None = None,
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
    shelf = Shelf(head, plate, canvas, plate_name, mouth, person)
    return HeadRenderer(head, plate, track, plan, canvas, shelf)


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
    chosen = {
        name: _chosen(
            now.features(weights), replace(offered, features=keys.features(weights)),
            before.features(weights) if sources.own else None, sources.fade,
            (plate or None) if name == "head" else None,
        )
        for name, weights in (("head", HEAD), ("mouth", LIPS), ("eyes", LIDS))
    }  # fmt: skip
    outline = head.foretold(there, _features(head, there, wanted.landmarks, basis, canvas))
    original = head.foretold(own_path, _features(head, own_path, own[0], basis, canvas))
    rigid = base(head.outline, there), base(head.outline, own_path)
    path = chosen["head"].path
    moved = evened(outline, original, rigid, head.outline.points, path)
    kept = kept_residuals(head, path)
    offered_own = original if sources.own else None
    return HeadPlan(
        shown,
        strength_of(shown),
        wanted.landmarks,
        wanted.mouthed,
        moved,
        original,
        kept,
        there,
        **chosen,
        far=far_turn(head, there, own_path, path, moved + kept, offered_own),
    )


def _chosen(
    wanted: Array, offered: Offered, own: Array | None, fade: bool, plate: str | None = None
) -> Chosen:
    path = choose(wanted, offered, own, plate)
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
