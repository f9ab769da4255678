"""Landmarks mended by hand: where the tracker went wrong, a person drags points on key frames.

A dragged point takes its neighbours along, less with distance, by radial basis functions of compact
support: Wendland 1995, "Piecewise polynomial, positive definite and compactly supported radial
functions of minimal degree".  Between key frames of one stretch the offsets go straight from one to
the next; before its first and after its last key they fade out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import SettingsError

Values = NDArray[np.float64]

LANDMARKS = 478  #: Face Landmarker v2
#: Its landmarks along both edges of the lips, and round both eyes.
LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
)  # fmt: skip
EYES = (
    33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246,
    263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466,
)  # fmt: skip
#: Plate pixels over which a dragged point takes its neighbours along, and the most.
REACH, MOST_REACH = 18.0, 2000.0
#: Key frames further apart than this are of two stretches; frames over which offsets fade out.
ONE_STRETCH, FADE = 24, 6
MOST_KEYS, FARTHEST = 5000, 100_000.0


@dataclass(frozen=True, slots=True, order=True)
class LandmarkKey:
    """At plate frame `frame`, landmark `index` is at (x, y), plate pixels of square pixels.

    reach  plate pixels within which neighbours come along
    """

    frame: int
    index: int
    x: float
    y: float
    reach: float = REACH

    def __post_init__(self) -> None:
        if not 0 <= self.index < LANDMARKS:
            raise SettingsError(f"there is no landmark {self.index}",
                                hint=f"0 to {LANDMARKS - 1}")  # fmt: skip
        if not (abs(self.x) <= FARTHEST and abs(self.y) <= FARTHEST):
            raise SettingsError(f"landmark {self.index} at frame {self.frame} lies far outside "
                                "the picture", hint="plate pixels")  # fmt: skip
        if not 0 < self.reach <= MOST_REACH:
            raise SettingsError(f"reach={self.reach:g} is out of range",
                                hint=f"above 0, to {MOST_REACH:g} pixels")  # fmt: skip


def checked_landmarks(keys: Sequence[LandmarkKey]) -> tuple[LandmarkKey, ...]:
    """`keys` in order.  Raises SettingsError: one landmark twice in a frame, or too many."""
    places = [(key.frame, key.index) for key in keys]
    if len(set(places)) != len(places):
        raise SettingsError("a landmark has two places in one frame", hint="one key each")
    if len(keys) > MOST_KEYS:
        raise SettingsError(f"{len(keys)} keys of landmarks", hint=f"at most {MOST_KEYS}")
    return tuple(sorted(keys))


def mended(landmarks: Array, first: int, keys: Sequence[LandmarkKey]) -> Array:
    """Landmarks (T, 478, 3) with those of `keys` where they say; the very same without a key here.

    Args:
        first: plate frame of the first row.
    """
    here = [key for key in keys if first <= key.frame < first + len(landmarks)]
    if not here:
        return landmarks
    result = np.array(landmarks, np.float64)
    frames = sorted({key.frame for key in here})
    fields = {
        frame: _field(result[frame - first, :, :2], [key for key in here if key.frame == frame])
        for frame in frames
    }
    starts = [n for n, f in enumerate(frames) if n == 0 or f - frames[n - 1] > ONE_STRETCH]
    for begin, end in zip(starts, [*starts[1:], len(frames)], strict=True):
        _add_stretch(result, first, frames[begin:end], fields)
    return np.asarray(result, np.float32)


def _add_stretch(
    result: Values, first: int, frames: Sequence[int], fields: dict[int, Values]
) -> None:
    """Add the offsets of one stretch of key frames to `result`, in place."""
    for frame in range(frames[0] - FADE, frames[-1] + FADE + 1):
        if not 0 <= frame - first < len(result):
            continue
        before = max((f for f in frames if f <= frame), default=frames[0])
        after = min((f for f in frames if f >= frame), default=frames[-1])
        share = (frame - before) / (after - before) if after > before else 0.0
        field = (1 - share) * fields[before] + share * fields[after]
        away = max(frames[0] - frame, frame - frames[-1], 0) / (FADE + 1)
        rest = 1 - away
        result[frame - first, :, :2] += rest * rest * (3 - 2 * rest) * field


def _field(points: Values, keys: Sequence[LandmarkKey]) -> Values:
    """(478, 2) offset of every landmark, which takes the keys' own exactly where they say."""
    own = [key.index for key in keys]
    wanted = np.array([[key.x, key.y] for key in keys]) - points[own]
    # One reach for all: with it the functions are positive definite, so that they can be solved.
    reach = max(key.reach for key in keys)
    away = np.linalg.norm(points[:, None] - points[own][None], axis=2) / reach
    falls = np.clip(1 - away, 0, 1) ** 4 * (4 * away + 1)
    weights = np.linalg.lstsq(falls[own], wanted, rcond=None)[0]
    return np.asarray(falls @ weights, np.float64)
