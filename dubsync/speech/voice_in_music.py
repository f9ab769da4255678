"""Judge spans of voice where music or noise is heard near by: what is short or says little is none.

A voice network is sometimes sure of a note.  Such a note is short, or holds one sound, where talk
has many.  Where no music is heard nothing is judged, so that a clean stem stays as it is.
"""

from __future__ import annotations

import numpy as np
import scipy  # its ndimage is loaded where it is first used: only where sound is analysed
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.sound.audio import READING_RATE
from dubsync.speech.phones import phone_variety

#: A bed of music or noise: so long without a voice, smoothed, and at most this far below the loud
#: voice.  Of 16 clean stems none has one at -25 dB, one at -30.
BED_S, BED_DB, BED_LEAST_DB = 0.5, -25.0, -60.0
NO_VOICE = 0.3  #: probability within NO_VOICE_S
NO_VOICE_S = 0.2
NEAR_BED_S = 5.0  #: this near to a bed, spans are judged
SMOOTH, LEVEL_SMOOTH = 4.0, 10.0  #: readings, deviations

SPAN = 0.5  #: probability of a voice within a span
SURE = 0.85  #: and where it is sure
GAP_S = 0.3  #: shorter gaps belong to a span
#: A span is a voice if it is sure for so long, and says so much: different phones in 1.5 s.
#: Fitted on the instruments that teach (benchmarks/hearing): talk 6.5 and more, notes 4.3 to 5.5.
LEAST_SURE_S, LEAST_VARIETY, VARIETY_S = 0.3, 6.0, 1.5
BESIDE_S = 0.6  #: this near to such a span, a weak one is its continuation

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]


def voice_in_music(voice: Values, level: Values, phones: Array) -> Values:
    """(N,) `voice`, 0 in the spans near music that are no talk; `voice` itself without music.

    Args:
        voice: (N,) from `voice_probability`.
        level: (N,) dB re full scale.
        phones: (N, P) from `recognise_phones`, before pauses are put in.

    Source: ours; the variety of phones as in `speech_amount`.
    """
    sure = scipy.ndimage.gaussian_filter1d(voice, SMOOTH, mode="nearest")
    judged = near_music(sure, level)
    if not judged.any():
        return voice
    gap = _readings(GAP_S)
    closed = scipy.ndimage.binary_closing(np.pad(sure > SPAN, gap), np.ones(gap))[gap:-gap]
    spans = [found[0] for found in scipy.ndimage.find_objects(scipy.ndimage.label(closed)[0])]
    talk = np.zeros(len(voice), bool)
    for span in spans:
        talk[span] = not judged[span].all() or _is_talk(sure[span], np.asarray(phones)[span])
    beside = scipy.ndimage.maximum_filter1d(
        talk.astype(np.uint8), 2 * _readings(BESIDE_S) + 1
    ).astype(bool)
    kept = np.zeros(len(voice), bool)
    for span in spans:
        kept[span] = beside[span].any()
    return np.where(judged & ~_with_edges(kept), 0.0, voice)


def near_music(sure: Values, level: Values) -> Mask:
    """(N,) whether music or noise without a voice is heard within NEAR_BED_S.

    Args:
        sure: (N,) smoothed probability of a voice.
        level: (N,) dB re full scale.
    """
    clear = sure > SURE
    if not clear.any():
        return np.zeros(len(sure), bool)
    floor = 2 * BED_LEAST_DB
    smooth = scipy.ndimage.gaussian_filter1d(np.maximum(level, floor), LEVEL_SMOOTH, mode="nearest")
    least = max(float(np.percentile(smooth[clear], 90)) + BED_DB, BED_LEAST_DB)
    alone = scipy.ndimage.maximum_filter1d(sure, 2 * _readings(NO_VOICE_S) + 1) < NO_VOICE
    runs, count = scipy.ndimage.label(alone & (smooth > least))
    long = np.bincount(runs, minlength=count + 1) >= BED_S * READING_RATE
    bed = long[runs] & (runs > 0)
    wide = 2 * _readings(NEAR_BED_S) + 1
    return np.asarray(scipy.ndimage.maximum_filter1d(bed.astype(np.uint8), wide), bool)


def _is_talk(sure: Values, phones: Array) -> bool:
    """Whether a span (M,) is sure for long enough, and says enough."""
    seconds = max(len(sure), 1) / READING_RATE
    variety = phone_variety(phones) / min(1.0, max(seconds, LEAST_SURE_S) / VARIETY_S)
    return bool((sure > SURE).sum() >= LEAST_SURE_S * READING_RATE and variety >= LEAST_VARIETY)


def _with_edges(kept: Mask) -> Mask:
    """`kept` and as far beside it as the smoothing reaches: the rise and fall of a voice."""
    edge = round(3 * SMOOTH)
    return np.asarray(scipy.ndimage.maximum_filter1d(kept.astype(np.uint8), 2 * edge + 1), bool)


def _readings(seconds: float) -> int:
    return round(seconds * READING_RATE)
