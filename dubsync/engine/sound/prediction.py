"""The mouth that sound predicts for an actor, before any rule: from their model and the head's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.steps import Seconds
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import MotionRange
from dubsync.engine.sound.av_offset import NATURAL_S
from dubsync.engine.sound.model import SoundMouth, sound_inputs
from dubsync.engine.sound.sound_head import Head

Values = NDArray[np.float64]

#: Gain of the head's own prediction, which is shrunk, in each of CHANNELS.  With it, and all rules,
#: deviations in speech are on average those of 15 people whom the head was not taught on.
HEAD_GAIN = tuple({"width": 1.85, "jaw": 1.75}.get(name, 1.5) for name in CHANNELS)
MOST_DEVIATIONS = 3.0  #: clip of the predictions, standard deviations
#: What is predicted is drawn in by this, because closures and parted lips widen the range again:
#: with them the deviation of an opening in speech is on average 1.0 of the real one.
DRAWN_IN = 0.915


def predict_mouth(
    features: AudioFeatures, times: Seconds, sound: SoundMouth, head: Head
) -> tuple[Values, Values]:
    """(T, 7) channels in the actor's own measure and (T, M) coefficients near them, without lip
    rules.

    Args:
        times: of the picture, rising, on the sound's clock.
    """
    at = times + NATURAL_S
    trust = float(sound.trust[0])
    hidden, generic = head.predict_at(features, at)
    near = sound.sound.predict(sound_inputs(features, at))
    predicted = (
        trust * sound.mix_predictions(near, hidden, generic) * sound.gain
        + (1 - trust) * np.array(HEAD_GAIN) * generic
    )
    near = trust * near + (1 - trust) * np.asarray(sound.talking, np.float64)
    return np.clip(predicted, -MOST_DEVIATIONS, MOST_DEVIATIONS), near


def within_range(predicted: Values, sound: SoundMouth) -> Values:
    """(T, 7) channels, differences from rest, from those in the actor's own measure.

    They are softly limited to the actor's own range, and exceed it by less than a quarter.
    """
    wanted = sound.middle + DRAWN_IN * sound.deviation * predicted
    motion_range: MotionRange = sound.motion_range
    middle, half = (
        (motion_range.low + motion_range.high) / 2,
        np.maximum((motion_range.high - motion_range.low) / 2, 1e-3),
    )
    share = (wanted - middle) / half
    over = np.maximum(np.abs(share) - 0.9, 0)
    bent = np.where(over > 0, 0.9 + 0.35 * np.tanh(over / 0.35), np.abs(share))
    return np.asarray(middle + half * np.sign(share) * bent, np.float64)
