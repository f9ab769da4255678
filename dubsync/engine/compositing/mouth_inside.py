"""The inside of a mouth that a picture lacks, from another picture of an open mouth.

A still, or a bank that never opened so wide, has no teeth to show.  They are taken from the driver,
or from another still of the person: what lies between the inner lips there is laid between the
inner lips here, and its colour met, so that it belongs to this light and this face.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.compositing.matte import flat_eye_distance
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.geometry.mesh import (
    FACE_OVAL,
    INNER_LIPS,
    LEFT_EYE,
    LIP_BODY,
    OUTER_LIPS,
    RIGHT_EYE,
)
from dubsync.engine.geometry.thin_plate import fit_spline, to_pixels

Points = NDArray[Any]
_CPU = torch.device("cpu")

#: It fades in from so many times the own picture's opening plus so much, over so much more; eye
#: distances.
STRETCH, FROM, OVER = 1.8, 0.01, 0.05
#: So many times for an own opening of TOOTHY eye distances and more: teeth are seen to stretch.
TOOTHY_STRETCH, TOOTHY = 1.3, 0.08
#: Softness of its edge along the inner lips, eye distances.
FEATHER = 0.018
LIPS = np.concatenate([OUTER_LIPS, INNER_LIPS, LIP_BODY])
#: Nodes of the warp, eye distances apart; its smoothing, squared eye distances.
STEP, SMOOTHING = 0.1, 1e-3
#: The black point: this share of the darkest three hundredths' luma.
BLACK = 0.6
#: Most by which colourfulness is raised; tint of the skin that the inside takes, and teeth.
MOST_CHROMA, TINT, TEETH_TINT = 1.1, 0.6, 0.28
#: Teeth are brighter than this share of the skin, over so much more, and greyer than so much
#: saturation, over so much more.
BRIGHT, BRIGHT_OVER, GREY, GREY_OVER, TEETH_CHROMA = 0.45, 0.4, 0.22, 0.20, 0.25
#: In warm light teeth are no greyer than so much of the skin's own saturation, less so much.
OF_SKIN, LESS = 0.82, 0.08
#: Luma of teeth against the skin's up to which dim ones are lifted, and by which share of the way.
USUAL_TEETH, LIFTED = 0.8, 0.6
#: Luma against the skin's above which the inside is held back, to so much of the rest.
BRIGHTEST, HELD = 0.95, 0.4
#: Most green over red of what is no tooth.
FLESH = 0.76
#: Skin in white light: its channels over its luma.
TYPICAL_SKIN = np.array([1.28, 0.93, 0.80], np.float32)
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class SkinTone:
    """Colour of a face's skin in one light.

    mean    (3,) working colour
    luma    mean, and `black`: what is black in this picture
    chroma  mean distance of the channels from the luma
    """

    mean: Array
    luma: float
    black: float
    chroma: float


@dataclass(frozen=True, slots=True, eq=False)
class OpenMouth:
    """A picture (h, w, 3) working colour of a face, its landmarks (478, 2 or 3), its tone."""

    picture: Array
    points: Array
    tone: SkinTone


def skin_tone(picture: Array, points: Points) -> SkinTone:
    """The tone of the face with landmarks `points` (478, 2 or 3), pixels of `picture` (h, w, 3)."""
    flat = np.asarray(points[:, :2], np.float32)
    low = np.maximum(np.floor(flat[FACE_OVAL].min(axis=0)), 0).astype(int)
    high = np.ceil(flat[FACE_OVAL].max(axis=0)).astype(int) + 1
    part = picture[low[1] : high[1], low[0] : high[0]]
    step = max(1, min(part.shape[:2]) // 120)
    part = np.asarray(part[::step, ::step], np.float32)
    at = (flat - low) / step
    skin = _filled(part.shape[:2], at[FACE_OVAL])
    features = np.zeros_like(skin)
    for ring in (OUTER_LIPS, RIGHT_EYE, LEFT_EYE):
        features |= _filled(part.shape[:2], at[ring])
    room = int(0.25 * flat_eye_distance(points) / step) | 1
    skin &= 1 - cv2.dilate(features, np.ones((room, room), np.uint8))
    pixels = part[skin > 0]
    if len(pixels) < 20:
        pixels = part.reshape(-1, 3)
    luma = pixels @ LUMA
    return SkinTone(
        np.asarray(pixels.mean(axis=0), np.float32),
        float(luma.mean()),
        float(np.percentile(luma, 3)) * BLACK,
        float(np.abs(pixels - luma[:, None]).mean()),
    )


def opening(points: Points) -> float:
    """Distance of the inner lips' middles, eye distances."""
    return float(np.linalg.norm(points[13, :2] - points[14, :2])) / flat_eye_distance(points)


def teeth_seen(picture: Array, points: Points, tone: SkinTone) -> float:
    """Share of what lies between the inner lips that is teeth; 0 for closed lips."""
    flat = np.asarray(points[:, :2], np.float32)
    low = np.maximum(np.floor(flat[INNER_LIPS].min(axis=0)), 0).astype(int)
    high = np.ceil(flat[INNER_LIPS].max(axis=0)).astype(int) + 1
    part = np.asarray(picture[low[1] : high[1], low[0] : high[0]], np.float32)
    if opening(points) < 0.03 or min(part.shape[:2]) < 2:
        return 0.0
    inside = _filled(part.shape[:2], flat[INNER_LIPS] - low) > 0
    return float(_teeth(part, part @ LUMA, tone, tone.luma)[inside].mean()) if inside.any() else 0.0


def enough(own: float) -> float:
    """Opening up to which a picture that is `own` open serves, eye distances."""
    return (STRETCH + (TOOTHY_STRETCH - STRETCH) * min(own / TOOTHY, 1.0)) * own + FROM


def inside_share(wanted: Points, own: float) -> float:
    """0..1 how much of another's inside a mouth at `wanted` needs, `own` being the opening of the
    picture that it is drawn from, eye distances."""
    x = (opening(wanted) - enough(own)) / OVER
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)


def with_inside(
    picture: Array, wanted: Points, source: OpenMouth, tone: SkinTone, share: float = 1.0
) -> Array:
    """`picture` (h, w, 3) whose mouth at `wanted` (478, 2 or 3) has the inside of `source`.

    Args:
        tone: of the face in `picture`.
        share: 0..1, see `inside_share`; at 0 the picture comes back as it is.
    """
    unit = flat_eye_distance(wanted)
    ring = np.asarray(wanted[INNER_LIPS, :2], np.float64)
    room = 4 * FEATHER * unit + 2
    left, top = (int(v) for v in np.maximum(np.floor(ring.min(axis=0) - room), 0))
    right, bottom = (int(v) for v in np.ceil(ring.max(axis=0) + room))
    region = Region(left, top, min(right, picture.shape[1]), min(bottom, picture.shape[0]))
    if share <= 0 or region.width < 3 or region.height < 3:
        return picture
    spline = fit_spline(
        np.asarray(wanted[LIPS, :2], np.float64),
        np.asarray(source.points[LIPS, :2], np.float64),
        unit, SMOOTHING,
    )  # fmt: skip
    nodes = spline.at_nodes(region, max(STEP * unit, 1.0))
    at = to_pixels(nodes, (region.height, region.width), _CPU).numpy()
    theirs = _sampled(np.asarray(source.picture, np.float32), at)
    met = colour_met(theirs, source.tone, tone)
    matte = _filled((region.height, region.width), np.asarray(ring - (left, top), np.float32))
    soft = cv2.GaussianBlur(matte.astype(np.float32), (0, 0), max(FEATHER * unit, 0.6)) * share
    result = np.array(picture, np.float32)
    part = result[region.rows, region.columns]
    part += soft[..., None] * (met - part)
    return result


def _sampled(picture: Array, at: Array) -> Array:
    x, y = (np.asarray(at[..., n] - np.float32(0.5), np.float32) for n in (0, 1))
    read = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read, np.float32)


def colour_met(picture: Array, theirs: SkinTone, ours: SkinTone) -> Array:
    """The inside of a mouth (h, w, 3) in light `theirs`, as it is in light `ours`.

    Luma is scaled about the two black points; red parts take the skin's tint and colourfulness;
    teeth are white on every face, and hardly take either.
    """
    luma = picture @ LUMA
    chroma = picture - luma[..., None]
    gain = (ours.luma - ours.black) / max(theirs.luma - theirs.black, 1e-3)
    now = np.clip((luma - theirs.black) * gain + ours.black, 0, 1)
    # No tooth shines out of a face: what is brighter than its skin is held back.
    bright = ours.luma * BRIGHTEST
    now = np.where(now > bright, bright + HELD * (now - bright), now)
    colourful = gain * min(ours.chroma / max(theirs.chroma, 1e-3), MOST_CHROMA)
    teeth = _teeth(picture, now, theirs, ours.luma)[..., None]
    # Teeth that are dim beside the driver's skin are so by the driver's light, not by nature.
    now = now + LIFTED * teeth[..., 0] * np.maximum(USUAL_TEETH * ours.luma - now, 0)
    result = now[..., None] + chroma * colourful * (1 - (1 - TEETH_CHROMA) * teeth)
    tint = (ours.mean / ours.luma) / np.maximum(theirs.mean / theirs.luma, 1e-3)
    result = result * tint ** (TINT * (1 - teeth)) * (ours.mean / ours.luma) ** (TEETH_TINT * teeth)
    result = _never_blue(result, ours, teeth[..., 0])
    return np.asarray(np.clip(result, 0, 1), np.float32)


def _never_blue(picture: Array, tone: SkinTone, teeth: Array) -> Array:
    """Nothing in a mouth is bluer or greener than white is in the same light, and flesh is red."""
    # Half of what differs from typical skin is the skin's own.
    light = np.sqrt(tone.mean / tone.luma / TYPICAL_SKIN)
    red, green, blue = (picture[..., c] / light[c] for c in range(3))
    green = np.minimum(green, red * (FLESH + (1 - FLESH) * teeth))
    blue = np.minimum(blue, green)
    return np.stack([red * light[0], green * light[1], blue * light[2]], axis=-1)


def _teeth(picture: Array, luma: Array, tone: SkinTone, skin: float) -> Array:
    """(h, w) 0..1 teeth in a picture whose skin has `tone`, by its `luma` against `skin`."""
    skins = 1 - float(tone.mean.min()) / max(float(tone.mean.max()), 0.05)
    grey = max(GREY, OF_SKIN * skins - LESS)
    most = picture.max(axis=-1)
    saturation = (most - picture.min(axis=-1)) / np.maximum(most, 0.05)
    bright = smoothstep((luma - BRIGHT * skin) / (BRIGHT_OVER * skin))
    return np.asarray(bright * (1 - smoothstep((saturation - grey) / GREY_OVER)), np.float32)


def _filled(size: tuple[int, ...], ring: Array) -> NDArray[np.uint8]:
    area = np.zeros(size[:2], np.uint8)
    cv2.fillPoly(area, [np.rint((ring - 0.5) * 16).astype(np.int32)], 1, shift=4)
    return area
