"""A closing lid: the skin that slides out of its fold, and the line of the lashes.

A still with open eyes shows next to nothing of its upper lids.  Warped shut, what little there is,
lashes and eye shadow, is drawn out to a dark smear.  So the lid is built: its colour runs from that
of the skin above the crease to that below the eye, its fine texture is that of the skin below, the
curve of the ball catches a little light, and the lashes are one thin dark line, whose darkness is
the still's own.  The lid hangs on its edge and comes out from under the crease as it falls, as skin
does; nothing of it is stretched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.head_draw.affine_warp import sample
from dubsync.engine.still.eye_frame import EyeFrame, grid, smooth

Points = NDArray[Any]

#: The skin's texture reaches so far, eye widths: u from, to; v from, to.
SPAN = (-0.3, 1.3, -0.75, 0.75)
#: The closed lid's edge lies so far towards the open eye's lower lid.
SHUTS_AT = 0.85
#: Share of the way to shut at which the drawn lid begins to replace the warped one, and over how
#: much it has.
BEGINS, OVER = 0.12, 0.35
#: Strips of skin that the lid's colour comes from: above the crease, below the lower lid; eye
#: widths.  How much of the colour below the lid's edge has.
ABOVE, BELOW = (-0.16, -0.03), (0.10, 0.24)
LOWER_SHARE = 0.65
#: Smoothing of those colours along the eye, eye widths.
ALONG = 0.12
#: Luma against that of the skin below, from which on a pixel above is skin and no hair or liner.
LEAST_SHADE = 0.60
#: Light on the ball's curve, and shade over the lashes.
BULGE, HANGS = 0.07, 0.20
#: Fine texture: Gaussian of what is fine, eye widths; most of it; its strength.
FINE, MOST_FINE, TEXTURE = 0.07, 0.05, 0.8
#: A shut lid is drawn so far above its crease too, which is smoothed by then; below its edge, over
#: what is left of the eye; eye widths.
UP, DOWN = 0.06, 0.03
#: The lashes' line: half its thickness, eye widths; how far the lashes reach below it.
LINE, FRINGE = 0.072, 0.18
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class LidSkin:
    """The upper lid of one eye, as it is when shut.

    fine     (h, w, 3) texture, in the eye's frame over SPAN, about 0
    px       its pixels per eye width
    edge     (w,) v of the shut lid's edge at each column
    above    (w, 3) colour above the crease at each column, and `below` the eye
    opening  of the eye in the still, eye widths
    lashes   (3,) their colour, and how `dark` they are, 0..1
    """

    fine: Array
    px: float
    edge: Array
    above: Array
    below: Array
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
    crease, under = frame.crease(columns), np.maximum(frame.below(columns), lower + 0.1)
    edge = upper + SHUTS_AT * (lower - upper)
    luma = flat @ LUMA
    inner = (u > -0.15) & (u < 1.15)
    low = inner & (v > lower + BELOW[0]) & (v < lower + BELOW[1])
    below = _strip(flat, low.astype(np.float32), px)
    usual = float((below @ LUMA).mean())
    high = (inner & (v > crease + ABOVE[0]) & (v < crease + ABOVE[1])).astype(np.float32)
    skin = smooth((luma / max(usual, 1e-3) - LEAST_SHADE) / 0.2)
    above = _strip(flat, high * (skin + 0.02), px)
    mirrored = np.stack([u, under + 0.03 + np.abs(edge - v)], axis=-1)
    source = sample(np.asarray(picture, np.float32), frame.outside(mirrored).astype(np.float32))
    fine = source - cv2.GaussianBlur(source, (0, 0), FINE * px)
    fine = np.asarray(TEXTURE * np.clip(fine, -MOST_FINE, MOST_FINE), np.float32)
    colour, dark = _lashes(flat, usual, u, v, upper)
    return LidSkin(fine, px, edge, above, below, frame.opening(), colour, dark)


def with_lid(picture: Array, landmarks: Points, lid: LidSkin, eye: int) -> Array:
    """`picture` (h, w, 3), a still warped so that its landmarks are `landmarks` (478, 2 or 3), with
    its lid as drawn; changed only where a lid has fallen, and in place."""
    frame = EyeFrame.of(landmarks, eye)
    shut = shut_share(lid, frame)
    share = float(smooth((shut - BEGINS) / OVER))
    box = frame.box((picture.shape[0], picture.shape[1]), 0.25)
    if share <= 0 or box is None:
        return picture
    at = frame.inside(grid(box))
    u, v = np.asarray(at[..., 0], np.float32), np.asarray(at[..., 1], np.float32)
    edge, crease = frame.lid_line(u, shut), frame.crease(u)
    away = v - edge
    skin = _skin(lid, u, away, np.clip((v - crease) / np.maximum(edge - crease, 0.02), 0, 1))
    inside = smooth((u + 0.18) / 0.18) * smooth((1.18 - u) / 0.18)
    rise = 0.04 + UP * shut
    matte = share * inside * smooth((v - crease + rise) / (rise + 0.05))
    rest = np.maximum(frame.lower(u) - edge, 0) * shut
    matte *= 1 - smooth((away - rest - DOWN * shut) / 0.06)
    part = picture[box]
    part += matte[..., None] * (skin - part)
    line = (share * lid.dark * _lash_matte(u, away, shut))[..., None]
    part += line * (lid.lashes - part)
    return picture


def shut_share(lid: LidSkin, frame: EyeFrame) -> float:
    """0 as open as in the still, 1 shut."""
    return float(np.clip(1 - (frame.opening() - 0.01) / max(lid.opening, 0.02), 0, 1))


def _skin(lid: LidSkin, u: Array, away: Array, down: Array) -> Array:
    """(h, w, 3) the lid's skin at u, `away` from its edge, `down` (0..1) from crease to edge."""
    left, _, top, _ = SPAN
    columns = left + (np.arange(len(lid.edge)) + 0.5) / lid.px
    there = np.interp(u, columns, lid.edge) + away
    read = np.stack([(u - left) * lid.px, (there - top) * lid.px], axis=-1)
    fine = sample(lid.fine, np.asarray(read, np.float32), cv2.INTER_LINEAR)
    share = LOWER_SHARE * down + (1 - LOWER_SHARE) * smooth(away / 0.05)
    share = np.asarray(share, np.float32)[..., None]
    above, below = (_at(colours, u, columns) for colours in (lid.above, lid.below))
    light = 1 + BULGE * np.sin(np.pi * down) * np.sin(np.pi * np.clip(u, 0, 1))
    light -= HANGS * smooth((down - 0.7) / 0.3)
    return np.asarray((above + share * (below - above)) * light[..., None] + fine, np.float32)


def _at(colours: Array, u: Array, columns: Points) -> Array:
    return np.stack([np.interp(u, columns, colours[:, c]) for c in range(3)], -1).astype(np.float32)


def _lash_matte(u: Array, away: Array, shut: float) -> Array:
    """Where lashes are: a thin line, and below it a fringe that grows as the lid falls."""
    along = smooth((u + 0.06) / 0.2) * smooth((1.06 - u) / 0.12)
    line = np.exp(-((away / np.where(away < 0, 0.7 * LINE, LINE)) ** 2))
    fringe = 0.5 * shut * np.exp(-np.maximum(away, 0) / (0.5 * FRINGE)) * smooth(away / 0.01)
    return np.asarray(along * np.maximum(line, fringe), np.float32)


def _strip(flat: Array, weight: Array, px: float) -> Array:
    """(w, 3) mean colour down each column by `weight` (h, w), smoothed along the eye."""
    total = weight.sum(axis=0) + 1e-4
    colour = np.einsum("hwc,hw->wc", flat, weight)
    both = np.concatenate([colour, total[:, None]], axis=1)[None].astype(np.float32)
    both = cv2.GaussianBlur(both, (0, 0), ALONG * px, sigmaY=1)[0]
    for side in (1, -1):  # where a column has nothing, its nearest neighbour's stands in
        rows = both[::side]
        known = np.maximum.accumulate(np.where(rows[:, 3] > 1e-3, np.arange(len(rows)), 0))
        both = np.where(both[:, 3:] > 1e-3, both, rows[known][::side])
    return np.asarray(both[:, :3] / np.maximum(both[:, 3:], 1e-6), np.float32)


def _lashes(flat: Array, usual: float, u: Array, v: Array, upper: Array) -> tuple[Array, float]:
    """The lashes' colour, and how dark they are against skin of luma `usual`."""
    near = (np.abs(v - upper + 0.01) < 0.04) & (u > 0.15) & (u < 0.85)
    band = flat[near]
    luma = band @ LUMA
    darkest = band[luma <= np.percentile(luma, 25)].mean(axis=0)
    grey = float(darkest @ LUMA)
    contrast = 1 - grey / max(usual, 0.02)
    # Lashes are brown where they are light: the darkest pixels' own hue may be the iris's.
    hue = flat[(v > upper + 0.3) & (u > 0.2) & (u < 0.8)].mean(axis=0)
    # Darker skin is redder, as a power of its colour is.
    luma_of = max(float(hue @ LUMA), 0.03)
    power = float(np.clip(np.log(max(0.75 * grey, 0.02)) / np.log(min(luma_of, 0.9)), 1, 6))
    colour = 0.4 * np.clip(hue, 0.02, 1) ** power + 0.6 * hue * (0.75 * grey / luma_of)
    return np.asarray(colour, np.float32), float(np.clip(1.3 * contrast, 0.25, 0.85))


def _plane(px: float) -> tuple[Points, Array, Array]:
    left, right, top, bottom = SPAN
    columns, rows = round((right - left) * px), round((bottom - top) * px)
    x = left + (np.arange(columns) + 0.5) / px
    y = top + (np.arange(rows) + 0.5) / px
    u, v = np.meshgrid(x, y)
    at = np.stack([u, v], axis=-1)
    return at, np.asarray(u, np.float32), np.asarray(v, np.float32)
