"""A performer's close-up in UHD: drawn pictures of 1024 pixels set into a UHD frame.

The pictures come from `sample_projects/two_hander/make/large_face.py`.  Head, skin and mouth move
as there; what is finer than the drawn pictures is `skin`'s.  Everything is resampled once, seen
through a lens (a Gaussian of .55 pixels) and given grain.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.uhd.skin import Skin

MAKE = Path(__file__).parents[2] / "sample_projects" / "two_hander" / "make"
#: The middle of a UHD frame: beside it there is only wall, which `plates` adds where it counts.
WIDTH, HEIGHT = 1920, 2160
#: Standard deviations: of the lens, pixels; of the grain, of full scale; of a grain, pixels.
LENS, GRAIN, GRAIN_PX = 0.55, 0.0035, 0.6
#: Where the face's middle is, in parts of the frame.
MIDDLE = (0.50, 0.56)
SHEET = 3000
Picture = NDArray[np.float32]


class Scene:
    """One close-up.  `face_px`: height of the landmarks' box on the plate, pixels."""

    def __init__(self, folder: Path, face_px: int, seed: int = 1) -> None:
        sys.path.insert(0, str(MAKE))
        from layer import BELOW, SIDE, Extension
        from relief import Relief

        with np.load(folder / "face.npz") as kept:
            self._face: dict[str, Any] = {name: kept[name] for name in kept.files}
        self._folder, self._seed = folder, seed
        still = self._face["still"]
        tall = float(np.ptp(still[:, 1]))
        self.side = round(face_px / tall)
        self._across, self._below = round(SIDE * self.side), round(BELOW * self.side)
        self._middle = (still[:, :2].min(axis=0) + still[:, :2].max(axis=0)) / 2 * self.side
        self._relief = Relief(still, self.side)
        size = self._face["alpha"].shape[0]
        inner = round(size / (1 + BELOW))
        left = (self._face["alpha"].shape[1] - inner) // 2
        alpha = self._face["alpha"][:inner, left : left + inner]
        alpha = cv2.resize(alpha, (self.side, self.side), interpolation=cv2.INTER_CUBIC)
        self._wide = Extension(np.clip(alpha, 0, 1))
        self._skin = Skin(still, self.side, seed, bearded=True)
        self._points = _carried(self._face["points"], self._face["mouth"], still)
        self._background, self._noise = _background(seed), _sheet(seed)

    def __len__(self) -> int:
        return len(self._points)

    def frames(self, count: int) -> Iterator[Picture]:
        """The first `count` frames, (2160, 1920, 3) working colour."""
        for n in range(count):
            yield self.frame(n)

    def frame(self, n: int) -> Picture:
        """One frame."""
        drawn = cv2.imread(str(self._folder / f"{n:04d}.png"))[..., ::-1].astype(np.float32) / 255
        size = (self.side, self.side)
        picture = cv2.resize(drawn, size, interpolation=cv2.INTER_LANCZOS4)
        picture *= (self._relief.light * self._skin.at(self._points[n]))[..., None]
        across, down = self._looked_up(n)
        columns, rows = (
            cv2.remap(part.astype(np.float32), across, down, cv2.INTER_LINEAR,
                      borderMode=cv2.BORDER_REPLICATE)
            for part in (self._wide.columns, self._wide.rows)
        )  # fmt: skip
        seen = cv2.remap(
            picture, columns, rows, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
        )
        alpha = cv2.remap(
            self._wide.alpha.astype(np.float32), across, down, cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ).clip(0, 1)[..., None]  # fmt: skip
        whole = self._background + alpha * (seen - self._background)
        whole = cv2.GaussianBlur(0.06 + 0.80 * whole, (5, 5), LENS)
        return np.asarray(np.clip(whole + self._grain(n, whole), 0, 1), np.float32)

    def _looked_up(self, n: int) -> tuple[Picture, Picture]:
        """Columns and rows (2160, 1920) of the layer that each of the frame's pixels shows."""
        face = self._face
        across, down = self._relief.lookup(*(float(face[k][n]) for k in ("yaw", "pitch", "roll")))
        corner = np.array([MIDDLE[0] * WIDTH, MIDDLE[1] * HEIGHT]) - self._middle
        corner += face["shift"][n] * (self.side / 600) - (self._across, 0)
        move = np.float32([[1, 0, -corner[0]], [0, 1, -corner[1]]])
        y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        x, y = x + move[0, 2], y + move[1, 2]
        looked = [
            cv2.remap(part, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for part in (across, down)
        ]
        # Past the layer's edge the map goes on, or one column would be drawn out into a stripe.
        looked[0] += x - np.clip(x, 0, across.shape[1] - 1)
        looked[1] += y - np.clip(y, 0, across.shape[0] - 1)
        return looked[0], looked[1]

    def _grain(self, n: int, picture: Picture) -> Picture:
        """Grain of the frame: a part of one large sheet of noise, another for each frame."""
        random = np.random.default_rng(self._seed * 100_003 + n)
        top, left = (int(random.integers(0, SHEET - side)) for side in (HEIGHT, WIDTH))
        noise = self._noise[top : top + HEIGHT, left : left + WIDTH]
        luma = picture[..., 1]
        return np.asarray((GRAIN * (0.55 + 1.6 * luma * (1 - luma)) * noise)[..., None])


def _sheet(seed: int) -> Picture:
    """(SHEET, SHEET) noise of deviation 1, as soft as a grain."""
    white = np.random.default_rng(seed).standard_normal((SHEET, SHEET), np.float32)
    soft = cv2.GaussianBlur(white, (0, 0), GRAIN_PX)
    return np.asarray(soft / soft.std(), np.float32)


def _carried(
    points: NDArray[np.float32], mouth: NDArray[np.float64], still: NDArray[np.float32]
) -> NDArray[np.float64]:
    """(N, 478, 2) where the skin is in each frame: landmarks without their measurement's jitter.

    They are regressed on the weights that drew the mouth, so the detail neither shakes nor lags.
    """
    terms = np.concatenate([mouth, mouth**2], axis=1)
    away = (points[..., :2] - still[None, :, :2]).reshape(len(points), -1).astype(np.float64)
    weights = np.linalg.solve(terms.T @ terms + 1e-3 * np.eye(terms.shape[1]), terms.T @ away)
    return np.asarray((terms @ weights).reshape(len(points), -1, 2) + still[None, :, :2])


def _background(seed: int) -> Picture:
    """An out-of-focus wall with a lamp on it."""
    random = np.random.default_rng(seed)
    rough = random.standard_normal((27, 48, 3)).astype(np.float32)
    wall = cv2.resize(cv2.GaussianBlur(rough, (0, 0), 3), (WIDTH, HEIGHT),
                      interpolation=cv2.INTER_CUBIC)  # fmt: skip
    x = np.linspace(0, 1, WIDTH, dtype=np.float32)[None, :, None]
    return np.asarray(np.clip(0.16 + 0.14 * x + 0.10 * wall, 0, 1), np.float32)
