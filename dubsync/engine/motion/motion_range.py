"""What one actor's mouth does: how far each channel goes, and which coefficients go together.

A wish for channels (lips so far open, corners so wide) becomes the likeliest mouth of this actor
that fulfils it; a mouth out of all proportion is brought back to what the actor does.
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
#: Frames of footage that the basis's own ranges weigh as much as.
PRIOR_FRAMES = 60.0
#: What speech needs at least, whatever little footage shows, in model units: from the opposite
#: side of rest to the far one.  Opening, width, jaw, protrusion, corners, upper lip, lower lip.
LEAST_LOW = np.array([0.0, -0.08, 0.0, -0.02, -0.04, -0.01, 0.0])
LEAST_HIGH = np.array([0.14, 0.06, 0.10, 0.03, 0.03, 0.03, 0.12])
#: Standard deviations from the actor's usual mouth at which a mouth begins to be held back, and
#: which it never passes.
FREE_SIGMAS, MOST_SIGMAS = 3.0, 4.5


@dataclass(frozen=True, slots=True, eq=False)
class MotionRange:
    """An actor's mouth in numbers.  Channels are differences from rest, model units.

    usual       (M,)    mean coefficients in the footage
    covariance  (M, M)  how they vary, and together
    low, high   (7,)    2nd and 98th percent of each channel
    slopes      (M, 7)  what one unit of a coefficient does to each channel
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
        """(T, 7) channels that mouths (T, M) show, as differences from rest, to first order."""
        return np.asarray(mouth @ self.slopes, np.float64)


def reach(basis: Basis, mouths: Sequence[Array] = ()) -> MotionRange:
    """How far the actor of `basis` goes, from mouths (T, M) fitted in it; none at all will do."""
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


def mouth_with(
    wanted: Values, near: Values, actor: MotionRange, slack: Values | Sequence[float]
) -> Values:
    """The mouths (T, M) nearest to `near` in the actor's own way that show the wanted channels.

        m = near + S J (J' S J + R)^-1 (wanted - J' near)

    with S the actor's covariance, J the channels' slopes and R the slack squared.

    Args:
        wanted: (T, 7) channels, differences from rest.
        near: (T, M) mouths to depart from.
        slack: (7,) or (T, 7) model units that each channel may stay off; np.inf does not care.

    Source: the conditional mean of a Gaussian; Bishop 2006, "Pattern Recognition and Machine
    Learning", equation 2.96.
    """
    off = np.broadcast_to(np.asarray(slack, np.float64), wanted.shape)
    care = np.isfinite(off)
    slopes = np.asarray(actor.slopes, np.float64)
    together = np.asarray(actor.covariance, np.float64) @ slopes  # (M, 7)
    inner = slopes.T @ together
    miss = np.where(care, wanted - near @ slopes, 0.0)
    both = care[:, :, None] & care[:, None, :]
    system = np.where(both, inner, 0.0)
    loose = np.where(care, np.where(care, off, 0.0) ** 2 + 1e-10, 1.0)
    system = system + loose[:, :, None] * np.eye(len(slopes.T))
    step = np.linalg.solve(system, miss[..., None])[..., 0]
    return np.asarray(near + np.where(care, step, 0.0) @ together.T, np.float64)


def opened(
    mouth: Values, opening: Values | float, actor: MotionRange, *, slack: float = 1e-4
) -> Values:
    """The mouths nearest to `mouth` (T, M) whose lips are `opening` (T,) apart, model units.

    Args:
        slack: model units that they may stay off.
    """
    care = np.full(len(CHANNELS), np.inf)
    care[OPENING] = slack
    wanted = np.zeros((len(mouth), len(CHANNELS)))
    wanted[:, OPENING] = opening
    return mouth_with(wanted, mouth, actor, care)


def held_back(mouth: Values, actor: MotionRange) -> Values:
    """Mouths (T, M) drawn towards the actor's usual one where they pass what the actor does.

    Within 3 standard deviations (Mahalanobis) nothing changes; none comes out past 4.5.
    """
    away = mouth - actor.usual
    far = sigmas(mouth, actor)
    room = MOST_SIGMAS - FREE_SIGMAS
    over = np.maximum(far - FREE_SIGMAS, 0)
    kept = np.where(over > 0, FREE_SIGMAS + room * (1 - np.exp(-over / room)), far)
    share = kept / np.maximum(far, 1e-9)
    return np.asarray(actor.usual + away * share[:, None], np.float64)


def sigmas(mouth: Values, actor: MotionRange) -> Values:
    """(T,) how unusual each mouth (T, M) is for the actor: per coefficient, root mean square."""
    away = mouth - actor.usual
    spread = np.asarray(actor.covariance, np.float64)
    spread = spread + 1e-4 * np.trace(spread) / len(spread) * np.eye(len(spread))
    far = np.einsum("tm,tm->t", away, np.linalg.solve(spread, away.T).T)
    return np.asarray(np.sqrt(np.maximum(far, 0) / len(spread)), np.float64)


def _slopes(basis: Basis) -> Values:
    size = np.maximum(np.abs(basis.mouth_low), np.abs(basis.mouth_high)) + 1e-3
    steps = np.diag(size).astype(np.float32)
    moved = channels(basis.rest + mouth_shape(steps, basis)).stacked().astype(np.float64)
    back = channels(basis.rest + mouth_shape(-steps, basis)).stacked().astype(np.float64)
    # A middle difference: width is a length, and not quite linear.
    return np.asarray((moved - back) / (2 * size[:, None]), np.float64)


def _drawn(usual: Values, spread: Values, seen: Values) -> Values:
    """Mouths to read ranges from where footage shows few: the corners of each coefficient."""
    deviation = np.sqrt(np.diag(spread))
    corners = np.concatenate([usual + np.diag(2 * deviation), usual - np.diag(2 * deviation)])
    return np.concatenate([seen, corners, np.zeros((1, len(usual)))])
