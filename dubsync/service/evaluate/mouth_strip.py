"""A strip of mouths: a row for each renderer, a column for each of a few frames."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.qc.likeness import mouth_region
from dubsync.service.evaluate.rendered_frames import RGB, Rendered

COLUMNS, MOUTH_PX = 8, 176
CAPTION_PX, INK, PAPER = 150, 40, 245


def strip(
    rendered: Rendered, rows: Sequence[str], shown: Sequence[int], landmarks: Sequence[Array]
) -> RGB:
    """The strip of frames `shown`.

    Args:
        rows: renderers, or "truth", by the names they are kept under.
        landmarks: (478, 3) of each frame shown.
    """
    lines = []
    for name in rows:
        mouths = [
            _mouth(rendered.rgb(name, number), points)
            for number, points in zip(shown, landmarks, strict=True)
        ]
        lines.append(np.concatenate([_caption(name), *mouths], axis=1))
    return np.concatenate(lines)


def spread(numbers: Sequence[int]) -> list[int]:
    """At most COLUMNS of `numbers`, evenly."""
    at = np.linspace(0, len(numbers) - 1, min(COLUMNS, len(numbers))).astype(int)
    return [numbers[n] for n in at]


def _mouth(rgb: RGB, landmarks: Array) -> RGB:
    """The mouth and the face below it, MOUTH_PX square."""
    box = mouth_region(landmarks, rgb.shape[1], rgb.shape[0])
    half = max(8, round(0.62 * box.width))
    x, y = (box.left + box.right) // 2, (box.top + box.bottom) // 2
    padded = cv2.copyMakeBorder(rgb, *(half,) * 4, cv2.BORDER_REPLICATE)
    part = padded[y : y + 2 * half, x : x + 2 * half]
    way = cv2.INTER_AREA if part.shape[0] > MOUTH_PX else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (MOUTH_PX, MOUTH_PX), interpolation=way), np.uint8)


def _caption(name: str) -> RGB:
    """The row's name on paper, (MOUTH_PX, CAPTION_PX, 3)."""
    card = np.full((MOUTH_PX, CAPTION_PX, 3), PAPER, np.uint8)
    words = name.replace("_", " ")
    font, thick = cv2.FONT_HERSHEY_SIMPLEX, 1
    width = cv2.getTextSize(words, font, 0.5, thick)[0][0]
    size = 0.5 * min(1.0, (CAPTION_PX - 16) / max(width, 1))
    cv2.putText(card, words, (8, MOUTH_PX // 2), font, size, (INK,) * 3, thick, cv2.LINE_AA)
    return card
