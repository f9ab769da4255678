"""Compare a driven mouth with the real one: correlation, lag, closures, motion in silence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.qc.mouth import Curve, MouthCurves

Flags = NDArray[np.bool_]

SMOOTH_FRAMES = 0.8  #: deviation of the smoothing that removes tracking jitter from the truth
SEARCH_S = 0.3  #: lags tried either way
#: Lips are closed below this share of the opening's own range in speech (1st to 95th percentile).
SHUT_SHARE = 0.12
LONGEST_S = 0.3  #: a longer run is a pause, not a closure
BESIDE_FRAMES = 1  #: a closure is hit within this many frames
RESTS_S = 0.12  #: the mouth may move for this long after speech,
LEADS_FRAMES = 3  #: and for this many frames before it
MOVES_SHARE = 0.02  #: share of its range in speech that counts as motion, frame to frame


@dataclass(frozen=True, slots=True)
class Driven:
    """Figures of one driven mouth; None for those that cannot be measured.

    lag_ms             + when the driven mouth is late
    closures_hit       share of the real mouth's closures in speech met within a frame
    closures           number of closures
    motion_in_silence  share of silent frames in which the driven mouth moves
    silent             number of silent frames
    """

    correlation_opening: float | None
    correlation_width: float | None
    correlation_jaw: float | None
    lag_ms: float | None
    closures_hit: float | None
    closures: int
    motion_in_silence: float | None
    silent: int


def compare_mouths(driven: MouthCurves, truth: MouthCurves, spoken: Flags, rate: float) -> Driven:
    """The figures of `driven` against `truth`.

    Args:
        driven: T frames, in the units of `truth`.
        truth: the real mouth over T frames, NaN where the face is not seen.
        spoken: (T,) whether there is speech, on the picture's clock.
        rate: frames per second.
    """
    seen = truth.seen & driven.seen
    pairs = [
        (getattr(driven, name), smoothed(getattr(truth, name)))
        for name in ("opening", "width", "jaw")
    ]
    opening, width, jaw = (correlation(one, other, seen) for one, other in pairs)
    hit, count = closures_hit(*pairs[0], spoken & seen, rate)
    return Driven(
        opening, width, jaw, lag_ms(*pairs[0], seen, rate), hit, count,
        *motion_in_silence(driven, spoken, rate),
    )  # fmt: skip


def smoothed(curve: Curve) -> Curve:
    """`curve` (T,) without tracking jitter; NaN stays NaN."""
    known = np.isfinite(curve)
    if not known.any():
        return curve
    filled = np.interp(np.arange(len(curve)), np.flatnonzero(known), curve[known])
    return np.where(
        known, scipy.ndimage.gaussian_filter1d(filled, SMOOTH_FRAMES, mode="nearest"), np.nan
    )


def correlation(one: Curve, other: Curve, use: Flags) -> float | None:
    """Pearson's correlation; None where either does not move."""
    if use.sum() < 3:
        return None
    a, b = one[use] - one[use].mean(), other[use] - other[use].mean()
    power = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / power if power > 1e-12 else None


def lag_ms(driven: Curve, truth: Curve, use: Flags, rate: float) -> float | None:
    """How late `driven` is: the lag of the best correlation, interpolated by a parabola."""
    most = max(round(SEARCH_S * rate), 1)
    scores = []
    for lag in range(-most, most + 1):
        late, early = max(lag, 0), max(-lag, 0)
        stop = len(use) - late - early
        both = use[late : late + stop] & use[early : early + stop]
        result = correlation(driven[late : late + stop], truth[early : early + stop], both)
        scores.append(-1.0 if result is None else result)
    at = int(np.argmax(scores))
    if scores[at] <= 0 or at in (0, len(scores) - 1):
        return None
    before, top, after = scores[at - 1 : at + 2]
    bend = before - 2 * top + after
    between = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return 1000 * (at - most + between) / rate


def closures_hit(
    driven: Curve, truth: Curve, spoken: Flags, rate: float
) -> tuple[float | None, int]:
    """Share of the closures of `truth` in speech that `driven` hits within a frame; their number.

    A closure is a run of frames with closed lips amid speech, at most 300 ms long.
    """
    if spoken.sum() < 3:
        return None, 0
    low, high = np.percentile(truth[spoken], [1, 95])
    limit = low + SHUT_SHARE * (high - low)
    runs, count = scipy.ndimage.label((truth < limit) & spoken)
    met = np.zeros(0, bool)
    for run in range(1, count + 1):
        at = np.flatnonzero(runs == run)
        amid = at[0] > 0 and at[-1] < len(spoken) - 1 and spoken[at[0] - 1] and spoken[at[-1] + 1]
        if amid and len(at) <= LONGEST_S * rate:
            near = slice(max(at[0] - BESIDE_FRAMES, 0), at[-1] + BESIDE_FRAMES + 1)
            met = np.append(met, driven[near].min() < limit)
    return (float(met.mean()) if len(met) else None), len(met)


def silent_frames(spoken: Flags, rate: float) -> Flags:
    """(T,) from 120 ms after a word to 3 frames before the next; the first frame never counts."""
    at = np.arange(len(spoken))
    counted = np.concatenate([[0], np.cumsum(spoken)])
    first = np.maximum(at - int(np.ceil(RESTS_S * rate)), 0)
    last = np.minimum(at + LEADS_FRAMES, len(spoken) - 1)
    silent = np.asarray(counted[last + 1] == counted[first], bool)
    silent[:1] = False
    return silent


def motion_in_silence(driven: MouthCurves, spoken: Flags, rate: float) -> tuple[float | None, int]:
    """Share of silent frames in which the mouth moves, and the number of silent frames.

    The share is None unless there is both silence and speech.
    """
    silent = silent_frames(spoken, rate)
    if not silent.any() or spoken.sum() < 3:
        return None, int(silent.sum())
    moves = np.zeros(len(spoken), bool)
    for curve in (driven.opening, driven.jaw):
        span = float(np.ptp(np.percentile(curve[spoken], [5, 95])))
        step = np.abs(np.diff(curve, prepend=curve[:1]))
        moves |= step > MOVES_SHARE * max(span, 1e-9)
    return float(moves[silent].mean()), int(silent.sum())
