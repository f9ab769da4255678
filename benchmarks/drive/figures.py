"""Figures of one driven mouth against the real one, and their means over clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from benchmarks.drive.trials import Trial
from dubsync.engine.motion.motion_range import JAW, OPENING, WIDTH
from dubsync.engine.sound.av_offset import likeness
from dubsync.qc.driven_mouth import (
    BESIDE_FRAMES,
    SHUT_SHARE,
    compare_mouths,
    silent_frames,
    smoothed,
)
from dubsync.qc.mouth import MouthCurves

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

DRAWS = 400  #: resamplings of blocks of 1 s


@dataclass(frozen=True, slots=True)
class Figures:
    """One driven mouth.  Openings are shares of the real one's range in speech, 1st to 95th
    percentile; the real mouth is smoothed by 0.8 frames.

    opening, width, jaw  correlations with the real mouth, where the face is seen
    low, high            of the opening's: the middle 80 % of resamplings
    lag_ms               + when the driven mouth is late; None: no clear best lag
    hit, closures        share of the real closures in speech that are met within a frame; number
    real, closings       share of the driven closures in speech with a shut frame of the real mouth
                         within a frame; number
    spoken               frames of speech in which the face is seen
    shut, shut_real      share of these in which the lips are shut
    moving, silent       share of silent frames in which the mouth moves; number
    deviation            of the driven opening in speech, over the real one's
    loud, soft           the same in the loudest and in the softest third of the speech
    tenth, tenth_real    tenth percentiles of the openings in speech
    pause, pause_real    mean openings in silence; None: there is none
    pause_off            mean distance of the two in silence
    """

    opening: float
    width: float
    jaw: float
    low: float
    high: float
    lag_ms: float | None
    hit: float
    closures: int
    real: float
    closings: int
    spoken: int
    shut: float
    shut_real: float
    moving: float
    silent: int
    deviation: float
    loud: float
    soft: float
    tenth: float
    tenth_real: float
    pause: float | None
    pause_real: float | None
    pause_off: float | None


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of a trial.

    table   such as "never seen", "same actor", "out of fold", "learning curve"
    group   set of clips, or seconds of speech learnt from
    learnt, tested, by   as in Trial
    """

    table: str
    group: str
    learnt: str
    tested: str
    by: str
    figures: Figures


def measured(one: Trial) -> Figures:
    """The figures of a trial."""
    driven, truth = _curves(one.predicted), _curves(one.truth)
    result = compare_mouths(driven, truth, one.spoken, one.rate)
    opening, calm = driven.opening, smoothed(truth.opening)
    seen = truth.seen
    spoken = one.spoken & seen
    floor, top = np.percentile(calm[spoken], [1, 95])
    span = max(float(top - floor), 1e-9)
    share, share_real = (opening - floor) / span, (calm - floor) / span
    shut, shut_real = (share < SHUT_SHARE) & spoken, (share_real < SHUT_SHARE) & spoken
    precise, closings = _beside(shut, shut_real)
    silent = silent_frames(one.spoken, one.rate) & seen
    thirds = np.percentile(one.loudness[spoken], [100 / 3, 200 / 3])
    low, high = _interval(opening[seen], calm[seen], round(one.rate))
    return Figures(
        opening=result.correlation_opening or 0.0,
        width=result.correlation_width or 0.0,
        jaw=result.correlation_jaw or 0.0,
        low=low, high=high,
        lag_ms=result.lag_ms,
        hit=result.closures_hit or 0.0, closures=result.closures,
        real=precise, closings=closings,
        spoken=int(spoken.sum()),
        shut=float(shut.sum() / spoken.sum()), shut_real=float(shut_real.sum() / spoken.sum()),
        moving=result.motion_in_silence or 0.0, silent=result.silent,
        deviation=_over(share, share_real, spoken),
        loud=_over(share, share_real, spoken & (one.loudness >= thirds[1])),
        soft=_over(share, share_real, spoken & (one.loudness <= thirds[0])),
        tenth=float(np.percentile(share[spoken], 10)),
        tenth_real=float(np.percentile(share_real[spoken], 10)),
        pause=_mean(share[silent]), pause_real=_mean(share_real[silent]),
        pause_off=_mean(np.abs(share - share_real)[silent]),
    )  # fmt: skip


#: How figures of several trials become one: by which count they are weighed; None: plain mean.
_WEIGHED = {
    "hit": "closures", "real": "closings", "shut": "spoken", "shut_real": "spoken",
    "moving": "silent", "pause": "silent", "pause_real": "silent", "pause_off": "silent",
}  # fmt: skip
_SUMMED = ("closures", "closings", "spoken", "silent")


def means(several: Sequence[Figures]) -> Figures:
    """Means over clips; shares are pooled over closures or frames, and counts are added up."""
    result: dict[str, float | int | None] = {}
    for name in Figures.__dataclass_fields__:
        known = [one for one in several if getattr(one, name) is not None]
        values = [getattr(one, name) for one in known]
        if name in _SUMMED:
            result[name] = int(sum(values))
        elif not values:
            result[name] = None
        else:
            by = _WEIGHED.get(name)
            weights = [getattr(one, by) for one in known] if by else [1] * len(known)
            total = sum(weights)
            result[name] = float(np.dot(values, weights) / total) if total else values[0]
    return Figures(**result)  # type: ignore[arg-type]


def _curves(values: Values) -> MouthCurves:
    return MouthCurves(values[:, OPENING], values[:, WIDTH], values[:, JAW])


def _beside(shut: Flags, shut_real: Flags) -> tuple[float, int]:
    """Share of the runs of `shut` with a frame of `shut_real` near, and the number of runs."""
    near = scipy.ndimage.binary_dilation(shut_real, iterations=BESIDE_FRAMES)
    runs, count = scipy.ndimage.label(shut)
    met = [bool(near[runs == run].any()) for run in range(1, count + 1)]
    return (float(np.mean(met)) if met else 0.0), count


def _over(one: Values, other: Values, use: Flags) -> float:
    if use.sum() < 3:
        return 1.0
    return float(one[use].std() / max(float(other[use].std()), 1e-9))


def _mean(values: Values) -> float | None:
    return float(values.mean()) if len(values) else None


def _interval(one: Values, other: Values, block: int) -> tuple[float, float]:
    """10th and 90th percent of the correlation over resampled blocks."""
    rng = np.random.default_rng(0)
    blocks = np.arange(len(one) // block * block).reshape(-1, block)
    drawn = [blocks[rng.integers(len(blocks), size=len(blocks))].ravel() for _ in range(DRAWS)]
    low, high = np.quantile([likeness(one[at], other[at]) for at in drawn], [0.1, 0.9])
    return float(low), float(high)
