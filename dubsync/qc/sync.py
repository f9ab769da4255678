"""Measure lip sync: offset and correlation of mouth and sound, closures, motion in silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.steps import frame_seconds
from dubsync.qc.mouth import Curve, MouthCurves

Flags = NDArray[np.bool_]

SEARCH_MS = 300  #: the peak is searched for this far either side
STEP_MS = 10
RIVAL_MS = 100  #: a maximum farther than this from the peak is a separate peak
#: A lag or an offset is read from two curves only if they correlate by this.
LEAST_TIMED = 0.6
DIFFERS = 0.04  #: eye distances by which plate and target differ visibly
LEAST_DIFFERENT = 8  #: frames in which they do, to tell one from the other
LEAST_SPEECH_S = 1.0  #: with less speech, an offset is noise
CLOSURE = 0.5  #: evidence from which a reading counts as m, b or p
LIPS_MEET = 0.03  #: inner lips nearer than this, in eye distances, count as closed
RESTS_S = 0.3  #: lips together for longer are at rest, not on an m, b or p
SILENCE_S = 0.2  #: time that the mouth has after a word, and before one, to come to rest
#: Lag in ms (mouth late: +) at which mouth and sound correlate best in natural speech; the zero
#: of `offset_to_sound`.  Six GRID sentences, recorded in sync, peak at -20, -20, -10, 0, 0 and
#: +30 ms, so a mouth compared with `expected_opening` needs no correction.
NATURAL_MS = 0.0
#: Bands of AudioFeatures.mel where an open vowel is loud (550 to 1200 Hz), and where a close one
#: or a hum behind closed lips is (150 to 450 Hz).
OPEN_BANDS, CLOSE_BANDS = slice(7, 16), slice(1, 6)
_SMOOTH, _REACH = 2.5, 10  #: readings: of the smoothing of what is expected, and how far it looks


@dataclass(frozen=True, slots=True)
class Offset:
    """How late (+) or early (-) the mouth is, and the correlation of the two curves there.

    ms           None when it cannot be measured, with the reason in `note`
    correlation  at the peak
    least        correlation that chance rarely exceeds with this much speech
    """

    ms: float | None
    correlation: float | None
    least: float = 0.0
    note: str = ""

    @property
    def sure(self) -> bool:
        """Whether the peak is clearly above chance."""
        return self.correlation is not None and self.correlation >= self.least

    @property
    def timed(self) -> bool:
        """Whether the curves are alike enough that one can be said to lag behind the other."""
        return self.sure and self.correlation is not None and self.correlation >= LEAST_TIMED


@dataclass(frozen=True, slots=True)
class Closures:
    """Frames on which the lips are to close (m, b, p), and whether they do in the picture."""

    frames: tuple[int, ...]
    hit: tuple[bool, ...]

    @property
    def share(self) -> float | None:
        """Share of the closures that were hit; None without any."""
        return sum(self.hit) / len(self.hit) if self.hit else None


def readings(values: Curve, features: AudioFeatures, times: Curve, first: int = 0) -> Curve:
    """`values` (N,), 100 a second from reading `first` on, at `times` (T,); 0 outside of them."""
    at, known = features.places(times), np.arange(first, first + len(values))
    return np.asarray(np.interp(at, known, values, left=0.0, right=0.0))


def readings_near(features: AudioFeatures, times: Curve, within_s: float) -> tuple[int, int]:
    """First and last + 1 of the readings within so many seconds of `times`; at least one."""
    count, at = len(features.loudness), features.places(times)
    beyond = ceil(within_s * READING_RATE) + 1
    first = int(np.clip(np.floor(at.min()) - beyond, 0, count - 1))
    return first, int(np.clip(np.ceil(at.max()) + beyond + 1, first + 1, count))


def spoken(features: AudioFeatures, times: Curve) -> Flags:
    """(T,) whether there is speech at `times`."""
    return readings(np.asarray(features.speech, np.float64), features, times) > 0.5


def expected_opening(features: AudioFeatures, first: int = 0, stop: int | None = None) -> Curve:
    """(N,) expected opening of a mouth that speaks this sound, without a unit.

    Args:
        first, stop: of the readings that are asked for; the rest of a long sound is not read.

    It is the loudness, raised where the first formant is high as in open vowels, lowered where it
    is low, and 0 on m, b and p.  On 13 clips of people talking its correlation with their lips is
    0.50 on average; that of loudness alone is 0.37, with a blunter, shifted peak.

    Source: ours.
    """
    stop = len(features.loudness) if stop is None else stop
    begin, end = max(first - _REACH, 0), stop + _REACH
    mel = np.asarray(features.mel[begin:end], np.float64)
    vowel = 1.2 * mel[:, OPEN_BANDS].mean(axis=1) - 0.6 * mel[:, CLOSE_BANDS].mean(axis=1)
    loud = np.asarray(features.loudness, np.float64)[begin:end]
    loud = loud * (1 - np.asarray(features.closure)[begin:end])
    smooth = scipy.ndimage.gaussian_filter1d(loud * np.exp(np.clip(vowel, -2.0, 1.2)), _SMOOTH)
    return np.asarray(smooth[first - begin :][: stop - first])


def offset_to_sound(curves: MouthCurves, features: AudioFeatures, times: Curve) -> Offset:
    """How late the mouth is against the sound it should speak.

    The mouth's opening and jaw are correlated with `expected_opening`, shifted in steps of 10 ms
    up to 300 ms either way, over frames with speech and a visible face, less their means over a
    second.  A parabola places the peak between steps.

    Args:
        curves: of the re-tracked render, (T,).
        features: the dub.
        times: (T,) seconds on the features' clock, at which each frame is shown.
    """
    use = scipy.ndimage.binary_dilation(spoken(features, times), iterations=2) & curves.seen
    frame_s = frame_seconds(times)
    speech_s = int((spoken(features, times) & curves.seen).sum()) * frame_s
    if speech_s < LEAST_SPEECH_S:
        return Offset(None, None, note=f"only {speech_s:.1f} s of speech with the face visible")
    second = max(round(1 / frame_s), 3)
    mouth = _quick(_standing(curves.opening, use) + _standing(curves.jaw, use), use, second)
    first, stop = readings_near(features, times, (SEARCH_MS + abs(NATURAL_MS)) / 1000)
    wanted = expected_opening(features, first, stop)
    if float(readings(wanted, features, times, first)[use].std()) < 0.02:
        return Offset(None, None, note="the dub's loudness hardly varies")

    def likeness(lag_ms: float) -> float:
        sound = readings(wanted, features, times - (lag_ms + NATURAL_MS) / 1000, first)
        return correlation(mouth[use], _quick(sound, use, second)[use])

    # Neighbouring frames are correlated: about one in three is independent.
    least = float(min(max(0.25, 2.6 / np.sqrt(use.sum() / 3)), 0.9))
    return _peak(likeness, STEP_MS, SEARCH_MS // STEP_MS, least)


def follow(measured: Curve, wanted: Curve, use: Flags, frame_ms: float) -> Offset:
    """How well, and how late, the rendered mouth follows its target.

    All coefficients are correlated together, so each is weighted by its movement.

    Args:
        measured: (T, M) coefficients fitted to the re-tracked render.
        wanted: (T, M) target coefficients of the renderer.
        use: (T,) frames to compare.
        frame_ms: milliseconds per frame.
    """
    if use.sum() < 12:
        return Offset(None, None, note=f"only {int(use.sum())} frames to compare")
    measured, wanted = (np.asarray(x, np.float64) for x in (measured, wanted))

    def likeness(lag_ms: float) -> float:
        lag = round(lag_ms / frame_ms)
        shifted = np.roll(wanted, lag, axis=0)
        here = use & np.roll(use, lag)
        here[: max(lag, 0)] = False
        here[len(here) + min(lag, 0) :] = False
        return correlation(*(x[here] - x[here].mean(axis=0) for x in (measured, shifted)))

    steps = max(min(6, int(use.sum()) // 4), 2)
    return _peak(likeness, frame_ms, steps, 0.25)


def nearer_plate(plate: Curve, wanted: Curve, drawn: Curve) -> Curve:
    """(T,) 1 where the drawn mouth is nearer to the plate's than to the target, 0 where it is not.

    NaN where plate and target hardly differ; all NaN where they differ in too few frames.

    Args:
        plate, wanted, drawn: (T,) opening in eye distances; NaN where it is not known.
    """
    apart = np.abs(wanted - plate)
    differ = np.isfinite(apart) & np.isfinite(drawn) & (np.nan_to_num(apart) > DIFFERS)
    if differ.sum() < LEAST_DIFFERENT:
        return np.full(len(plate), np.nan)
    nearer = np.abs(drawn - plate) < np.abs(drawn - wanted)
    return np.where(differ, nearer, np.nan)


def correlation(one: Curve, other: Curve) -> float:
    """Pearson's, over all entries; 0 where either does not move."""
    one, other = one.ravel() - one.mean(), other.ravel() - other.mean()
    power = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / power if power > 1e-12 else 0.0


def closures(curves: MouthCurves, features: AudioFeatures, times: Curve, first: int) -> Closures:
    """Where the dub has an m, b or p, and whether the lips meet within one frame of it.

    `first` is the number of frame 0.  Closures while no face is visible are left out.
    """
    evidence = np.asarray(features.closure, np.float64)
    top = (evidence >= CLOSURE) & (evidence == scipy.ndimage.maximum_filter1d(evidence, 9))
    top &= np.asarray(features.speech) > 0.3
    peaks = np.flatnonzero(top & ~np.concatenate([[False], top[:-1]]))
    frames, hit = [], []
    for peak in peaks:
        at = float(features.start) + peak / READING_RATE
        n = int(np.argmin(np.abs(times - at)))
        near = curves.opening[max(n - 1, 0) : n + 2]
        outside = abs(times[n] - at) > 0.06
        if outside or not np.isfinite(near).any():
            continue
        frames.append(first + n)
        hit.append(bool(np.nanmin(near) <= LIPS_MEET))
    return Closures(tuple(frames), tuple(hit))


def target_closures(
    opening: Curve, wanted: Curve, ours: Flags, times: Curve, first: int
) -> Closures:
    """Where the target mouth closes briefly, and whether the lips meet within a frame of it.

    Lips that stay together for longer than 0.3 s are at rest.

    Args:
        opening: (T,) of the measured mouth, in eye distances.
        wanted: (T,) of the target mouth.
        ours: (T,) frames in which the mouth is synced, not the plate's own.
        times: (T,) seconds at which each frame is shown.
        first: number of frame 0.
    """
    step = frame_seconds(times)
    shut = np.nan_to_num(wanted, nan=0.0) <= LIPS_MEET
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shut.astype(int), [0]])))
    frames, hit = [], []
    for begin, end in edges.reshape(-1, 2):
        if begin == 0 or end == len(shut) or (end - begin) * step > RESTS_S:
            continue
        if not (ours[begin:end].all() and np.isfinite(wanted[begin:end]).all()):
            continue
        n = int(begin + np.argmin(wanted[begin:end]))
        near = opening[max(n - 1, 0) : n + 2]
        if np.isfinite(near).any():
            frames.append(first + n)
            hit.append(bool(np.nanmin(near) <= LIPS_MEET))
    return Closures(tuple(frames), tuple(hit))


def silent_frames(features: AudioFeatures, times: Curve) -> Flags:
    """(T,) frames at least 0.2 s away from any speech, when a mouth should be at rest."""
    grid = np.asarray(features.speech) > 0.3
    margin = int(SILENCE_S * READING_RATE)
    busy = scipy.ndimage.binary_dilation(np.pad(grid, margin), iterations=margin)
    at = np.rint(features.places(times)).astype(int) + margin
    inside = (at >= 0) & (at < len(busy))
    answer = np.ones(len(times), bool)
    answer[inside] = ~busy[at[inside]]
    return answer


def standing_opening(planned: Curve, silent: Flags, rest: float) -> Curve:
    """(T,) opening at which the planned mouth stands in each silence: its median, at least `rest`.

    Lips may stay parted in a pause; what moves beyond that is motion.  `planned` (T,) is in eye
    distances, NaN where nothing was planned.
    """
    result = np.full(len(planned), rest)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], silent.astype(int), [0]])))
    for begin, end in edges.reshape(-1, 2):
        known = planned[begin:end][np.isfinite(planned[begin:end])]
        if len(known):
            result[begin:end] = max(rest, float(np.median(known)))
    return result


def motion_in_silence(curves: MouthCurves, silent: Flags, rest: Curve | float) -> Curve:
    """(T,) lip opening beyond `rest`, in eye distances; NaN outside `silent` or without a face."""
    return np.where(silent & curves.seen, np.maximum(curves.opening - rest, 0), np.nan)


def _quick(values: Curve, use: Flags, window: int) -> Curve:
    """`values` less their moving mean over `window` frames: keeps syllables, drops sentences."""
    kept = scipy.ndimage.uniform_filter1d(
        np.where(use, np.nan_to_num(values), 0.0), window, mode="constant"
    )
    share = scipy.ndimage.uniform_filter1d(use.astype(np.float64), window, mode="constant")
    return np.asarray(values - kept / np.maximum(share, 1e-6))


def _standing(values: Curve, use: Flags) -> Curve:
    """`values` with mean 0 and deviation 1 over `use`."""
    spread = float(values[use].std())
    level = float(values[use].mean())
    return (values - level) / spread if spread > 1e-9 else np.zeros_like(values)


def _peak(likeness: Callable[[float], float], step: float, steps: int, least: float) -> Offset:
    """The best lag within `steps` either way, placed between steps by a parabola."""
    lags = np.arange(-steps, steps + 1) * step
    scores = np.array([likeness(float(lag)) for lag in lags])
    best = int(np.argmax(scores))
    top = float(scores[best])
    if best in (0, len(lags) - 1):
        return Offset(
            None, top, least, note=f"no peak within {lags[-1]:.0f} ms; best {top:.2f} at the edge"
        )
    # With another peak nearly as high, either could be the right one.
    away = np.abs(lags - lags[best]) > max(RIVAL_MS, 2 * step)
    if away.any():
        least = max(least, 1.1 * float(scores[away].max()))
    before, after = scores[best - 1], scores[best + 1]
    bend = before - 2 * top + after
    shift = 0.5 * (before - after) / bend if bend < -1e-12 else 0.0
    return Offset(float(lags[best] + shift * step), top, least)
