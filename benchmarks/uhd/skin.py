"""What a UHD close-up shows and a drawn face of 1024 pixels lacks: pores, stubble, creases.

All of it is drawn at the plate's own pixels from seeds, as factors on the picture's light, on the
still; `Skin.at` carries it with the face as the mouth moves.  Sizes are of real skin, a face being
140 mm wide: pores .15 mm wide and .7 mm apart, stubble .1 mm thick and .8 mm long, creases of the
lips .4 mm wide.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

Picture = NDArray[np.float32]

FACE_MM = 140.0
LIPS = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]
INNER = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191]
OVAL = [10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
        152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67,
        109]  # fmt: skip
EYES = ([33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246],
        [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388,
         466])  # fmt: skip
#: The beard grows between these: cheek to cheek under the nose, and over the jaw.
BEARD = [58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 436, 391, 164,
         165, 216]  # fmt: skip
#: Landmarks that the detail is carried by, and nodes of the grid on which their shift is solved.
CARRIERS = sorted({*LIPS, *INNER, *OVAL, 199, 200, 18, 164, 205, 425, 50, 280, 4, 1, 216, 436,
                   212, 432, 202, 422, 210, 430, 83, 313, 201, 421, 2, 97, 326})  # fmt: skip
GRID = 72


class Skin:
    """Detail of one still, `side` pixels square.

    factor  (side, side) what the picture is multiplied by
    """

    def __init__(self, still: NDArray[np.float32], side: int, seed: int, *, bearded: bool) -> None:
        """`still`: landmarks (478, 3) in parts of the side."""
        self._points, self._side = still[:, :2].astype(np.float64), side
        width = float(np.linalg.norm(still[234, :2] - still[454, :2])) * side
        mm = width / FACE_MM
        random = np.random.default_rng(seed)
        face, lips = self._inside(OVAL), self._inside(LIPS)
        for eye in EYES:
            face = face * (1 - self._inside(eye))
        skin = np.clip(face - lips, 0, 1)
        change = skin * (0.040 * _pores(side, mm, random) + 0.020 * _weave(side, mm, random))
        if bearded:
            change -= 0.34 * _hairs(side, mm, random, self._inside(BEARD) * (1 - lips))
        change += lips * (1 - self._inside(INNER)) * 0.05 * _creases(side, mm, random)
        self.factor = np.asarray(1 + change, np.float32)

    def at(self, points: NDArray[np.float64]) -> Picture:
        """The factor where the face's landmarks are `points` (478, 2) in parts of the side."""
        by = (points[CARRIERS, :2] - self._points[CARRIERS]) * self._side
        nodes = (np.arange(GRID) + 0.5) / GRID
        grid = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
        field = RBFInterpolator(points[CARRIERS, :2], by, smoothing=1e-4, degree=1)(grid)
        moved = cv2.resize(
            field.reshape(GRID, GRID, 2).astype(np.float32), (self._side, self._side),
            interpolation=cv2.INTER_CUBIC,
        )  # fmt: skip
        y, x = np.mgrid[0 : self._side, 0 : self._side].astype(np.float32)
        x, y = x - moved[..., 0], y - moved[..., 1]
        return cv2.remap(self.factor, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)

    def _inside(self, outline: list[int]) -> Picture:
        filled = np.zeros((self._side, self._side), np.uint8)
        corners = cv2.convexHull((self._points[outline] * self._side).astype(np.float32))
        cv2.fillPoly(filled, [np.rint(corners).astype(np.int32)], 255)
        soft = cv2.GaussianBlur(filled.astype(np.float32) / 255, (0, 0), self._side / 250)
        return np.asarray(soft, np.float32)


def _pores(side: int, mm: float, random: np.random.Generator) -> Picture:
    """Dark dots .15 mm wide, with a lighter rim."""
    dots = np.zeros((side, side), np.float32)
    count = int((side / mm / 0.7) ** 2)
    at = random.integers(0, side, (count, 2))
    dots[at[:, 1], at[:, 0]] = -random.uniform(0.4, 1.0, count)
    wide = max(0.075 * mm, 0.6)
    made = cv2.GaussianBlur(dots, (0, 0), wide) - 0.8 * cv2.GaussianBlur(dots, (0, 0), 2.2 * wide)
    return np.asarray(made / made.std(), np.float32)


def _weave(side: int, mm: float, random: np.random.Generator) -> Picture:
    """Fine relief of skin between .2 and 2 mm."""
    made = np.zeros((side, side), np.float32)
    for wide in (0.2, 0.5, 1.2):
        noise = random.standard_normal((side, side)).astype(np.float32)
        noise = cv2.GaussianBlur(noise, (0, 0), max(wide * mm, 0.7))
        made += noise / noise.std()
    return np.asarray(made / made.std(), np.float32)


def _hairs(side: int, mm: float, random: np.random.Generator, where: Picture) -> Picture:
    """Short dark strokes, 1 where a hair is, more of them where `where` is 1."""
    fine = np.zeros((side, side), np.uint8)
    rows, columns = np.nonzero(where > 0.1)
    count = int(0.9 * len(rows) / mm**2)
    chosen = random.integers(0, len(rows), count)
    for k in chosen[where[rows[chosen], columns[chosen]] > random.random(count)]:
        x, y = columns[k] * 16, rows[k] * 16
        turn, long = random.normal(1.57, 0.45), random.uniform(0.4, 0.9) * mm * 16
        end = (int(x + long * np.cos(turn)), int(y + long * np.sin(turn)))
        thick = 1 if 0.1 * mm < 1.5 else 2
        cv2.line(fine, (int(x), int(y)), end, int(random.integers(120, 255)), thick, cv2.LINE_AA, 4)
    return np.asarray(fine.astype(np.float32) / 255, np.float32)


def _creases(side: int, mm: float, random: np.random.Generator) -> Picture:
    """Upright creases of the lips, .4 mm wide."""
    noise = random.standard_normal((side, side)).astype(np.float32)
    made = cv2.GaussianBlur(noise, (0, 0), sigmaX=max(0.12 * mm, 0.6), sigmaY=0.8 * mm)
    return np.asarray(made / made.std(), np.float32)
