"""A closing lid: the skin that slides out of its fold, and the line of the lashes.

A still with open eyes shows next to nothing of its upper lids.  Warped shut, what little there is,
lashes and eye shadow, is drawn out to a dark smear.  So the lid is built: colour from the skin
above and below the eye and from what is seen of the lid, fine texture from the skin below it, a
little light on the curve of the ball, and the lashes as one thin dark line, whose darkness is the
still's own.  It hangs on the lid's edge and comes out from under the crease as the lid falls, as
skin does; nothing of it is stretched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.clean_plate.fill import push_pull
from dubsync.engine.head_draw.affine_warp import sample
from dubsync.engine.still.eye_frame import EyeFrame, grid, smooth

Points = NDArray[Any]

#: The skin's texture reaches so far, eye widths: u from, to; v from, to.
SPAN = (-0.3, 1.3, -0.75, 0.75)
#: Lashes are within this distance of an open lid's edge, eye widths.
LASHES = 0.07
#: The closed lid's edge lies so far towards the open eye's lower lid.
SHUTS_AT = 0.85
#: Share of the way to shut at which the drawn lid begins to replace the warped one, and over how
#: much it has.
BEGINS, OVER = 0.12, 0.3
#: Light on the ball's curve; shade in the crease and towards the inner corner.
BULGE, FOLD = 0.07, 0.10
#: Fine texture: Gaussian of what is fine, eye widths; most of it; its strength.
FINE, MOST_FINE, TEXTURE = 0.07, 0.05, 0.8
#: The lashes' line: half its thickness, eye widths; how far the lashes reach below it.
LINE, FRINGE = 0.022, 0.075
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class LidSkin:
    """The upper lid of one eye, as it is when shut.

    picture  (h, w, 3) skin, in the eye's frame over SPAN
    px       its pixels per eye width
    edge     (w,) v of the shut lid's edge at each column
    opening  of the eye in the still, eye widths
    lashes   (3,) their colour, and how dark they are, 0..1
    dark     see `lashes`
    """

    picture: Array
    px: float
    edge: Array
    opening: float
    lashes: Array
    dark: float


def lid_skin(picture: Array, landmarks: Points, eye: int) -> LidSkin:
    """The lid of the right (0) or left (1) eye of a still (h, w, 3), landmarks in its pixels."""
    frame = EyeFrame.of(landmarks, eye)
    px = float(np.clip(frame.width, 24, 400))
    at, u, v = _plane(px)
    flat = sample(np.asarray(picture, np.float32), frame.outside(at).astype(np.float32))
    columns = u[0]
    upper, lower = frame.upper(columns), frame.lower(columns)
    crease, brow, below = (c(columns) for c in (frame.crease, frame.brow, frame.below))
    edge = upper + SHUTS_AT * (lower - upper)
    over = smooth((v - brow) / 0.05) * (1 - smooth((v - crease + 0.05) / 0.04))
    seen = smooth((v - crease) / 0.02) * (1 - smooth((v - upper + LASHES) / 0.02))
    under = 0.5 * smooth((v - np.maximum(below, lower + 0.1)) / 0.05)
    within = smooth((u + 0.15) / 0.1) * smooth((1.15 - u) / 0.1)
    known = np.clip(np.maximum(over, seen) * within + under, 0, 1)
    skin = push_pull(flat, known)
    skin = cv2.GaussianBlur(skin, (0, 0), 0.05 * px)
    mirrored = np.stack([u, np.maximum(below, lower + 0.1) + 0.03 + np.abs(edge - v)], axis=-1)
    source = sample(np.asarray(picture, np.float32), frame.outside(mirrored).astype(np.float32))
    fine = source - cv2.GaussianBlur(source, (0, 0), FINE * px)
    skin = skin + TEXTURE * np.clip(fine, -MOST_FINE, MOST_FINE)
    colour, dark = _lashes(flat, skin, u, v, upper)
    return LidSkin(np.asarray(skin, np.float32), px, edge, frame.opening(), colour, dark)


def with_lid(picture: Array, landmarks: Points, lid: LidSkin, eye: int) -> Array:
    """`picture` (h, w, 3), a still warped so that its landmarks are `landmarks` (478, 2 or 3), with
    its lid as drawn; changed only where a lid has fallen, and in place."""
    frame = EyeFrame.of(landmarks, eye)
    share = closing_share(lid, frame)
    box = frame.box((picture.shape[0], picture.shape[1]), 0.12)
    if share <= 0 or box is None:
        return picture
    at = frame.inside(grid(box))
    u, v = np.asarray(at[..., 0], np.float32), np.asarray(at[..., 1], np.float32)
    edge, crease = frame.upper(u), frame.crease(u)
    away = v - edge
    there = np.interp(u, *_columns(lid)).astype(np.float32) + away
    left, _, top, _ = SPAN
    skin = sample(lid.picture, np.stack([(u - left) * lid.px, (there - top) * lid.px], axis=-1))
    height = np.maximum(edge - crease, 0.02)
    down = np.clip((v - crease) / height, 0, 1)
    light = 1 + BULGE * np.sin(np.pi * down) * np.sin(np.pi * np.clip(u, 0, 1))
    light -= FOLD * np.exp(-((down / 0.12) ** 2)) + 0.5 * FOLD * smooth((down - 0.75) / 0.25)
    inside = smooth((u + 0.03) / 0.12) * smooth((1.03 - u) / 0.12)
    matte = share * inside * smooth((v - crease + 0.02) / np.minimum(0.5 * height, 0.1))
    matte *= 1 - smooth((away - 0.005) / 0.03)
    part = picture[box]
    part += matte[..., None] * (skin * light[..., None] - part)
    line = (share * lid.dark * _lash_matte(u, away, _shut(lid, frame)))[..., None]
    part += line * (lid.lashes - part)
    return picture


def closing_share(lid: LidSkin, frame: EyeFrame) -> float:
    """0..1 how much of the drawn lid an eye needs."""
    return float(smooth((_shut(lid, frame) - BEGINS) / OVER))


def _shut(lid: LidSkin, frame: EyeFrame) -> float:
    """0 as open as in the still, 1 shut."""
    return float(np.clip(1 - frame.opening() / max(lid.opening, 0.02), 0, 1))


def _lash_matte(u: Array, away: Array, shut: float) -> Array:
    """Where lashes are: a thin line, and below it a fringe that grows as the lid falls."""
    along = smooth((u + 0.04) / 0.2) * smooth((1.06 - u) / 0.1)
    line = np.exp(-((away / LINE) ** 2)) * (0.55 + 0.45 * smooth(u * 1.2))
    fringe = 0.5 * shut * np.exp(-np.maximum(away, 0) / (0.5 * FRINGE)) * (away > 0)
    return np.asarray(along * np.maximum(line, fringe), np.float32)


def _lashes(flat: Array, skin: Array, u: Array, v: Array, upper: Array) -> tuple[Array, float]:
    """The lashes' colour, and how dark they are against the skin."""
    near = (np.abs(v - upper + 0.01) < 0.04) & (u > 0.15) & (u < 0.85)
    band, around = flat[near], skin[near]
    luma = band @ LUMA
    darkest = band[luma <= np.percentile(luma, 25)].mean(axis=0)
    contrast = 1 - float(darkest @ LUMA) / max(float((around @ LUMA).mean()), 0.02)
    colour = np.asarray(darkest * 0.8, np.float32)
    return colour, float(np.clip(1.4 * contrast, 0.25, 0.9))


def _plane(px: float) -> tuple[Points, Array, Array]:
    left, right, top, bottom = SPAN
    columns, rows = round((right - left) * px), round((bottom - top) * px)
    x = left + (np.arange(columns) + 0.5) / px
    y = top + (np.arange(rows) + 0.5) / px
    u, v = np.meshgrid(x, y)
    at = np.stack([u, v], axis=-1)
    return at, np.asarray(u, np.float32), np.asarray(v, np.float32)


def _columns(lid: LidSkin) -> tuple[Points, Array]:
    return SPAN[0] + (np.arange(len(lid.edge)) + 0.5) / lid.px, lid.edge
