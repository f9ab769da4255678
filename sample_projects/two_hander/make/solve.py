"""Mouth shapes of one face, solved so that nothing but the mouth changes.

A style direction that opens the mouth also makes the face younger and moves the collar. Here each
shape starts from such a direction and is then corrected by Gauss-Newton steps on a finite-
difference Jacobian: reach the wanted lip measures; keep the pixels outside the lower face, the
colour of the skin and the landmarks of the upper face. The Jacobian is taken twice per face, at
the closed and at the open mouth, and serves all shapes from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from directions import Directions
from generator import LAYERS, STYLE_SIZE, Generator
from landmarks import NAMES, Landmarker, Shape, measure
from regions import EYES, LIPS, LOWER_FACE, eye_mask, hull_mask

SIZE = 512
SMALL = 96
TRUNCATION = 0.7
GROUPS = ((2, 5), (5, 8), (8, 11), (11, 14))
"""Layer ranges that may change: from head shape (8 pixels) to lip texture (128)."""

COMPONENTS = 28
STEERED = ("gap", "width", "corners", "eyes")
EPSILON = 0.5
RIDGE = 0.02
STEPS = 5
SHAPE_WEIGHTS = np.array([20, 14, 10, 6, 6, 6, 8, 0.0])
"""Weights of landmarks.NAMES; found by trial."""

TARGETS: dict[str, dict[str, float]] = {
    "AA": {"gap": 0.22, "width": 0.98},
    "EE": {"gap": 0.09, "width": 1.12},
    "OH": {"gap": 0.12, "width": 0.86},
    "OO": {"gap": 0.03, "width": 0.80},
    "blink": {"eyes": 0.03},
}
"""Wanted measures: gap and eyes absolute, width as a part of the neutral mouth's."""


@dataclass(frozen=True)
class View:
    """A rendered face, measured."""

    picture: np.ndarray
    points: np.ndarray

    @property
    def shape(self) -> Shape:
        """The face's measures."""
        return measure(self.points)


@dataclass(frozen=True)
class Hold:
    """What a shape must leave alone."""

    pixels: np.ndarray
    """Weight [SMALL, SMALL] of each pixel, 0 where the shape may change the picture."""
    colour_at: list[int]
    """Landmarks at which the skin's colour is held."""
    place_of: list[int]
    """Landmarks that must not move."""


def features(view: View, hold: Hold) -> np.ndarray:
    """Everything the solver compares, weighted, as one vector."""
    p = view.points
    soft = cv2.GaussianBlur(view.picture, (0, 0), 2)
    small = cv2.resize(soft, (SMALL, SMALL), interpolation=cv2.INTER_AREA) / 255.0
    pixels = (small * hold.pixels[:, :, None]).ravel() / np.sqrt(hold.pixels.sum() * 3) * 14
    softer = cv2.GaussianBlur(view.picture, (0, 0), 4) / 255.0
    at = np.clip(p[hold.colour_at, :2] * SIZE, 0, SIZE - 1).astype(int)
    colour = softer[at[:, 1], at[:, 0]].ravel() / np.sqrt(3 * len(at)) * 10
    unit = np.linalg.norm(p[33, :2] - p[263, :2])
    place = ((p[hold.place_of, :2] - p[1, :2]) / unit).ravel() / np.sqrt(len(hold.place_of)) * 20
    return np.concatenate([view.shape.vector() * SHAPE_WEIGHTS, pixels, colour, place])


class Solver:
    """Solves the shapes of one seed."""

    def __init__(self, generator: Generator, landmarker: Landmarker, known: Directions) -> None:
        self._generator, self._landmarker, self._known = generator, landmarker, known
        self._basis = self._make_basis()

    def _make_basis(self) -> np.ndarray:
        """Allowed changes of the styles: [n, LAYERS, STYLE_SIZE]."""
        vectors = [*self._known.components[:COMPONENTS]]
        vectors += [self._known.by_name[n] for n in STEERED]
        basis = np.zeros((len(GROUPS) * len(vectors), LAYERS, STYLE_SIZE), np.float32)
        for k, (low, high) in enumerate(GROUPS):
            for i, vector in enumerate(vectors):
                basis[k * len(vectors) + i, low:high] = vector
        return basis

    def _view(self, styles: np.ndarray) -> View | None:
        picture = self._generator.picture(styles, SIZE)
        points = self._landmarker(picture)
        return None if points is None else View(picture, points)

    def base(self, seed: int) -> np.ndarray:
        """Styles [LAYERS, STYLE_SIZE] of the seed's face, turned frontal, mouth closed."""
        mean = self._known.mean
        one = mean + TRUNCATION * (self._generator.style(seed) - mean)
        styles = np.repeat(one[None], LAYERS, 0)
        for _ in range(3):
            shape = self._must_view(styles).shape
            yaw = -shape.yaw / 60 / self._known.deviation["yaw"]
            styles[0:5] += np.clip(yaw, -2, 2) * 0.8 * self._known.by_name["yaw"]
            if shape.gap > 0.015:
                gap = -shape.gap / self._known.deviation["gap"]
                styles[2:11] += np.clip(1.5 * gap, -2, 2) * self._known.by_name["gap"]
        return styles

    def _must_view(self, styles: np.ndarray) -> View:
        view = self._view(styles)
        if view is None:
            raise SystemExit("no face found in the base picture: choose another seed")
        return view

    def _opened(self, base: np.ndarray) -> np.ndarray:
        """Styles with the mouth opened along the bare direction, where the open shapes start."""
        styles = base
        for amount in (2, 3, 4, 5, 6):
            styles = base.copy()
            styles[5:11] += amount * self._known.by_name["gap"]
            styles[2:5] += 0.6 * amount * self._known.by_name["gap"]
            view = self._view(styles)
            if view is not None and view.shape.gap > 0.16:
                break
        return styles

    def _probe(self, styles: np.ndarray) -> tuple[View, list[View | None]]:
        """The view at styles, and one at each basis vector's small step from there."""
        return self._must_view(styles), [self._view(styles + EPSILON * b) for b in self._basis]

    def _reach(
        self,
        start: np.ndarray,
        probe: tuple[View, list[View | None]],
        hold: Hold,
        wanted: np.ndarray,
    ) -> np.ndarray:
        """Gauss-Newton from start towards the wanted features; the best styles met."""
        here = features(probe[0], hold)
        columns = [
            np.zeros_like(here) if v is None else (features(v, hold) - here) / EPSILON
            for v in probe[1]
        ]
        jacobian = np.stack(columns, 1)
        normal = jacobian.T @ jacobian + RIDGE * np.eye(jacobian.shape[1])
        steps = np.zeros(jacobian.shape[1])
        best: tuple[float, np.ndarray] = (np.inf, steps)
        for _ in range(STEPS):
            view = self._view(start + np.tensordot(steps, self._basis, 1))
            if view is None:
                steps = steps * 0.5
                continue
            error = wanted - features(view, hold)
            cost = float(error @ error + RIDGE * steps @ steps)
            if cost < best[0]:
                best = (cost, steps)
            change = np.linalg.solve(normal, jacobian.T @ error - RIDGE * steps)
            steps = steps + 0.8 * change * min(1.0, 2.5 / float(np.linalg.norm(change)))
        return start + np.tensordot(best[1], self._basis, 1)

    def solve(self, seed: int) -> dict[str, np.ndarray]:
        """Styles of the base and of each shape in TARGETS."""
        base = self.base(seed)
        opened = self._opened(base)
        closed_probe, opened_probe = self._probe(base), self._probe(opened)
        neutral = closed_probe[0]
        solved = {"base": base}
        for name, target in TARGETS.items():
            hold = _hold(neutral.points, eyes=name == "blink")
            wanted = features(neutral, hold)
            wanted[: len(NAMES)] = _target_vector(neutral.shape, target) * SHAPE_WEIGHTS
            from_open = name in ("AA", "EE", "OH")
            start, probe = (opened, opened_probe) if from_open else (base, closed_probe)
            solved[name] = self._reach(start, probe, hold, wanted)
        return solved


def _target_vector(neutral: Shape, target: dict[str, float]) -> np.ndarray:
    """The neutral measures with the target's put in."""
    vector = neutral.vector()
    for name, value in target.items():
        vector[NAMES.index(name)] = value * neutral.width if name == "width" else value
    return vector


def _hold(points: np.ndarray, *, eyes: bool) -> Hold:
    """What to leave alone: all but the lower face, or (for a blink) all but the eyes."""
    mask = eye_mask(points, SIZE) if eyes else hull_mask(points, LOWER_FACE, SIZE, 61, 8)
    pixels = cv2.resize(1 - mask, (SMALL, SMALL))
    mesh = range(468)
    if eyes:
        kept = [i for i in mesh if i not in EYES]
        return Hold(pixels, [i for i in kept if i not in LIPS], kept)
    return Hold(
        pixels, [i for i in mesh if i not in LIPS], [i for i in mesh if i not in LOWER_FACE]
    )


def load_or_solve(
    seed: int, known: Directions, generator: Generator, landmarker: Landmarker, cache: Path
) -> dict[str, np.ndarray]:
    """The solved shapes of a seed, kept in the cache folder: solving takes minutes."""
    kept = cache / f"face_{seed}.npz"
    if not kept.exists():
        np.savez(kept, **Solver(generator, landmarker, known).solve(seed))
    with np.load(kept) as data:
        return {name: data[name] for name in data.files}
