"""Find a take's words in a dub by their sound: dynamic time warping of mel spectra.

A coarse search goes through the whole dub; a fine one refines the path within a band around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.steps import Seconds

Values = NDArray[np.float64]

VERSION = "align-2"  #: raise when the same sounds would be aligned otherwise; part of cache keys
COARSE = 4  #: readings in one coarse reading
BAND_S = 0.30  #: the fine path stays this near the coarse one
LEAST_SPEECH_S = 0.25
#: Cost of a step that holds the dub still, and of one that skips a reading of it.
HOLD, SKIP = 0.12, 0.06
LOCAL_S = 0.6  #: seconds of path that each straight piece of the map is fitted to
#: A path within this distance of a line, over this share of the speech, is replaced by the line.
STRAIGHT_S, STRAIGHT_SHARE = 0.04, 0.85
#: Ends with less than this share of the median similarity are extrapolated from their neighbours.
UNKNOWN = 0.25
#: Similarity beyond chance, of the same words and of other words; halfway the confidence is 0.5.
SAME, OTHER = 0.46, 0.16
ALIKE_S = 0.15  #: deviation of the window for the similarity at one moment


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """When each moment of a take was spoken in the dub.

    take_s      (N,) seconds on the take's clock, rising
    dub_s       (N,) seconds on the dub's clock, never falling
    confidence  0..1; under 0.5 the take's words are not in the dub
    alike       (N,) 0..1 the confidence for the half second around each moment
    """

    take_s: Seconds
    dub_s: Seconds
    confidence: float
    alike: Seconds


def align(take: AudioFeatures, dub: AudioFeatures) -> Alignment:
    """The monotone map from the take's time to the dub's, over the words of the take.

    The take may be a small part of the dub, at another level, in other noise, and spoken or
    played up to a third faster or slower.

    Raises:
        MediaError: nobody speaks in the take, or in the dub.

    Source: ours; subsequence dynamic time warping after Mueller 2007, "Information Retrieval for
    Music and Motion", chapter 4, with steps (1,1), (1,2) and (1,0).
    """
    first, last = _words(take, "take")
    _words(dub, "dub")
    mine, theirs = described(take)[first:last], described(dub)
    path = _coarse(mine, theirs)
    path = _fine(mine, theirs, path)
    at = np.arange(len(path))
    chance = _chance(mine, theirs, path)
    confidence = _sure(np.array(_likeness(mine, theirs, path) - chance))
    alike = _sure(_local_likeness(mine, theirs, path) - chance)
    weight = np.einsum("nd,nd->n", mine, theirs[np.clip(path, 0, len(theirs) - 1)])
    weight = scipy.ndimage.gaussian_filter1d(np.maximum(weight, 0.0), 2.0) + 1e-3
    dub_at = _evened(at.astype(np.float64), path.astype(np.float64), weight)
    every = np.unique(np.append(np.arange(0, len(at), 5), len(at) - 1))
    take_s = float(take.start) + (first + every) / READING_RATE
    dub_s = float(dub.start) + dub_at[every] / READING_RATE
    return Alignment(take_s, dub_s, float(confidence), alike[every])


def same_words(one: Values, other: Values) -> float:
    """Confidence, 0..1, that the words of `one` are in `other`, both as `described`."""
    if not len(one) or not len(other):
        return 0.0
    path = _fine(one, other, _coarse(one, other))
    beyond = _likeness(one, other, path) - _chance(one, other, path)
    return float(_sure(np.array(beyond)))


def _words(features: AudioFeatures, what: str) -> tuple[int, int]:
    """First and one past the last reading of speech."""
    spoken = np.flatnonzero(np.asarray(features.speech) > 0.5)
    if len(spoken) < LEAST_SPEECH_S * READING_RATE:
        raise MediaError(f"no speech was detected in the {what}", hint="is it the right file?")
    return int(spoken[0]), int(spoken[-1]) + 1


def described(features: AudioFeatures) -> Values:
    """(N, D) unit vectors: the shape of each reading's spectrum and its change; ~0 in silence."""
    mel = np.clip(np.asarray(features.mel, np.float64), -3, 3)
    steady = scipy.ndimage.uniform_filter1d(mel, 3 * READING_RATE + 1, axis=0, mode="nearest")
    shape = scipy.ndimage.gaussian_filter1d(mel - 0.5 * steady, 0.8, axis=0)
    change = scipy.ndimage.gaussian_filter1d(mel, 2.5, axis=0, order=1) * 4
    described = np.concatenate([shape, change], axis=1)
    described *= np.clip(np.asarray(features.speech, np.float64) * 2, 0, 1)[:, None]
    length = np.linalg.norm(described, axis=1, keepdims=True)
    unit: Values = described / (length + 1.5)
    return unit


def _thinned(values: Values) -> Values:
    count = -(-len(values) // COARSE)
    padded = np.pad(values, ((0, count * COARSE - len(values)), (0, 0)))
    return np.asarray(padded.reshape(count, COARSE, -1).mean(axis=1), np.float64)


def _coarse(mine: Values, theirs: Values) -> NDArray[np.intp]:
    """For each reading of the take, its approximate place in the dub."""
    short, long = _thinned(mine), _thinned(theirs)
    start, stop = _best_stretch(short, long)
    room = max(8, len(short) // 4)
    begin, end = max(start - room, 0), min(stop + 1 + room, len(long))
    path = _walk(short, long, np.full(len(short), begin), end - begin) + begin
    fine = np.interp(
        np.arange(len(mine)),
        (np.arange(len(path)) + 0.5) * COARSE - 0.5,
        (path + 0.5) * COARSE - 0.5,
    )
    return np.asarray(np.rint(fine), np.intp)


def _best_stretch(short: Values, long: Values) -> tuple[int, int]:
    """First and last reading of `long` under the cheapest path; stores only where paths start."""
    total = len(long)
    cost, began = np.zeros(total), np.arange(total)
    before = (cost, began)
    for n, reading in enumerate(short):
        local = 1 - long @ reading
        if n == 0:
            before = (local, began)
            continue
        options, _ = _steps(before[0])
        which = options.argmin(axis=0)
        source = np.maximum(np.arange(total) - np.array([1, 2, 0])[which], 0)
        before = (options[which, np.arange(total)] + local, before[1][source])
    end = int(np.argmin(before[0]))
    return int(before[1][end]), end


def _steps(cost: Values) -> tuple[Values, int]:
    """(3, J) cost of coming to each column from one before, two before, and the same."""
    far = np.full(3 * len(cost), np.inf).reshape(3, -1)
    far[0, 1:] = cost[:-1]
    far[1, 2:] = cost[:-2] + SKIP
    far[2] = cost + HOLD
    return far, len(cost)


def _walk(mine: Values, theirs: Values, left: NDArray[np.intp], width: int) -> NDArray[np.intp]:
    """The cheapest path through columns left[n] .. left[n] + width, as columns from left[0].

    `left` never falls, and rises by at most 2 a row.
    """
    rows = len(mine)
    came = np.zeros((rows, width), np.int8)
    cost = np.zeros(width)
    for n in range(rows):
        columns = left[n] + np.arange(width)
        inside = columns < len(theirs)
        local = np.full(width, np.inf)
        local[inside] = 1 - theirs[columns[inside]] @ mine[n]
        if n == 0:
            cost = local
            continue
        shift = int(left[n] - left[n - 1])
        options = np.full((3, width), np.inf)
        for k, (back, toll) in enumerate(((1, 0.0), (2, SKIP), (0, HOLD))):
            source = np.arange(width) + shift - back
            fits = (source >= 0) & (source < width)
            options[k, fits] = cost[source[fits]] + toll
        which = options.argmin(axis=0)
        came[n] = which
        cost = options[which, np.arange(width)] + local
    path = np.zeros(rows, np.intp)
    at = int(np.argmin(cost))
    for n in range(rows - 1, -1, -1):
        path[n] = left[n] + at - left[0]
        if n:
            at += int(left[n] - left[n - 1]) - (1, 2, 0)[came[n, at]]
    return path


def _fine(mine: Values, theirs: Values, path: NDArray[np.intp]) -> NDArray[np.intp]:
    """The path to the reading, within BAND_S of the coarse one."""
    radius = int(BAND_S * READING_RATE)
    left = np.clip(path - radius, 0, max(len(theirs) - 1, 0))
    left = np.maximum.accumulate(left)
    for n in range(len(left) - 2, -1, -1):
        left[n] = max(left[n], left[n + 1] - 2)
    fine: NDArray[np.intp] = _walk(mine, theirs, left, 2 * radius + 1) + left[0]
    return fine


def _likeness(mine: Values, theirs: Values, path: NDArray[np.intp]) -> float:
    """Mean similarity of the readings that the path pairs, where the take speaks."""
    inside = np.clip(path, 0, len(theirs) - 1)
    own = np.linalg.norm(mine, axis=1)
    alike = np.einsum("nd,nd->n", mine, theirs[inside])
    return float(alike.sum() / max(float((own * own).sum()), 1e-9))


def _local_likeness(mine: Values, theirs: Values, path: NDArray[np.intp]) -> Values:
    """(N,) `_likeness` around each reading; in silence, interpolated from the words beside it."""
    alike = np.einsum("nd,nd->n", mine, theirs[np.clip(path, 0, len(theirs) - 1)])
    own = np.einsum("nd,nd->n", mine, mine)
    near = [
        scipy.ndimage.gaussian_filter1d(v, ALIKE_S * READING_RATE, mode="constant")
        for v in (alike, own)
    ]
    spoken = np.flatnonzero(near[1] > UNKNOWN * np.median(near[1]))
    ratio = near[0][spoken] / near[1][spoken]
    return np.asarray(np.interp(np.arange(len(mine)), spoken, ratio), np.float64)


def _chance(mine: Values, theirs: Values, path: NDArray[np.intp]) -> float:
    """The similarity that warping finds between unrelated sounds.

    The take played backwards has the same voice, room and rhythm but not the words: the similarity
    that it reaches in the same stretch of the dub is due to chance.
    """
    low, high = max(int(path[0]) - READING_RATE, 0), int(path[-1]) + READING_RATE
    there = theirs[low:high]
    back = mine[::-1]
    return _likeness(back, there, _fine(back, there, _coarse(back, there)))


def _sure(beyond: Values) -> Values:
    """Confidence, 0..1, of similarity beyond chance: 0.5 halfway between OTHER and SAME."""
    middle = (SAME + OTHER) / 2
    return np.asarray(1 / (1 + np.exp(-8 * (beyond - middle) / (SAME - OTHER))), np.float64)


def _evened(at: Values, path: Values, weight: Values) -> Values:
    """The path without its steps of whole readings: one line if straight, else local lines."""
    line = _fitted_line(at, path, weight)
    near = np.abs(path - line) < STRAIGHT_S * READING_RATE
    if float(np.average(near, weights=weight)) > STRAIGHT_SHARE:
        return line
    sigma = LOCAL_S * READING_RATE / 2
    smooth = [
        scipy.ndimage.gaussian_filter1d(values * weight, sigma, mode="constant")
        for values in (np.ones_like(at), at, path, at * at, at * path)
    ]
    x, y, xx, xy = (values / np.maximum(smooth[0], 1e-9) for values in smooth[1:])
    slope = (xy - x * y) / np.maximum(xx - x * x, 1e-6)
    slope = np.clip(slope, 0.3, 3)
    local = y + slope * (at - x)
    known = np.flatnonzero(smooth[0] > UNKNOWN * np.median(smooth[0]))
    first, last = (int(known[0]), int(known[-1])) if len(known) else (0, len(at) - 1)
    local[:first] = local[first] + slope[first] * (at[:first] - at[first])
    local[last + 1 :] = local[last] + slope[last] * (at[last + 1 :] - at[last])
    return np.asarray(np.maximum.accumulate(local), np.float64)


def _fitted_line(at: Values, path: Values, weight: Values) -> Values:
    """A least-squares line in which outliers weigh less."""
    share = weight.copy()
    line = path
    for _ in range(5):
        slope, level = np.polyfit(at, path, 1, w=np.sqrt(share)) if len(at) > 2 else (1.0, 0.0)
        line = slope * at + level
        share = weight / (1 + ((path - line) / 1.5) ** 2)
    return np.asarray(line, np.float64)
