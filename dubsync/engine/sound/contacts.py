"""What lips must do for a sound: closures as single events, and the lower lip at the teeth.

Rounded lips, the jaw in s and z, and the opening of vowels are told by the head as well as people
show them (docs/explanation/sound_to_mouth.md), so there is no rule for them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import (
    distance_transform_edt,
    gaussian_filter1d,
    label,
    maximum_filter1d,
    minimum_filter1d,
)

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.phones import LABIODENTAL
from dubsync.core.steps import Seconds
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import OPENING, MotionRange, mouth_for_channels
from dubsync.engine.sound.av_offset import readings

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

LOWER_LIP = CHANNELS.index("lower_lip")

#: A dip of the told opening closes the lips if its score exceeds this.  The score is its depth in
#: deviations, PHONES for each unit of the phones' log odds, and SURELY where these are above SURE.
CLOSES, PHONES, SURELY = 0.4, 0.2, 2.0
SURE = 0.85  #: real lips meet in 86 % of the places with so much evidence
#: How much the rate of the actor's own closures moves the threshold, per natural logarithm; and
#: the rate of people, closures a second of speech, which weighs as much as USUAL_S seconds.
OFTEN, USUAL_RATE, USUAL_S = 0.9, 0.9, 2.2
UNCERTAIN = 0.02  #: error probability of all evidence
NEAR = 4  #: readings either side of a dip in which it is the lowest, and in which evidence counts
DIP, ROUND = 0.05, 15  #: deviations by which a dip is lower than the highest within 150 ms
SPOKEN = 0.3  #: probability of speech below which nothing closes
#: Seconds over which lips close, and open.  Real closures last 86 ms (51 to 128, the middle half
#: of 295) below .12 of the opening's range; what the head tells narrows before and after.
RAMP_S = 0.04
#: Between closures lips stay apart, so that they are shut as often as people's are: by this
#: fraction of the actor's widest opening, and by APART in model units where that is not more than
#: the second.  A narrower gap is drawn half as wide or not at all.
APART_SHARE, APART, MOST_APART_SHARE = 0.15, 0.04, 0.3
BETWEEN_S = 0.022  #: half a frame at 23 a second
#: Probability of f or v from which the lower lip rises to the teeth, and is there.
RISING, AT_TEETH = 0.25, 0.6
TEETH_SHARE = 0.22  #: opening in f and v, as a fraction of the actor's widest opening
#: A closure of real lips: below this share of the opening's range, and not longer than this.
SHUT_SHARE, LONGEST_S = 0.12, 0.3


def lip_sounds(
    features: AudioFeatures, grid: Seconds, opening: Values, closings: float, frames: Seconds
) -> tuple[Values, Values]:
    """(G,) how far lips are closed, and how far the lower lip is at the teeth, 0..1.

    Closures are events: each dip of the told opening is scored, and the likely ones close the lips
    for as long as people do.  What a person marked by hand is obeyed.

    Args:
        grid: (G,) seconds, READING_RATE a second.
        opening: (G,) told, in the actor's own measure.
        closings: how often this actor closes the lips, per second of speech.
        frames: (T,) of the picture; a closure that falls between two is shown on the nearer one.

    Source: ours; constants chosen on 25 clips of 21 people with sound, who also judge them.
    """
    marks = readings(np.asarray(features.marks, np.float64)[:, None], features, grid)[:, 0]
    by_hand = marks > 0.75
    closed = _closing(features, grid, opening, closings) | by_hand
    shut = _round(closed | _on_frames(closed, grid, frames), RAMP_S)
    shut = np.where(marks < -0.5, 0.0, shut)
    teeth = _eased(readings(features.phones, features, grid, _biting)[:, 0])
    near = _round((marks > 0.25) & ~by_hand, RAMP_S)
    return shut, np.maximum(teeth, near)


def _biting(phones: Values) -> Values:
    """(M, 1) probability of f or v in phones (M, P)."""
    return np.asarray(phones[:, sorted(LABIODENTAL)].sum(axis=1, keepdims=True), np.float64)


def closing_rate(opening: Values, spoken: Flags, frame_s: float) -> tuple[int, float]:
    """How often real lips close in speech, and the seconds of it.

    A closure is a run of at most 0.3 s below SHUT_SHARE of the opening's range, amid speech.

    Args:
        opening: (T,) of the mouth in each frame.
        spoken: (T,) frames with speech in which the mouth is seen.
    """
    seconds = float(spoken.sum()) * frame_s
    if spoken.sum() < 3:
        return 0, 0.0
    calm = gaussian_filter1d(opening, 0.8, mode="nearest")
    low, high = np.percentile(calm[spoken], [1, 95])
    runs, count = label((calm < low + SHUT_SHARE * (high - low)) & spoken)
    closures = 0
    for run in range(1, count + 1):
        at = np.flatnonzero(runs == run)
        amid = at[0] > 0 and at[-1] < len(spoken) - 1 and spoken[at[0] - 1] and spoken[at[-1] + 1]
        closures += bool(amid and len(at) * frame_s <= LONGEST_S)
    return closures, seconds


def own_rate(closures: int, seconds: float) -> float:
    """Closures a second of speech, drawn to people's where little was seen."""
    return (closures + USUAL_RATE * USUAL_S) / (seconds + USUAL_S)


def _closing(features: AudioFeatures, grid: Seconds, opening: Values, closings: float) -> Flags:
    """(G,) True in the middle of each closure."""
    given = np.stack([np.asarray(features.closure), np.asarray(features.speech)], axis=1)
    evidence, speech = readings(np.asarray(given, np.float64), features, grid).T
    evidence = np.clip(evidence, UNCERTAIN, 1 - UNCERTAIN)
    told = gaussian_filter1d(opening, 1.0, mode="nearest")
    lowest = minimum_filter1d(told, 2 * NEAR + 1)
    likely = maximum_filter1d(evidence, 2 * NEAR + 1)
    dip = (told == lowest) & (maximum_filter1d(told, 2 * ROUND + 1) - told > DIP)
    peak = (evidence == likely) & (evidence >= SURE)
    beside = maximum_filter1d(peak, 2 * (NEAR + 2) + 1)  # sure evidence says when as well
    score = -lowest + PHONES * np.log(likely / (1 - likely)) + SURELY * (likely >= SURE)
    least = CLOSES - OFTEN * np.log(closings / USUAL_RATE)
    return np.asarray(((dip & ~beside) | peak) & (speech > SPOKEN) & (score > least), bool)


def _on_frames(events: Flags, grid: Seconds, frames: Seconds) -> Flags:
    """(G,) True beside the frame that is nearest to each event, if that is near."""
    at = np.sort((np.asarray(frames) - grid[0]) * READING_RATE)
    shown = np.zeros(len(events), bool)
    for event in np.flatnonzero(events):
        place = at[np.argmin(np.abs(at - event))]
        if abs(place - event) <= BETWEEN_S * READING_RATE:
            low = int(np.floor(place))
            shown[max(low, 0) : max(low + 2, 0)] = True
    return shown


def _round(events: Flags, ramp_s: float) -> Values:
    """(G,) 1 at `events`, falling to 0 within `ramp_s` by smoothstep."""
    if not events.any():
        return np.zeros(len(events))
    near = np.maximum(1 - distance_transform_edt(~events) / READING_RATE / ramp_s, 0)
    return np.asarray(near * near * (3 - 2 * near), np.float64)


def lips_apart(opening: Values, motion_range: MotionRange) -> Values:
    """(G,) opening, at least what lips keep between closures."""
    widest = max(float(motion_range.high[OPENING]), 0.0)
    least = max(APART_SHARE * widest, min(APART, MOST_APART_SHARE * widest))
    return np.maximum(opening, least)


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


def _eased(evidence: Values) -> Values:
    """(N,) strength of f and v, 0..1: full for at least 50 ms, eased in and out."""
    share = np.clip((evidence - RISING) / (AT_TEETH - RISING), 0, 1)
    share = maximum_filter1d(np.where(share >= 1, 1.0, 0.6 * share), 5)
    return np.asarray(np.maximum(np.where(share >= 1, 1.0, 0.0), gaussian_filter1d(share, 1.5)))
