"""Video frames of the layer movie: the generated pixels alone, with alpha."""

from __future__ import annotations

from typing import Any

import av
import numpy as np

from dubsync.core.colour import plane_values, stored
from dubsync.core.picture import PictureFormat
from dubsync.core.steps import Composite
from dubsync.media.pixels.formats import frame_of
from dubsync.media.reused_frames import Faded, KeptFrame, Made, faded_layer, layer_planes


class LayerPicture:
    """Makes the layer's frames: straight (unpremultiplied) colour over transparent black."""

    def __init__(self, form: PictureFormat) -> None:
        self._form = form
        height, width = form.height, form.width
        black, middle = 16 << (form.bits - 8), 1 << (form.bits - 1)
        self._empty = tuple(
            np.full((height, width), value, np.uint16) for value in (black, middle, middle, 0)
        )

    def __call__(self, made: Made) -> av.VideoFrame:
        if isinstance(made, KeptFrame):
            return frame_of(tuple(layer_planes(made.layer)), self._form)
        if isinstance(made, Faded):
            old, new = layer_planes(made.kept.layer), self._planes(self._new(made.new))
            return frame_of(tuple(faded_layer(old, new, made.share)), self._form)
        return self._new(made)

    def _planes(self, frame: av.VideoFrame) -> list[np.ndarray[Any, Any]]:
        rows = [
            np.frombuffer(memoryview(plane), "<u2").reshape(-1, plane.line_size // 2)
            for plane in frame.planes
        ]
        return [plane[: self._form.height, : self._form.width] for plane in rows]

    def _new(self, composite: Composite) -> av.VideoFrame:
        if not composite.patches:
            return frame_of(self._empty, self._form)
        frame = frame_of(self._empty, self._form)
        planes = [
            np.frombuffer(memoryview(plane), "<u2").reshape(-1, plane.line_size // 2)
            for plane in frame.planes
        ]
        top = np.float32(((1 << self._form.bits) - 1) / 255)
        for patch in composite.patches:
            where = (patch.region.rows, patch.region.columns)
            shown = patch.matte > 0
            for plane, values in zip(planes, plane_values(patch.rgb, self._form), strict=False):
                np.copyto(plane[where], stored(values, plane, self._form), where=shown)
            alpha = np.rint(composite.matte[where] * top).astype(np.uint16)
            planes[3][where] = np.maximum(planes[3][where], alpha)
        return frame
