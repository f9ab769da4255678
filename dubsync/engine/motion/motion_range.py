"""An actor's motion range: how far each channel goes, and which coefficients vary together.

A target for channels (lips this far open, corners this wide) becomes this actor's most likely mouth
that meets it; a mouth far outside the actor's range is limited to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.fit import CHANNELS, channels, mouth_shape

Values = NDArray[np.float64]

OPENING, WIDTH, JAW = (CHANNELS.index(name) for name in ("opening", "width", "jaw"))
#: The basis's own ranges weigh as much as this many frames of footage.
PRIOR_FRAMES = 60.0
#: Least range that speech needs when there is little footage, model units from rest: lower and
#: upper limits.  Opening, width, jaw, protrusion, corners, upper lip, lower lip.
LEAST_LOW = np.array([0.0, -0.08, 0.0, -0.02, -0.04, -0.01, 0.0])
LEAST_HIGH = np.array([0.14, 0.06, 0.10, 0.03, 0.03, 0.03, 0.12])
#: Standard deviations from the actor's mean mouth at which limiting begins, and its limit.
FREE_SIGMAS, MOST_SIGMAS = 3.0, 4.5


@dataclass(frozen=True, slots=True, eq=False)
class MotionRange:
    """Statistics of an actor's mouth.  Channels are differences from rest, model units.

    usual       (M,)    mean coefficients in the footage
    covariance  (M, M)  of the coefficients
    low, high   (7,)    2nd and 98th percentile of each channel
    slopes      (M, 7)  derivative of each channel by each coefficient
    """

    usual: Array
    covariance: Array
    low: Array
    high: Array
    slopes: Array

    def __post_init__(self) -> None:
        m = len(self.usual)
        seal(self, "usual", m)
        seal(self, "covariance", m, m)
        seal(self, "low", len(CHANNELS))
        seal(self, "high", len(CHANNELS))
        seal(self, "slopes", m, len(CHANNELS))

    def channels(self, mouth: Values) -> Values:
        """(T, 7) channels of mouths (T, M), as differences from rest, to first order."""
        return np.asarray(mouth @ self.slopes, np.float64)


def motion_range_of(basis: Basis, mouths: Sequence[Array] = ()) -> MotionRange:
    """The motion range of the actor of `basis`, from mouths (T, M) fitted in it; may be none."""
    slopes = _slopes(basis)
    low, high = (np.asarray(v, np.float64) for v in (basis.mouth_low, basis.mouth_high))
    usual, spread = (low + high) / 2, np.diag(((high - low) / 4.1) ** 2 + 1e-8)
    seen = np.concatenate([np.zeros((0, len(usual))), *mouths])
    shown = seen if len(seen) >= PRIOR_FRAMES else _drawn(usual, spread, seen)
    trust = len(seen) / (len(seen) + PRIOR_FRAMES)
    if len(seen) > 1:
        usual = trust * seen.mean(axis=0) + (1 - trust) * usual
        spread = trust * np.cov(seen.T) + (1 - trust) * spread
    at = shown @ slopes
    small = max(0.0, 1 - len(seen) / (4 * PRIOR_FRAMES))
    lows, highs = np.quantile(at, 0.02, axis=0), np.quantile(at, 0.98, axis=0)
    lows = np.minimum(lows, small * LEAST_LOW)
    highs = np.maximum(highs, small * LEAST_HIGH)
    lows, highs = np.minimum(lows, -0.004), np.maximum(highs, 0.004)
    return MotionRange(*(np.asarray(v, np.float32) for v in (usual, spread, lows, highs, slopes)))


def mouth_for_channels(
    wanted: Values, near: Values, motion_range: MotionRange, slack: Values | Sequence[float]
) -> Values:
    """The most likely mouths (T, M) near `near` for this actor that show the wanted channels.

        m = near + S J (J' S J + R)^-1 (wanted - J' near)

    with S the actor's covariance, J the channels' slopes and R the slack squared.

    Args:
        wanted: (T, 7) channels, differences from rest.
        near: (T, M) mouths to start from.
        slack: (7,) or (T, 7) tolerance of each channel, model units; np.inf ignores it.

    Source: the conditional mean of a Gaussian; Bishop 2006, "Pattern Recognition and Machine
    Learning", equation 2.96.
    """
    off = np.broadcast_to(np.asarray(slack, np.float64), wanted.shape)
    care = np.isfinite(off)
    slopes = np.asarray(motion_range.slopes, np.float64)
    together = np.asarray(motion_range.covariance, np.float64) @ slopes  # (M, 7)
    inner = slopes.T @ together
    miss = np.where(care, wanted - near @ slopes, 0.0)
    both = care[:, :, None] & care[:, None, :]
    system = np.where(both, inner, 0.0)
    loose = np.where(care, np.where(care, off, 0.0) ** 2 + 1e-10, 1.0)
    system = system + loose[:, :, None] * np.eye(len(slopes.T))
    step = np.linalg.solve(system, miss[..., None])[..., 0]
    return np.asarray(near + np.where(care, step, 0.0) @ together.T, np.float64)


def with_opening(
    mouth: Values, opening: Values | float, motion_range: MotionRange, *, slack: float = 1e-4
) -> Values:
    """The mouths nearest to `mouth` (T, M) whose lips are `opening` (T,) apart, model units.

    Args:
        slack: tolerance, model units.
    """
    care = np.full(len(CHANNELS), np.inf)
    care[OPENING] = slack
    wanted = np.zeros((len(mouth), len(CHANNELS)))
    wanted[:, OPENING] = opening
    return mouth_for_channels(wanted, mouth, motion_range, care)


def limit_to_range(mouth: Values, motion_range: MotionRange) -> Values:
    """Mouths (T, M) drawn towards the actor's mean where they are too unusual for the actor.

    Within 3 standard deviations (Mahalanobis) nothing changes; the limit is 4.5.
    """
    away = mouth - motion_range.usual
    far = sigmas(mouth, motion_range)
    room = MOST_SIGMAS - FREE_SIGMAS
    over = np.maximum(far - FREE_SIGMAS, 0)
    kept = np.where(over > 0, FREE_SIGMAS + room * (1 - np.exp(-over / room)), far)
    share = kept / np.maximum(far, 1e-9)
    return np.asarray(motion_range.usual + away * share[:, None], np.float64)


def sigmas(mouth: Values, motion_range: MotionRange) -> Values:
    """(T,) how unusual each mouth (T, M) is for the actor: per coefficient, root mean square."""
    away = mouth - motion_range.usual
    spread = np.asarray(motion_range.covariance, np.float64)
    spread = spread + 1e-4 * np.trace(spread) / len(spread) * np.eye(len(spread))
    far = np.einsum("tm,tm->t", away, np.linalg.solve(spread, away.T).T)
    return np.asarray(np.sqrt(np.maximum(far, 0) / len(spread)), np.float64)


def _slopes(basis: Basis) -> Values:
    size = np.maximum(np.abs(basis.mouth_low), np.abs(basis.mouth_high)) + 1e-3
    steps = np.diag(size).astype(np.float32)
    moved = channels(basis.rest + mouth_shape(steps, basis)).stacked().astype(np.float64)
    back = channels(basis.rest + mouth_shape(-steps, basis)).stacked().astype(np.float64)
    # A central difference: width is a length and not quite linear.
    return np.asarray((moved - back) / (2 * size[:, None]), np.float64)


def _drawn(usual: Values, spread: Values, seen: Values) -> Values:
    """Mouths to take ranges from where there is little footage: the corners of each coefficient."""
    deviation = np.sqrt(np.diag(spread))
    corners = np.concatenate([usual + np.diag(2 * deviation), usual - np.diag(2 * deviation)])
    return np.concatenate([seen, corners, np.zeros((1, len(usual)))])
