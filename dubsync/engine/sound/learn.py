"""Learning how sound moves one actor's mouth, from what they said in their own footage.

Filmed takes of who dubs them teach beside it: the dub's own voice and language, with the mouth
that the take itself would have given the actor.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from dubsync.core.arrays import Array
from dubsync.core.errors import EngineError
from dubsync.core.face import MotionTrack
from dubsync.core.sound.audio import CODE, AudioFeatures
from dubsync.core.steps import AlignedAudio, FilmedTake, Footage, TakeCue, frame_seconds
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import OPENING, MotionRange, reach
from dubsync.engine.sound import sound_head
from dubsync.engine.sound.av_offset import (
    NATURAL_S,
    likeness,
    readings,
    sound_offset,
)
from dubsync.engine.sound.model import CONTEXT, TELLERS, SoundMouth, features, head_mark
from dubsync.engine.sound.regression import blank, cross_told, regressed
from dubsync.engine.sound.sound_head import Head
from dubsync.engine.sound.speech_spans import utterances
from dubsync.engine.take.drive import drive_take, nothing

_log = logging.getLogger(__name__)

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

SOUND_AXES, SEEN_AXES = 64, 32
STRICTNESS = 0.3
MOST_FRAMES = 8000  #: of a long reel, evenly spread
FEATURES = sound_head.BANDS + 2 + CODE  #: numbers of `features` a reading
#: Seconds of speech at which the actor's own way and anybody's weigh the same.
EVEN_S = 4.0
#: Cross-predicted correlation under which a mouth learnt is noise, and from which it is trusted.
NOISE, TRUSTED = 0.12, 0.35
MOST_GAIN = 2.2  #: a regression shrinks what it cannot tell; no more than this is given back
#: Frames of a take whose mouth is trusted less than this teach nothing (`TakeMouth.trust`).
CLEAR_TAKE = 0.5
#: Parts of TELLERS before anything is measured, and the seconds of speech they count as much as.
USUAL_MIX, USUAL_S = (0.4, 0.4, 0.2), 60.0


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """The spoken frames of one piece of footage.

    mouths (T, M), features (T, F), seen (T, H) and told (T, 7) by the head
    """

    mouths: Values
    features: Values
    seen: Values
    told: Values
    spoken_s: float


def learn_sound(
    footage: Sequence[Footage],
    basis: Basis,
    motions: Sequence[MotionTrack],
    *,
    takes: Sequence[FilmedTake] = (),
    head: Head | None = None,
) -> SoundMouth | None:
    """How sound moves the actor's mouth, from what they said in `footage` and others in `takes`.

    Each piece's sound is first laid right against its picture.  Two regressions are solved: from
    240 ms of bands and phone code to mouth coefficients, and from what the head sees to channels.
    They are mixed with what the head tells of anybody, by how well each predicts what it was not
    solved from.

    Args:
        footage: plates of one actor; silent ones only tell how far the mouth goes.
        basis: the actor's linear model.
        motions: `fit(part.track, basis)` of each.
        takes: of who dubs the actor; they say nothing of how far the actor goes.
        head: another than the shipped one.

    Returns:
        None when no frame of `footage` shows the face.

    Source: ours; stacking after Breiman 1996, "Stacked regressions".
    """
    head = head or sound_head.anybody()
    shown = [
        motion.mouth[part.track.confidence > 0]
        for part, motion in zip(footage, motions, strict=True)
    ]
    if not any(len(mouths) for mouths in shown):
        return None
    actor = reach(basis, shown)
    said = [
        (part.heard, np.asarray(motion.mouth, np.float64), np.asarray(part.track.confidence) > 0)
        for part, motion in zip(footage, motions, strict=True)
        if part.heard is not None
    ]
    said += [(take.heard, *_mouth_of(take, basis, actor)) for take in takes]
    pieces = [piece for one in said if (piece := _piece(*one, actor, head))]
    return unheard(actor, head) if not pieces else _learnt(pieces, actor, head)


def unheard(actor: MotionRange, head: Head) -> SoundMouth:
    """Anybody's mouth, in this actor's own reach."""
    c = len(CHANNELS)
    low, high = np.asarray(actor.low, np.float64), np.asarray(actor.high, np.float64)
    mix = np.zeros((len(TELLERS), c))
    mix[-1] = 1
    return SoundMouth(
        blank(len(CONTEXT) * FEATURES, actor.usual),
        blank(len(head.weights) * sound_head.WIDTH, np.zeros(c, np.float32)),
        *_singles(
            actor.usual, mix, np.ones(c), (low + high) / 2, (high - low) / 4, [0.0],
            head_mark(head),
        ),
        *_limits(actor),
    )  # fmt: skip


def _mouth_of(take: FilmedTake, basis: Basis, actor: MotionRange) -> tuple[Values, Flags]:
    """(T, M) the mouth that a take would give the actor, and (T,) where it can be trusted."""
    times = np.asarray(take.heard.times)
    cue = TakeCue(take.track, times, (float(times[0]), float(times[-1])), take.name)
    try:
        result = drive_take(cue, times, basis, actor)
    except EngineError as error:  # nothing but this take hangs on it
        _log.warning("take %s teaches nothing: %s", take.name, error)
        result = nothing(len(times), basis)
    return result.mouth, result.sure & (result.trust.min(axis=1) >= CLEAR_TAKE)


def _piece(
    heard: AlignedAudio, mouth: Values, visible: Flags, actor: MotionRange, head: Head
) -> _Piece | None:
    times = np.asarray(heard.times)
    result = sound_offset(heard, actor.channels(mouth), visible)
    offset = NATURAL_S + (result.seconds if result.sure else 0.0)
    spoken = visible & _spoken(heard.hearing, times + offset)
    if spoken.sum() < 12:
        return None
    at = times[spoken] + offset
    seen, told = head.listens(heard.hearing, at)
    return _Piece(
        mouth[spoken],
        features(heard.hearing, at),
        seen,
        told,
        float(spoken.sum()) * frame_seconds(times),
    )


def _spoken(hearing: AudioFeatures, at: Values) -> Flags:
    speech = utterances(hearing).astype(np.float64)[:, None]
    return np.asarray(readings(speech, hearing, at)[:, 0] > 0.3, bool)


def _learnt(pieces: Sequence[_Piece], actor: MotionRange, head: Head) -> SoundMouth:
    thin = slice(None, None, -(-sum(len(p.mouths) for p in pieces) // MOST_FRAMES))
    x, y, seen, told = (
        np.concatenate([getattr(piece, name) for piece in pieces])[thin]
        for name in ("features", "mouths", "seen", "told")
    )
    seconds = sum(piece.spoken_s for piece in pieces)
    truth = actor.channels(y)
    middle, deviation = truth.mean(axis=0), np.maximum(truth.std(axis=0), 1e-4)
    wanted = (truth - middle) / deviation
    rate = len(y) / max(seconds, 1e-3)
    by_sound = actor.channels(cross_told(x, y, SOUND_AXES, STRICTNESS, rate))
    by_seen = cross_told(seen, wanted, SEEN_AXES, STRICTNESS, rate)
    tellers = ((by_sound - middle) / deviation, by_seen, told)
    mix = _mix(tellers, wanted, seconds)
    said = np.einsum("kc,ktc->tc", mix, np.stack(tellers))
    skill = np.array([likeness(said[:, c], wanted[:, c]) for c in range(len(CHANNELS))])
    clear = np.clip((skill[OPENING] - NOISE) / (TRUSTED - NOISE), 0, 1)
    trust = clear * seconds / (seconds + EVEN_S)
    # What is amplified is the part that is not known: channels told badly get less of it.
    most = 1 + (MOST_GAIN - 1) * np.clip(skill / TRUSTED, 0, 1)
    gain = np.clip(1 / np.maximum(said.std(axis=0), 1e-6), 1, most)
    return SoundMouth(
        regressed(x, y, SOUND_AXES, STRICTNESS),
        regressed(seen, wanted, SEEN_AXES, STRICTNESS),
        *_singles(
            y.mean(axis=0), mix, gain, middle, deviation, [trust], head_mark(head),
        ),
        *_limits(actor),
    )  # fmt: skip


def _mix(tellers: Sequence[Values], wanted: Values, seconds: float) -> Values:
    """(3, 7) parts of the tellers, none below 0, that fit best; drawn towards the usual ones."""
    usual = np.array(USUAL_MIX)
    mix = np.zeros((len(tellers), wanted.shape[1]))
    for c in range(wanted.shape[1]):
        fitted, _ = nnls(np.stack([told[:, c] for told in tellers], axis=1), wanted[:, c])
        if fitted.sum() > 0:
            fitted = fitted / fitted.sum()
            mix[:, c] = (seconds * fitted + USUAL_S * usual) / (seconds + USUAL_S)
        else:
            mix[:, c] = usual
    return mix


def _singles(*values: object) -> list[Array]:
    return [np.asarray(value, np.float32) for value in values]


def _limits(actor: MotionRange) -> tuple[Array, ...]:
    return actor.usual, actor.covariance, actor.low, actor.high, actor.slopes
