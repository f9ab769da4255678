"""A whole head with the inside of a take's mouth, where its mouth comes from a key frame.

Where it comes from the shot's own frame, what draws that mouth has laid the inside already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.steps import Patch
from dubsync.engine.compositing.mouth_inside import opening
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head_draw.choose.head_choice import OWN
from dubsync.engine.head_draw.head_renderer import HeadRenderer
from dubsync.engine.render.renderer import FaceRenderer
from dubsync.engine.render.take_inside import TakeInside


class HeadInside:
    """A `core.steps.Renderer`: what `draw` draws, with the take's inside.

    Args:
        face: draws the mouth into the shot's own frames.
    """

    def __init__(
        self, draw: HeadRenderer, head: HeadModel, track: FaceTrack, face: FaceRenderer,
        inside: TakeInside,
    ) -> None:  # fmt: skip
        self._draw, self._track, self._face, self._inside = draw, track, face, inside
        plan = draw.plan
        self._own = plan.mouth.path == OWN
        keys = [opening(key.landmarks) for key in head.keys]
        # The shot's own mouth lacks nothing here.
        drawn = [
            opening(wanted) if n == OWN else keys[int(n)]
            for wanted, n in zip(plan.landmarks, plan.mouth.path, strict=True)
        ]
        self._shares = inside.shares(plan.landmarks, np.asarray(drawn, np.float32), keys)

    def __call__(self, frames: Sequence[Frame]) -> list[Patch | None]:
        return [patch and self._laid(patch, frame)
                for frame, patch in zip(frames, self._draw(frames), strict=True)]  # fmt: skip

    def _laid(self, patch: Patch, frame: Frame) -> Patch:
        t = frame.number - self._track.frames.start
        if self._own[t]:
            return replace(patch, inside=self._face.lent(t))
        wanted, tracked = self._draw.plan.landmarks[t], self._track.landmarks[t]
        return self._inside.laid(patch, t, wanted, tracked, frame, self._shares)
