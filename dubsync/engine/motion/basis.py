"""An actor's linear face model: a rest face and the directions their mouth and brows move in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh

from dubsync.core.arrays import Array, seal
from dubsync.core.digest import digest
from dubsync.core.errors import ModelError, NoFace, ShapeError
from dubsync.core.face import LANDMARKS, FaceTrack
from dubsync.engine.geometry.lips import gaps, meet
from dubsync.engine.geometry.mesh import (
    INNER_LIPS,
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    LEFT_IRIS,
    LIP_CONTACTS,
    LIPS,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
    RIGHT_IRIS,
    lower_face,
    skull_weights,
)
from dubsync.engine.geometry.pose import align, align_robustly
from dubsync.engine.motion.prior import mouth_moves, upper_moves
from dubsync.engine.track.landmarker import canonical_face

Values = NDArray[np.float64]

MOUTH, UPPER = 16, 10
#: The synthetic movements of prior.py weigh as much as this many frames of footage.
PRIOR_FRAMES = 20.0
#: Weight of the lips in the fit, relative to cheeks and jaw.
LIP_WEIGHT = 4.0
MOST_FRAMES = 3000


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """A face is rest + mouth @ mouth_moves + upper @ upper_moves, in model units.

    Model units: 1 is the distance between the middles of the two eyes (each the middle of its
    two corners).  Origin midway between them; x right in the picture, y down, z away.

    rest         (478, 3)     the actor's own face, lips closed, brows and lids as usual
    mouth_moves  (M, 478, 3)  jaw and lips, zero on the upper face
    upper_moves  (U, 478, 3)  brows, lids and cheeks, zero on the lower face
    mouth_low, mouth_high  (M,)  range of the coefficients in the footage, 2nd and 98th percentile
    upper_low, upper_high  (U,)
    skull        (478,)       weights of the landmarks that determine the head's pose
    share        (478,)       fraction of a landmark's movement that belongs to the mouth
    """

    rest: Array
    mouth_moves: Array
    upper_moves: Array
    mouth_low: Array
    mouth_high: Array
    upper_low: Array
    upper_high: Array
    skull: Array
    share: Array

    def __post_init__(self) -> None:
        seal(self, "rest", LANDMARKS, 3)
        seal(self, "mouth_moves", None, LANDMARKS, 3)
        seal(self, "upper_moves", None, LANDMARKS, 3)
        for name, moves in (("mouth", self.mouth_moves), ("upper", self.upper_moves)):
            seal(self, f"{name}_low", len(moves))
            seal(self, f"{name}_high", len(moves))
        seal(self, "skull", LANDMARKS)
        seal(self, "share", LANDMARKS)

    @property
    def digest(self) -> str:
        """The digest that `MotionTrack.basis` and an Actor record."""
        return digest(self)

    def arrays(self) -> dict[str, Array]:
        """The fields by name, for safetensors."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array]) -> Basis:
        """The basis that `arrays` came from.  Raises ModelError when one is missing or
        misshapen."""
        try:
            return cls(**{field.name: np.asarray(arrays[field.name]) for field in fields(cls)})
        except (KeyError, ShapeError) as error:
            raise ModelError(f"not an actor's linear model: {error}") from error


def learn_basis(tracks: Sequence[FaceTrack]) -> Basis:
    """The linear model of one actor from all their tracks; one frame is enough.

    Raises:
        NoFace: no frame of any track shows the face.
    """
    points, skull = _seen(tracks), skull_weights(canonical_face())
    share = lower_face(canonical_face())
    faces, skull = _frontalised(points, skull)
    rest = np.asarray(_rest(faces, share), np.float32)
    drawn_mouth, drawn_upper = mouth_moves(rest, share), upper_moves(rest, share)
    displacements = faces - rest
    mouth = _directions(displacements, share, drawn_mouth, MOUTH, _metric())
    upper_share = (1 - share) * _without_irises()
    upper = _directions(displacements, upper_share, drawn_upper, UPPER, np.ones(LANDMARKS))
    at_mouth = coefficients(displacements * share[:, None], mouth, _metric())
    at_upper = coefficients(displacements * upper_share[:, None], upper, np.ones(LANDMARKS))
    mouth_low, mouth_high = _ranges(at_mouth, _drawn(drawn_mouth, mouth, _metric()))
    upper_low, upper_high = _ranges(at_upper, _drawn(drawn_upper, upper, np.ones(LANDMARKS)))
    return Basis(
        rest,
        np.asarray(mouth, np.float32),
        np.asarray(upper, np.float32),
        np.asarray(mouth_low, np.float32),
        np.asarray(mouth_high, np.float32),
        np.asarray(upper_low, np.float32),
        np.asarray(upper_high, np.float32),
        np.asarray(skull, np.float32),
        share,
    )


def coefficients(displacements: Values, moves: Array | Values, metric: Values) -> Values:
    """Weighted least-squares (T, K) of movements (T, 478, 3) in `moves` (K, 478, 3)."""
    weight = np.sqrt(metric)[:, None]
    columns = (np.asarray(moves, np.float64) * weight).reshape(len(moves), -1)
    wanted = (displacements * weight).reshape(len(displacements), -1)
    normal = columns @ columns.T
    ridge = 1e-4 * np.trace(normal) / len(normal)
    return np.asarray(np.linalg.solve(normal + ridge * np.eye(len(normal)), columns @ wanted.T).T)


def lip_metric() -> Values:
    """(478,) weight of each landmark when mouth coefficients are fitted."""
    return _metric()


def neutral_units() -> Array:
    """The canonical face in model units, (478, 3)."""
    return np.asarray(in_model_units(np.asarray(canonical_face().points, np.float64)), np.float32)


def in_model_units(face: Values) -> Values:
    """A face (478, 3) moved and scaled so that its eyes are 1 apart about the origin."""
    right = (face[RIGHT_EYE_OUTER] + face[RIGHT_EYE_INNER]) / 2
    left = (face[LEFT_EYE_OUTER] + face[LEFT_EYE_INNER]) / 2
    return np.asarray((face - (right + left) / 2) / np.linalg.norm(left - right))


def closed(face: Values, share: Array) -> Values:
    """A face whose lips meet: closed along jaw and lip movements, the remainder directly."""
    moves = mouth_moves(np.asarray(face, np.float32), share)[[0, 1, 2]].astype(np.float64)
    upper, lower = LIP_CONTACTS.T
    face = face.copy()
    gap = face[lower] - face[upper]
    if gap[2:7, 1].mean() > 0.004:
        parting = (moves[:, lower] - moves[:, upper])[..., 1]
        normal = parting @ parting.T
        ridge = 0.02 * np.trace(normal) / 3 * np.diag([0.2, 1.0, 1.0])
        amount = np.linalg.solve(normal + ridge, parting @ gap[:, 1])
        face -= np.einsum("k,knc->nc", amount, moves)
    return np.asarray(meet(face[None])[0])


def _metric() -> Values:
    weights = np.ones(LANDMARKS)
    weights[LIPS] = LIP_WEIGHT
    weights[INNER_LIPS] = 2 * LIP_WEIGHT
    return weights


def _without_irises() -> Array:
    kept = np.ones(LANDMARKS, np.float32)
    kept[[*RIGHT_IRIS, *LEFT_IRIS]] = 0
    return kept


def _seen(tracks: Sequence[FaceTrack]) -> list[Values]:
    result = [
        np.asarray(track.landmarks[track.confidence > 0], np.float64)
        for track in tracks
        if (track.confidence > 0).any()
    ]
    if not result:
        raise NoFace("no frame shows this actor's face", hint="add plates that show the face")
    total = sum(len(points) for points in result)
    step = max(1, -(-total // MOST_FRAMES))
    return [points[::step] for points in result]


def _frontalised(tracks: list[Values], skull: Values) -> tuple[Values, Values]:
    """All frames' faces without head movement (T, 478, 3), and skull weights estimated from
    them."""
    model = np.asarray(neutral_units(), np.float64)
    points = np.concatenate(tracks)
    weights = skull
    for _ in range(3):
        faces = align_robustly(points, model, weights).remove(points)
        middle = np.median(faces, axis=0)
        back = align(middle[None], neutral_units(), skull)
        model = in_model_units(back.remove(middle[None])[0])
        if len(points) >= 10:
            spread = np.median(np.linalg.norm(faces - middle, axis=2), axis=0)
            usual = np.median(spread[skull > 0])
            weights = skull / (1 + (spread / usual) ** 2)
    return align_robustly(points, model, weights).remove(points), weights


def _rest(faces: Values, share: Array) -> Values:
    """The median upper face over the median closed mouth."""
    opening = gaps(faces)[:, 2:7].mean(axis=1)
    least = float(np.quantile(opening, 0.02))
    shut = faces[opening <= max(least + 0.008, 0.012)]
    if not len(shut):
        shut = faces[[int(np.argmin(opening))]]
    # Lips pressed for m, b, p are closed too: the median of the closed frames is the rest.
    usual = np.median(shut, axis=0) * share[:, None]
    return closed(usual + np.median(faces, axis=0) * (1 - share)[:, None], share)


def _directions(
    displacements: Values, share: Array, drawn: Array, count: int, metric: Values
) -> Values:
    """The `count` principal directions of footage and synthetic moves, unit length by `metric`."""
    moving = np.flatnonzero(share > 0)
    weight = np.sqrt(metric[moving])[:, None]
    rows = (displacements[:, moving] * share[moving, None] * weight).reshape(len(displacements), -1)
    prior = (np.asarray(drawn[:, moving], np.float64) * weight).reshape(len(drawn), -1)
    rows = np.concatenate([rows, prior * PRIOR_FRAMES**0.5])
    spread = rows.T @ rows
    # A fixed start vector, so that the same footage gives the same basis.
    values, vectors = eigsh(spread, k=count, v0=np.ones(len(spread)))
    order = np.argsort(values)[::-1]
    order = order[values[order] > 1e-9 * values[order[0]]]
    result = np.zeros((len(order), LANDMARKS, 3))
    result[:, moving] = vectors[:, order].T.reshape(len(order), -1, 3) / weight
    # Of the two signs of a direction, the one that opens or lowers: the same on every machine.
    sign = np.sign(result[..., 1].sum(axis=1))
    return np.asarray(result * np.where(sign == 0, 1, sign)[:, None, None])


def _drawn(moves: Array, basis: Values, metric: Values) -> Values:
    return coefficients(np.asarray(moves, np.float64), basis, metric)


def _ranges(values: Values, drawn: Values) -> tuple[Values, Values]:
    """2nd and 98th percentile of the coefficients; widened by the drawn moves for little
    footage."""
    low, high = np.quantile(values, 0.02, axis=0), np.quantile(values, 0.98, axis=0)
    trust = max(0.0, 1 - len(values) / (4 * PRIOR_FRAMES))
    least = np.abs(drawn).max(axis=0) * 1.5 * trust
    return np.minimum(low, -least), np.maximum(high, least)
