"""The eye between a still's lids: the ball stays round and turns; lids pass over it.

A warp of the lids alone would flatten the iris as they fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.face_region.eye_layers import Layers, put_together, take_apart
from dubsync.engine.head_draw.affine_warp import sample
from dubsync.engine.still.controls import EYES, IRISES
from dubsync.engine.still.eye_frame import EyeFrame, grid, smooth

Points = NDArray[Any]

#: Change of gaze, eye widths, and share of closing, from which the ball replaces the warped eye,
#: and over how much.
LOOKS, LOOKS_OVER = 0.015, 0.03
CLOSES, CLOSES_OVER = 0.10, 0.25
#: Share of closing from which nothing of the ball is seen, and over how much.
GONE, GONE_OVER = 0.75, 0.15
#: Shade that a lid throws on the ball, and how far, eye widths, beyond what the still has.
SHADE, SHADE_OVER = 0.30, 0.07
ROOM = 0.35


@dataclass(frozen=True, slots=True, eq=False)
class EyeBall:
    """One eye of a still, taken apart.

    layers  None where too little of the eye is seen
    frame   the eye in the still
    corner  (2,) of the layers' crop in the still, pixels
    offset  (2,) of its iris from the corners' line, in the eye's frame
    """

    layers: Layers | None
    frame: EyeFrame
    corner: Points
    offset: Points


def eye_ball(picture: Array, landmarks: Points, eye: int) -> EyeBall:
    """The right (0) or left (1) eye of a still (h, w, 3) with landmarks in its pixels."""
    frame = EyeFrame.of(landmarks, eye)
    iris = frame.flat[IRISES[eye][0]]
    offset = frame.inside(iris)
    box = frame.box((picture.shape[0], picture.shape[1]), ROOM)
    if box is None:
        return EyeBall(None, frame, np.zeros(2), offset)
    corner = np.array([box[1].start, box[0].start], np.float64)
    layers = take_apart(np.asarray(picture[box], np.float32), frame.flat - corner, eye)
    return EyeBall(layers, frame, corner, offset)


def with_ball(picture: Array, landmarks: Points, ball: EyeBall) -> Array:
    """`picture` (h, w, 3), a still warped onto `landmarks`, with its ball as it looks, in place.

    Changed only between the lids, where gaze or lids have moved.
    """
    eye = ball.frame.eye
    frame = EyeFrame.of(landmarks, eye)
    box = frame.box((picture.shape[0], picture.shape[1]), 0.05)
    if ball.layers is None or box is None:
        return picture
    moved = frame.inside(frame.flat[IRISES[eye][0]]) - ball.offset
    shut = 1 - frame.opening() / max(ball.frame.opening(), 0.02)
    share = max(
        float(smooth((float(np.linalg.norm(moved)) - LOOKS) / LOOKS_OVER)),
        float(smooth((shut - CLOSES) / CLOSES_OVER)),
    )
    share *= 1 - float(smooth((shut - GONE) / GONE_OVER))
    if share <= 0:
        return picture
    layers = ball.layers
    step = ball.frame.outside(moved) - ball.frame.outside(np.zeros(2))
    drawn = put_together(layers, layers.centre + step)
    at = frame.inside(grid(box))
    read = ball.frame.outside(at) - ball.corner
    eye_now = sample(drawn, np.asarray(read, np.float32), cv2.INTER_CUBIC)
    u, v = np.asarray(at[..., 0], np.float32), np.asarray(at[..., 1], np.float32)
    fallen = np.maximum(frame.upper(u) - ball.frame.upper(u), 0)
    below = np.maximum(v - frame.upper(u), 0)
    shade = 1 - SHADE * smooth(fallen / 0.08) * np.exp(-below / SHADE_OVER)
    inside = _between(frame, box) * share
    part = picture[box]
    part += inside[..., None] * (eye_now * shade[..., None] - part)
    return picture


def _between(frame: EyeFrame, box: tuple[slice, slice]) -> Array:
    """(h, w) 0..1 between the lids, with an edge of a pixel."""
    ring = frame.flat[EYES[frame.eye]] - (box[1].start, box[0].start)
    size = (box[0].stop - box[0].start, box[1].stop - box[1].start)
    area = np.zeros((size[0] * 4, size[1] * 4), np.uint8)
    cv2.fillPoly(area, [np.rint((ring * 4 - 0.5) * 16).astype(np.int32)], 255, shift=4)
    small = cv2.resize(area, (size[1], size[0]), interpolation=cv2.INTER_AREA)
    edge = max(0.015 * frame.width, 0.5)
    return np.asarray(cv2.GaussianBlur(small.astype(np.float32) / 255, (0, 0), edge), np.float32)
