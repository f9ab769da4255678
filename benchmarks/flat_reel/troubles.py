"""What happens inside a shot and is no cut: strobes, lamps, repeated frames, something passing by.

Each kind takes the pictures of a shot and gives them back changed, as many as before, with the span
of frames in which it happens.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.flat_reel.sources import HIGH, WIDE, Picture

Span = tuple[int, int]
Trouble = Callable[[Picture, np.random.Generator], tuple[Picture, Span]]
#: Frames of a shot that can have a trouble, at least.
LEAST = 20


def strobe(shot: Picture, rng: np.random.Generator) -> tuple[Picture, Span]:
    """A light that goes on and off for 6 to 40 frames, white or coloured."""
    first, stop = _span(len(shot), int(rng.integers(6, 40)), rng)
    on, off = (int(n) for n in rng.integers(1, 4, size=2))
    tint = rng.uniform(0.6, 1, 3)
    if rng.random() < 0.5:
        tint[:] = 1
    gain = float(rng.choice([0.25, 0.5, 1.8, 2.5]))
    lit = (np.arange(len(shot)) - first) % (on + off) < on
    lit[:first] = lit[stop:] = False
    return _graded(shot, np.where(lit, gain, 1.0), tint, lit), (first, stop)


def lamp(shot: Picture, rng: np.random.Generator) -> tuple[Picture, Span]:
    """A light that is switched on or off, within one to three frames, and stays so."""
    first = int(rng.integers(6, len(shot) - 6))
    steps = int(rng.integers(1, 4))
    share = np.clip((np.arange(len(shot)) - first + 1) / steps, 0, 1)
    gain = float(rng.choice([0.4, 0.6, 1.6]))
    return _graded(shot, 1 + (gain - 1) * share, np.ones(3), share > 0), (first, first + steps)


def pulldown(shot: Picture, rng: np.random.Generator) -> tuple[Picture, Span]:
    """24 made 25 or 30: one frame in 24, or in 4, is shown twice."""
    every = int(rng.choice([4, 24]))
    order = np.arange(len(shot))
    return shot[order - (order + int(rng.integers(every))) // (every + 1)], (0, len(shot))


def twos(shot: Picture, rng: np.random.Generator) -> tuple[Picture, Span]:
    """Each frame twice, the next one left out: an animation on twos, a web camera."""
    return shot[np.arange(len(shot)) // 2 * 2], (0, len(shot))


def dropped(shot: Picture, rng: np.random.Generator) -> tuple[Picture, Span]:
    """Frames that got lost: the one before stands for one to three, then the shot has moved on."""
    order = np.arange(len(shot))
    for first in rng.integers(4, len(shot) - 6, size=max(1, len(shot) // 20)):
        lost = int(rng.integers(1, 4))
        order[first : first + lost] = first - 1
    return shot[order], (0, len(shot))


def passing(shot: Picture, rng: np.random.Generator) -> tuple[Picture, Span]:
    """Something dark and out of focus goes by near the lens, in 6 to 14 frames."""
    frames = int(rng.integers(6, 15))
    first, stop = _span(len(shot), frames, rng)
    broad = float(rng.uniform(0.2, 0.6)) * WIDE
    across = np.arange(WIDE)
    made = shot.copy()
    for n in range(first, stop):
        centre = (n - first + 0.5) / frames * (WIDE + broad) - broad / 2
        away = np.abs(across - centre) - broad / 2
        cover = np.clip(0.5 - away / 60, 0, 1)[None, :, None]
        made[n] = np.rint(shot[n] * (1 - cover) + 30 * cover)
    return made, (first, stop)


def sweep(shot: Picture, rng: np.random.Generator) -> tuple[Picture, Span]:
    """A camera that is thrown about: up to 8 % of the width in a frame, there and back."""
    frames = np.arange(len(shot))
    pace = rng.uniform(0.15, 0.6, 2)
    ways = [np.sin(frames * p + rng.uniform(0, 6)) * 0.08 / p for p in pace]
    made = []
    for picture, x, y in zip(shot, *ways, strict=True):
        wide = np.concatenate([picture, picture[:, ::-1]], axis=1)
        wide = np.concatenate([wide, wide[::-1]])
        made.append(np.roll(wide, (round(y * HIGH), round(x * WIDE)), (0, 1))[:HIGH, :WIDE])
    return np.stack(made), (0, len(shot))


TROUBLES: tuple[Trouble, ...] = (strobe, lamp, pulldown, twos, dropped, passing, sweep)


def _span(length: int, frames: int, rng: np.random.Generator) -> Span:
    frames = min(frames, length - 10)
    first = int(rng.integers(5, max(6, length - frames - 5)))
    return first, first + frames


def _graded(shot: Picture, gains: np.ndarray, tint: np.ndarray, where: np.ndarray) -> Picture:
    made = shot.copy()
    for n in np.flatnonzero(where):
        made[n] = np.clip(shot[n] * (gains[n] * tint), 0, 255)
    return made
