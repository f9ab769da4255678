"""Draw single frames of a face while its target changes, on a plate that may be scaled down.

A renderer of a whole shot smooths landmarks and colour from frame to frame, and chooses its
exemplars in the light of the first frame it draws.  Here frames come in any order.  What depends on
the plate alone is kept from one target to the next; the colour is smoothed only while frames follow
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import torch

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.learning.head import HeadShot
from dubsync.core.learning.take_mouth import TakeMouths
from dubsync.core.picture import Frame
from dubsync.core.steps import Actor, Patch, Renderer, RendererName
from dubsync.core.tweak.choices import Region as DrawnRegion
from dubsync.core.tweak.matte_edit import MatteShape
from dubsync.engine.head_draw.by_region import Outlines, Plates, prepare
from dubsync.engine.render.kept import Kept


class Previewing:
    """A `core.steps.Prepare` of one face of one shot, whose frames may be drawn in any order.

    Args:
        scale: of the plate, its track and its motion, to those of the shot; at most 1.
        device: where pictures are warped; `half`: networks are computed in bfloat16.
    """

    def __init__(self, scale: float, *, device: torch.device, half: bool = False) -> None:
        self._device, self._half = device, half
        self._kept = Kept(scale)
        self._plates: Plates = {}
        self._outlines: Outlines = {}

    def __call__(
        self,
        actor: Actor,
        track: FaceTrack,
        original: MotionTrack,
        corrected: MotionTrack,
        weight: Array,
        *,
        renderer: RendererName = "warp",
        matte: MatteShape | None = None,
        region: Sequence[DrawnRegion] | None = None,
        head: HeadShot | None = None,
        inside: TakeMouths | None = None,
        regrained: bool = False,
    ) -> Renderer:
        """As `by_region.prepare`; always for the same actor and face, over any frames of it."""
        made = prepare(
            actor, track, original, corrected, weight, renderer=renderer, device=self._device,
            half=self._half, kept=self._kept, matte=matte, region=region, head=head, inside=inside,
            plates=self._plates,
            outlines=self._outlines, regrained=regrained,
        )  # fmt: skip
        return cast(Renderer, _InAnyOrder(made))


class _InAnyOrder:
    """A renderer whose colour is smoothed only from a frame to the next."""

    def __init__(self, drawn_by: Renderer) -> None:
        self._drawn_by = drawn_by
        self._last: int | None = None

    def __call__(self, frames: Sequence[Frame]) -> list[Patch | None]:
        result: list[Patch | None] = []
        for frame in frames:
            if self._last is None or frame.number != self._last + 1:
                jump: Callable[[], None] | None = getattr(self._drawn_by, "jump", None)
                if jump is not None:
                    jump()
            result += self._drawn_by([frame])
            self._last = frame.number
        return result
