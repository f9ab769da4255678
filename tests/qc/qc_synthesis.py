"""Synthetic faces and voices with known measures."""

from fractions import Fraction

import numpy as np

from dubsync.core.sound.audio import AudioFeatures

RATE = Fraction(24000, 1001)


def landmarks_of(opening: np.ndarray, *, eyes_px: float = 60.0) -> np.ndarray:
    """(T, 478, 3): a face whose inner lips part by `opening` (T,) eye distances."""
    t = len(opening)
    points = np.zeros((t, 478, 3), np.float32)
    points[:, :, 0], points[:, :, 1] = 130.0, 130.0
    spots = {33: (-0.62, 0), 133: (-0.38, 0), 362: (0.38, 0), 263: (0.62, 0), 168: (0, 0),
             6: (0, 0.2), 197: (0, 0.35), 195: (0, 0.5), 61: (-0.4, 1.2), 291: (0.4, 1.2),
             10: (0, -0.9)}  # fmt: skip
    for point, (x, y) in spots.items():
        points[:, point, :2] = 130 + eyes_px * np.array([x, y])
    for upper, lower, x in ((13, 14, 0.0), (82, 87, -0.1), (312, 317, 0.1)):
        for point, side in ((upper, -0.5), (lower, 0.5)):
            points[:, point, 0] = 130 + eyes_px * x
            points[:, point, 1] = 130 + eyes_px * (1.2 + side * opening)
    ring = np.linspace(0, 2 * np.pi, 18, endpoint=False)
    for n, point in enumerate((146, 91, 181, 84, 17, 314, 405, 321, 375, 409, 270, 269, 267, 0,
                               37, 39, 40, 185)):  # fmt: skip
        points[:, point, 0] = 130 + eyes_px * 0.35 * np.cos(ring[n])
        points[:, point, 1] = 130 + eyes_px * (1.2 + 0.2 * np.sin(ring[n]))
    points[:, 152, 0] = 130
    points[:, 152, 1] = 130 + eyes_px * (1.8 + 0.6 * opening)
    return points


def syllables(seconds: float, *, seed: int) -> AudioFeatures:
    """Features of speech from 1 s to 1 s before the end, in syllables of 0.15 to 0.35 s."""
    rng = np.random.default_rng(seed)
    n = int(seconds * 100)
    loudness, closure = np.zeros(n), np.zeros(n)
    at = 100
    while at < n - 100:
        length = min(int(rng.integers(15, 35)), n - 100 - at)
        if length < 4:
            break
        loudness[at : at + length] = rng.uniform(0.4, 1) * np.hanning(length + 2)[1:-1]
        if rng.random() < 0.3:
            closure[max(at - 2, 100) : at + 3] = [0.4, 0.7, 0.9, 0.7, 0.4][
                -(at + 3 - max(at - 2, 100)) :
            ]
        at += length
    speech = np.zeros(n)
    speech[100:at] = 1
    return AudioFeatures.of_level(Fraction(0), np.zeros((n, 40)), loudness, speech, closure)
