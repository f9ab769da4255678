"""A head that turns far: a shell carries its hair, its face hides its far ear.

Up to some five degrees of yaw from a key frame one warp of the whole picture serves.  Beyond, it
shows what the cheek should hide, and each point's noise is carried on.  There, coming in smoothly,
hair, ears and neck move as a smooth shell does (shell_depth.py), with all that the exemplar has of
its own; and the face is drawn over them as a mesh that hides itself and them (project.py).
Source: ours; figures in docs/benchmarks.md, "Whole heads: far turns".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.arrays import Array
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.geometry.pose import to_vectors
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.head_path import HeadPath
from dubsync.engine.head.outline import base
from dubsync.engine.head_shell import project
from dubsync.engine.head_shell.shell_depth import shell_outline
from dubsync.engine.track.landmarker import canonical_face

Values = NDArray[Any]

#: Degrees of yaw beyond the nearest frame that a head may be drawn from, from which the shell comes
#: in, and at which it is all there.
FROM, WHOLE = 5.0, 8.0
#: In a path of exemplars: the shot's own frame.
OWN = -1
#: What an exemplar has of its own is averaged over so many frames, a standard deviation.
STEADY_FRAMES = 5.0
#: A triangle of the face is drawn where its normal's cosine to the camera is above these, in the
#: wanted picture and in the exemplar.
FACES, FACED = 0.0, 0.05
#: Its silhouette is drawn so much finer than the working size.
FINE = 4


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """The face over everything else, at the working size.

    at      (h, w, 2) source points, working pixels
    cover   (h, w, 1) 0..1
    beyond  (h, w, 1) 0..1 outside it
    """

    at: Array
    cover: Array
    beyond: Array


@dataclass(frozen=True, slots=True, eq=False)
class FarTurn:
    """T frames of one shot.

    share  (T,) 0..1 of the shell
    grid   (T, n, 2) the wanted outline as the shell has it, working pixels of the canvas
    turn   (T, 3, 3) of the wanted head
    own    (T, 3, 3) of the shot's own head
    keys   (K, 3, 3) of the key frames
    model  (n,) how far right of the head's middle each point of the outline is
    """

    share: Array
    grid: Values
    turn: Values
    own: Values
    keys: Values
    model: Array

    def hides(self, t: int, exemplar: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Landmarks (478,) and points of the outline (n,) on the side that turns away."""
        was = self.own[t] if exemplar == OWN else self.keys[exemplar]
        # Where the head's right goes in depth, seen from the exemplar: away is positive.
        side = float(np.sign((self.turn[t] @ was.T)[2, 0]))
        return _across() * side > 0, np.asarray(self.model) * side > 0

    def front(self, t: int, wanted: Values, source: Values, size: tuple[int, int]) -> Front:
        """The face of frame `t` over everything else, by the frame's share.

        Args:
            wanted, source: (478, 3) landmarks, working pixels of canvas and exemplar.
            size: of the canvas, working pixels.
        """
        made = front(wanted, source, size)
        share = self.share[t]
        return Front(made.at, share * made.cover, share * made.beyond)


def far_turn(
    head: HeadModel, wanted: HeadPath, own: HeadPath, path: NDArray[np.intp], usual: Values,
    own_grid: Values | None,
) -> FarTurn | None:  # fmt: skip
    """What far turns of a shot's head are drawn with; None where none goes far.

    Args:
        wanted, own: (T) wanted and the shot's own head, working pixels of the canvas.
        path: (T,) the head's exemplars.
        usual: (T, n, 2) the wanted outline without a shell: shoulders stay there.
        own_grid: (T, n, 2) the outline in the shot's own frames; None: they are not drawn from.
    """
    away = yaw_beyond(wanted.rotation, head.turns)
    if own_grid is not None:
        rows = np.arange(len(wanted))
        away = np.minimum(away, np.abs(yaws_between(wanted.rotation, own.rotation)[rows, rows]))
    share = smoothstep(np.asarray((away - FROM) / (WHOLE - FROM), np.float32))
    if not share.any():
        return None
    shell = shell_outline(head)
    there = base(shell, own)
    kept = np.empty((len(path), len(shell), 2))
    for t, number in enumerate(path):
        if number == OWN:
            assert own_grid is not None
            kept[t] = own_grid[t] - there[t]
        else:
            key = head.keys[int(number)]
            kept[t] = key.grid - base(shell, key.path)[0]
    if len(kept) > 2:
        kept = gaussian_filter1d(kept, STEADY_FRAMES, axis=0, mode="nearest")
    with_head = np.asarray(shell.share, np.float64)[:, None]
    grid = usual + with_head * (base(shell, wanted) + kept - usual)
    return FarTurn(
        share, grid, wanted.rotation, own.rotation, head.turns,
        np.asarray(shell.model[:, 0]),
    )  # fmt: skip


def yaw_beyond(turns: Values, keys: Values) -> Values:
    """(T,) degrees of yaw from each rotation (T, 3, 3) to the nearest of (K, 3, 3)."""
    return np.asarray(np.abs(yaws_between(turns, keys)).min(axis=1))


def yaws_between(turns: Values, keys: Values) -> Values:
    """(T, K) degrees of yaw from each of `keys` (K, 3, 3) to each of `turns` (T, 3, 3)."""
    relative = np.einsum("tij,kmj->tkim", turns, keys)
    vectors = to_vectors(relative.reshape(-1, 3, 3))
    return np.asarray(np.degrees(vectors[:, 1]).reshape(len(turns), len(keys)))


def front(wanted: Values, source: Values, size: tuple[int, int]) -> Front:
    """The face as a mesh that hides itself, as far as the exemplar shows it."""
    triangles = canonical_face().triangles
    seen = (_facing(wanted, triangles) > FACES) & (_facing(source, triangles) > FACED)
    drawn = triangles[seen]
    fine = project.shown(wanted, drawn, size, FINE)
    coarse = fine[FINE // 2 :: FINE, FINE // 2 :: FINE]
    at = project.traced(coarse, drawn, wanted, np.asarray(source)[:, :2])
    cover = project.coverage(fine, FINE)[..., None]
    return Front(project.spread_out(at, coarse != project.NOTHING), cover, 1 - cover)


def _facing(points: Values, triangles: NDArray[Any]) -> Values:
    """(m,) cosine between each triangle's normal and the camera."""
    a, b, c = (np.asarray(points, np.float64)[triangles[:, n]] for n in range(3))
    normal = np.cross(b - a, c - a)
    return np.asarray(
        towards_camera() * normal[:, 2] / np.maximum(np.linalg.norm(normal, axis=1), 1e-9)
    )


@cache
def towards_camera() -> float:
    """Sign that makes the canonical face look at the camera."""
    face = canonical_face()
    a, b, c = (np.asarray(face.points, np.float64)[face.triangles[:, n]] for n in range(3))
    return float(np.sign(np.median(np.cross(b - a, c - a)[:, 2])))


@cache
def _across() -> Array:
    """(478,) how far right of its middle each landmark of the canonical face is, as pictured."""
    return np.asarray(canonical_face().points[:, 0], np.float32)
