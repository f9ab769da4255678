"""What the mouth does while nobody speaks: it stands still, as far open as the actor keeps it.

Real lips stay parted in most pauses within talk, about as far as the mouth that sound predicts over
the pause on average: so that average is held.  What the actor's own pauses show beyond it is
learnt.  In long silences the lips are shut, unless the actor's own stay parted there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, find_objects, label

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import (
    JAW,
    OPENING,
    WIDTH,
    MotionRange,
    limit_to_range,
    mouth_for_channels,
)
from dubsync.engine.sound.speech_spans import spans_of_talk

Values = NDArray[np.float64]

#: Kinds of pauses, by their length: between phrases, between sentences, and where nothing is said.
KINDS = ("short", "long", "silence")
SILENCE = 2
LONG_S, SILENCE_S = 0.5, 2.0
#: So many of an actor's pauses of a kind count as much as what is usual.
USUAL = 4.0
#: Lips that would be held apart less than this share of the widest opening are shut.
LEAST_SHARE = 0.1
#: Readings at either end of a pause over which the mouth comes to it and leaves it.
ENDS = 10
#: Readings beyond a word in which lips may still meet for it.
NEAR_WORD = 10
LEAST_FRAMES = 2  #: of a pause that is learnt from
_HELD = ((OPENING, 0.003), (WIDTH, 0.01), (JAW, 0.012))  #: channels, and tolerances, model units


@dataclass(frozen=True, slots=True)
class Pause:
    """Readings `first` to `stop` (exclusive) of a sound in which nobody speaks; kind: of KINDS."""

    first: int
    stop: int
    kind: int

    @property
    def inner(self) -> slice:
        """Its readings without the ends, over which the mouth still moves; at least one."""
        ends = min(ENDS, (self.stop - self.first - 1) // 3)
        return slice(self.first + ends, self.stop - ends)


def pauses_in(features: AudioFeatures) -> tuple[Pause, ...]:
    """Every pause of the sound, in order."""
    talk = spans_of_talk(features)
    return tuple(
        Pause(run.start, run.stop, _kind(run, len(talk)))
        for (run,) in find_objects(label(~talk)[0])
    )


def _kind(run: slice, count: int) -> int:
    seconds = (run.stop - run.start) / READING_RATE
    # What leads to the first word or follows the last one ends a scene, however long it is; only a
    # sound cut within talk begins or ends with a short pause.
    within = run.start > 0 and run.stop < count
    return int(seconds >= LONG_S) + int(seconds >= (SILENCE_S if within else LONG_S))


def near_words(features: AudioFeatures) -> NDArray[np.bool_]:
    """(N,) readings in speech, or so near it that lips may still meet for a word."""
    return np.asarray(binary_dilation(spans_of_talk(features), iterations=NEAR_WORD), bool)


def held_mouths(
    wanted: Values,
    near: Values,
    features: AudioFeatures,
    first: int,
    ways: Values,
    motion_range: MotionRange,
) -> Values:
    """(G, M) for each reading the mouth of the pause nearest to it: constant within a pause.

    Args:
        wanted: (G, 7) channels predicted from sound, within the actor's range, pauses included.
        near: (G, M) coefficients near them.
        features: of the whole sound.
        first: the reading that `wanted` begins at.
        ways: (3, 7) the actor's, see `SoundMouth.ways`.
        motion_range: the actor's.
    """
    pauses = pauses_in(features)
    if not pauses:
        return np.zeros_like(near)
    kinds = np.array([pause.kind for pause in pauses])
    spoken = (kinds < SILENCE)[:, None]
    held = np.where(spoken, _means(wanted, pauses, first), 0) + ways[kinds]
    usual = np.where(spoken, _means(near, pauses, first), 0)
    apart = held[:, OPENING] >= LEAST_SHARE * motion_range.high[OPENING]
    held[:, OPENING] = np.where(apart, held[:, OPENING], 0)
    slack = np.full(len(CHANNELS), np.inf)
    for channel, tolerance in _HELD:
        slack[channel] = tolerance
    mouths = limit_to_range(mouth_for_channels(held, usual, motion_range, slack), motion_range)
    mouths[~held.any(axis=1)] = 0  # the rest face
    middles = [(one.stop + other.first) / 2 for one, other in pairwise(pauses)]
    return mouths[np.searchsorted(middles, np.arange(first, first + len(wanted)), side="right")]


def _means(values: Values, pauses: Sequence[Pause], first: int) -> Values:
    """(P, C) mean of `values` (G, C) over each pause; 0 where it holds none of the pause."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    begins, ends = (
        np.clip([at(pause.inner) - first for pause in pauses], 0, len(values))
        for at in (attrgetter("start"), attrgetter("stop"))
    )
    count = np.maximum(ends - begins, 1)
    return np.asarray((sums[ends] - sums[begins]) / count[:, None], np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class ShownPause:
    """A pause of a recording that shows the face.

    kind   of KINDS
    shown  (7,) median channels, differences from rest
    usual  (7,) mean of those predicted from sound
    """

    kind: int
    shown: Values
    usual: Values


def shown_pauses(
    shown: Values, seen: NDArray[np.bool_], features: AudioFeatures, at: Values, predicted: Values
) -> Iterator[ShownPause]:
    """The pauses of a recording in which the face is seen for two frames at least.

    Args:
        shown: (T, 7) channels of its frames.
        seen: (T,) frames that show the face.
        features: its sound.
        at: (T,) seconds at which each frame is shown, on the sound's clock, in sync.
        predicted: (T, 7) channels predicted from the sound.
    """
    places = features.places(at)
    for pause in pauses_in(features):
        inner = seen & (places >= pause.inner.start) & (places <= pause.inner.stop - 1)
        if inner.sum() >= LEAST_FRAMES:
            yield ShownPause(
                pause.kind, np.median(shown[inner], axis=0), predicted[inner].mean(axis=0)
            )


def learn_pauses(pauses: Sequence[ShownPause]) -> Values:
    """(3, 7) how the actor's pauses of each of KINDS differ from what is usual.

    In silences: the mouth itself, since shut lips are usual there.  The mean over n pauses counts
    n / (n + 4).
    """
    ways = np.zeros((len(KINDS), len(CHANNELS)))
    for kind in range(len(KINDS)):
        beyond = [p.shown - (p.usual if kind < SILENCE else 0) for p in pauses if p.kind == kind]
        ways[kind] = np.sum(beyond, axis=0) / (len(beyond) + USUAL) if beyond else 0
    return ways
