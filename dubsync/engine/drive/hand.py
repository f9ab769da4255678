"""What controls of expression, eyes and head add to a performance, also where nobody speaks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import MotionTrack, Performance
from dubsync.core.tweak.by_hand import hand_share
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.actor import LearntActor
from dubsync.engine.drive.controls import SHUT
from dubsync.engine.expression.expressed import expressed
from dubsync.engine.expression.expression_model import ExpressionModel, learn_expression
from dubsync.engine.motion.motion_range import OPENING, MotionRange, with_opening
from dubsync.engine.motion.retarget import eased
from dubsync.engine.motion.turn import neck_of

Values = NDArray[np.float64]


def expression_of(actor: LearntActor) -> ExpressionModel:
    """The actor's model of expressions; a general face's for an actor learnt without one."""
    if actor.expression is not None:
        return actor.expression
    return learn_expression([], [], actor.model)


def with_hand(
    spoken: Performance,
    original: MotionTrack,
    tweak: Tweak,
    actor: LearntActor,
    motion_range: MotionRange,
) -> Performance:
    """`spoken` with what the controls add; unchanged bit for bit where none is in use.

    The weight rises where controls act, as it does for visemes.  There the mouth is the plate's
    with what the controls add: a weight of its own would lay the dub's silent mouth over it.

    Args:
        spoken: the performance of dub and takes.
        original: the plate's motion.
        motion_range: of the actor's mouth.
    """
    frames = spoken.frames
    neck = neck_of(actor.model.rest)
    model = expression_of(actor)
    reach = np.concatenate([model.turn, model.gaze], axis=1)
    spoken = replace(spoken, neck=np.asarray(neck, np.float32), ahead=model.ahead, reach=reach)
    share = hand_share(tweak, frames)
    if not share.any():
        return spoken
    added = expressed(tweak, frames, original.blendshapes, spoken.weight, model)
    weight = eased(np.maximum(spoken.weight, share.astype(np.float32)), tweak.ease)
    mouth = _mouth(spoken, original, added.mouth, weight, motion_range)
    return replace(
        spoken,
        mouth=np.where((share > 0)[:, None], mouth, spoken.mouth),
        weight=weight,
        by_hand=np.asarray(added.upper, np.float32),
    )


def _mouth(
    spoken: Performance, original: MotionTrack, added: Values, weight: Array,
    motion_range: MotionRange,
) -> Values:  # fmt: skip
    """(T, M) such that, mixed at `weight`, the mouth is the spoken one with `added` in full.

    Lips that the dub shuts stay shut, and lips never cross.
    """
    own, said = np.asarray(original.mouth, np.float64), np.asarray(spoken.weight, np.float64)
    wanted = np.asarray(spoken.mouth, np.float64)
    change = said[:, None] * (wanted - own) + added
    mouth = own + change / np.maximum(np.asarray(weight, np.float64), 1e-6)[:, None]
    shut = (motion_range.channels(wanted)[:, OPENING] <= SHUT) & (said >= 1)
    opening = motion_range.channels(mouth)[:, OPENING]
    wrong = (added != 0).any(axis=1) & ((shut & (opening > SHUT)) | (opening < 0))
    return np.where(wrong[:, None], with_opening(mouth, 0.0, motion_range), mouth)
