"""Cards of a review movie where it has no picture, and a mark over every picture."""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.qc.drawing import GROUND, INK, QUIET, RGB, box, wide, write

_STRIPE = (255, 176, 62)
_MARK_SHARE = 0.3  #: of a watermark that is seen


def slate(width: int, height: int, title: str, sentences: tuple[str, ...]) -> RGB:
    """A card (height, width, 3): the shot's name, and in sentences why it shows no picture."""
    card: RGB = np.full((height, width, 3), GROUND, np.uint8)
    left, size = width // 12, max(height // 26, 12)
    head, top = 2 * size, height // 3
    while head > size and wide(title, head) > width - 2 * left - size:
        head -= 1
    box(card, left, top - 2 * size, left + max(size // 4, 3), top + size, _STRIPE)
    write(card, _cut(title, head, width - 2 * left - size), (left + size, top), INK, head, 600)
    for sentence in sentences:
        for text in _wrapped(sentence, size, width - 2 * left - size):
            top += 2 * size
            if top > height - size:
                return card
            write(card, text, (left + size, top), QUIET, size)
    return card


def watermarked(picture: RGB, text: str) -> RGB:
    """`picture` with `text` across its middle, so that what is below stays visible."""
    if not text:
        return picture
    height, width = picture.shape[:2]
    size = max(height // 12, 12)
    while size > 8 and wide(text, size) > 0.9 * width:
        size -= 1
    at = ((width - wide(text, size)) // 2, height // 2 + size // 3)
    marked = np.array(picture)
    write(marked, text, (at[0] + 2, at[1] + 2), (0, 0, 0), size, 700)
    write(marked, text, at, (255, 255, 255), size, 700)
    mixed = cv2.addWeighted(picture, 1 - _MARK_SHARE, marked, _MARK_SHARE, 0)
    return np.asarray(mixed, np.uint8)


def within(picture: RGB, width: int, height: int) -> RGB:
    """`picture` as large as fits into `width` x `height`, with black beside it."""
    share = min(width / picture.shape[1], height / picture.shape[0])
    size = (
        min(round(picture.shape[1] * share), width),
        min(round(picture.shape[0] * share), height),
    )
    way = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    inner = picture if share == 1 else cv2.resize(picture, size, interpolation=way)
    result: RGB = np.zeros((height, width, 3), np.uint8)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    result[top : top + size[1], left : left + size[0]] = inner
    return result


def _wrapped(text: str, size: int, width: int) -> list[str]:
    """`text` in lines no wider than `width` pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and wide(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [_cut(one, size, width) for one in lines]


def _cut(text: str, size: int, width: int) -> str:
    """`text`, its end left out where it is wider than `width` pixels."""
    if wide(text, size) <= width:
        return text
    while text and wide(text + "...", size) > width:
        text = text[:-1]
    return text + "..."
