"""What the controls of expression, and picked expressions, add to a face's motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.arrays import Array
from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.by_hand import hand_share
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.expression.control_scores import CONTROL_SCORES, ROWS, SHOWN
from dubsync.engine.expression.expression_model import ExpressionModel
from dubsync.engine.expression.scores import BLINKS, SCORES, SPEECH

Values = NDArray[np.float64]

#: Standard deviation of the smoothing of the plate's scores, frames: the tracker's flicker.
STEADY = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Added:
    """What is added to T frames in full, already eased.

    mouth  (T, M)  mouth coefficients
    upper  (T, U)  coefficients of the upper face
    share  (T,)    0..1 where anything by hand acts: there the face is drawn though nobody speaks
    """

    mouth: Values
    upper: Values
    share: Values


def expressed(
    tweak: Tweak,
    frames: FrameRange,
    blendshapes: Array,
    speaking: Array,
    model: ExpressionModel,
) -> Added:
    """What controls of expression and picked expressions add.

    Args:
        tweak: the controls.
        frames: T of them.
        blendshapes: (T, 52) the tracker's scores of the plate.
        speaking: (T,) weight of the dub: while it speaks, a picked expression leaves the mouth's
            opening to it.
        model: of the actor.

    Raises:
        SettingsError: a picked expression has a score that the tracker does not give.
    """
    scores = _by_controls(tweak, frames, model) + _liked(tweak, frames, speaking)
    if tweak.overrides("expression", frames):
        shown = model.above_neutral(blendshapes)
        shown = gaussian_filter1d(shown, STEADY, axis=0, mode="nearest")
        keep = [name not in BLINKS and name not in SPEECH and not name.startswith("mouth")
                for name in SCORES]  # fmt: skip
        scores += (tweak.at("expression", frames) - 1)[:, None] * shown * keep
    mouth = scores @ np.asarray(model.mouth, np.float64)
    above = scores @ np.asarray(model.upper, np.float64)
    return Added(mouth, above, hand_share(tweak, frames))


def not_shown(tweak: Tweak, frames: FrameRange, model: ExpressionModel) -> tuple[str, ...]:
    """The controls in use whose expression the footage never shows: a general face's is used."""
    rows = []
    for row in ROWS:
        name = row.removesuffix("-")
        values = tweak.at(name, frames) if tweak.overrides(name, frames) else np.zeros(1)
        below = f"{name}-" in ROWS
        used = (values < 0) if row.endswith("-") else (values > 0) if below else (values != 0)
        if used.any() and not shown_by_footage(row, model):
            rows.append(name)
    return tuple(dict.fromkeys(rows))


def shown_by_footage(row: str, model: ExpressionModel) -> bool:
    """Whether the footage shows what a row of ROWS does; a general face's is used where not."""
    own = [SCORES.index(one) for one in CONTROL_SCORES[row].scores]
    peak = np.asarray(model.peak)[own]
    return bool(peak.max() >= SHOWN and model.known[ROWS.index(row)] > 0.5)


def _by_controls(tweak: Tweak, frames: FrameRange, model: ExpressionModel) -> Values:
    """(T, S) scores that the controls of expression add."""
    scores = np.zeros((len(frames), len(SCORES)))
    full = np.asarray(model.full, np.float64)
    for row, name in enumerate(ROWS):
        called = name.removesuffix("-")
        if not tweak.overrides(called, frames):
            continue
        values = tweak.at(called, frames)
        if name.endswith("-"):
            values = np.maximum(-values, 0)
        elif f"{called}-" in ROWS:
            values = np.maximum(values, 0)
        scores += values[:, None] * full[row]
    return scores


def _liked(tweak: Tweak, frames: FrameRange, speaking: Array) -> Values:
    """(T, S) scores that picked expressions add; the opening of a mouth that speaks stays."""
    scores = np.zeros((len(frames), len(SCORES)))
    silent = 1 - np.asarray(speaking, np.float64)
    for key in tweak.likes:
        strength = key.slope(frames, tweak.ease)
        for name, value in key.scores:
            if name not in SCORES:
                raise SettingsError(
                    f"{key.source} has the score {name!r}, which this tracker does not give",
                    hint="pick the expression again: dubsync tweak REEL SHOT --like ...",
                )
            free = silent if name in SPEECH else 1.0
            scores[:, SCORES.index(name)] += strength * value * free
    return scores
