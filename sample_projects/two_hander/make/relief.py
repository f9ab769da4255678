"""The relief of a head, and the map that turns it.

Landmarks give the face's height towards the camera; beyond them it falls off to nothing at the
outline of the hair and to a little at the neck. The torso stays where it is.
"""

from __future__ import annotations

import cv2
import numpy as np
from layer import BELOW, SIDE
from scipy.interpolate import griddata

CAMERA = 7.0
"""Distance of the camera, in face widths: a portrait lens."""

KEY_LIGHT = np.array([0.62, -0.35, 0.70])
"""Where the light comes from (right, down, towards the camera); mirrored for the other side."""

STEP = 2
"""The turn is smooth: it is worked out at every other pixel."""

MODELLING = 0.30
"""How much of the light falls off towards the far cheek: 0 is the generator's flat light."""


class Relief:
    """Relief of one still [size, size]; the maps cover the layer extended past its sides."""

    def __init__(self, points: np.ndarray, size: int, lit_from: int = 1) -> None:
        """Landmarks [478, 3]; lit_from is 1 for a key light from the right, -1 from the left."""
        p = points[:468].astype(np.float64) * size
        self._size = size
        self._width = float(np.linalg.norm(p[234, :2] - p[454, :2]))
        self._middle = float(p[[10, 152, 234, 454], 0].mean())
        self._chin = float(p[152, 1])
        self.height = self._heights(p)
        self.light = self._lit(KEY_LIGHT * [lit_from, 1, 1])
        side, below = round(SIDE * size), round(BELOW * size)
        wide = cv2.copyMakeBorder(self.height, 0, below, side, side, cv2.BORDER_REPLICATE)
        self._shape = wide.shape
        self._height = wide[::STEP, ::STEP]
        rows, columns = np.mgrid[0 : wide.shape[0] : STEP, 0 : wide.shape[1] : STEP]
        rows, columns = rows.astype(np.float32), columns.astype(np.float32) - side
        self._x, self._y = columns, rows
        start, span = self._chin + 0.02 * self._width, 0.55 * self._width
        t = np.clip((rows - start) / span, 0, 1)
        self._head = 1 - t * t * (3 - 2 * t)

    def _heights(self, p: np.ndarray) -> np.ndarray:
        """Pixels towards the camera from the plane of the ears [size, size]."""
        ears = p[[234, 454], 2].mean()
        face = np.maximum(ears - p[:, 2], 0)
        top = float(p[10, 1])
        centre = np.array([self._middle, (top + self._chin) / 2])
        angles = np.linspace(0.85 * np.pi, 2.15 * np.pi, 25)
        ring = centre + np.stack(
            [0.80 * self._width * np.cos(angles), 0.98 * (self._chin - top) * np.sin(angles)], 1
        )
        neck = np.array(
            [
                [self._middle + k * 0.3 * self._width, self._chin + d * self._width]
                for k in (-1, 0, 1)
                for d in (0.22, 0.6)
            ]
        )
        edge = self._size * np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 1], [0, 0.5], [1, 0.5]])
        where = np.concatenate([p[:, :2], ring, neck, edge])
        high = np.concatenate(
            [face, np.zeros(len(ring)), np.full(len(neck), 0.16 * self._width), np.zeros(len(edge))]
        )
        rows, columns = np.mgrid[0 : self._size : 4, 0 : self._size : 4]
        coarse = griddata(where, high, (columns, rows), method="linear", fill_value=0.0)
        fine = cv2.resize(
            coarse.astype(np.float32), (self._size, self._size), interpolation=cv2.INTER_CUBIC
        )
        return cv2.GaussianBlur(fine, (0, 0), self._size / 64)

    def _lit(self, key: np.ndarray) -> np.ndarray:
        """Factor [size, size] that models the flatly lit face with a key light from one side."""
        soft = cv2.GaussianBlur(self.height, (0, 0), self._size / 40)
        normal = np.dstack(
            [
                -cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8),
                -cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8),
                np.ones_like(soft),
            ]
        )
        normal /= np.linalg.norm(normal, axis=2, keepdims=True)
        lit = normal @ (key / np.linalg.norm(key)).astype(np.float32)
        factor = 1 + MODELLING * (lit - 0.72) / 0.6
        return cv2.GaussianBlur(factor, (0, 0), self._size / 50).clip(0.6, 1.15)

    def _moved(self, yaw: float, pitch: float, roll: float) -> tuple[np.ndarray, np.ndarray]:
        """Where each point of the extended layer goes, as shifts right and down in pixels."""
        y, p, r = (np.radians(a) * self._head for a in (yaw, pitch, roll))
        depth = self._height + 0.22 * self._width  # the neck's axis is behind the ears
        x0, y0 = self._x - self._middle, self._y - (self._chin + 0.10 * self._width)
        x1 = x0 * np.cos(y) + depth * np.sin(y)
        z1 = depth * np.cos(y) - x0 * np.sin(y)
        y1 = y0 * np.cos(p) + z1 * np.sin(p)
        z2 = z1 * np.cos(p) - y0 * np.sin(p)
        x2, y2 = x1 * np.cos(r) - y1 * np.sin(r), x1 * np.sin(r) + y1 * np.cos(r)
        nearer = 1 + (z2 - depth) / (CAMERA * self._width)
        return (x2 * nearer - x0).astype(np.float32), (y2 * nearer - y0).astype(np.float32)

    def lookup(self, yaw: float, pitch: float, roll: float) -> tuple[np.ndarray, np.ndarray]:
        """Source columns and rows for cv2.remap over the extended layer, for a pose in degrees."""
        right, down = (shift / STEP for shift in self._moved(yaw, pitch, roll))
        rows, columns = np.mgrid[0 : right.shape[0], 0 : right.shape[1]].astype(np.float32)
        x, y = columns, rows
        for _ in range(4):  # invert the shifts: each point looks back along its own source's
            x, y = (
                columns - cv2.remap(right, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
                rows - cv2.remap(down, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
            )
        back = np.float32([[1 / STEP, 0, 0], [0, 1 / STEP, 0]])
        size = self._shape[::-1]
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        wide = [
            cv2.warpAffine(m * STEP, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
            for m in (x, y)
        ]
        return wide[0], wide[1]
