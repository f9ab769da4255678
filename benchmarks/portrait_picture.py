"""Makes docs/images/portrait/speaks.webp: a photograph of the sample reel, and what it becomes.

    python -m benchmarks.portrait_picture [--every 2] [--out FILE]

The portrait follows the sample's take, by the command of docs/guides/portrait.md.  Left the
photograph, right every second frame.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.media.photo.photograph import read_photograph
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate
from dubsync.service.portrait.order import PortraitOrder
from dubsync.service.portrait.portrait import make_portrait

REPO = Path(__file__).parents[1]
REEL = REPO / "sample_projects/two_hander"
OUT = REPO / "docs/images/portrait/speaks.webp"
#: Height of the picture, the width of each half, the gap between them, pixels.
LINES, HALF, GAP = 360, 300, 6
QUALITY = 50


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=2)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    photo = REEL / "stills/ELISE_1.jpg"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "elise.mkv"
        make_portrait(
            PortraitOrder(
                (photo,), out, take=REEL / "takes/MARC_L002_t01.mov",
                consent=REEL / "consent/synthetic-381.toml",
            )
        )  # fmt: skip
        plate = probe_plate(out)
        with open_square(plate) as reader:
            frames = [working_rgb(frame) for frame in reader.frames(plate.frames)]
    still = _half(read_photograph(photo, longest=1920).rgb)
    gap = np.full((LINES, GAP, 3), 255, np.uint8)
    pictures = [
        Image.fromarray(np.concatenate([still, gap, _half(frame)], axis=1))
        for frame in frames[:: given.every]
    ]
    wait = round(1000 * given.every / float(plate.frames.rate))
    pictures[0].save(
        given.out, save_all=True, append_images=pictures[1:], duration=wait, loop=0,
        quality=QUALITY, method=6,
    )  # fmt: skip
    print(f"{given.out}: {len(pictures)} frames, {given.out.stat().st_size} bytes")


def _half(rgb: Array) -> Array:
    """The picture's middle at the size of a half, uint8."""
    height, width = rgb.shape[:2]
    kept = min(width, round(height * HALF / LINES))
    left = (width - kept) // 2
    part = np.rint(np.clip(rgb[:, left : left + kept], 0, 1) * 255).astype(np.uint8)
    return np.asarray(cv2.resize(part, (HALF, LINES), interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    main()
