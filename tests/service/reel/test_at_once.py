"""Frames that are drawn at once are bounded by their memory, not by their number alone."""

import numpy as np
import pytest

from dubsync.core.picture import Frame, PictureFormat
from dubsync.service.reel import pipeline


def frames(count, width, height):
    form = PictureFormat(width, height, "gray", 16)
    for number in range(count):
        yield Frame(number, (np.zeros((height, width), np.uint16),), form)


@pytest.mark.parametrize(("side", "together"), [(16, 8), (1024, 8), (4096, 2), (8192, 1)])
def test_large_frames_are_drawn_fewer_at_once_and_none_is_lost(side, together):
    seen = frames(9, side, side)
    batches = []
    while held := pipeline._at_once(seen, 8):
        batches.append([frame.number for frame in held])

    assert sum(batches, []) == list(range(9))
    assert len(batches[0]) == together
