"""What the mouth does while nobody speaks: it stands still, as far open as the actor keeps it.

Real lips stay parted in most pauses within talk, and open to breathe.  How far, sound itself tells:
the mouth that it predicts over a pause, breath included, is on average near the real one.  So that
average is held through the pause.  What the actor's own pauses show beyond it is learnt.  In
silences the lips are shut, unless the actor's own stay parted there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, find_objects, label

from dubsync.core.arrays import Array
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import (
    JAW,
    OPENING,
    WIDTH,
    MotionRange,
    limit_to_range,
    mouth_for_channels,
    with_opening,
)
from dubsync.engine.sound.speech_spans import spans_of_talk

Values = NDArray[np.float64]

#: A pause of this length or longer is a silence.  At either end of a sound one of the second is:
#: only a sound that is cut within talk begins or ends with a shorter pause.
SILENCE_S, END_S = 1.5, 0.5
#: How far real lips are apart over a pause: at least the first, as a share of the widest opening,
#: and the second of what is predicted; by the actor's own model, and by the generic head, which
#: predicts too little there.
OWN_PAUSE, ANY_PAUSE = (0.0, 0.75), (0.1, 0.75)
#: Lips that would be held apart less than this share of the widest opening are shut.
LEAST_SHARE = 0.15
#: Readings at either end of a pause over which the mouth comes to it and leaves it.
ENDS = 10
#: Readings beyond a word in which lips may still meet for it.
NEAR_WORD = 10
_TOLERANCE = {OPENING: 0.003, WIDTH: 0.01, JAW: 0.012}  #: of the held channels, model units

LEAST_FRAMES = 2  #: of a pause that is learnt from
#: Deviation of opening among the pauses of one person, and of people's means, as shares of the
#: widest opening; pauses that the former, which is usual, weighs as much as.
WITHIN, AMONG, USUAL = 0.28, 0.03, 1.0


@dataclass(frozen=True, slots=True)
class Pause:
    """Readings `first` to `stop` (exclusive) of a sound in which nobody speaks."""

    first: int
    stop: int
    silence: bool

    @property
    def inner(self) -> slice:
        """Its readings without the ends, over which the mouth still moves; at least one."""
        ends = min(ENDS, (self.stop - self.first - 1) // 3)
        return slice(self.first + ends, self.stop - ends)


def pauses_in(features: AudioFeatures) -> tuple[Pause, ...]:
    """Every pause of the sound, in order."""
    talk = spans_of_talk(features)
    result = []
    for (run,) in find_objects(label(~talk)[0]):
        within = run.start > 0 and run.stop < len(talk)
        seconds = (run.stop - run.start) / READING_RATE
        result.append(Pause(run.start, run.stop, seconds >= (SILENCE_S if within else END_S)))
    return tuple(result)


def near_words(features: AudioFeatures) -> NDArray[np.bool_]:
    """(N,) readings in speech, or so near it that lips may still meet for a word."""
    return np.asarray(binary_dilation(spans_of_talk(features), iterations=NEAR_WORD), bool)


# -- held -------------------------------------------------------------------------------------


def held_mouths(
    wanted: Values,
    near: Values,
    features: AudioFeatures,
    first: int,
    way: PauseWay,
    motion_range: MotionRange,
) -> Values:
    """(G, M) for each reading the mouth of the pause nearest to it: constant within a pause.

    Args:
        wanted: (G, 7) channels predicted from sound, within the actor's range, pauses included.
        near: (G, M) coefficients near them.
        features: of the whole sound.
        first: the reading that `wanted` begins at.
        way: the actor's.
        motion_range: the actor's.
    """
    stop = first + len(wanted)
    pauses = [pause for pause in pauses_in(features) if pause.stop > first and pause.first < stop]
    if not pauses:
        return np.zeros_like(near)
    usual = _means(wanted, pauses, first)
    slack = np.full(len(CHANNELS), np.inf)
    for channel, tolerance in _TOLERANCE.items():
        slack[channel] = tolerance
    mouths = mouth_for_channels(usual, _means(near, pauses, first), motion_range, slack)
    mouths = limit_to_range(mouths, motion_range)
    apart = np.maximum(motion_range.channels(mouths)[:, OPENING], 0)
    widest = float(motion_range.high[OPENING])
    held = usual_opening(apart, way.trust, widest) + way.parted
    held = np.where(held < LEAST_SHARE * widest, 0, held)
    # With lips that are less far apart the whole mouth goes towards rest.
    share = np.where(held < apart, held / np.where(apart > 0, apart, 1), 1)
    mouths *= share[:, None]
    mouths = np.where((held > apart)[:, None], with_opening(mouths, held, motion_range), mouths)
    mouths[[pause.silence for pause in pauses]] = way.silent
    middles = [(one.stop + other.first) / 2 for one, other in pairwise(pauses)]
    return mouths[np.searchsorted(middles, np.arange(first, stop), side="right")]


def usual_opening(predicted: Values | float, trust: float, widest: float) -> Values:
    """How far people's lips are apart in a pause over which sound predicts an opening, model units.

    Args:
        trust: 0 by the generic head .. 1 by the actor's own model.
        widest: the actor's widest opening.
    """
    least, share = (1 - trust) * np.array(ANY_PAUSE) + trust * np.array(OWN_PAUSE)
    return np.asarray(least * widest + share * np.maximum(predicted, 0), np.float64)


def _means(values: Values, pauses: Sequence[Pause], first: int) -> Values:
    """(P, C) mean of `values` (G, C), which begin at reading `first`, over each pause's inside."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    begins, ends = (
        np.clip([at(pause.inner) - first for pause in pauses], 0, len(values))
        for at in (attrgetter("start"), attrgetter("stop"))
    )
    count = np.maximum(ends - begins, 1)
    return np.asarray((sums[ends] - sums[begins]) / count[:, None], np.float64)


# -- learnt -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class PauseWay:
    """How an actor keeps the mouth in pauses.

    parted  how much further apart than usual their lips are, model units
    silent  (M,) the mouth in silences; 0 is the rest face
    trust   0 the mouth is predicted by the generic head .. 1 by the actor's own model
    """

    parted: float
    silent: Array
    trust: float


@dataclass(frozen=True, slots=True, eq=False)
class ShownPause:
    """A pause of a recording that shows the face.

    shown      (M,) median mouth
    predicted  mean opening predicted from sound, difference from rest
    """

    silence: bool
    shown: Values
    predicted: float


def shown_pauses(
    shown: Values, seen: NDArray[np.bool_], features: AudioFeatures, at: Values, predicted: Values
) -> Iterator[ShownPause]:
    """The pauses of a recording in which the face is seen for two frames at least.

    Args:
        shown: (T, M) the mouth in its frames.
        seen: (T,) frames that show the face.
        features: its sound.
        at: (T,) seconds at which each frame is shown, on the sound's clock, in sync.
        predicted: (T, 7) channels predicted from the sound.
    """
    places = features.places(at)
    for pause in pauses_in(features):
        inner = seen & (places >= pause.inner.start) & (places <= pause.inner.stop - 1)
        if inner.sum() >= LEAST_FRAMES:
            opening = float(predicted[inner, OPENING].mean())
            yield ShownPause(pause.silence, np.median(shown[inner], axis=0), opening)


def learn_pauses(pauses: Sequence[ShownPause], motion_range: MotionRange, trust: float) -> PauseWay:
    """How the actor keeps the mouth in pauses, drawn to what is usual where few pauses are shown,
    or where they differ from each other.

    Args:
        trust: in the actor's own model, by which their openings are predicted.

    Source: the posterior mean of a Gaussian's mean; Bishop 2006, equation 2.141.
    """
    widest = float(motion_range.high[OPENING])
    slopes = np.asarray(motion_range.slopes, np.float64)[:, OPENING]
    beyond = [
        float(p.shown @ slopes - usual_opening(p.predicted, trust, widest))
        for p in pauses
        if not p.silence
    ]
    silent = np.array([p.shown for p in pauses if p.silence]).reshape(-1, len(slopes))
    mouth = silent.mean(axis=0) * _weight(silent @ slopes, widest) if len(silent) else 0 * slopes
    if mouth @ slopes < LEAST_SHARE * widest:
        mouth = 0 * slopes
    parted = float(np.mean(beyond)) * _weight(np.array(beyond), widest) if beyond else 0.0
    return PauseWay(parted, np.asarray(mouth, np.float32), trust)


def _weight(openings: Values, widest: float) -> float:
    """Weight of the mean of `openings` (n,) against what is usual, 0..1."""
    count, usual = len(openings), (WITHIN * widest) ** 2
    within = (count * openings.var() + USUAL * usual) / (count + USUAL)
    among = (AMONG * widest) ** 2
    return float(count * among / (count * among + within))
