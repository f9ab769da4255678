"""Learn how sound moves one actor's mouth, from speech in their own footage.

Filmed takes of the voice actor who dubs them are training data too: the dub's own voice and
language, with the mouth that the take itself would have given the actor.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from dubsync.core.arrays import Array
from dubsync.core.errors import EngineError
from dubsync.core.face import MotionTrack
from dubsync.core.sound.audio import STATES, AudioFeatures
from dubsync.core.steps import AlignedAudio, FilmedTake, Footage, TakeCue, frame_seconds
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import (
    OPENING,
    PRIOR_FRAMES,
    MotionRange,
    motion_range_of,
)
from dubsync.engine.motion.speech_motion import mouth_moves_at
from dubsync.engine.sound import sound_head
from dubsync.engine.sound.av_offset import (
    NATURAL_S,
    likeness,
    readings,
    sound_offset,
)
from dubsync.engine.sound.contacts import USUAL_RATE, closing_rate, own_rate
from dubsync.engine.sound.model import CONTEXT, PREDICTORS, SoundMouth, head_mark, sound_inputs
from dubsync.engine.sound.pauses import ShownPause, learn_pauses, shown_pauses
from dubsync.engine.sound.prediction import predict_mouth, within_range
from dubsync.engine.sound.regression import constant, cross_validated, fit_regression
from dubsync.engine.sound.sound_head import Head
from dubsync.engine.sound.speech_spans import utterances
from dubsync.engine.take.drive import drive_take, empty_take

_log = logging.getLogger(__name__)

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

SOUND_AXES, HIDDEN_AXES = 128, 32
NOISE_VARIANCE = 0.3
MOST_FRAMES = 8000  #: training frames at most, evenly spread
#: Seconds of speech at which the actor's own model and the generic head have equal weight.
EVEN_S = 4.0
#: Cross-validated correlation below which the model is noise, and from which it is trusted.
NOISE, TRUSTED = 0.12, 0.35
MOST_GAIN = 2.2  #: largest gain that compensates the regression's shrinkage
#: Frames of a take with less trust than this are not trained on (`TakeMouth.trust`).
CLEAR_TAKE = 0.5
#: Prior mixing weights of PREDICTORS, and the seconds of speech they weigh as much as.
USUAL_MIX, USUAL_S = (0.3, 0.35, 0.35), 60.0


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """The spoken frames of one recording.

    mouths     (T, M)
    inputs     (T, F)  of the regression, see `sound_inputs`
    hidden     (T, H)  the head's last layers
    predicted  (T, 7)  the head's predictions
    """

    mouths: Values
    inputs: Values
    hidden: Values
    predicted: Values
    spoken_s: float


def learn_sound(
    footage: Sequence[Footage],
    basis: Basis,
    motions: Sequence[MotionTrack],
    *,
    takes: Sequence[FilmedTake] = (),
    head: Head | None = None,
) -> SoundMouth | None:
    """How sound moves the actor's mouth, from speech in `footage` and in `takes`.

    Each recording's A/V offset is removed first. Two regressions are solved: from 80 ms of the
    sound's states to mouth coefficients, and from the head's hidden layers to channels. Both are
    mixed with the head's generic prediction, weighted by cross-validation.

    Args:
        footage: plates of one actor; silent ones contribute to the motion range only.
        basis: the actor's linear model.
        motions: `fit(part.track, basis)` of each.
        takes: of the voice actor; they do not contribute to the motion range.
        head: None: the shipped head.

    Returns:
        None when no frame of `footage` shows the face.

    Source: ours; stacking after Breiman 1996, "Stacked regressions".
    """
    head = head or sound_head.shipped_head()
    shown = [
        motion.mouth[part.track.confidence > 0]
        for part, motion in zip(footage, motions, strict=True)
    ]
    if not any(len(mouths) for mouths in shown):
        return None
    motion_range = motion_range_of(basis, shown)
    recordings = [
        (part.audio, np.asarray(motion.mouth, np.float64), np.asarray(part.track.confidence) > 0)
        for part, motion in zip(footage, motions, strict=True)
        if part.audio is not None
    ]
    in_plates = tuple(recordings)
    recordings += [(take.audio, *_take_mouth(take, basis, motion_range)) for take in takes]
    pieces = [piece for one in recordings if (piece := _piece(*one, motion_range, head))]
    if pieces:
        closings = _closings(in_plates, motion_range)
        sound = _fit_model(pieces, motion_range, head, closings)
    else:
        moved = _moved(footage, motions, motion_range)
        sound = generic_mouth(motion_range, head, motion_range.channels(moved))
    pauses = [pause for one in in_plates for pause in _pauses(*one, sound, head)]
    way = learn_pauses(pauses, motion_range, float(sound.trust[0]))
    return replace(sound, parted=np.array([way.parted], np.float32), silent=way.silent)


def generic_mouth(
    motion_range: MotionRange, head: Head, spoken: Values | None = None
) -> SoundMouth:
    """The head's generic mouth, in this actor's own motion range.

    Args:
        spoken: (T, 7) the actor's channels in frames in which they seem to speak; None: unknown.
    """
    c = len(CHANNELS)
    middle, deviation = _measure(motion_range, np.zeros((0, c)) if spoken is None else spoken)
    mix = np.zeros((len(PREDICTORS), c))
    mix[-1] = 1
    return SoundMouth(
        constant(len(CONTEXT) * STATES, motion_range.usual),
        constant(len(head.weights) * sound_head.WIDTH, np.zeros(c, np.float32)),
        *_singles(
            motion_range.usual, mix, np.ones(c), middle, deviation, [0.0], [USUAL_RATE],
            head_mark(head), [0.0], np.zeros(len(motion_range.usual)),
        ),
        *_limits(motion_range),
    )  # fmt: skip


def _measure(motion_range: MotionRange, spoken: Values) -> tuple[Values, Values]:
    """(7,) mean and deviation of the channels in speech: those of `spoken` (T, 7), drawn to the
    motion range's middle and quarter, which count as PRIOR_FRAMES frames."""
    low, high = np.asarray(motion_range.low, np.float64), np.asarray(motion_range.high, np.float64)
    middle, deviation = (low + high) / 2, (high - low) / 4
    if len(spoken) < 2:
        return middle, deviation
    share = len(spoken) / (len(spoken) + PRIOR_FRAMES)
    return (
        share * spoken.mean(axis=0) + (1 - share) * middle,
        share * spoken.std(axis=0) + (1 - share) * deviation,
    )


def _moved(
    footage: Sequence[Footage], motions: Sequence[MotionTrack], motion_range: MotionRange
) -> Values:
    """(T, M) the mouth in all frames in which it is seen, and moves as in speech."""
    result = []
    for part, motion in zip(footage, motions, strict=True):
        moving, _ = mouth_moves_at(motion.mouth, motion_range, 1 / float(motion.frames.rate))
        result.append(motion.mouth[moving & (np.asarray(part.track.confidence) > 0)])
    return np.concatenate(result).astype(np.float64)


def _take_mouth(take: FilmedTake, basis: Basis, motion_range: MotionRange) -> tuple[Values, Flags]:
    """(T, M) the mouth that a take would give the actor, and (T,) where it can be trusted."""
    times = np.asarray(take.audio.times)
    cue = TakeCue(take.track, times, (float(times[0]), float(times[-1])), take.name)
    try:
        result = drive_take(cue, times, basis, motion_range)
    except EngineError as error:  # only this take is affected
        _log.warning("take %s is not trained on: %s", take.name, error)
        result = empty_take(len(times), basis)
    return result.mouth, result.sure & (result.trust.min(axis=1) >= CLEAR_TAKE)


def _piece(
    audio: AlignedAudio, mouth: Values, visible: Flags, motion_range: MotionRange, head: Head
) -> _Piece | None:
    times = np.asarray(audio.times)
    result = sound_offset(audio, motion_range.channels(mouth), visible)
    offset = NATURAL_S + (result.seconds if result.sure else 0.0)
    spoken = visible & _spoken(audio.features, times + offset)
    if spoken.sum() < 12:
        return None
    at = times[spoken] + offset
    hidden, predicted = head.predict_at(audio.features, at)
    return _Piece(
        mouth[spoken],
        sound_inputs(audio.features, at),
        hidden,
        predicted,
        float(spoken.sum()) * frame_seconds(times),
    )


def _pauses(
    audio: AlignedAudio, mouth: Values, visible: Flags, sound: SoundMouth, head: Head
) -> Iterator[ShownPause]:
    """The pauses of a plate whose sound is known to be in sync with it."""
    offset = sound_offset(audio, sound.motion_range.channels(mouth), visible)
    if offset.sure:
        at = np.asarray(audio.times) + offset.seconds
        predicted, _ = predict_mouth(audio.features, at, sound, head)
        wanted = within_range(predicted, sound)
        yield from shown_pauses(mouth, visible, audio.features, at, wanted)


def _spoken(features: AudioFeatures, at: Values) -> Flags:
    speech = utterances(features).astype(np.float64)[:, None]
    return np.asarray(readings(speech, features, at)[:, 0] > 0.3, bool)


def _closings(
    recordings: Sequence[tuple[AlignedAudio, Values, Flags]], motion_range: MotionRange
) -> float:
    """How often the actor closes the lips in speech, per second."""
    counted = [
        closing_rate(
            motion_range.channels(mouth)[:, OPENING],
            visible & _spoken(audio.features, np.asarray(audio.times)),
            frame_seconds(audio.times),
        )
        for audio, mouth, visible in recordings
    ]
    return own_rate(sum(count for count, _ in counted), sum(seconds for _, seconds in counted))


def _fit_model(
    pieces: Sequence[_Piece], motion_range: MotionRange, head: Head, closings: float
) -> SoundMouth:
    thin = slice(None, None, -(-sum(len(p.mouths) for p in pieces) // MOST_FRAMES))
    x, y, hidden, predicted = (
        np.concatenate([getattr(piece, name) for piece in pieces])[thin]
        for name in ("inputs", "mouths", "hidden", "predicted")
    )
    seconds = sum(piece.spoken_s for piece in pieces)
    truth = motion_range.channels(y)
    middle, deviation = truth.mean(axis=0), np.maximum(truth.std(axis=0), 1e-4)
    wanted = (truth - middle) / deviation
    rate = len(y) / max(seconds, 1e-3)
    by_sound = motion_range.channels(cross_validated(x, y, SOUND_AXES, NOISE_VARIANCE, rate))
    by_hidden = cross_validated(hidden, wanted, HIDDEN_AXES, NOISE_VARIANCE, rate)
    predictors = ((by_sound - middle) / deviation, by_hidden, predicted)
    mix = _mix(predictors, wanted, seconds)
    mixed = np.einsum("kc,ktc->tc", mix, np.stack(predictors))
    skill = np.array([likeness(mixed[:, c], wanted[:, c]) for c in range(len(CHANNELS))])
    clear = np.clip((skill[OPENING] - NOISE) / (TRUSTED - NOISE), 0, 1)
    trust = clear * seconds / (seconds + EVEN_S)
    # Gain amplifies prediction errors too, so poorly predicted channels get less of it.
    most = 1 + (MOST_GAIN - 1) * np.clip(skill / TRUSTED, 0, 1)
    gain = np.clip(1 / np.maximum(mixed.std(axis=0), 1e-6), 1, most)
    return SoundMouth(
        fit_regression(x, y, SOUND_AXES, NOISE_VARIANCE),
        fit_regression(hidden, wanted, HIDDEN_AXES, NOISE_VARIANCE),
        *_singles(
            y.mean(axis=0), mix, gain, middle, deviation, [trust], [closings],
            head_mark(head), [0.0], np.zeros(y.shape[1]),
        ),
        *_limits(motion_range),
    )  # fmt: skip


def _mix(predictors: Sequence[Values], wanted: Values, seconds: float) -> Values:
    """(3, 7) non-negative least-squares weights of the predictors, shrunk towards the prior
    ones."""
    usual = np.array(USUAL_MIX)
    mix = np.zeros((len(predictors), wanted.shape[1]))
    for c in range(wanted.shape[1]):
        fitted, _ = nnls(
            np.stack([prediction[:, c] for prediction in predictors], axis=1), wanted[:, c]
        )
        if fitted.sum() > 0:
            fitted = fitted / fitted.sum()
            mix[:, c] = (seconds * fitted + USUAL_S * usual) / (seconds + USUAL_S)
        else:
            mix[:, c] = usual
    return mix


def _singles(*values: object) -> list[Array]:
    return [np.asarray(value, np.float32) for value in values]


def _limits(motion_range: MotionRange) -> tuple[Array, ...]:
    return (
        motion_range.usual,
        motion_range.covariance,
        motion_range.low,
        motion_range.high,
        motion_range.slopes,
    )
