"""One synthetic performer in front of the camera: a still that talks, blinks and moves its head.

Hair, skin and clothes come from a single picture, so they cannot boil. A speaking frame costs one
synthesis, of which only the lower face is used. The head then turns by bending picture and matte
together over the face's measured relief, which carries freckles and hair strands along, where a
turn in the generator would leave them standing.
"""

from __future__ import annotations

import cv2
import numpy as np
from directions import Directions
from generator import Generator
from landmarks import Landmarker, measure
from layer import Extension, Layer, clean_edges
from matte import Matting
from mouth import SHAPES
from regions import EYE_OPENINGS, IRISES, LIDS, PASTED, hull_mask
from relief import Relief

SIZE = 768
"""Side of the performer's picture; about the scale at which a close shot shows it."""

LID_LEVELS = (0.5, 0.85, 1.2, 1.7)
"""Amounts of the solved blink; 1.4 and more is really shut."""


class Performer:
    """A face with its solved shapes, seen from one side."""

    def __init__(
        self,
        generator: Generator,
        landmarker: Landmarker,
        matting: Matting,
        known: Directions,
        solved: dict[str, np.ndarray],
        yaw: float = 0.0,
    ) -> None:
        """Yaw in degrees turns the still itself; good to about 12, beyond it the face drifts."""
        self._generator, self._landmarker = generator, landmarker
        self._styles = _turned(generator, landmarker, known, solved["base"], yaw)
        self._change = {k: solved[k] - solved["base"] for k in (*SHAPES, "blink")}
        still = generator.picture(self._styles, SIZE)
        points = landmarker(still)
        if points is None:
            raise SystemExit("no face in the performer's still")
        self.points = points
        self._lower = hull_mask(points, PASTED, SIZE, 11, 10)
        alpha = matting(still)
        face = hull_mask(points, range(468), SIZE, 15, 6)
        self._stills = self._with_lids(clean_edges(still.astype(np.float32), alpha, face))
        self._extension = Extension(alpha)
        self._relief = Relief(points, SIZE, lit_from=1 if yaw >= 0 else -1)
        self._openings = [hull_mask(points, eye, SIZE, 1, 1.2) for eye in EYE_OPENINGS]

    def _with_lids(self, still: np.ndarray) -> list[np.ndarray]:
        """The still with the lids at each level, open first."""
        area = np.maximum(*(hull_mask(self.points, lid, SIZE, 9, 4) for lid in LIDS))[:, :, None]
        out = [still]
        for amount in LID_LEVELS:
            shut = self._generator.picture(self._styles + amount * self._change["blink"], SIZE)
            out.append(still * (1 - area) + shut.astype(np.float32) * area)
        return out

    def _speaking(self, still: np.ndarray, mouth: np.ndarray) -> np.ndarray:
        """The still with its lower face at the mouth weights [4]."""
        if mouth.max() < 0.012:
            return still
        change = sum(w * self._change[k] for w, k in zip(mouth, SHAPES, strict=True))
        picture = self._generator.picture(self._styles + change, SIZE)
        points = self._landmarker(picture)
        area = self._lower
        if points is not None:
            area = np.maximum(area, hull_mask(points, PASTED, SIZE, 11, 10))
        area = area[:, :, None]
        return still * (1 - area) + picture.astype(np.float32) * area

    def _looking(self, picture: np.ndarray, gaze: np.ndarray) -> np.ndarray:
        """The picture with both irises shifted by gaze, in parts of an eye's width."""
        if np.abs(gaze).max() < 1e-3:
            return picture
        y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
        width = float(np.linalg.norm(self.points[33, :2] - self.points[133, :2])) * SIZE
        for opening, iris in zip(self._openings, IRISES, strict=True):
            centre = self.points[iris, :2] * SIZE
            near = np.exp(-(((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (0.42 * width) ** 2))
            pull = (near * opening).astype(np.float32) * width
            x, y = x - pull * np.float32(gaze[0]), y - pull * np.float32(gaze[1])
        return cv2.remap(picture, x, y, cv2.INTER_CUBIC)

    @property
    def middle(self) -> float:
        """Column of the face's middle, in parts of the square's side."""
        return float(self.points[[10, 152, 234, 454], 0].mean())

    def layer(
        self, mouth: np.ndarray, lids: int, gaze: np.ndarray, pose: tuple[float, float, float]
    ) -> Layer:
        """Picture and matte for one frame; the pose is yaw, pitch and roll in degrees."""
        picture = self._looking(self._speaking(self._stills[lids], mouth), gaze)
        picture = picture * self._relief.light[:, :, None]
        across, down = self._relief.lookup(*pose)
        wide = self._extension
        # One resampling, not two: the pose looks up where the extension looks up.
        columns = cv2.remap(
            wide.columns, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        rows = cv2.remap(wide.rows, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return Layer(
            cv2.remap(picture, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
            cv2.remap(
                wide.alpha, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            ).clip(0, 1),
        )


def _turned(
    generator: Generator, landmarker: Landmarker, known: Directions, base: np.ndarray, yaw: float
) -> np.ndarray:
    """Base styles turned to a measured yaw (degrees); only the coarsest layers may move."""
    styles = base.copy()
    for _ in range(3 if yaw else 0):
        points = landmarker(generator.picture(styles, 512))
        if points is None:
            break
        missing = (yaw - measure(points).yaw) / 60 / known.deviation["yaw"]
        styles[0:5] += np.clip(missing, -2, 2) * 0.9 * known.by_name["yaw"]
    return styles
