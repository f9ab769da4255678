"""Stored frames as the video that ProRes codes: 10 bits, video range, log where they are linear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from dubsync.core.colour import plane_values, stored, working_rgb
from dubsync.core.picture import Frame, PictureFormat
from dubsync.media.pixels.fields import by_field


def video_planes(frame: Frame, form: PictureFormat) -> tuple[np.ndarray[Any, Any], ...]:
    """The planes of `frame` in `form`, a video format of its size; each field alone."""
    like = np.zeros(1, np.uint16)

    def one(part: Frame) -> tuple[np.ndarray[Any, Any], ...]:
        target = replace(form, height=part.format.height, fields="", field=part.format.field)
        return tuple(stored(v, like, target) for v in plane_values(working_rgb(part), target))

    return by_field(frame, one)


def video_format(plate: PictureFormat, pixel: str, chroma: tuple[int, int]) -> PictureFormat:
    """A 10-bit video-range format with the plate's size and colour; log where that is linear."""
    matrix = plate.matrix if plate.model == "yuv" else "bt709"
    colour = plate.colour.as_log() if plate.colour and plate.floating else plate.colour
    return replace(
        plate, model="yuv", bits=10, floating=False, chroma=chroma, matrix=matrix,
        full_range=False, storage=pixel, matrix_tagged=True, colour=colour,
    )  # fmt: skip
