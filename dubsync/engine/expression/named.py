"""Named expressions found in footage by rules on the tracker's scores, from the actor's neutral."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.errors import NoFace
from dubsync.core.face import FaceTrack
from dubsync.core.learning.expressions import NamedExpression
from dubsync.core.tweak.like_key import scores_from
from dubsync.engine.expression.expression_model import ExpressionModel, learn_expression
from dubsync.engine.expression.scores import SCORES
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.by_hand import FULL_GAZE, IRIS_X, IRIS_Y
from dubsync.engine.motion.fit import fit

Values = NDArray[np.float64]

#: A name is given from this much of its expression on.
LEAST = 0.3
#: Frames in which the lids are this far shut show no expression but that.
SHUT = 0.5
#: Standard deviation of the smoothing of scores, frames: an expression is held, flicker is not.
STEADY = 1.0


class Seen:
    """Scores above neutral of T frames, by name, and the gaze as gaze_x and gaze_y have it."""

    def __init__(self, above: Values, look: Values) -> None:
        self._above, self.x, self.y = above, look[:, 0], look[:, 1]

    def __getitem__(self, name: str) -> Values:
        """(T,) one score; the mean of left and right where a name has both."""
        if name in SCORES:
            return self._above[:, SCORES.index(name)]
        sides = [SCORES.index(f"{name}{side}") for side in ("Left", "Right")]
        return np.asarray(self._above[:, sides].mean(axis=1))


Rule = Callable[[Seen], Values]


def _neutral(seen: Seen) -> Values:
    parts = ("mouthSmile", "mouthFrown", "browDown", "browInnerUp", "jawOpen", "mouthPucker",
             "eyeBlink", "mouthPress", "browOuterUp")  # fmt: skip
    moved = sum((np.abs(seen[name]) for name in parts), np.zeros(len(seen.x)))
    return np.asarray(1 - moved - np.abs(seen.x) - np.abs(seen.y), np.float64)


def _angry(seen: Seen) -> Values:
    down = seen["browDown"] - np.maximum(seen["browInnerUp"], 0)
    return down + 0.4 * np.maximum(seen["mouthPress"], 0) + 0.3 * np.maximum(seen["eyeSquint"], 0)


def _sad(seen: Seen) -> Values:
    brows = seen["browInnerUp"] - np.maximum(seen["browOuterUp"], 0)
    corners = np.maximum(seen["mouthFrown"], 0) + 0.4 * np.maximum(seen["mouthShrugLower"], 0)
    return np.where(corners > 0.05, brows + corners - np.maximum(seen["mouthSmile"], 0), 0)


#: Name -> how clearly each frame shows it.  All but those of lids count frames with open eyes.
RULES: Mapping[str, Rule] = {
    "neutral": _neutral,
    "smile": lambda seen: seen["mouthSmile"] - 0.8 * np.maximum(seen["jawOpen"], 0),
    "laugh": lambda seen: np.minimum(seen["mouthSmile"], 1.6 * seen["jawOpen"]),
    "angry": _angry,
    "sad": _sad,
    "surprised": lambda seen: (
        0.5 * seen["browInnerUp"] + 0.5 * seen["browOuterUp"] + 0.5 * seen["eyeWide"]
        + 0.3 * np.maximum(seen["jawOpen"], 0) - np.maximum(seen["browDown"], 0)
    ),
    "pout": lambda seen: seen["mouthPucker"] - np.maximum(seen["jawOpen"], 0),
    "lips pressed": lambda seen: 2.0 * seen["mouthPress"] - np.maximum(seen["mouthSmile"], 0),
    "mouth wide": lambda seen: 1.3 * seen["jawOpen"],
    "look left": lambda seen: -seen.x,
    "look right": lambda seen: seen.x,
    "look up": lambda seen: seen.y,
    "look down": lambda seen: -seen.y,
    "wink left": lambda seen: seen["eyeBlinkLeft"] - 1.5 * np.maximum(seen["eyeBlinkRight"], 0),
    "wink right": lambda seen: seen["eyeBlinkRight"] - 1.5 * np.maximum(seen["eyeBlinkLeft"], 0),
    "eyes shut": lambda seen: np.minimum(seen["eyeBlinkLeft"], seen["eyeBlinkRight"]),
}  # fmt: skip
OF_LIDS = ("wink left", "wink right", "eyes shut")


def find_expressions(
    tracks: Sequence[FaceTrack], *, at: tuple[int, int] | None = None
) -> tuple[NamedExpression, ...]:
    """Implements `core.learning.expressions.FindExpressions`.  Raises NoFace."""
    basis = learn_basis(tracks)
    motions = [fit(track, basis) for track in tracks]
    model = learn_expression(tracks, motions, basis)
    above = [model.above_neutral(motion.blendshapes) for motion in motions]
    looks = [_looks(np.asarray(motion.gaze, np.float64), model) for motion in motions]
    if at is not None:
        which, frame = at
        row = frame - tracks[which].frames.start
        if not 0 <= row < len(above[which]) or tracks[which].confidence[row] <= 0:
            raise NoFace(f"frame {frame} does not show the face", hint="name a frame that does")
        return (_named("", which, frame, 1.0, above[which][row], looks[which][row]),)
    found = []
    for name, rule in RULES.items():
        best: tuple[float, int, int] | None = None
        for which, track in enumerate(tracks):
            shown = _shown(name, rule, above[which], looks[which], np.asarray(track.confidence))
            row = int(shown.argmax())
            if best is None or shown[row] > best[0]:
                best = float(shown[row]), which, row
        if best is not None and best[0] >= (LEAST if name != "neutral" else 0):
            strength, which, row = best
            frame = tracks[which].frames.start + row
            found.append(_named(name, which, frame, strength, above[which][row], looks[which][row]))
    return tuple(found)


def _shown(name: str, rule: Rule, above: Values, look: Values, confidence: Values) -> Values:
    """(T,) how clearly each frame shows `name`; -1 where it cannot be told."""
    steady = gaussian_filter1d(above, STEADY, axis=0, mode="nearest")
    seen = Seen(steady, look)
    shown = rule(seen)
    shut = np.maximum(seen["eyeBlinkLeft"], seen["eyeBlinkRight"]) > SHUT
    hidden = confidence <= 0
    return np.where(hidden | (shut & (name not in OF_LIDS)), -1.0, shown)


def _looks(gaze: Values, model: ExpressionModel) -> Values:
    """(T, 2) gaze (T, 4) from straight ahead, as gaze_x and gaze_y have it, -1..1."""
    away = gaze - np.asarray(model.ahead, np.float64)
    both = np.stack([away[:, [0, 2]].mean(axis=1) / IRIS_X, -away[:, [1, 3]].mean(axis=1) / IRIS_Y])
    return np.asarray(np.arcsin(np.clip(both.T, -0.5, 0.5)) / FULL_GAZE, np.float64)


def _named(
    name: str, which: int, frame: int, strength: float, above: Values, look: Values
) -> NamedExpression:
    scores = scores_from(SCORES, [float(value) for value in above])
    gaze = (round(float(look[0]), 3), round(float(look[1]), 3))
    return NamedExpression(name, which, frame, round(min(max(strength, 0), 1), 3), scores, gaze)
