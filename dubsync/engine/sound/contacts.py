"""What lips must do for a sound: closures, lip to teeth, the least opening of vowels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.phones import LABIODENTAL, ROUNDED, VOWELS
from dubsync.core.steps import Seconds
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import OPENING, MotionRange, mouth_for_channels
from dubsync.engine.sound.av_offset import NATURAL_S, readings

Values = NDArray[np.float64]

LOWER_LIP = CHANNELS.index("lower_lip")

#: Closure evidence from which lips begin to close, and from which they meet; increase of its log
#: odds for each standard deviation by which the predicted mouth is closed; and the error
#: probability of all evidence, so that lips never close without evidence.
CLOSING, SHUT, LEANS, UNCERTAIN = 0.4, 0.6, 1.5, 0.02
#: Probability of f or v from which the lower lip rises to the teeth, and is there.
RISING, AT_TEETH = 0.25, 0.6
TEETH_SHARE = 0.22  #: opening in f and v, as a fraction of the actor's widest opening
#: Probability of a vowel from which lips begin to be kept apart, and from which they are; and the
#: least opening as a fraction of the actor's widest, rounded vowels and others.  Three of four real
#: vowels are wider (first quartiles .16 to .55, on clips not used for evaluation).
PARTING, PARTED = 0.4, 0.7
ROUND_SHARE, VOWEL_SHARE = 0.16, 0.3


def lip_sounds(features: AudioFeatures, grid: Seconds, opening: Values) -> tuple[Values, Values]:
    """(G,) how far lips are closed, and how far the lower lip is at the teeth, 0..1.

    Args:
        opening: (G,) predicted, in the actor's own measure.
    """
    phones = np.asarray(features.phones, np.float64)
    biting = phones[:, sorted(LABIODENTAL)].sum(axis=1, keepdims=True)
    closure = np.asarray(features.closure, np.float64)[:, None]
    evidence = np.clip(readings(closure, features, grid)[:, 0], UNCERTAIN, 1 - UNCERTAIN)
    odds = evidence / (1 - evidence) * np.exp(-LEANS * np.clip(opening, -2, 2))
    shut = _eased_evidence(odds / (1 + odds), CLOSING, SHUT)
    teeth = _eased_evidence(readings(biting, features, grid)[:, 0], RISING, AT_TEETH)
    return shut, teeth


def vowel_opening(features: AudioFeatures, grid: Seconds, motion_range: MotionRange) -> Values:
    """(G,) least opening that vowels need."""
    phones = readings(np.asarray(features.phones, np.float64), features, grid + NATURAL_S)
    result = np.zeros(len(grid))
    for vowels, share in ((VOWELS & ROUNDED, ROUND_SHARE), (VOWELS - ROUNDED, VOWEL_SHARE)):
        likely = phones[:, sorted(vowels)].sum(axis=1)
        result += share * np.clip((likely - PARTING) / (PARTED - PARTING), 0, 1)
    return result * max(float(motion_range.high[OPENING]), 0.0)


def lip_opening(opening: Values, shut: Values, teeth: Values, motion_range: MotionRange) -> Values:
    """(G,) opening, never below 0, after closures and f and v."""
    least = TEETH_SHARE * max(float(motion_range.high[OPENING]), 0.0)
    opening = np.maximum(opening, 0)
    opening = opening - teeth * np.maximum(opening - least, 0)
    return np.asarray(opening * (1 - shut), np.float64)


def enforce_lips(mouth: Values, shut: Values, teeth: Values, motion_range: MotionRange) -> Values:
    """Lips that meet where they must, never cross, and touch the teeth in f and v."""
    shown = motion_range.channels(mouth)
    wanted = np.zeros((len(mouth), len(CHANNELS)))
    wanted[:, OPENING] = lip_opening(shown[:, OPENING], shut, teeth, motion_range)
    # The lower lip does all of the closing: it rises to the teeth, which the upper lip shows.
    wanted[:, LOWER_LIP] = shown[:, LOWER_LIP] - (shown[:, OPENING] - wanted[:, OPENING])
    slack = np.full((len(mouth), len(CHANNELS)), np.inf)
    slack[:, OPENING] = 1e-4
    slack[(teeth > shut) & (teeth > 0), LOWER_LIP] = 0.01
    fixed = mouth_for_channels(wanted, mouth, motion_range, slack)
    wrong = (shown[:, OPENING] < 0) | (shut > 0) | (teeth > 0)
    return np.asarray(np.where(wrong[:, None], fixed, mouth), np.float64)


def _eased_evidence(evidence: Values, begins: float, whole: float) -> Values:
    """(N,) closure strength, 0..1: full for at least 50 ms, eased in and out."""
    share = np.clip((evidence - begins) / (whole - begins), 0, 1)
    share = maximum_filter1d(np.where(share >= 1, 1.0, 0.6 * share), 5)
    return np.asarray(np.maximum(np.where(share >= 1, 1.0, 0.0), gaussian_filter1d(share, 1.5)))
