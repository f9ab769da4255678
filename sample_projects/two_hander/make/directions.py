"""What changes in the style when a mouth opens, a lid falls or a head turns: measured, not named.

Several hundred faces are drawn and measured; the styles are then regressed on the measures, all
at once. Each coefficient vector is the change of style for one standard deviation of its measure
with the others held. (The other way round, predicting a measure from the style, gives directions
that tear the picture apart after four deviations.)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from generator import Generator, mean_style
from landmarks import NAMES, Landmarker, measure

FACES = 700
SPREAD = 0.8
"""Truncation of the drawn faces: below 1 keeps them away from the network's odd corners."""

RIDGE = 0.01


@dataclass(frozen=True)
class Directions:
    """Steering vectors in style space."""

    mean: np.ndarray
    """Average style [512]."""
    by_name: dict[str, np.ndarray]
    """Change of style [512] for one standard deviation of a measure."""
    deviation: dict[str, float]
    """That standard deviation, in the measure's own unit (degrees over 60 for angles)."""
    components: np.ndarray
    """Principal components of the drawn styles [n, 512], each as long as its deviation."""


def draw(generator: Generator, landmarker: Landmarker, cache: Path) -> None:
    """Draw FACES faces and save their styles and measures to a .npz file."""
    mean = mean_style(generator)
    styles, measures, seeds, small = [], [], [], []
    for seed in range(FACES):
        style = mean + SPREAD * (generator.style(seed) - mean)
        picture = generator.picture(style, 512)
        points = landmarker(picture)
        if points is None:
            continue
        styles.append(style)
        measures.append(measure(points).vector())
        seeds.append(seed)
        small.append(picture[::4, ::4])
    np.savez(cache, mean=mean, styles=styles, measures=measures, seeds=seeds, small=small)


def fit(cache: Path) -> Directions:
    """Regress the drawn styles on their measures."""
    data = np.load(cache)
    styles, measures = data["styles"], data["measures"]
    deviation = measures.std(0)
    x = (measures - measures.mean(0)) / deviation
    centred = styles - styles.mean(0)
    normal = x.T @ x + RIDGE * len(x) * np.eye(x.shape[1])
    vectors = np.linalg.solve(normal, x.T @ centred)
    _, singular, rows = np.linalg.svd(centred, full_matrices=False)
    components = rows * (singular / np.sqrt(len(styles)))[:, None]
    return Directions(
        mean=data["mean"],
        by_name=dict(zip(NAMES, vectors, strict=True)),
        deviation=dict(zip(NAMES, map(float, deviation), strict=True)),
        components=components,
    )
