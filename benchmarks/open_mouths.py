"""Draws the open mouths that portraits without a driver borrow.

    python -m benchmarks.open_mouths [--picture FILE]

Nobody was filmed for them: lips are those of the landmark model's canonical face (Apache-2.0), the
lower ones lowered; teeth, tongue and the dark behind are drawn here, from an adult's usual measures
(width of the teeth after Wheeler, "Dental Anatomy").  Prints the digest of the file it writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from dubsync.engine.compositing.matte import flat_eye_distance
from dubsync.engine.compositing.mouth_inside import LUMA, opening
from dubsync.engine.geometry.mesh import INNER_LIPS, LIPS, OUTER_LIPS
from dubsync.engine.portrait.open_mouths import SHIPPED
from dubsync.engine.track.landmarker import canonical_face

Picture = NDArray[np.float64]

OPENINGS = (0.07, 0.10, 0.13, 0.18, 0.25)  #: eye distances
EYES_PX = 150.0  #: pixels of an eye distance in the pictures
EYES_MM = 63.0
FINE = 6  #: drawn so many times larger
ROOM = 0.15  #: round the lips, eye distances

SKIN = np.array([0.62, 0.45, 0.38])
LIP = np.array([0.58, 0.33, 0.31])
ENAMEL = np.array([0.73, 0.69, 0.61])
DARK = np.array([0.235, 0.105, 0.09])
TONGUE = np.array([0.52, 0.26, 0.24])
#: Widths of teeth from the middle outwards, and heights of their crowns, mm.
UPPER = ((8.5, 10.5), (6.5, 9.0), (7.6, 10.0), (7.1, 8.5), (6.6, 7.5), (10.0, 7.0))
LOWER = ((5.0, 8.8), (5.5, 9.4), (6.9, 11.0), (7.0, 8.8), (7.1, 8.0), (11.0, 7.5))
ARCH_MM = 25.0  #: radius of the dental arch
#: The canonical face's mouth is this narrow against an adult's between the same eyes.
NARROW = 0.84


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture in mm: x to the right and y downwards from the middle of the upper lip's edge."""

    x: Picture
    y: Picture


def main_points(wide: float) -> NDArray[np.float64]:
    """(478, 3) the canonical face in eye distances, y downwards, its lips `wide` apart."""
    face = np.array(canonical_face().points, np.float64)
    face /= flat_eye_distance(face)
    apart = wide - opening(face)
    corner_left, corner_right = face[61], face[291]
    half = (corner_right[0] - corner_left[0]) / 2
    middle = (corner_right[0] + corner_left[0]) / 2
    seam = (face[13, 1] + face[14, 1]) / 2
    arch = np.sqrt(np.clip(1 - ((face[:, 0] - middle) / half) ** 2, 0, 1))
    for n in set(LIPS.tolist()):
        lower = face[n, 1] > seam + 1e-9 or n == 14
        face[n, 1] += apart * arch[n] * (0.86 if lower else -0.14)
    return face


def teeth(sheet: Sheet, rows: tuple[tuple[float, float], ...], edge: float, up: int) -> Picture:
    """(h, w, 4) a row of teeth, colour and cover; their biting edge at y = `edge`.

    Args:
        up: -1 for upper teeth, whose crowns rise from the edge; 1 for lower ones.
    """
    light, cover, begin = np.zeros_like(sheet.x), np.zeros_like(sheet.x), 0.0
    for number, (width, height) in enumerate(rows):
        left, right = (
            ARCH_MM * np.sin(min(along / ARCH_MM, np.pi / 2)) for along in (begin, begin + width)
        )
        begin += width
        for side in (-1, 1):
            middle, half = side * (left + right) / 2, (right - left) / 2
            across = (sheet.x - middle) / half
            lift = 0.8 if number == 1 and up < 0 else 0.25 * number if number > 2 else 0.0
            down = (edge - sheet.y) * -up - lift  # mm from the biting edge into the crown
            round_off = 0.9 * np.abs(across) ** 4 + (0.5 if number == 2 else 0.1) * across**2
            body = smooth((1.0 - np.abs(across)) * half / 0.3) * smooth((down - round_off) / 0.35)
            body *= smooth((height - down) / 0.8)
            shade = 0.80 + 0.20 * np.sqrt(np.clip(1 - across**2, 0, 1))
            shade *= np.exp(-((np.abs(sheet.x) / 34.0) ** 2))
            tip = 1 - 0.10 * np.exp(-down / 0.9)
            light = np.where(body > cover, shade * tip, light)
            cover = np.maximum(cover, body)
    colour = ENAMEL * light[..., None]
    return np.concatenate([colour, cover[..., None]], axis=-1)


def smooth(x: Picture) -> Picture:
    """0..1 with soft ends."""
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * (3 - 2 * x), np.float64)


def over(below: Picture, above: Picture) -> Picture:
    """`above` (h, w, 4) laid over `below` (h, w, 3)."""
    cover = above[..., 3:]
    return np.asarray(below * (1 - cover) + above[..., :3] * cover, np.float64)


def inside(sheet: Sheet, wide: float) -> Picture:
    """(h, w, 3) what lies behind lips `wide` mm apart: teeth, tongue, dark."""
    depth = np.exp(-((sheet.x / 19.0) ** 2))
    result = DARK * (0.55 + 0.45 * depth[..., None])
    top = wide * 0.80 - 2.4
    back = ((sheet.x / 17.0) ** 2 + ((sheet.y - top - 6.5) / 6.5) ** 2) ** 0.5
    tongue = smooth((1.08 - back) / 0.3)
    shade = (0.50 + 0.50 * smooth((sheet.y - top) / 4.0)) * (0.35 + 0.65 * depth)
    result = over(result, np.concatenate([TONGUE * shade[..., None], tongue[..., None]], axis=-1))
    shown_above = min(2.8 + 0.38 * wide, 0.9 * wide)
    curve = 0.0022 * sheet.x**2  # the smile of the upper edge, the lower follows it
    shown_below = max(0.0, 0.24 * wide - 0.7)
    lower = Sheet(sheet.x, sheet.y + curve * 0.6)
    result = over(result, teeth(lower, LOWER, wide - shown_below, 1) * (0.84, 0.84, 0.84, 1))
    result = over(result, teeth(Sheet(sheet.x, sheet.y + curve), UPPER, shown_above, -1))
    shadow = 0.42 + 0.58 * smooth((sheet.y + 0.4) / 2.6)  # of the upper lip
    foot = 0.70 + 0.30 * smooth((wide + 0.6 - sheet.y) / 2.2)  # of the lower
    return np.asarray(result * (shadow * foot)[..., None], np.float64)


def mouth(wide: float) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The picture (h, w, 3) in 8 bits, and the landmarks (478, 3) in its pixels."""
    face = main_points(wide)
    low, high = face[LIPS, :2].min(axis=0) - ROOM, face[LIPS, :2].max(axis=0) + ROOM
    size = np.ceil((high - low) * EYES_PX).astype(int)
    points = (face - (*low, 0)) * EYES_PX
    fine = size * FINE
    x, y = np.meshgrid((np.arange(fine[0]) + 0.5) / FINE, (np.arange(fine[1]) + 0.5) / FINE)
    mm = EYES_MM / EYES_PX
    sheet = Sheet((x - points[13, 0]) * mm / NARROW, (y - points[13, 1]) * mm)
    picture = np.broadcast_to(SKIN, (*x.shape, 3)).copy()
    for ring, colour in ((OUTER_LIPS, LIP), (INNER_LIPS, None)):
        matte = np.zeros(x.shape, np.float32)
        cv2.fillPoly(matte, [np.rint(points[ring, :2] * FINE).astype(np.int32)], 1.0)
        cover = cv2.GaussianBlur(matte, (0, 0), 0.9 * FINE)[..., None].astype(np.float64)
        drawn = colour if colour is not None else inside(sheet, opening(points) * EYES_MM)
        picture = picture * (1 - cover) + drawn * cover
    small = cv2.resize(picture, (int(size[0]), int(size[1])), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 0.55)
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8), points


@click.command(help=__doc__)
@click.option("--picture", type=click.Path(path_type=Path), help="Also draw them side by side.")
def main(picture: Path | None) -> None:
    made = [mouth(wide) for wide in OPENINGS]
    arrays: dict[str, NDArray[np.generic]] = {
        f"picture{n}": shown for n, (shown, _) in enumerate(made)
    }
    luma = float(SKIN @ LUMA)
    tone = [*SKIN, luma, 0.055, float(np.abs(SKIN - luma).mean())]
    arrays["points"] = np.asarray([points for _, points in made], np.float32)
    arrays["openings"] = np.asarray([opening(points) for _, points in made], np.float32)
    arrays["tones"] = np.asarray([tone] * len(made), np.float32)
    data = save(arrays)
    SHIPPED.write_bytes(data)
    print(SHIPPED.name, len(data), "bytes", sha256(data).hexdigest())
    if picture is not None:
        tall = max(len(shown) for shown, _ in made)
        padded = [cv2.copyMakeBorder(s, 0, tall - len(s), 0, 6, 0) for s, _ in made]
        row = cv2.resize(np.hstack(padded), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(picture), row[..., ::-1])


if __name__ == "__main__":
    main()
