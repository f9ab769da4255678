"""How a head moves while its owner talks or listens: sway, nods, blinks, glances.

All curves are drawn from a seed, so a reel can be made again. Amplitudes were set by eye on the
rendered plates: a talking head is never still, and one that only turns looks like a puppet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

BLINK = (1, 3, 4, 4, 3, 2, 1)
"""Lid level in the frames of one blink: down fast, up slower, 290 ms in all."""


@dataclass(frozen=True)
class Motion:
    """One performer's head through one plate; all arrays have one row per frame."""

    yaw: np.ndarray
    """Degrees; positive turns the face towards the picture's right."""
    pitch: np.ndarray
    """Degrees; positive is down."""
    roll: np.ndarray
    """Degrees; positive is clockwise."""
    shift: np.ndarray
    """Pixels right and down of the whole body [n, 2], at the layer's scale."""
    lids: np.ndarray
    """Blink level, 0 (open) to 4 (shut)."""
    gaze: np.ndarray
    """Shift of the irises [n, 2], in parts of the eye's width."""


def wander(rng: np.random.Generator, frames: int, seconds: float, rate: float) -> np.ndarray:
    """Smooth noise of unit deviation whose features last about so many seconds."""
    pad = int(4 * seconds * rate)
    noise = gaussian_filter1d(rng.standard_normal(frames + 2 * pad), 0.4 * seconds * rate)
    return (noise / noise.std())[pad : pad + frames]


def ease(frames: int, start: float, end: float) -> np.ndarray:
    """0 before frame start, 1 after frame end, without a jerk between."""
    t = np.clip((np.arange(frames) - start) / max(1.0, end - start), 0, 1)
    return t * t * t * (10 - 15 * t + 6 * t * t)


def blinks(rng: np.random.Generator, frames: int, rate: float, every: float = 2.6) -> np.ndarray:
    """Lid levels with a blink every few seconds, the first within the first second or so."""
    lids = np.zeros(frames, int)
    at = rng.uniform(0.5, 1.4) * rate
    while at < frames:
        for k, level in enumerate(BLINK):
            if int(at) + k < frames:
                lids[int(at) + k] = level
        at += rate * max(1.1, rng.normal(every, 0.8))
    return lids


def glances(rng: np.random.Generator, frames: int, rate: float, reach: float) -> np.ndarray:
    """Eyes that rest, jump within two frames, and rest again: [frames, 2]."""
    out = np.zeros((frames, 2))
    at, here = 0, np.zeros(2)
    while at < frames:
        out[at:] = here
        at += int(rate * rng.uniform(0.45, 1.5))
        here = rng.normal(0, (reach, 0.35 * reach))
    return gaussian_filter1d(out, 0.5, axis=0)


def talking_head(
    seed: int,
    mouth: np.ndarray,
    rate: float,
    *,
    liveliness: float = 1.0,
    turn: np.ndarray | float = 0.0,
) -> Motion:
    """Motion for a plate from its mouth weights [frames, 4]; turn is added to the yaw (degrees)."""
    rng = np.random.default_rng(seed)
    frames = len(mouth)
    open_ = mouth @ np.array([1.0, 0.5, 0.8, 0.5])
    # Heads beat along with the stressed vowels, a little after them; what is slow remains.
    beat = gaussian_filter1d(open_, 0.10 * rate) - gaussian_filter1d(open_, 0.5 * rate)
    talk = gaussian_filter1d((open_ > 0.05).astype(float), 0.25 * rate)
    alive = liveliness * (0.55 + 0.45 * talk)
    yaw = alive * (4.0 * wander(rng, frames, 1.5, rate) + 1.1 * wander(rng, frames, 0.5, rate))
    pitch = alive * (1.9 * wander(rng, frames, 1.1, rate) + 0.6 * wander(rng, frames, 0.4, rate))
    pitch = pitch + 7.0 * liveliness * beat
    roll = alive * (1.7 * wander(rng, frames, 1.6, rate) + 0.4 * wander(rng, frames, 0.6, rate))
    breath = 1.6 * np.sin(2 * np.pi * (np.arange(frames) / rate / 3.6 + rng.uniform()))
    shift = np.stack(
        [
            4.0 * alive * wander(rng, frames, 2.2, rate),
            breath + 1.8 * alive * wander(rng, frames, 1.6, rate),
        ],
        1,
    )
    return Motion(
        yaw + turn, pitch, roll, shift, blinks(rng, frames, rate), glances(rng, frames, rate, 0.035)
    )
