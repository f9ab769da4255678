"""Frames that wait for an encoder are few where they are large."""

import numpy as np
import pytest

from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.steps import Composite
from dubsync.media.reused_frames import most_waiting


@pytest.mark.parametrize(("width", "height", "most"), [(1920, 1080, 4), (4096, 8192, 1)])
def test_large_frames_wait_in_smaller_numbers(width, height, most):
    form = PictureFormat(width, height, "gray", 16)
    frame = Frame(0, (np.zeros((height, width), np.uint16),), form)

    assert most_waiting(Composite(frame, np.zeros((height, width), np.uint8), ())) == most
