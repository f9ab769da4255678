"""What every frame of a shot's head will be drawn from, worked out before the first is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.arrays import Array
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.head_path import HeadPath
from dubsync.engine.head_draw.choose.head_choice import OWN, Path
from dubsync.engine.head_shell.far_turn import FarTurn

Values = NDArray[Any]

#: Share of its exemplar's own departure from the foretold outline that a frame keeps, and the
#: standard deviation over which it is averaged, frames: hair does not jump at a cut.
KEPT, STEADY_FRAMES = 0.5, 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """The exemplar of each of T frames, and those beyond a cut near it.

    path   (T,) numbers of exemplars; OWN: the shot's own frame
    near   T of {exemplar: weight}, see `head_choice.neighbours_at_cuts`
    cut    (T,) whether the exemplar changes there
    """

    path: Path
    near: list[dict[int, float]]
    cut: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class HeadPlan:
    """T frames of one shot.

    shown      (T,)  whether there is anything to draw
    strength   (T,)  0..1 of the matte
    landmarks  (T, 478, 3) wanted, plate pixels
    steady     (T, 478, 3) the same where the head is the frame's own, else without the tracker's
               noise: where the head is drawn
    mouthed    (T, 478, 3) the shot's own, with the corrected mouth, plate pixels
    wanted     (T, n, 2) the wanted outline, working pixels of the canvas, by pose alone
    original   (T, n, 2) the outline in the shot's own frames, followed where that could be
    kept       (T, n, 2) what the wanted outline keeps of it, or else of its exemplar's own
               departure from what pose alone tells, working pixels
    rests      where the shoulders rest, working pixels of the canvas
    head, mouth  chosen apart
    eyes       the right and the left, each by itself
    far        how frames are drawn that turn far beyond all exemplars; None: none does
    """

    shown: NDArray[np.bool_]
    strength: Array
    landmarks: Array
    steady: Array
    mouthed: Array
    wanted: Values
    original: Values
    kept: Values
    rests: HeadPath
    head: Chosen
    mouth: Chosen
    eyes: tuple[Chosen, Chosen]
    far: FarTurn | None = None


def kept_residuals(head: HeadModel, path: Path) -> Values:
    """(T, n, 2) what each frame keeps of its exemplar's own outline, steadied over time."""
    own = {n: head.residual(n) for n in {int(n) for n in path} if n != OWN}
    none = np.zeros_like(next(iter(own.values()))) if own else np.zeros((len(head.outline), 2))
    rows = np.stack([own.get(int(n), none) for n in path])
    if len(rows) > 2:
        rows = gaussian_filter1d(rows, STEADY_FRAMES, axis=0, mode="nearest")
    return np.asarray(KEPT * rows)
