"""How strong the mark may be at each pixel and not be seen: by texture, light and contours.

Skin with pores, beard or grain hides more than smooth skin does; dark and bright ends hide less.
Along a contour a filter measures much texture where the eye sees a clean edge, so texture is
measured as the mean size of small differences, which one strong edge hardly moves, and is capped.
"""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.picture import PictureFormat

#: Texture is what is finer than this, pixels of a face with eyes 150 apart; mean over the second.
FINE, AROUND = 3.0, 5.0
#: A difference counts for no more than this, 8-bit levels.
MOST_DIFFERENCE = 4.0
#: The mark's root mean square in 8-bit levels on skin without texture; growth with texture, per
#: level of it; and the most.
SMOOTH, GROWTH, MOST = 0.36, 0.27, 1.2
#: Below the first luma and above the second, 8-bit levels, the mark fades over so many levels.
DARK, BRIGHT, FADE = 16.0, 235.0, 80.0
LEAST_LIGHT = 0.15
#: Working colour between which a code's slope is taken, and the least slope that is believed.
MID_GREY, LEAST_SHARE = (0.35, 0.5), 0.2
#: The slope of PQ near 30 cd/m2 (.090 an e-fold) over that of gamma 2.4 at half signal (.208).
PQ_SHARE = 0.43
#: A larger face shows the mark coarser, where the eye is keener: strength goes with the root of
#: 150 pixels over the eye distance, within these.
LARGE_FACE, SMALL_FACE = 0.8, 1.4


def texture(luma: Array, eye_px: float) -> Array:
    """Mean size of fine differences around each pixel, 8-bit levels.

    luma    (H, W) display luma, 8-bit levels
    eye_px  distance between the eyes, pixels: skin's texture scales with the face
    """
    scale = max(eye_px / 150, 0.4)
    fine = np.abs(luma - cv2.GaussianBlur(luma, (0, 0), FINE * scale))
    np.minimum(fine, MOST_DIFFERENCE, out=fine)
    return _spread(fine, AROUND * scale)


def strength(luma: Array, eye_px: float) -> Array:
    """(H, W) root mean square of the mark at each pixel, 8-bit levels."""
    seen = np.clip(np.sqrt(150 / max(eye_px, 1.0)), LARGE_FACE, SMALL_FACE)
    size = np.minimum(SMOOTH + GROWTH * texture(luma, eye_px), MOST) * np.float32(seen)
    light = np.minimum(luma - DARK, BRIGHT + FADE / 4 - luma) / np.float32(FADE)
    return np.asarray(size * np.clip(light, LEAST_LIGHT, 1), np.float32)


def coded_share(form: PictureFormat) -> float:
    """How far a change of 1 in what is seen moves the stored samples, about mid grey.

    A picture for a display is stored as it is seen.  Log codes and PQ (SMPTE ST 2084) hold more
    light in fewer numbers, so a grade or a screen makes what is drawn in them larger again.
    """
    if form.floating:
        return 1.0  # the mark multiplies linear light
    if form.colour is not None and not form.colour.own:
        low, high = (np.full((1, 1, 3), grey, np.float32) for grey in MID_GREY)
        apart = form.colour.code_of(high) - form.colour.code_of(low)
        share = float(np.mean(apart)) / (MID_GREY[1] - MID_GREY[0])
        return min(max(share, LEAST_SHARE), 1.0)
    return PQ_SHARE if form.transfer == "smpte2084" else 1.0


def _spread(values: Array, sigma: float) -> Array:
    """A wide mean, over every other sample of every other row."""
    height, width = values.shape
    small = cv2.resize(values, (-(-width // 2), -(-height // 2)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / 2)
    return np.asarray(
        cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )
