"""How deep hair, ears and skull lie: a smooth shell through the outline's points.

`head.fit_proxy` gives each point of the outline its own depth: enough for a few degrees, but the
noise of each is carried on by a far turn, and the hair's edge stands in cusps.  Here neighbours
share what was seen, and what was not seen is what four other heads had that were seen to turn by 35
degrees: depth rises from the face's oval to the rim, steeply at the end, and the rim lies deeper
behind the ears than over the forehead.
Source: ours; Gaussian process regression (Rasmussen and Williams 2006, equation 2.23).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.head_path import HeadPath, Values, joined_path
from dubsync.engine.head.outline import TEMPLES, Outline, base, hanging

#: The rim's depth behind the temples (model units) by its height below them.
RIM_AT = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0)
RIM = (0.1, 0.25, 0.38, 0.45, 0.58, 0.5, 0.35)
#: Share of the way from the oval's depth to the rim's, by share of the way from rim to oval.
INWARDS_AT = (0.0, 0.1, 0.2, 0.37, 0.52, 0.7, 0.85, 1.0)
INWARDS = (1.0, 1.0, 0.92, 0.6, 0.43, 0.33, 0.28, 0.2)
#: Beside and below the jaw there is no skin that goes on from the oval but hair and neck, so deep
#: behind the temples; from the first height below the temples to the second (model units).
BESIDE_JAW, JAW_FROM, JAW_TO = 0.15, 0.2, 0.5
#: How far a head departs from that, model units, all along and from place to place; over so many
#: working pixels it stays alike.  Squared error of what a key frame shows, working pixels, as if it
#: were alone: errors of following are alike in frames that are.
DEPARTS, DEPARTS_ALL, ALIKE_PX, SEEN_PX = 0.2, 0.15, 30.0, 360.0
#: The same of shares of the head's movement.
SHARE_DEPARTS, SHARE_SEEN_PX = 0.15, 270.0
ROUNDS = 2


def shell_outline(head: HeadModel) -> Outline:
    """The head's outline on a smooth shell: depths and shares of `outline` fitted anew."""
    path = joined_path([key.path for key in head.keys])
    grids = np.stack([key.grid for key in head.keys]).astype(np.float64)
    reference = head.keys[head.reference].path
    return _fitted(head.outline, _guessed(head), reference, path, grids)


def _guessed(head: HeadModel) -> Values:
    """(n,) depth of the outline's points along the reference's line of sight, model units."""
    outline, key = head.outline, head.keys[head.reference]
    rest = np.asarray(head.rest, np.float64)
    behind = float(rest[list(TEMPLES), 2].mean())
    height = float(rest[list(TEMPLES), 1].mean())
    model = np.asarray(outline.model, np.float64)
    points = np.asarray(outline.points, np.float64)
    oval = np.asarray(key.landmarks[FACE_OVAL, :2], np.float64)
    rim = behind + np.interp(model[:, 1] - height, RIM_AT, RIM)
    to_oval, at_oval = _nearest(points, oval)
    contour = slice(0, outline.contour)
    to_rim, at_rim = _nearest(points, points[contour]) if outline.contour else (to_oval, at_oval)
    inwards = to_rim / np.maximum(to_rim + to_oval, 1e-6)
    oval_rest = rest[FACE_OVAL][at_oval]
    jaw = np.clip((oval_rest[:, 1] - height - JAW_FROM) / (JAW_TO - JAW_FROM), 0, 1)
    near = oval_rest[:, 2] + jaw * (behind + BESIDE_JAW - oval_rest[:, 2])
    far = rim[contour][at_rim] if outline.contour else rim
    deep = near + np.interp(inwards, INWARDS_AT, INWARDS) * (far - near)
    deep[contour] = rim[contour]
    return np.asarray(deep)


def _fitted(
    outline: Outline, guess: Values, reference: HeadPath, path: HeadPath, grids: Values
) -> Outline:
    """The outline whose depths and shares explain the frames, as smooth as they allow."""
    sight = reference.rotation[0].T @ np.array([0.0, 0.0, 1.0])
    deeper = path.scale[:, None] * (path.rotation @ sight)[:, :2]
    model = np.asarray(outline.model, np.float64)
    # Along the line of sight, so that in the reference nothing moves.
    model = model + ((guess - model[:, 2]) / sight[2])[:, None] * sight
    share = np.asarray(outline.share, np.float64)
    points = np.asarray(outline.points, np.float64)
    apart = ((points[:, None] - points[None]) ** 2).sum(axis=-1)
    alike = np.exp(-apart / (2 * ALIKE_PX**2))
    near = DEPARTS**2 * alike + DEPARTS_ALL**2
    depth, away = np.zeros(len(model)), share.copy()
    for _ in range(ROUNDS):
        fitted = _with(outline, model + depth[:, None] * sight, away)
        moves = away[None, :, None] * deeper[:, None]
        missed = grids - base(fitted, path)
        weight = (moves**2).sum(axis=(0, 2))
        seen = depth + (moves * missed).sum(axis=(0, 2)) / np.maximum(weight, 1e-9)
        depth = _smoothed(near, seen, weight / SEEN_PX)
        fitted = _with(outline, model + depth[:, None] * sight, away)
        still = hanging(outline, path)
        moved = path.placed(fitted.model) - still
        weight = (moved**2).sum(axis=(0, 2))
        seen = (moved * (grids - still)).sum(axis=(0, 2)) / np.maximum(weight, 1e-9)
        change = _smoothed(SHARE_DEPARTS**2 * alike, seen - share, weight / SHARE_SEEN_PX)
        away = np.clip(share + change, 0, 1)
    return _with(outline, model + depth[:, None] * sight, away)


def _smoothed(prior: Values, seen: Values, precision: Values) -> Values:
    """What a Gaussian process of covariance `prior` makes of values seen with a precision."""
    noise = np.diag(1 / np.maximum(precision, 1e-9))
    return np.asarray(prior @ np.linalg.solve(prior + noise, seen))


def _nearest(points: Values, others: Values) -> tuple[Values, Values]:
    apart = np.linalg.norm(points[:, None] - others[None], axis=-1)
    return apart.min(axis=1), apart.argmin(axis=1)


def _with(outline: Outline, model: Values, share: Values) -> Outline:
    return replace(
        outline, model=np.asarray(model, np.float32), share=np.asarray(share, np.float32)
    )
