"""The measures of a re-made head against the frame that was held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing.colour_match import LUMA
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.train.perceptual import perceptual_distance

Mask = NDArray[np.bool_]

#: The head ends this far below the chin, in heights from chin to forehead.
HEAD_ENDS = 0.1
#: Half the width of the edge ring, and the room of the judged box, pixels.
EDGE_PX, BOX_PX = 5, 4
#: A person from this matte on.
PERSON = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Where head, face, hair, edge and torso are in a true frame, each (h, w)."""

    head: Mask
    face: Mask
    hair: Mask
    edge: Mask
    torso: Mask

    @classmethod
    def of(cls, landmarks: Array, matte: Array) -> Parts:
        """The parts of a frame with these landmarks (478, 3) and person matte (h, w), 0..1."""
        points = np.asarray(landmarks[:, :2], np.float64)
        up = points[10] - points[152]
        height = float(np.linalg.norm(up))
        y, x = np.mgrid[: matte.shape[0], : matte.shape[1]]
        below = -((x - points[152, 0]) * up[0] + (y - points[152, 1]) * up[1]) / height**2
        person, above = matte > PERSON, below < HEAD_ENDS
        oval = np.zeros(matte.shape, np.uint8)
        cv2.fillPoly(oval, [np.rint(points[FACE_OVAL]).astype(np.int32)], 1)
        kernel = np.ones((2 * EDGE_PX + 1,) * 2, np.uint8)
        grown = cv2.dilate(person.astype(np.uint8), kernel) > 0
        shrunk = cv2.erode(person.astype(np.uint8), kernel) > 0
        near_face = cv2.dilate(oval, np.ones((9, 9), np.uint8)) > 0
        head = person & above
        return cls(head, oval > 0, head & ~near_face, grown & ~shrunk & above, person & ~above)

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns round head and edge."""
        rows, columns = np.nonzero(self.head | self.edge)
        return (
            slice(max(0, rows.min() - BOX_PX), rows.max() + BOX_PX + 1),
            slice(max(0, columns.min() - BOX_PX), columns.max() + BOX_PX + 1),
        )


@dataclass(slots=True)
class Judge:
    """Sums over the frames of one row of the table."""

    squares: dict[str, list[float]] = field(default_factory=dict)
    lpips: list[float] = field(default_factory=list)
    detail: dict[str, list[float]] = field(default_factory=dict)
    change: list[tuple[float, float]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    before: tuple[Array, Array] | None = None

    def add(self, made: Array, truth: Array, parts: Parts, seconds: float) -> None:
        """One more frame: pictures (h, w, 3) display colour, clipped here."""
        made = np.clip(made, 0, 1)
        error = ((made - truth) ** 2).mean(axis=-1)
        for name in ("head", "face", "torso", "edge"):
            mask = getattr(parts, name)
            if mask.any():
                self.squares.setdefault(name, []).append(float(error[mask].mean()))
        for name in ("face", "hair"):
            mask = getattr(parts, name)
            for kind, picture in (("made", made), ("true", truth)):
                energy = cv2.Laplacian(np.ascontiguousarray(picture @ LUMA), cv2.CV_32F) ** 2
                self.detail.setdefault(name + kind, []).append(float(energy[mask].mean()))
        self.lpips.append(perceptual_distance(truth[parts.box], made[parts.box]))
        if self.before is not None:
            moved = [
                float(((now - then)[parts.head] ** 2).mean())
                for now, then in zip((made, truth), self.before, strict=True)
            ]
            self.change.append((moved[0], moved[1]))
        self.before = made, truth
        self.seconds.append(seconds)

    def figures(self) -> Mapping[str, float]:
        """The row's figures."""
        result = {"lpips": float(np.mean(self.lpips))}
        for name, values in self.squares.items():
            result[f"psnr_{name}"] = float(-10 * np.log10(np.mean(values)))
        for name in ("face", "hair"):
            made, true = self.detail[name + "made"], self.detail[name + "true"]
            result[f"sharp_{name}"] = float(np.sum(made) / np.sum(true))
        ours, theirs = np.sum(self.change, axis=0) if self.change else (1.0, 1.0)
        result["flicker"] = float(ours / theirs)
        result["ms"] = float(np.mean(self.seconds) * 1000)
        return result
