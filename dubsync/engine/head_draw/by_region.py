"""Draw each frame of a shot in its region: mouths and faces as before, whole heads by their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import EngineError, ModelError
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.learning.head import HeadShot
from dubsync.core.learning.take_mouth import TakeMouths
from dubsync.core.picture import Frame, Region
from dubsync.core.steps import Actor, Patch, Renderer, RendererName
from dubsync.core.tweak.choices import Region as DrawnRegion
from dubsync.core.tweak.matte_edit import MatteShape
from dubsync.engine.clean_plate.background import Reason, hindered, hindrances
from dubsync.engine.clean_plate.clean_plate import CleanPlate, clean_plate
from dubsync.engine.compositing.matte import eye_distance_px
from dubsync.engine.head.head_crop import head_regions
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.own_outline import OwnFrames
from dubsync.engine.head_draw.everybody import Everybody
from dubsync.engine.head_draw.inlay.head_inside import HeadInside
from dubsync.engine.head_draw.prepare_head import prepare_head
from dubsync.engine.render import renderer as faces
from dubsync.engine.render.kept import Kept
from dubsync.engine.render.take_inside import TakeInside

#: Clean plates that are kept from one preparation to the next, by shot and size.
Plates = MutableMapping[tuple[str, tuple[int, int]], CleanPlate]
Outlines = MutableMapping[tuple[object, ...], NDArray[Any] | None]


class ByRegion:
    """A `core.steps.Renderer`: the whole head in frames of region "head", the face in the others.

    plate  the clean plate that heads are drawn over: what of it was never seen is in `known`
    """

    def __init__(
        self, face: Renderer, head: Renderer, track: FaceTrack, whole: NDArray[np.bool_],
        plate: CleanPlate, others: Sequence[FaceTrack] = (),
    ) -> None:  # fmt: skip
        self._face, self._head, self._whole = face, head, whole
        self._track, self._start, self._others = track, track.frames.start, others
        self._in_the_way: Mapping[int, tuple[Reason, ...]] | None = None
        self.plate = plate

    def __call__(self, frames: Sequence[Frame]) -> list[Patch | None]:
        result: list[Patch | None] = []
        for frame in frames:
            whole = self._whole[frame.number - self._start]
            result += (self._head if whole else self._face)([frame])
            if whole:
                result[-1] = self._judged(result[-1], frame)
        return result

    def _judged(self, patch: Patch | None, frame: Frame) -> Patch | None:
        """`patch`, which also says what else stands in the way of a new head."""
        if patch is None or patch.behind is None:
            return patch
        if self._in_the_way is None:
            self._in_the_way = hindrances(self._track, self._others, frame.format)
        reasons = self._in_the_way.get(frame.number, ())
        return replace(patch, behind=hindered(patch.behind, reasons))

    def jump(self) -> None:
        """The next frame does not follow the last; see `FaceRenderer.jump`."""
        for one in (self._face, self._head):
            jump: Callable[[], None] | None = getattr(one, "jump", None)
            if jump is not None:
                jump()


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
    matte: MatteShape | None = None,
    region: Sequence[DrawnRegion] | None = None,
    head: HeadShot | None = None,
    inside: TakeMouths | None = None,
    regrained: bool = False,
    kept: Kept | None = None,
    plates: Plates | None = None,
    outlines: Outlines | None = None,
) -> Renderer:
    """Implements `core.steps.Prepare` for every region.

    Where no frame is of region "head" this is `render.renderer.prepare`, bit for bit.

    Args:
        half, kept: see `render.renderer.prepare`.
        inside: takes that lend the mouth's inside; None: it is the actor's.
        plates, outlines: where clean plates, and outlines of the shot's own frames, are kept, for
            previews.

    Raises:
        EngineError: a frame of region "head" without a head.
        ModelError: a head of another engine.  Else as `render.renderer.prepare`.
    """
    lent = None if inside is None else TakeInside(inside)

    def face(moved: MotionTrack, where: Sequence[DrawnRegion] | None) -> faces.FaceRenderer:
        return faces.prepare(
            actor, track, original, moved, weight, renderer=renderer, device=device, half=half,
            kept=kept, matte=matte, region=where, inside=lent, regrained=regrained,
        )  # fmt: skip

    whole = np.array([name == "head" for name in region or ()], bool)
    if not whole.any():
        return face(corrected, region)
    if head is None:
        raise EngineError("region head without a learnt head", hint="learn the head first")
    if not isinstance(head.head, HeadModel):
        why = f"the head of {head.head.character} was learnt by another engine"
        raise ModelError(why, hint="learn the head again")
    plate = _plate(head, track, {} if plates is None else plates)
    # The shot's own frames carry the corrected face; the head renderer turns them itself.
    mouth = face(replace(corrected, head=original.head), region)
    drawn = prepare_head(
        actor, head.head, plate, track, original, corrected,
        np.where(whole, weight, 0).astype(np.float32),
        plate_name=head.plate, mouth=mouth, matte=matte, others=head.others,
        frames=OwnFrames(head.read, {} if outlines is None else outlines),
    )  # fmt: skip
    shown = drawn if lent is None else HeadInside(drawn, head.head, track, mouth, lent)
    return ByRegion(face(corrected, region), shown, track, whole, plate, head.others)


def _plate(head: HeadShot, track: FaceTrack, plates: Plates) -> CleanPlate:
    """The clean plate of the shot over all that the head may reach."""
    first = next(iter(head.read([head.frames.start])))
    key = (head.shot, (first.format.width, first.format.height))
    if key not in plates:
        seen = track.landmarks[np.asarray(track.confidence) > 0]
        landmarks = seen if len(seen) else track.landmarks
        region = _reach(landmarks, first)
        unit = eye_distance_px(np.median(landmarks, axis=0))
        plates[key] = clean_plate(
            head.read, range(head.frames.start, head.frames.stop), Everybody(region, unit), region,
            eye_px=unit, shot=head.shot, progress=head.progress,
        )  # fmt: skip
    return plates[key]


def _reach(landmarks: Array, frame: Frame) -> Region:
    """What the head may reach in any frame.  Raises EngineError where that is outside them all."""
    parts = [one for one in head_regions(landmarks, frame.format) if one is not None]
    if not parts:
        raise EngineError("the head lies outside the plate", hint="set region=mouth or region=face")
    return Region(
        min(one.left for one in parts), min(one.top for one in parts),
        max(one.right for one in parts), max(one.bottom for one in parts),
    )  # fmt: skip
