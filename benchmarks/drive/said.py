"""How often the tracker sees real lips meet where the words say m, b or p: what precision can mean.

Needs dubsync[script].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy

from benchmarks.drive.clips import SEVEN, Heard
from benchmarks.drive.trials import real
from benchmarks.sound_head import Talk
from benchmarks.texts import said_in
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.motion_range import OPENING
from dubsync.engine.sound.av_offset import readings
from dubsync.qc.driven_mouth import BESIDE_FRAMES, SHUT_SHARE, smoothed
from dubsync.speech.forced_alignment import aligned
from dubsync.speech.pronounce import pronounced
from dubsync.speech.text_guided import apply_alignment

SURE = 0.8  #: evidence, with the words, from which a closure counts
LIMITS = (SHUT_SHARE, 0.2, 0.3)  #: shares of the opening's range in speech


@dataclass(frozen=True, slots=True)
class SaidRow:
    """Sure m, b and p of one clip, the words known.

    count   how many of them there are while the face is seen
    beside  share with a frame of the real mouth below each of LIMITS within a frame
    least   median of the real mouth's least opening there
    """

    clip: str
    count: int
    beside: tuple[float, ...]
    least: float


def said_rows(clips: Heard) -> Iterator[SaidRow]:
    """The seven clips whose words are known."""
    for name in SEVEN:
        talk = clips[name]
        least = np.array(list(_least_openings(talk, guided(talk))))
        beside = tuple(float((least < limit).mean()) for limit in LIMITS)
        yield SaidRow(name, len(least), beside, float(np.median(least)))


def guided(talk: Talk) -> AudioFeatures:
    """The features of a clip's sound, guided by the words of its text."""
    language, text = said_in(talk.name)
    (words,) = pronounced([text], language)
    return apply_alignment(talk.features, aligned(talk.features, words))


def _least_openings(talk: Talk, features: AudioFeatures) -> Iterator[float]:
    """The real mouth's least opening beside each closure, a share of its range in speech."""
    seen = np.asarray(talk.track.confidence) > 0
    opening = real(talk.track, learn_basis([talk.track]))[:, OPENING]
    calm = smoothed(np.where(seen, opening, np.nan))
    times = np.asarray(talk.in_sync.times)
    speech = np.asarray(features.speech, np.float64)[:, None]
    spoken = seen & (readings(speech, features, times)[:, 0] > 0.5)
    low, high = np.percentile(calm[spoken], [1, 95])
    runs, count = scipy.ndimage.label(np.asarray(features.closure) > SURE)
    near_s = (BESIDE_FRAMES + 0.5) / float(talk.track.frames.rate)
    for run in range(1, count + 1):
        at = np.flatnonzero(runs == run) / READING_RATE + float(features.start)
        near = spoken & (times >= at[0] - near_s) & (times <= at[-1] + near_s)
        if near.any():
            yield float((calm[near].min() - low) / (high - low))
