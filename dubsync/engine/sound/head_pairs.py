"""What a sound head is taught on: sound and mouth of one recording, in the person's own measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.face import FaceTrack
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import Seconds
from dubsync.engine.motion.fit import channels, frontal
from dubsync.engine.sound.av_offset import NATURAL_S, readings
from dubsync.engine.sound.sound_head import STEPS, head_inputs
from dubsync.engine.sound.train_head import TrainingPair

SMOOTH_FRAMES = 0.8  #: the tracker's own jitter
SPOKEN = 0.3  #: probability of speech above which a moment counts as spoken
LEAST = 1e-4  #: least deviation of a channel, model units

Values = NDArray[np.float64]


def training_pair(
    track: FaceTrack, features: AudioFeatures, times: Seconds, late: float
) -> TrainingPair:
    """The recording as a training pair.

    Args:
        times: (T,) seconds of each frame of `track` on the sound's clock.
        late: how late the sound is, seconds.

    Raises:
        ValueError: nothing is spoken while the face is seen.
    """
    times = np.asarray(times) + late + NATURAL_S
    seen = np.asarray(track.confidence) > 0
    begins = float(features.start)
    ends = begins + len(features.loudness) / 100
    at = np.arange(max(times[0], begins), min(times[-1], ends), 1 / STEPS)
    places = gaussian_filter1d(tracked_channels(track), SMOOTH_FRAMES, axis=0)
    mouth = np.stack([np.interp(at, times[seen], c[seen]) for c in places.T], axis=1)
    near = np.interp(at, times, seen.astype(float)) > 0.99
    speech = np.asarray(features.speech, np.float64)[:, None]
    spoken = near & (readings(speech, features, at)[:, 0] > SPOKEN)
    if not spoken.any():
        raise ValueError("nothing is spoken while the face is seen")
    mouth = (mouth - mouth[spoken].mean(axis=0)) / (mouth[spoken].std(axis=0) + LEAST)
    return TrainingPair(head_inputs(features, at), mouth, near.astype(np.float64))


def tracked_channels(track: FaceTrack) -> Values:
    """(T, 7) the channels of a track's mouth."""
    return channels(frontal(track)).stacked().astype(np.float64)
