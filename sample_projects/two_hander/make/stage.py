"""The set and the camera: an out-of-focus garden at dusk, framing, grade and grain.

The backgrounds are made of nothing but blurred discs of leaf colour, so that no generated
background, with its half faces and stains, is ever seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from layer import SIDE, Layer

WIDTH, HEIGHT = 960, 540
MARGIN = 24
"""Pixels of background past each edge of the frame, for the camera to drift over."""

GRAIN = 1.15
"""Deviation of the grain in 8-bit steps."""


@dataclass(frozen=True)
class Framing:
    """Where a performer's layer stands in the frame."""

    zoom: float
    """Height of the performer's square over the height of the frame."""
    centre: float
    """Column of the face's middle, in parts of the frame's width."""
    top: float
    """Row of the square's top, in parts of the frame's height; negative crops the hair."""


def _disc(radius: int) -> np.ndarray:
    """An out-of-focus point: a disc a little brighter at its rim, summing to 1."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    r = np.sqrt(x * x + y * y) / radius
    disc = np.clip((1 - r) * radius * 0.5, 0, 1) * (0.8 + 0.35 * r**2)
    return (disc / disc.sum()).astype(np.float32)


def garden(seed: int, sun: float) -> np.ndarray:
    """A blurred garden [h, w, 3] (BGR float32, 0 to 255), MARGIN larger than the frame all round.

    Sun says which side is bright: 0 the left, 1 the right edge of the frame.
    """
    rng = np.random.default_rng(seed)
    height, width = HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / height
    glow = np.exp(-((x - sun) ** 2 / 0.16 + (y - 0.25) ** 2 / 0.30))[:, :, None]
    shade, leaf = np.float32([34, 40, 30]), np.float32([74, 118, 104])
    canvas = shade + (leaf - shade) * (0.18 + 0.62 * glow)
    for size, strength in ((90, 22), (38, 16), (16, 11)):  # masses of foliage, then branches
        noise = cv2.GaussianBlur(
            rng.standard_normal((height, width)).astype(np.float32), (0, 0), size
        )
        canvas += (
            (noise / noise.std() * strength)[:, :, None]
            * (0.35 + 0.65 * glow)
            * np.float32([0.7, 1.0, 0.9])
        )
    trunk = np.exp(-(((x - (0.84 - 0.68 * sun)) / 0.035) ** 2))[:, :, None]
    canvas = canvas * (1 - 0.45 * trunk)
    lights = np.zeros((height, width, 3), np.float32)
    for _ in range(46):
        cx, cy = rng.normal(sun, 0.30) * width, rng.normal(0.28, 0.24) * height
        if 0 <= cx < width and 0 <= cy < height:
            colour = np.float32([rng.uniform(90, 150), 165, rng.uniform(150, 185)])
            lights[int(cy), int(cx)] += colour * 750 * rng.uniform(0.2, 0.9) ** 2
    canvas = cv2.GaussianBlur(np.maximum(canvas, 8), (0, 0), 10)
    lights = cv2.GaussianBlur(cv2.filter2D(lights, -1, _disc(21)), (0, 0), 1.8)
    return (canvas + lights).astype(np.float32)


def booth() -> np.ndarray:
    """The dubbing booth where takes are filmed: a dark wall with a lamp's falloff."""
    height, width = HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    glow = np.exp(-((x / width - 0.7) ** 2 / 0.18 + (y / height - 0.3) ** 2 / 0.35))
    panels = 1 + 0.10 * cv2.GaussianBlur(np.sign(np.sin(x / width * 34)), (0, 0), 9)
    return ((22 + 46 * glow) * panels)[:, :, None] * np.float32([0.88, 0.97, 1.10])


def place(
    layer: Layer, face_middle: float, framing: Framing, shift: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Layer in the frame: picture [HEIGHT, WIDTH, 3] and matte [HEIGHT, WIDTH, 1].

    Face_middle is the face's column in parts of the square; shift is in pixels of the frame.
    """
    size = layer.alpha.shape[1] / (1 + 2 * SIDE)
    scale = framing.zoom * HEIGHT / size
    left = framing.centre * WIDTH - (face_middle + SIDE) * size * scale
    move = np.float32([[scale, 0, left + shift[0]], [0, scale, framing.top * HEIGHT + shift[1]]])
    # Above the square there is only background; on its other sides Extension has added cloth.
    picture = cv2.warpAffine(
        layer.picture, move, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    alpha = cv2.warpAffine(layer.alpha, move, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    return picture, alpha[:, :, None]


def over(layer_in_frame: tuple[np.ndarray, np.ndarray], background: np.ndarray) -> np.ndarray:
    """A placed layer over a background, with a little of its light wrapping round the edge."""
    picture, alpha = layer_in_frame
    wrap = cv2.GaussianBlur(alpha, (0, 0), 5)[:, :, None]
    lit = picture + (1 - wrap) * 0.18 * cv2.GaussianBlur(background, (0, 0), 12)
    return lit * alpha + background * (1 - alpha)


def window(background: np.ndarray, drift: np.ndarray) -> np.ndarray:
    """The frame's part of a background that drifts by so many pixels (less than MARGIN)."""
    move = np.float32([[1, 0, drift[0] - MARGIN], [0, 1, drift[1] - MARGIN]])
    return cv2.warpAffine(background, move, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)


def grade(frame: np.ndarray, exposure: float = 1.0) -> np.ndarray:
    """A soft print: less colour, an S-curve, cool shadows, warm lights, a faint vignette."""
    x = np.clip(frame * (exposure / 255), 0, 1.2)
    grey = x @ np.float32([0.0722, 0.7152, 0.2126])
    x = grey[:, :, None] + (x - grey[:, :, None]) * 0.80
    x = x / (1 + 0.16 * x**2) * 1.06
    x = x + 0.10 * (x - 0.42) * np.clip(1 - np.abs(x - 0.5) * 1.6, 0, 1)
    tone = np.clip(grey, 0, 1)[:, :, None]
    x = x + (1 - tone) ** 2 * np.float32([0.012, 0.002, -0.006])
    x = x + tone**2 * np.float32([-0.030, -0.002, 0.014])
    rows, columns = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    vignette = 1 - 0.20 * np.clip((rows**2 + columns**2) / 2, 0, 1) ** 1.5
    return (np.clip(x, 0, 1) * vignette[:, :, None] * 255).astype(np.float32)


def grain(frame: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The frame with moving grain, strongest in the mid-tones."""
    noise = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), 0.8)
    tone = frame.mean(2) / 255
    amount = GRAIN / noise.std() * (0.55 + 1.6 * tone * (1 - tone))
    return frame + (noise * amount)[:, :, None]
