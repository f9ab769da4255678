"""The arrays of one frame, and what an eye wants to be made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dubsync.desk.viewer.picture.looking import Looking
from dubsync.desk.viewer.picture.picture_state import PictureState
from dubsync.desk.viewer.picture.qt_pictures import rgb_image
from dubsync.service.proxies.for_the_eye import difference, exposed, outline


@dataclass(frozen=True, slots=True)
class Parts:
    """Arrays of one frame, and the state that they belong into."""

    arrays: list[Any]
    matte: Any
    base: PictureState
    take: tuple[Any, str]

    def state(self) -> PictureState:
        """As they are."""
        return self._with(self.arrays)

    def made(self, looking: Looking) -> PictureState:
        """With difference, exposure, gamma and matte; not on the Qt thread."""
        arrays = self.arrays
        if looking.look == "difference":
            arrays = [difference(arrays[0], arrays[1], looking.gain)]
        arrays = [exposed(one, looking.stops, looking.gamma) for one in arrays]
        state = self._with(arrays)
        if self.matte is None:
            return state
        return replace(state, matte=outline(self.matte))

    def _with(self, arrays: Sequence[Any]) -> PictureState:
        take, name = self.take
        if isinstance(take, np.ndarray):
            take = rgb_image(take)
        images = [rgb_image(one) for one in arrays]
        return replace(
            self.base, a=images[0], b=images[1] if len(images) > 1 else None, take=take,
            take_name=name,
        )  # fmt: skip
