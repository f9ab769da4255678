"""How much of a re-made head's error at its edge is the matte's, the colour's, and the place's.

    python -m benchmarks.heads.edge_room [--clip NAME ...] [--every 8] [--kept FOLDER]

The last fifth of a clip is re-made from the first four, as in `benchmarks.heads`.  Beside what is
drawn stand three rows in which one thing is taken from the true frame, within BAND_PX of the
matte's edge: the share of the person in each pixel; the colour below a band of LOW_PX; the place,
by optical flow from the true frame to the drawn person, FLOW_PX at most.  They are bounds of what a
network that mends the edge could gain: none of them can be drawn.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.heads.rows import OURS, Draw, judged, renderer
from benchmarks.heads.trial import JUDGED, TRIALS, Trial, trial
from dubsync.core.arrays import Array
from dubsync.core.picture import Frame
from dubsync.engine.compositing.colour_match import LUMA
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.device import one_thread
from dubsync.engine.head_draw import affine_warp, head_renderer

#: The band goes this far to both sides of the edge and fades over the last part, pixels.
BAND_PX, FADE_PX = 14.0, 5.0
#: Standard deviations: of the share that is found, of the colour, of the flow, pixels.
SHARE_PX, LOW_PX, FLOW_SPREAD_PX = 1.5, 2.5, 4.0
#: Colour and place are mended so far at most, working colour and pixels.
COLOUR, FLOW_PX = 0.15, 6.0
#: Where person and plate are alike the share is not to be found: it stays.
ALIKE = 1e-3
COLUMNS = ("lpips", "psnr_head", "psnr_edge", "sharp_hair", "flicker")

#: (person, plate, alpha (h, w, 1), band (h, w, 1), truth) -> picture, all (h, w, 3).
Mend = Callable[[Array, Array, Array, Array, Array], Array]


def as_drawn(person: Array, plate: Array, alpha: Array, band: Array, truth: Array) -> Array:
    """Nothing is taken from the truth."""
    return plate + alpha * (person - plate)


def share_known(person: Array, plate: Array, alpha: Array, band: Array, truth: Array) -> Array:
    """The share of the person that brings each pixel nearest to the truth."""
    apart = person - plate
    towards = _smooth(((truth - plate) * apart).sum(axis=-1), SHARE_PX) + ALIKE * alpha[..., 0]
    length = _smooth((apart**2).sum(axis=-1), SHARE_PX) + ALIKE
    best = np.clip(towards / length, 0, 1)[..., None]
    return np.asarray(plate + (alpha + band * (best - alpha)) * apart, np.float32)


def colour_known(person: Array, plate: Array, alpha: Array, band: Array, truth: Array) -> Array:
    """The low band of the colour."""
    made = plate + alpha * (person - plate)
    return made + band * np.clip(_smooth(truth - made, LOW_PX), -COLOUR, COLOUR)


def place_known(person: Array, plate: Array, alpha: Array, band: Array, truth: Array) -> Array:
    """The place in the drawn person that each pixel of the band is taken from."""
    person = np.where(alpha > 0, person, plate)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found = flow.calc(_grey(truth), _grey(person), None)
    height, width = alpha.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32) + np.float32(0.5)
    moved = np.clip(_smooth(found, FLOW_SPREAD_PX), -FLOW_PX, FLOW_PX) * band
    at = np.asarray(np.stack([x, y], axis=-1) + moved, np.float32)
    share = affine_warp.sample(np.ascontiguousarray(alpha), at, cv2.INTER_LINEAR)[..., None]
    return plate + share * (affine_warp.sample(person, at) - plate)


WAYS: Mapping[str, Mend] = {
    "as drawn": as_drawn, "share known": share_known, "colour known": colour_known,
    "place known": place_known,
}  # fmt: skip


def mended(found: Trial, mend: Mend) -> Draw:
    """Draws a frame of the trial with one thing taken from its truth."""
    made = renderer(found, OURS)

    def draw(frame: Frame) -> Array:
        truth = np.asarray(found.clip.frames[frame.number], np.float32) / np.float32(255)

        def laid(person: Array, plate: Array, share: Array) -> Array:
            alpha = np.asarray(share, np.float32)[..., None]
            picture = mend(person, plate, alpha, band_of(alpha[..., 0]), truth)
            return np.asarray(picture, np.float32)

        with patch.object(head_renderer, "laid", laid):
            drawn = made.draw(frame, everything=True)
        assert drawn is not None
        return drawn.rgb

    return draw


def band_of(share: Array) -> Array:
    """(h, w, 1) 1 near the edge of a share (h, w), falling off to 0."""
    inside = np.asarray(share >= 0.5, np.uint8)
    away = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    away = away + cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    return np.asarray(1 - smoothstep((away - (BAND_PX - FADE_PX)) / FADE_PX))[..., None]


def _smooth(values: Array, sigma: float) -> Array:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def _grey(picture: Array) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.clip(picture @ LUMA, 0, 1) * 255), np.uint8)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--clip", action="append", choices=sorted(TRIALS))
    options.add_argument("--every", type=int, default=8, help="judge every so manieth frame")
    options.add_argument("--kept", type=Path, default=Path("kept_heads"), help="folder of tracks")
    chosen = options.parse_args()
    one_thread()
    print("| clip | row | " + " | ".join(COLUMNS) + " |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    for name in chosen.clip or TRIALS:
        found = trial(name, chosen.kept, JUDGED)
        for row, mend in WAYS.items():
            figures = judged(found, mended(found, mend), chosen.every)
            cells = (format(figures[c], ".4f" if c == "lpips" else ".2f") for c in COLUMNS)
            print(f"| {name} | {row} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
