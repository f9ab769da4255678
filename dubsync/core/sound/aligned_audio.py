"""Sound against the frames of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import ShapeError
from dubsync.core.sound.audio import AudioFeatures

Seconds = NDArray[np.float64]


def frame_seconds(times: Seconds) -> float:
    """Median seconds from one frame to the next, of frames first shown at `times` (T,).

    Frames shown at one instant, as in a freeze, do not count; where there are no others, 1/24.
    """
    steps = np.abs(np.diff(np.asarray(times)))
    steps = steps[steps > 1e-6]
    return float(np.median(steps)) if len(steps) else 1 / 24


@dataclass(frozen=True, slots=True, eq=False)
class AlignedAudio:
    """Audio features and the time of each frame of a picture in them.

    features  of the sound
    times     (T,) seconds, on the features' own clock, at which each frame is first shown
    """

    features: AudioFeatures
    times: Seconds

    def __post_init__(self) -> None:
        times = np.array(self.times, np.float64)
        if times.ndim != 1 or not np.isfinite(times).all():
            raise ShapeError(f"AlignedAudio.times is {times.shape}, or not finite")
        times.flags.writeable = False
        object.__setattr__(self, "times", times)
