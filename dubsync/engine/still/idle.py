"""A still that waits: breath, sway, blinks, small looks.  Seeded; begins and ends at rest.

Every movement is a whole number of waves over the loop, so the last frame leads on to the first.
Rates are those of a person at rest: some 15 breaths and 15 blinks a minute.
Source: Bentivoglio et al. 1997, "Analysis of Blink Rate Patterns in Normal Subjects"; blinks close
in about 0.1 s and open in 0.2 s (Caffier, Erdmann, Ullsperger 2003).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import BLENDSHAPES, LANDMARKS
from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.still.controls import EYES, IRISES
from dubsync.engine.still.driver_motion import DriverMove
from dubsync.engine.still.transfer import DrivenFace, Shares, StillFace, driven_face

Values = NDArray[np.float64]

#: Seconds of a breath and of a sway; the mean time between blinks, and no blink so near the ends.
BREATH, SWAY, BLINKS, QUIET = 4.0, 5.0, 4.0, 0.6
#: Rise of the shoulders, eye distances; share of it that the head follows.
RISE, HEAD_RISES = 0.018, 0.35
#: Sway of the head: pitch, yaw, roll, degrees; eye widths of a look aside.
TURNS, LOOKS = (0.8, 1.1, 0.5), 0.035
#: Seconds in which a blink closes and opens.
CLOSES, OPENS = 0.10, 0.22
OWN = Shares(expression=1.0, turn=1.0, shift=1.0, own=0.0, body=0.0)


def idle_faces(still: StillFace, count: int, rate: float, seed: int = 0) -> tuple[DrivenFace, ...]:
    """`count` frames of waiting at `rate` frames a second, as photographed at either end.

    The frame after the last would be the first: laid end to end, loops do not show.
    """
    random = np.random.default_rng(seed)
    length = count / rate
    at = np.arange(count) / count
    turns = np.stack([_waves(at, length / SWAY, random) * most for most in TURNS], axis=1)
    breath = breath_of(count, rate)
    shut = _blinks(count, rate, random)
    looks = np.stack([_waves(at, length / 2.5, random) for _ in range(2)], axis=1) * (
        LOOKS,
        LOOKS / 2,
    )
    result = []
    for t in range(count):
        offsets = np.zeros((LANDMARKS, 3))
        _close(offsets, still, float(shut[t]))
        _look(offsets, still, looks[t])
        move = DriverMove(
            still.front,
            np.asarray(offsets, np.float32),
            np.asarray(to_matrices(np.radians(turns[t])[None])[0], np.float32),
            np.array([0, -HEAD_RISES * RISE * breath[t]], np.float32),
            0.0,
            np.zeros(BLENDSHAPES, np.float32),
            np.asarray(still.front * 100 + 200, np.float32),
        )
        result.append(breathing(driven_face(still, move, OWN), float(breath[t])))
    return tuple(result)


def breath_of(count: int, rate: float) -> Array:
    """(count,) 0 at rest to 1 breathed in, whole breaths over the frames, 0 at the first."""
    breaths = max(1, round(count / rate / BREATH))
    phase = (np.arange(count) / count * breaths) % 1
    # In over two fifths, out over the rest: the curve is smooth at both turns.
    turned = np.where(phase < 0.4, phase / 0.8, 0.5 + (phase - 0.4) / 1.2)
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * turned), np.float32)


def breathing(target: DrivenFace, breath: float) -> DrivenFace:
    """`target` with its shoulders raised by a breath, 0..1 (`breath_of`)."""
    body = np.asarray(target.body + np.array([0, -RISE * breath]), np.float32)
    return replace(target, body=body)


def _waves(at: Values, cycles: float, random: np.random.Generator) -> Values:
    """(T,) about -1..1, 0 at both ends, of whole waves about `cycles` in number."""
    base = max(1, round(cycles))
    parts = [(base, 1.0), (base + 1, 0.5), (2 * base + 1, 0.25)]
    total = np.zeros(len(at))
    for number, most in parts:
        total += random.choice([-1.0, 1.0]) * most * np.sin(2 * np.pi * number * at)
    return total / 1.5


def _blinks(count: int, rate: float, random: np.random.Generator) -> Values:
    """(T,) 0 open to 1 shut."""
    seconds = np.arange(count) / rate
    shut = np.zeros(count)
    at = QUIET + float(random.uniform(0, BLINKS / 2))
    while at < count / rate - QUIET:
        down = np.clip(1 - (at - seconds) / CLOSES, 0, 1) * (seconds <= at)
        up = np.clip(1 - (seconds - at) / OPENS, 0, 1) * (seconds > at)
        shut = np.maximum(shut, down + up)
        at += float(np.clip(random.gamma(4, BLINKS / 4), 1.2, 9))
    return shut * shut * (3 - 2 * shut)


def _close(offsets: Values, still: StillFace, shut: float) -> None:
    for ring in EYES:
        upper, lower = ring[9:], ring[1:8][::-1]
        gap = np.maximum(still.front[lower, 1] - still.front[upper, 1], 0)
        offsets[upper, 1] += 1.1 * shut * gap


def _look(offsets: Values, still: StillFace, by: Values) -> None:
    for ring, iris in zip(EYES, IRISES, strict=True):
        width = float(np.linalg.norm(still.front[ring[0], :2] - still.front[ring[8], :2]))
        offsets[iris, :2] += by * width
