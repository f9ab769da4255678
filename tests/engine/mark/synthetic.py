"""A face that nobody has: skin of noise on the canonical face's landmarks, which moves a little."""

from fractions import Fraction

import cv2
import numpy as np

from dubsync.core.face import BLENDSHAPES, FaceTrack
from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.mark.embed import Marker
from dubsync.engine.track.landmarker import canonical_face

SECRET, OTHER = b"a house's own secret", b"quite another secret"
PAYLOAD = 0xC0FFEE42
FIRST = 1003
SIZE, EYES = 240, 84.0


def landmarks(count=16, scale=1.0):
    """(T, 478, 3) a head that sways."""
    face = canonical_face().points.astype(np.float64)
    eyes = face[[33, 133, 362, 263]].mean(axis=0)
    unit = np.hypot(*(face[[362, 263]].mean(axis=0) - face[[33, 133]].mean(axis=0))[:2])
    at = np.arange(count)
    middle = np.stack([SIZE / 2 + 3 * np.sin(at / 5), 60 + 2 * np.cos(at / 4), 0 * at], axis=1)
    points = (face - eyes) / unit * EYES
    return ((points[None] + middle[:, None]) * scale).astype(np.float32)


def pictures(points, texture=1.5, seed=3):
    """(T, 240, 240) 8-bit luma: one skin, carried by the landmarks, and fresh grain."""
    rng = np.random.default_rng(seed)
    skin = cv2.GaussianBlur(rng.normal(0, 1, (SIZE, SIZE)).astype(np.float32), (0, 0), 2)
    skin = 120 + texture * skin / skin.std()
    result = []
    for face in points:
        x, y = face[:, :2].mean(axis=0) - points[0, :, :2].mean(axis=0)
        there = cv2.warpAffine(
            skin, np.float32([[1, 0, x], [0, 1, y]]), (SIZE, SIZE), borderMode=cv2.BORDER_REFLECT
        )
        result.append(there + rng.normal(0, 0.5, there.shape))
    return np.rint(np.stack(result)).astype(np.uint8)


def matte(points):
    """(240, 240) 8-bit: the lower face."""
    result = np.zeros((SIZE, SIZE), np.uint8)
    x, y = points[2, :2]
    cv2.ellipse(result, (round(float(x)), round(float(y)) + 38), (72, 75), 0, 0, 360, 255, -1)
    return cv2.GaussianBlur(result, (0, 0), 4)


def frame(luma, number=FIRST, bits=8):
    """A 4:2:0 frame with grey chroma."""
    height, width = luma.shape
    form = PictureFormat(width, height, "yuv", bits, chroma=(1, 1))
    grey = np.full((height // 2, width // 2), 128 << bits - 8, luma.dtype)
    return Frame(number, (luma.copy(), grey, grey.copy()), form)


def track(points, first=FIRST):
    """The face's track."""
    count = len(points)
    return FaceTrack(
        1, FrameRange(first, first + count, Fraction(24)), points,
        np.zeros((count, BLENDSHAPES)), np.ones(count), np.zeros(128),
    )  # fmt: skip


def marked(luma, points, secret=SECRET, payload=PAYLOAD, first=FIRST):
    """(T, 240, 240) marked luma, numbered from `first`."""
    marker = Marker(secret, payload)
    return np.stack(
        [
            marker(frame(one, first + n), matte(points[n]), [points[n]]).planes[0]
            for n, one in enumerate(luma)
        ]
    )


def frames(luma, first=FIRST):
    """Frames of a copy."""
    return (frame(one, first + n) for n, one in enumerate(luma))
