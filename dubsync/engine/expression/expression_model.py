"""What the tracker's 52 expression scores mean in one actor's face, learnt from their own frames.

A ridge regression of the actor's coefficients on the scores, drawn towards the directions of a
general face (`drawn_moves`): where the footage shows an expression its own direction is learnt,
where it never does the general one remains, and `known` says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.face import BLENDSHAPES, FaceTrack, MotionTrack
from dubsync.engine.expression.control_scores import CONTROL_SCORES, ROWS, USUAL, full_scores
from dubsync.engine.expression.drawn_moves import INNER_BROW, OUTER_BROW, drawn_moves
from dubsync.engine.expression.scores import COLUMNS, SCORES
from dubsync.engine.motion.basis import Basis, coefficients, lip_metric
from dubsync.engine.motion.fit import gaze_of
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES

Values = NDArray[np.float64]

#: The drawn directions weigh as much as this many frames that show a score of DRAWN_SCORE.
PRIOR_FRAMES, DRAWN_SCORE = 8.0, 0.3
#: Weight of what else moves the coefficients (gaze, pose), in frames of their usual size.
LOOSE_FRAMES = 4.0
#: Share of the frames, those nearest to rest, that are the actor's neutral face; and the least.
NEUTRAL_SHARE, LEAST_NEUTRAL = 0.1, 3
#: Percentile of a score that is its peak.
PEAK = 0.98
#: Controls of the brows, and the ends that each must move as far as a general face's do at USUAL;
#: by how many times its scores may be raised for it.  A ridge moves them too little, and what an
#: actor's basis never saw, it hardly spans.
BROWS = {"brow_in": INNER_BROW, "brow_in-": INNER_BROW, "brow_out": OUTER_BROW}
MOST_RAISED = 2.0
#: Scores that rise and fall with each value of a gaze.
_LOOKS = (
    ("eyeLookOutLeft", "eyeLookInLeft"), ("eyeLookUpLeft", "eyeLookDownLeft"),
    ("eyeLookInRight", "eyeLookOutRight"), ("eyeLookUpRight", "eyeLookDownRight"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionModel:
    """The meaning of S scores in a basis of M mouth and U upper directions.

    neutral  (S,)    scores of the actor's neutral face
    peak     (S,)    98th percentile of each score above neutral
    mouth    (S, M)  mouth coefficients that a score of 1 above neutral adds
    upper    (S, U)  coefficients of the upper face that it adds
    full     (K, S)  scores above neutral of each control at 1, see `CONTROL_SCORES`
    known    (K,)    0..1 how much of its direction is the footage's own, not a general face's
    ahead    (4,)    gaze, as `MotionTrack.gaze`, of eyes that look straight ahead of the face
    look     (4, U)  what a change of gaze by 1 eye width adds to the upper face: lids follow eyes
    gaze     (2, 4)  lowest and highest gaze that the footage shows
    turn     (2, 3)  lowest and highest turn of the head, rotation vectors, radians
    """

    neutral: Array
    peak: Array
    mouth: Array
    upper: Array
    full: Array
    known: Array
    ahead: Array
    look: Array
    gaze: Array
    turn: Array

    def __post_init__(self) -> None:
        s = len(SCORES)
        seal(self, "neutral", s)
        seal(self, "peak", s)
        seal(self, "mouth", s, None)
        seal(self, "upper", s, None)
        seal(self, "full", None, s)
        seal(self, "known", len(self.full))
        seal(self, "ahead", 4)
        seal(self, "look", 4, self.upper.shape[1])
        seal(self, "gaze", 2, 4)
        seal(self, "turn", 2, 3)

    def above_neutral(self, blendshapes: Array) -> Values:
        """(T, S) scores above the actor's neutral, of the tracker's (T, 52)."""
        return np.asarray(blendshapes, np.float64)[:, COLUMNS] - self.neutral

    def arrays(self) -> dict[str, Array]:
        """The fields by name, for safetensors."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> ExpressionModel:
        """The model that `arrays` came from.  Raises ModelError when one is missing."""
        try:
            return cls(**{field.name: np.asarray(arrays[field.name]) for field in fields(cls)})
        except (KeyError, ShapeError) as error:
            raise ModelError(f"not a model of expressions: {error}") from error


def learn_expression(
    tracks: Sequence[FaceTrack], motions: Sequence[MotionTrack], basis: Basis
) -> ExpressionModel:
    """The model of one actor; tracks without a single seen face give a general face's.

    Args:
        tracks: the actor's, with the tracker's scores.
        motions: the same tracks fitted in `basis`.

    Source: ours; the posterior mean of a linear Gaussian model, Bishop 2006, equation 3.53.
    """
    seen = [np.asarray(track.confidence) > 0 for track in tracks]
    scores = _joined([m.blendshapes[s] for m, s in zip(motions, seen, strict=True)], BLENDSHAPES)
    mouth = _joined([m.mouth[s] for m, s in zip(motions, seen, strict=True)],
                    len(basis.mouth_moves))  # fmt: skip
    upper = _joined([m.upper[s] for m, s in zip(motions, seen, strict=True)],
                    len(basis.upper_moves))  # fmt: skip
    gaze = _joined([m.gaze[s] for m, s in zip(motions, seen, strict=True)], 4)
    turn = _joined([m.head[s, :3] for m, s in zip(motions, seen, strict=True)], 3)
    neutral = _neutral(scores, mouth, upper)
    above = scores[:, COLUMNS] - neutral[COLUMNS]
    ahead = _ahead(scores, gaze, basis)
    drawn = _drawn(basis)
    peak = np.maximum(np.quantile(above, PEAK, axis=0) if len(above) else np.zeros(len(SCORES)), 0)
    full = full_scores(above, peak)
    learnt, known, others = _regressed(above, gaze - ahead, turn, mouth, upper, drawn, full)
    m = mouth.shape[1]
    full = _clear_brows(full, learnt[:, m:], basis)
    values = (neutral[COLUMNS], peak, learnt[:, :m], learnt[:, m:], full, known, ahead,
              others[:4, m:], _range(gaze, ahead),
              _range(turn, np.zeros(3)))  # fmt: skip
    return ExpressionModel(*(np.asarray(value, np.float32) for value in values))


def _clear_brows(full: Values, upper: Values, basis: Basis) -> Values:
    """`full` (K, S) with the scores of the brows' controls raised until the brows clearly move.

    Args:
        upper: (S, U) what a score of 1 adds to the upper face.
    """
    moves, result = drawn_moves(basis.rest, basis.share), full.copy()
    directions = np.asarray(basis.upper_moves, np.float64)[..., 1]
    for name, ends in BROWS.items():
        row, ids = ROWS.index(name), np.concatenate(ends)
        ours = float((full[row] @ upper @ directions)[ids].mean())
        usual = sum(moves[score][ids, 1].mean() for score in CONTROL_SCORES[name].scores) * USUAL
        if ours * usual > 0:
            result[row] *= np.clip(usual / ours, 1.0, MOST_RAISED)
    return result


def _range(values: Values, usual: Values) -> Values:
    """(2, N) 1st and 99th percentile of values (T, N); `usual` (N,) where there are none."""
    if not len(values):
        return np.stack([usual, usual])
    return np.asarray(np.quantile(values, [0.01, 0.99], axis=0))


def _joined(parts: Sequence[Array], width: int) -> Values:
    return np.concatenate([np.zeros((0, width)), *parts]).astype(np.float64)


def _neutral(scores: Values, mouth: Values, upper: Values) -> Values:
    """(52,) mean scores of the frames nearest to rest: lips closed, brows and lids as usual."""
    if not len(scores):
        return np.zeros(BLENDSHAPES)
    away = np.zeros(len(scores))
    for values in (mouth, upper):
        away += ((values / (values.std(axis=0) + 1e-6)) ** 2).mean(axis=1)
    count = min(max(int(NEUTRAL_SHARE * len(scores)), LEAST_NEUTRAL), len(scores))
    return np.asarray(scores[np.argsort(away, kind="stable")[:count]].mean(axis=0))


def _ahead(scores: Values, gaze: Values, basis: Basis) -> Values:
    """(4,) gaze at which the tracker sees the eyes look neither way.

    The two eyes mirror each other, so that an actor who always looks aside is not taken to look
    ahead there.
    """
    rest = np.asarray(gaze_of(np.asarray(basis.rest)[None])[0], np.float64)
    if len(scores) >= 10:
        for n, (more, less) in enumerate(_LOOKS):
            look = scores[:, BLENDSHAPE_NAMES.index(more)] - scores[:, BLENDSHAPE_NAMES.index(less)]
            spread = look - look.mean()
            slope = spread @ gaze[:, n] / (spread @ spread + 1e-3)
            rest[n] = gaze[:, n].mean() - slope * look.mean()
    aside, up = (rest[0] - rest[2]) / 2, (rest[1] + rest[3]) / 2
    return np.array([aside, up, -aside, up])


def _drawn(basis: Basis) -> Values:
    """(S, M + U) the drawn directions in the actor's basis; 0 for scores without one."""
    moves = drawn_moves(basis.rest, basis.share)
    share = np.asarray(basis.share, np.float64)[:, None]
    every = np.stack([np.asarray(moves.get(name, np.zeros_like(basis.rest)), np.float64)
                      for name in SCORES])  # fmt: skip
    mouth = coefficients(every * share, basis.mouth_moves, lip_metric())
    upper = coefficients(every * (1 - share), basis.upper_moves, np.ones(len(share)))
    return np.concatenate([mouth, upper], axis=1)


def _regressed(
    above: Values, look: Values, turn: Values, mouth: Values, upper: Values, drawn: Values,
    full: Values,
) -> tuple[Values, Values, Values]:  # fmt: skip
    """Directions of the scores (S, M + U), how far each row of `full` is known (K,), and the rest.

    Known is the share of the prior's variance along a row that the footage took away.
    """
    wanted = np.concatenate([mouth, upper], axis=1)
    turned = turn - (np.median(turn, axis=0) if len(turn) else 0)
    given = np.concatenate([above, look, turned, np.ones((len(above), 1))], axis=1)
    s = above.shape[1]
    loose = np.ones(given.shape[1] - s) * LOOSE_FRAMES * 0.05**2
    ridge = np.concatenate([np.full(s, PRIOR_FRAMES * DRAWN_SCORE**2), loose])
    prior = np.zeros((given.shape[1], wanted.shape[1]))
    prior[:s] = drawn
    inverse = np.linalg.inv(given.T @ given + np.diag(ridge))
    result = inverse @ (given.T @ wanted + ridge[:, None] * prior)
    left = np.einsum("ks,st,kt->k", full, inverse[:s, :s], full)
    known = np.clip(1 - left / (full**2 @ (1 / ridge[:s])), 0, 1)
    return result[:s], known, result[s:]
